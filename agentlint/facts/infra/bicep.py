"""Bicep: resources, parameters, variables, outputs and modules; symbols stay references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import MAX_VALUES, from_node, resource
from agentlint.facts.infra.model import Field, Resource, Value, each, fold, literal, unknown
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
_IDENTIFIERS = frozenset({"subscriptionResourceId", "tenantResourceId", "resourceId"})
_OPERATORS = {"==": "", "!=": "", "!": "", "??": "", "&&": "and", "||": "or", "<": "lt", ">": "gt", "<=": "le", ">=": "ge"}
_EVALUATED = {
    "toLower": "lower", "toUpper": "upper", "join": "swapped-join", "replace": "replace", "length": "length",
    "contains": "contains", "empty": "empty", "startsWith": "startswith", "endsWith": "endswith",
    "last": "last", "first": "first",
    "split": "swapped-split",
}  # fmt: skip
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
        self.scope: tuple[str, ...] = ()

    def declared(self, member: Member) -> Iterator[Resource]:
        node = member.value
        name_node, flags_node = node.get("__name__"), node.get("__flags__")
        if name_node is None:
            return
        flags = [item.text for item in flags_node.items] if flags_node is not None else []
        type_node, body = node.get("__type__"), node.get("value")
        kind = type_node.text if type_node is not None else ""
        loop = node.get("__each__")
        repeated = self._loop(loop) if loop is not None else None
        if loop is not None and repeated is not None:
            self.scope = tuple(loop.tag.split(" ")[1:])
        value = from_node(body, self.computed, self.budget) if body is not None else None
        self.scope = ()
        if repeated is not None and value is not None and value.kind == "map":
            key, name, _ = str(repeated.data).split(" ")
            source, test = repeated.items[0], repeated.items[3]
            turned = each(repeated.span, f"{key} {name} loop", source, Value("ref", repeated.span, name), None, test)
            value = Value("map", value.span, None, (*value.fields, Field("for_each", repeated.span, turned)), (), value.open)
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
        if node.tag in _OPERATORS and node.items:
            return self._operation(node)
        if node.tag.startswith("for:") and len(node.items) == 4:
            return self._loop(node) or unknown(span, text)
        if node.tag.startswith("index:") and len(node.items) == 2:
            parts = self._all(node)
            rest = literal(node.tag[6:], span)
            return Value("call", span, "index", (), (*parts, rest)) if len(parts) == 2 else unknown(span, text)
        if node.tag == "template":
            return Value("text", span, items=self._all(node))
        if call:
            return self._call(node, call)
        if _CHAIN.fullmatch(text):
            made = reference(text.lstrip("!"), node, self.scope)
            return Value("not", span, items=(made,)) if text.startswith("!") else made
        return self._hidden(node)

    def _hidden(self, node: Node) -> Value:
        inner = [match[0] for match in _INSIDE.finditer(node.text[:5000]) if match[0] not in _WORDS]
        return unknown(node.span, node.text.strip(), tuple(reference(one, node, self.scope) for one in inner[:30]))

    def _call(self, node: Node, call: str) -> Value | Node:
        if call in ("string", "any", "createObject") and len(node.items) == 1:
            return node.items[0]
        if call in _MERGED:
            return Value("join", node.span, "flat" if call == "flatten" else None, items=self._all(node))
        if call.rpartition(".")[2] in _IDENTIFIERS and node.items:
            between = literal("/", node.span)
            pieces = [piece for one in self._all(node) for piece in (between, one)]
            return Value("text", node.span, items=tuple(pieces))
        if call == "items" and len(node.items) == 1:
            key, value = (Value("ref", node.span, name) for name in ("@key", "@value"))
            pair = Value("map", node.span, fields=(Field("key", node.span, key), Field("value", node.span, value)))
            return each(node.span, "@key @value seq", self._all(node)[0], pair)
        if call in _EVALUATED and node.items:
            return Value("call", node.span, _EVALUATED[call], (), self._all(node))
        return self._hidden(node)

    def _operation(self, node: Node) -> Value:
        parts = self._all(node)
        if node.tag in ("==", "!=") and len(parts) == 2:
            same = Value("eq", node.span, items=parts)
            return same if node.tag == "==" else Value("not", node.span, items=(same,))
        if node.tag == "!" and len(parts) == 1:
            return Value("not", node.span, items=parts)
        if node.tag == "??" and len(parts) == 2:
            return Value("join", node.span, "first", items=parts)
        name = _OPERATORS[node.tag]
        return Value("call", node.span, name, (), parts) if name and len(parts) == 2 else self._hidden(node)

    def _loop(self, node: Node) -> Value | None:
        """Return what a loop makes, ``None`` when it could not be read."""
        if len(node.items) != 4:
            return None
        shape, key, value = node.tag.removeprefix("for:").split(" ")
        collection, *inner = node.items
        source = self._all(Node("seq", node.span, items=[collection]))
        outer, self.scope = self.scope, (*self.scope, key, value)
        try:
            made = self._all(Node("seq", node.span, items=inner))
        finally:
            self.scope = outer
        return (
            each(node.span, f"{key} {value} {shape}", source[0], made[1], made[0], made[2]) if source and len(made) == 3 else None
        )

    def _all(self, node: Node) -> tuple[Value, ...]:
        if self.depth >= _MAX_NESTING:
            return ()
        self.depth += 1
        try:
            return tuple(from_node(item, self.computed, self.budget) for item in node.items)
        finally:
            self.depth -= 1


def reference(text: str, node: Node, scope: tuple[str, ...] = ()) -> Value:
    """Return the reference that a chain of names is: ``symbol#path``; names that a loop binds keep the spelling of their path."""
    cleaned = text.replace("?", "").replace("!", "").split("[")[0]
    first, _, rest = cleaned.partition(".")
    if first in scope:
        return Value("ref", node.span, f"{first}#{rest}" if rest else first)
    path = ".".join(fold(part) for part in rest.removeprefix("outputs.").removeprefix("properties.").split(".")) if rest else ""
    return Value("ref", node.span, f"{first}#{path}" if path else first)
