"""Expressions of Terraform as values: references, tests, templates, policies in whatever way they are written."""

from __future__ import annotations

from agentlint.core import lazy
from agentlint.facts.infra.build import from_node, json_inside
from agentlint.facts.infra.model import Value, each, unknown
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.json import parse_json
from agentlint.parse.text import Text

MAX_SOURCE = 200_000
MAX_NESTING = 12

_STEP = r"(?:\.[A-Za-z_][\w-]{0,120}|\[(?:\d{1,6}|\"[^\"\]\n]{0,120}\"|\*|count\.index|each\.(?:key|value))\]|\.\d{1,6}|\.\*)"
_TRAVERSAL = lazy.pattern(rf"[A-Za-z_][\w-]{{0,120}}{_STEP}{{1,12}}")
_INDEX = lazy.pattern(r"\[[^\]]{0,130}\]|\.\d{1,6}(?=\.|$)|\.\*")
_BRACKETS = lazy.pattern(r"\[[^\]]{0,130}\]")
_INSIDE = lazy.pattern(rf"(?<![\w.-])[A-Za-z_][\w-]{{0,120}}{_STEP}{{1,12}}")
_KEYED = lazy.pattern(r"\[(?:\"([A-Za-z0-9_-]{1,120})\"|(\d{1,6}))\]")
_NAME = lazy.pattern(r"[A-Za-z_][\w-]{0,120}")
_NOT_OURS = frozenset({"count", "self", "path", "terraform"})
_KEPT_INDICES = frozenset({"var", "local"})
# Functions that hand on their (first) argument.
_SAME = frozenset({
    "tolist", "toset", "tostring", "tonumber", "tobool", "tomap", "sensitive", "nonsensitive", "trimspace", "one",
    "distinct", "compact", "try", "jsonencode", "yamlencode", "sort", "jsondecode", "reverse",
})  # fmt: skip
_EVALUATED = frozenset({
    "format", "join", "split", "lower", "upper", "replace", "length", "contains", "startswith", "endswith", "element", "lookup",
    "file",
})  # fmt: skip
_OPERATORS = {"&&": "and", "||": "or", "<": "lt", ">": "gt", "<=": "le", ">=": "ge"}


class Expressions:
    """Turns the ``expr`` nodes of one file into values."""

    def __init__(self, text: Text) -> None:
        """Keep the text, to read here-documents where they stand."""
        self.text = text
        self.depth = 0
        self.scope: tuple[str, ...] = ()

    def computed(self, node: Node) -> Value | Node | None:
        """Return the value of a computed node, or the node to read in its place; ``None`` for a literal."""
        if node.kind == "map":
            return _without_dynamic(node)
        if node.tag == "heredoc":
            return self._heredoc(node)
        if node.kind == "str":
            return _encoded(node)
        return self._expression(node) if node.kind == "expr" else None

    def _expression(self, node: Node) -> Value | Node:
        head, _, detail = node.tag.partition(":")
        if head == "call":
            return self._call(node, detail)
        if head == "if" and len(node.items) == 3:
            return Value("if", node.span, items=self._all(node))
        if head == "template":
            return Value("text", node.span, items=self._all(node))
        if head == "op":
            return self._operation(node, detail)
        if head == "for" and len(node.items) == 4:
            return self._loop(node, *detail.split(" "))
        if head == "dynamic":
            parts = self._all(node)
            names = f"{detail}.key {detail}.value set"
            return each(node.span, names, *parts) if len(parts) == 2 else unknown(node.span)
        if head == "index" and len(node.items) == 2:
            parts = self._all(node)
            rest = Value("lit", node.span, ".".join(_steps(detail)))
            return Value("call", node.span, "index", (), (*parts, rest)) if len(parts) == 2 else unknown(node.span, node.text)
        return simple(node, self.scope)

    def _call(self, node: Node, call: str) -> Value | Node:
        if call in _SAME and node.items:
            return node.items[0]
        parts = self._all(node)
        if call in ("merge", "concat", "flatten") and parts:
            return Value("join", node.span, "flat" if call == "flatten" else None, items=parts)
        if call == "coalesce" and len(parts) > 1:
            return Value("join", node.span, "first", items=parts)
        if call in ("keys", "values") and len(parts) == 1:
            wanted = "@key" if call == "keys" else "@value"
            return each(node.span, "@key @value seq", parts[0], Value("ref", node.span, wanted))
        if call == "setproduct" and len(parts) == 2:
            left, right = (Value("ref", node.span, name) for name in ("@left", "@right"))
            inner = each(node.span, "@k @right seq", parts[1], Value("seq", node.span, items=(left, right)))
            return Value("join", node.span, "pairs", items=(each(node.span, "@k @left seq", parts[0], inner),))
        if call in _EVALUATED and parts:
            return Value("call", node.span, call, (), parts)
        return unknown(node.span, node.text, parts)

    def _operation(self, node: Node, operator: str) -> Value:
        parts = self._all(node)
        if operator in ("==", "!=") and len(parts) == 2:
            same = Value("eq", node.span, items=parts)
            return same if operator == "==" else Value("not", node.span, items=(same,))
        if operator == "!" and len(parts) == 1:
            return Value("not", node.span, items=parts)
        if operator in _OPERATORS and len(parts) == 2:
            return Value("call", node.span, _OPERATORS[operator], (), parts)
        return unknown(node.span, node.text, parts)

    def _loop(self, node: Node, shape: str, key: str, value: str) -> Value:
        collection, *inner = node.items
        outer, self.scope = self.scope, (*self.scope, key, value)
        try:
            made = self._all(Node("seq", node.span, items=inner))
        finally:
            self.scope = outer
        source = self._all(Node("seq", node.span, items=[collection]))
        if len(made) != 3 or not source:
            return unknown(node.span, node.text)
        return each(node.span, f"{key} {value} {shape}", source[0], made[1], made[0], made[2])

    def _all(self, node: Node) -> tuple[Value, ...]:
        if self.depth >= MAX_NESTING:
            return ()
        self.depth += 1
        try:
            return tuple(from_node(item, self.computed) for item in node.items)
        finally:
            self.depth -= 1

    def _heredoc(self, node: Node) -> Node | Value | None:
        if not node.text.lstrip().startswith(("{", "[")):
            return None if node.kind == "str" else unknown(node.span, node.text, tuple(_inside(node)))
        first = node.span.line + 1
        start = self.text.offset(first, 1)
        end = self.text.offset(first + node.text.count("\n"), 1)
        parsed = parse_json(self.text, start, end)
        if isinstance(parsed, Document) and parsed.root.kind in ("map", "seq"):
            for _, _, inner in parsed.root.walk():
                if inner.kind == "str" and "${" in inner.text:
                    inner.kind = "expr"
            return parsed.root
        return unknown(node.span, node.text, tuple(_inside(node)))


def simple(node: Node, scope: tuple[str, ...] = ()) -> Value:
    """Return a reference; all else is unknown, with what it refers to. ``scope``: the names that loops around it bind."""
    text = node.text.strip()
    while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    if len(text) > MAX_SOURCE:
        return unknown(node.span, text[:200])
    if text.startswith('"') and text.endswith('"'):
        return unknown(node.span, text, tuple(_inside(node)))
    if text == "path.module":
        return Value("lit", node.span, ".")
    if _TRAVERSAL.fullmatch(text) or (text in scope and _NAME.fullmatch(text)):
        return reference(text, node, scope)
    return unknown(node.span, text, tuple(_inside(node)))


def reference(text: str, node: Node, scope: tuple[str, ...] = ()) -> Value:
    """Return the reference that a traversal is: ``name#path``. Indices are kept where they choose an element of a value."""
    root = text.split(".", 1)[0].split("[", 1)[0]
    kept = root in _KEPT_INDICES or root in scope or root == "each"
    parts = _steps(text) if kept else [part for part in _INDEX.sub("", text).split(".") if part]
    if parts[0] in _NOT_OURS:
        return unknown(node.span, text)
    size = 1 if parts[0] in scope else 3 if parts[0] == "data" else 2
    name, path = ".".join(parts[:size]), ".".join(parts[size:])
    return Value("ref", node.span, f"{name}#{path}" if path else name)


def _steps(text: str) -> list[str]:
    """Return the steps of a traversal, literal indices as steps of their own."""
    dotted = _KEYED.sub(lambda match: f".{match[1] or match[2]}", text)
    return [part for part in _BRACKETS.sub("", dotted).split(".") if part and part != "*"]


def _inside(node: Node) -> list[Value]:
    text = node.text[:MAX_SOURCE]
    return [value for match in _INSIDE.finditer(text) for value in [reference(match[0], node)] if value.kind == "ref"][:50]


def _encoded(node: Node) -> Node | None:
    """Return the tree of a JSON text, all at the place of the text: escapes make finer places wrong."""
    text = node.text
    if not text.lstrip().startswith(("{", "[{")) or len(text) > MAX_SOURCE:
        return None
    return json_inside(text, node.span)


def _without_dynamic(node: Node) -> Node | None:
    """Return a block with its ``dynamic`` blocks written out as loops: each makes its content once for each element."""
    if not any(member.key == "dynamic" for member in node.members):
        return None
    members: list[Member] = []
    for member in node.members:
        labels = member.value.get("__labels__") if member.key == "dynamic" else None
        content = member.value.get("content")
        if labels is not None and labels.items and content is not None:
            name = labels.items[0].text
            source, iterator = member.value.get("for_each"), member.value.get("iterator")
            items = [source or Node("expr", member.key_span), content]
            tag = f"dynamic:{iterator.text if iterator is not None else name}"
            members.append(Member(name, member.key_span, Node("expr", member.value.span, tag=tag, items=items)))
        elif member.key != "dynamic":
            members.append(member)
    return Node("map", node.span, members=members, tag=node.tag)
