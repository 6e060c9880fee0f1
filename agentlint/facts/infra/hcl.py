"""Expressions of Terraform as values: references, tests, templates, policies in whatever way they are written."""

from __future__ import annotations

from agentlint.core import lazy
from agentlint.facts.infra.build import from_node
from agentlint.facts.infra.model import Value, unknown
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.json import parse_json
from agentlint.parse.text import Text

MAX_SOURCE = 200_000
MAX_NESTING = 12

_STEP = r"(?:\.[A-Za-z_][\w-]{0,120}|\[(?:\d{1,6}|\"[^\"\]\n]{0,120}\"|\*|count\.index|each\.(?:key|value))\]|\.\d{1,6}|\.\*)"
_TRAVERSAL = lazy.pattern(rf"[A-Za-z_][\w-]{{0,120}}{_STEP}{{1,12}}")
_INDEX = lazy.pattern(r"\[[^\]]{0,130}\]|\.\d{1,6}(?=\.|$)|\.\*")
_INSIDE = lazy.pattern(rf"(?<![\w.-])[A-Za-z_][\w-]{{0,120}}{_STEP}{{1,12}}")
_COMPARED = lazy.pattern(r"(.{1,300}?)\s{0,20}(==|!=)\s{0,20}(\"[^\"$\n]{0,200}\"|true|false|null|-?\d{1,18})")
_NEGATED = lazy.pattern(r"!\s{0,20}(.{1,300})")
_LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}
_NOT_OURS = frozenset({"each", "count", "self", "path", "terraform"})
# Functions that hand on their (first) argument.
_SAME = frozenset({
    "tolist", "toset", "tostring", "tonumber", "tobool", "tomap", "sensitive", "nonsensitive", "trimspace", "one", "flatten",
    "distinct", "compact", "try", "jsonencode", "yamlencode", "sort", "jsondecode",
})  # fmt: skip


class Expressions:
    """Turns the ``expr`` nodes of one file into values."""

    def __init__(self, text: Text) -> None:
        """Keep the text, to read here-documents where they stand."""
        self.text = text
        self.depth = 0

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
        call = node.tag.removeprefix("call:") if node.tag.startswith("call:") else ""
        if call in _SAME and node.items:
            return node.items[0]
        if call in ("merge", "concat") and node.items:
            return Value("join", node.span, items=self._all(node))
        if call == "coalesce" and len(node.items) > 1:
            return Value("join", node.span, "first", items=self._all(node))
        if node.tag == "if" and len(node.items) == 3:
            return Value("if", node.span, items=self._all(node))
        if node.tag == "template":
            return Value("text", node.span, items=self._all(node))
        if call:
            return unknown(node.span, node.text, self._all(node))
        return simple(node)

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


def simple(node: Node) -> Value:
    """Return a reference, a comparison or a negation; all else is unknown, with what it refers to."""
    text = node.text.strip()
    while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    if len(text) > MAX_SOURCE:
        return unknown(node.span, text[:200])
    if text.startswith('"') and text.endswith('"'):
        return unknown(node.span, text, tuple(_inside(node)))
    if _TRAVERSAL.fullmatch(text):
        return reference(text, node)
    compared = _COMPARED.fullmatch(text)
    if compared is not None and "&&" not in text and "||" not in text and "?" not in text:
        left = simple(Node("expr", node.span, compared[1].strip()))
        right = Value("lit", node.span, _literal(compared[3]))
        same = Value("eq", node.span, items=(left, right))
        return same if compared[2] == "==" else Value("not", node.span, items=(same,))
    negated = _NEGATED.fullmatch(text)
    if negated is not None and _TRAVERSAL.fullmatch(negated[1].strip()):
        return Value("not", node.span, items=(reference(negated[1].strip(), node),))
    return unknown(node.span, text, tuple(_inside(node)))


def reference(text: str, node: Node) -> Value:
    """Return the reference that a traversal is: ``name#path``, indices left out."""
    parts = [part for part in _INDEX.sub("", text).split(".") if part]
    if parts[0] in _NOT_OURS:
        return unknown(node.span, text)
    size = 3 if parts[0] == "data" else 2
    name, path = ".".join(parts[:size]), ".".join(parts[size:])
    return Value("ref", node.span, f"{name}#{path}" if path else name)


def _inside(node: Node) -> list[Value]:
    text = node.text[:MAX_SOURCE]
    return [value for match in _INSIDE.finditer(text) for value in [reference(match[0], node)] if value.kind == "ref"][:50]


def _literal(source: str) -> object:
    if source.startswith('"'):
        return source[1:-1]
    return _LITERALS[source] if source in _LITERALS else int(source)


def _encoded(node: Node) -> Node | None:
    """Return the tree of a JSON text, all at the place of the text: escapes make finer places wrong."""
    text = node.text
    if not text.lstrip().startswith(("{", "[{")) or len(text) > MAX_SOURCE:
        return None
    parsed = parse_json(Text(text))
    if not isinstance(parsed, Document) or parsed.root.kind not in ("map", "seq"):
        return None
    for _, member, inner in parsed.root.walk():
        inner.span = node.span
        if member is not None:
            member.key_span = node.span
    return parsed.root


def _without_dynamic(node: Node) -> Node | None:
    """Return a block with its ``dynamic`` blocks written out as what each of them makes."""
    if not any(member.key == "dynamic" for member in node.members):
        return None
    members: list[Member] = []
    for member in node.members:
        labels = member.value.get("__labels__") if member.key == "dynamic" else None
        content = member.value.get("content")
        if labels is not None and labels.items and content is not None:
            members.append(Member(labels.items[0].text, member.key_span, content))
        elif member.key != "dynamic":
            members.append(member)
    return Node("map", node.span, members=members, tag=node.tag)
