"""Bicep: resources, parameters, variables, outputs and modules; symbols stay references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import MAX_VALUES, from_node, resource
from agentlint.facts.infra.model import Field, Resource, Value, fold, literal, unknown
from agentlint.facts.infra.terraform import lifted
from agentlint.parse.document import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.document import Member

_FRONT = "bicep"
_MAX_NESTING = 12
_CHAIN = lazy.pattern(r"!?[A-Za-z_]\w{0,120}(?:\??\.\??[A-Za-z_]\w{0,120}|\[\d{1,6}\]|::[A-Za-z_]\w{0,120}){0,12}!?")
_INSIDE = lazy.pattern(r"(?<![\w.'])[A-Za-z_]\w{0,120}(?:\??\.[A-Za-z_]\w{0,120}){0,12}(?![\w(])")
_MERGED = frozenset({"union", "concat", "flatten", "shallowMerge"})
_WORDS = frozenset({"true", "false", "null", "if", "for", "in"})


def contribute(inp: FileInput) -> Contribution:
    """Return the resources, parameters, variables, outputs and modules of a Bicep file."""
    if inp.document is None:
        return Contribution()
    reader = _Reader()
    return Contribution(resources=tuple(found for member in inp.document.root.members for found in reader.declared(member)))


class _Reader:
    def __init__(self) -> None:
        self.depth = 0
        self.budget = [MAX_VALUES * 5]

    def declared(self, member: Member) -> Iterator[Resource]:
        node = member.value
        name_node, flags_node = node.get("__name__"), node.get("__flags__")
        if name_node is None:
            return
        flags = [item.text for item in flags_node.items] if flags_node is not None else []
        type_node, body = node.get("__type__"), node.get("value")
        kind = type_node.text if type_node is not None else ""
        value = from_node(body, self.computed, self.budget) if body is not None else None
        name, span = name_node.text, member.key_span
        if member.key in ("param", "var", "output"):
            made = {"param": "stack.input", "var": "stack.local", "output": "stack.output"}[member.key]
            fields = [Field("default" if member.key == "param" else "value", span, value)] if value is not None else []
            fields += [Field("secure", span, literal("secure" in flags, span)), Field("kind", span, literal(kind, span))]
            label = f"output.{name}" if member.key == "output" else name
            yield resource(made, label, _FRONT, span, Value("map", node.span, None, tuple(fields)))
        elif value is not None and value.kind == "map":
            yield from self._thing(member, name, kind, value, flags)

    def _thing(self, member: Member, name: str, kind: str, value: Value, flags: list[str]) -> Iterator[Resource]:
        span, optional = member.key_span, "if" in flags or "for" in flags
        parent = member.value.get("__parent__")
        if member.key == "module":
            source = Field("source", span, literal(kind, span))
            params = next((field.value for field in value.fields if field.name == "params"), None)
            arguments = Field("arguments", span, params if params is not None else Value("map", span))
            yield resource("stack.module", name, _FRONT, span, Value("map", value.span, None, (source, arguments)))
            if "avm/" in kind:
                native = kind[kind.index("avm/") :].rsplit(":", 1)[0]
                yield resource(native, f"{name}.params", _FRONT, span, params or Value("map", span), optional=optional)
        elif "existing" in flags:
            yield resource("stack.existing", name, _FRONT, span, value)
        else:
            native = kind.split("@", maxsplit=1)[0]
            fields = value.fields
            if parent is not None and "/" not in native:
                native = f"../{native}"
            shaped = lifted(Value("map", value.span, None, fields, (), value.open))
            yield resource(native, name, _FRONT, span, shaped, optional=optional)

    def computed(self, node: Node) -> Value | Node | None:
        """Return the value of a computed node, ``None`` for a literal."""
        if node.kind != "expr":
            return None
        text, span = node.text.strip(), node.span
        call = node.tag.removeprefix("call:") if node.tag.startswith("call:") else ""
        if node.tag == "if" and len(node.items) == 3:
            return Value("if", span, items=self._all(node))
        if node.tag in ("==", "!=") and len(node.items) == 2:
            same = Value("eq", span, items=self._all(node))
            return same if node.tag == "==" else Value("not", span, items=(same,))
        if node.tag == "template":
            return Value("text", span, items=self._all(node))
        if call in _MERGED:
            return Value("join", span, items=self._all(node))
        if call in ("string", "toLower", "any") and node.items:
            return node.items[0]
        if not call and _CHAIN.fullmatch(text):
            made = reference(text.lstrip("!"), node)
            return Value("not", span, items=(made,)) if text.startswith("!") else made
        inner = [reference(match[0], node) for match in _INSIDE.finditer(text[:5000]) if match[0] not in _WORDS]
        return unknown(span, text, tuple(inner[:30]))

    def _all(self, node: Node) -> tuple[Value, ...]:
        if self.depth >= _MAX_NESTING:
            return ()
        self.depth += 1
        try:
            return tuple(from_node(item, self.computed, self.budget) for item in node.items)
        finally:
            self.depth -= 1


def reference(text: str, node: Node) -> Value:
    """Return the reference that a chain of names is: ``symbol#path``."""
    cleaned = text.replace("?", "").replace("!", "").split("[")[0]
    first, _, rest = cleaned.partition(".")
    path = ".".join(fold(part) for part in rest.removeprefix("outputs.").removeprefix("properties.").split(".")) if rest else ""
    return Value("ref", node.span, f"{first}#{path}" if path else first)
