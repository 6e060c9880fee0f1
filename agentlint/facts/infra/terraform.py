"""Terraform: every block of a file as a resource; references stay references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import MAX_VALUES, from_node, resource
from agentlint.facts.infra.hcl import Expressions
from agentlint.facts.infra.model import Field, Resource, Value
from agentlint.facts.resources import listed
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span

_FRONT = "terraform"
_META = frozenset({"count", "for_each"})


def contribute(inp: FileInput) -> Contribution:
    """Return the resources, data sources, inputs, locals, outputs and module calls of a Terraform file."""
    if inp.document is None:
        return Contribution()
    reader = _Reader(Expressions(inp.text))
    if inp.path.endswith(".tfvars"):
        return Contribution(resources=tuple(reader.settings(inp.document.root)))
    return Contribution(resources=tuple(found for member in inp.document.root.members for found in reader.block(member)))


class _Reader:
    def __init__(self, expressions: Expressions) -> None:
        self.computed = expressions.computed
        self.budget = [MAX_VALUES * 5]

    def value(self, node: Node) -> Value:
        return from_node(node, self.computed, self.budget)

    def settings(self, root: Node) -> Iterator[Resource]:
        """Yield the values of a ``.tfvars`` file."""
        for member in root.members:
            yield self._named("stack.setting", f"setting.{member.key}", member.key_span, self.value(member.value))

    def block(self, member: Member) -> Iterator[Resource]:
        labels = listed(member.value.get("__labels__"))
        names = [label.text for label in labels]
        span = labels[-1].span if labels else member.key_span
        if member.key == "locals":
            for local in member.value.members:
                if local.key != "__labels__":
                    yield self._named("stack.local", f"local.{local.key}", local.key_span, self.value(local.value))
        elif member.key == "output" and len(names) == 1:
            yield self._made("stack.output", f"output.{names[0]}", span, self.value(member.value))
        elif member.key == "variable" and len(names) == 1:
            yield self._made("stack.input", f"var.{names[0]}", span, self.value(member.value))
        elif member.key == "module" and len(names) == 1:
            yield self._made("stack.module", f"module.{names[0]}", span, self.value(member.value))
        elif member.key in ("resource", "data") and len(names) == 2:
            yield self._resource(member, names, labels[0].span.to(span))

    def _resource(self, member: Member, names: list[str], span: Span) -> Resource:
        prefix = "data." if member.key == "data" else ""
        value = self.value(member.value)
        native = names[0]
        if native.startswith("azapi_"):
            native, value = _azure(native, value)
        optional = any(field.name in _META for field in value.fields)
        return resource(prefix + native, prefix + ".".join(names), _FRONT, span, value, "folder", optional=optional)

    @staticmethod
    def _made(kind: str, name: str, span: Span, properties: Value) -> Resource:
        return resource(kind, name, _FRONT, span, properties, "folder")

    @staticmethod
    def _named(kind: str, name: str, span: Span, value: Value) -> Resource:
        properties = Value("map", value.span, fields=(Field("value", span, value),))
        return resource(kind, name, _FRONT, span, properties, "folder")


def _azure(native: str, value: Value) -> tuple[str, Value]:
    """Return an ``azapi_resource`` as the Azure resource it makes: its type, and what is below ``body`` lifted up."""
    kind = next((field.value for field in value.fields if field.name == "type"), None)
    if kind is None or not isinstance(kind.data, str):
        return native, value
    fields: list[Field] = []
    for field in value.fields:
        if field.name == "body" and field.value.kind == "map":
            fields.extend(field.value.fields)
        else:
            fields.append(field)
    return kind.data.split("@")[0], lifted(Value("map", value.span, None, tuple(fields), (), value.open))


def lifted(value: Value) -> Value:
    """Return an Azure resource with what is below ``properties`` lifted up."""
    fields: list[Field] = []
    opened = value.open
    for field in value.fields:
        if field.name == "properties" and field.value.kind == "map":
            fields.extend(field.value.fields)
            opened = opened or field.value.open
        elif field.name == "properties":
            opened = True
        else:
            fields.append(field)
    return Value("map", value.span, None, tuple(fields), (), opened)
