"""YAML with the place of every key and value, built from parser events.

Events and not composed trees: libyaml's composer overflows the C stack on 30 kB of brackets, and events never expand
aliases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.limits import MAX_DEPTH, MAX_NODES
from agentlint.core.place import Span
from agentlint.parse.blank import FILL, blank
from agentlint.parse.document import Document, Member, Node, NodeKind, Scalar
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_ALIAS_NODES = 50  # larger anchored nodes stay references: a chain of aliases could grow without bound
_MERGE_NODES = 500
_CORE = "tag:yaml.org,2002:"
_NUMBER = lazy.pattern(r"[-+]?(?:0|[1-9][0-9]{0,400})|0x[0-9a-fA-F]{1,100}|0o[0-7]{1,100}")
_FLOAT = lazy.pattern(
    r"[-+]?(?:\.[0-9]{1,400}|(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{0,400})?)(?:[eE][-+]?[0-9]{1,20})?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_WORDS: dict[str, tuple[NodeKind, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), ("bool", True)),
    **dict.fromkeys(("false", "False", "FALSE"), ("bool", False)),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), ("null", None)),
}
# libyaml counts these as line ends; editors do not.
_LINE_ENDS = str.maketrans({"\x85": " ", "\u2028": " ", "\u2029": " "})
_BASES = {"0x": 16, "0o": 8}


class _Stop(Exception):  # noqa: N818 - ends the building of a tree, never leaves this module
    def __init__(self, problem: ParseProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def parse_yaml(text: Text, *, templates: bool = True) -> Document | ParseProblem:
    """Parse all documents of ``text``.

    Keys are strings (``on:`` stays ``on``). Plain scalars are typed as in YAML 1.2: only ``true`` and ``false`` are
    booleans, and numbers with a leading zero stay strings. A scalar with a tag of its own (``!Ref X``) is ``expr``
    with that tag; tagged maps and sequences keep their kind. An alias of a small node is that node, of a large one an
    ``expr`` with tag ``*name``; ``<<`` is merged. When ``templates``, a file that cannot be parsed is tried again
    with its template parts blanked (``Document.templated``).
    """
    data = text.data.translate(_LINE_ENDS) if not text.data.isascii() else text.data
    result = _build(data, text.data)
    if isinstance(result, ParseProblem) and result.kind != "cap" and templates and ("{{" in data or "{%" in data):
        blanked, found = blank(data)
        if found:
            again = _build(blanked, text.data, blanked=True)
            if isinstance(again, Document):
                again.templated = True
                return again
    return result


def _build(data: str, source: str, *, blanked: bool = False) -> Document | ParseProblem:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(source, FILL if blanked else "")
    try:
        handlers = builder.handlers(yaml.events)
        for event in yaml.parse(data, Loader=loader):
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
    except _Stop as stop:
        return stop.problem
    except yaml.YAMLError as error:
        return _problem(error)
    return Document(builder.roots)


def _problem(error: Any) -> ParseProblem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "not valid YAML"
    return ParseProblem(str(reason), mark.line + 1 if mark is not None else 0)


class _Frame:
    __slots__ = ("anchor", "key", "key_span", "merges", "node", "size")

    def __init__(self, node: Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.size = 1
        self.key: str | None = None
        self.key_span = node.span
        self.merges: list[Member] = []


class _Builder:
    def __init__(self, source: str, fill: str) -> None:
        self.source = source
        self.fill = fill
        self.roots: list[Node] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.count = 0

    def handlers(self, events: Any) -> dict[type, Any]:
        return {
            events.ScalarEvent: self.scalar,
            events.MappingStartEvent: self.mapping,
            events.SequenceStartEvent: self.sequence,
            events.MappingEndEvent: self.end,
            events.SequenceEndEvent: self.end,
            events.AliasEvent: self.alias,
            events.DocumentStartEvent: self.document,
        }

    def document(self, _event: Any) -> None:
        self.anchors.clear()

    def mapping(self, event: Any) -> None:
        self.open("map", event)

    def sequence(self, event: Any) -> None:
        self.open("seq", event)

    def open(self, kind: NodeKind, event: Any) -> None:
        tag = event.tag or ""
        node = Node(kind, _span(event), tag="" if tag.startswith(_CORE) else tag)
        if len(self.stack) >= MAX_DEPTH:
            raise _Stop(ParseProblem(f"nested deeper than {MAX_DEPTH} levels", node.span.line, "cap"))
        self.stack.append(_Frame(node, event.anchor))

    def end(self, event: Any) -> None:
        frame = self.stack.pop()
        node, mark = frame.node, event.end_mark
        if event.start_mark.index == event.end_mark.index:
            node.span = _last_end(node)  # a block ends where its last value does, not at the next token
        else:
            node.span = Span(node.span.line, node.span.column, mark.line + 1, mark.column + 1)
        if frame.merges:
            own = {member.key for member in node.members}
            node.members[:0] = [member for member in frame.merges if member.key not in own]
        self.put(node, frame.size, frame.anchor)

    def scalar(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        value = event.value
        filled = bool(self.fill) and self.fill in value
        if filled:
            value = self.source[event.start_mark.index : event.end_mark.index].strip("\"'")
        if frame is not None and frame.key is None and frame.node.kind == "map":
            frame.key, frame.key_span = value, _span(event)
            if event.anchor:
                self.anchors[event.anchor] = (Node("str", frame.key_span, value), 1)
            return
        node = Node("expr", _span(event), value, tag="template") if filled else _scalar(event, value)
        self.put(node, 1, event.anchor)

    def alias(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        target = self.anchors.get(event.anchor)
        if frame is not None and frame.key is None and frame.node.kind == "map":
            frame.key, frame.key_span = (target[0].text if target else "") or f"*{event.anchor}", _span(event)
            return
        limit = _MERGE_NODES if frame is not None and frame.key == "<<" else _ALIAS_NODES
        if target is not None and target[1] <= limit and self.count + target[1] <= MAX_NODES:
            self.count += target[1] - 1
            self.put(target[0], target[1], None)
        elif target is None:
            self.put(Node("null", _span(event)), 1, None)
        else:
            self.put(Node("expr", _span(event), f"*{event.anchor}", tag=f"*{event.anchor}"), 1, None)

    def put(self, node: Node, size: int, anchor: str | None) -> None:
        """Give ``node``, which stands for ``size`` nodes when aliases are followed, to the collection it is in."""
        if anchor:
            self.anchors[anchor] = (node, size)
        self.count += 1
        if self.count > MAX_NODES:
            raise _Stop(ParseProblem(f"more than {MAX_NODES} values", node.span.line, "cap"))
        if not self.stack:
            self.roots.append(node)
            return
        frame = self.stack[-1]
        frame.size += size
        if frame.node.kind == "seq":
            frame.node.items.append(node)
        elif frame.key is None:
            frame.key, frame.key_span = "?", node.span  # a collection as key: no reader of ours asks for one
        else:
            if frame.key != "<<" or not _merge(frame, node):
                frame.node.members.append(Member(frame.key, frame.key_span, node))
            frame.key = None


def _merge(frame: _Frame, node: Node) -> bool:
    parts = node.items if node.kind == "seq" else [node]
    if not parts or any(part.kind != "map" for part in parts):
        return False
    taken = {member.key for member in frame.merges}
    for part in parts:
        fresh = [member for member in part.members if member.key not in taken]
        taken.update(member.key for member in fresh)
        frame.merges.extend(fresh)
    return True


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _last_end(node: Node) -> Span:
    last = node.members[-1].value.span if node.members else node.items[-1].span if node.items else node.span
    end = max(last, node.span, key=lambda span: (span.end_line, span.end_column))
    return Span(node.span.line, node.span.column, end.end_line, end.end_column)


def _scalar(event: Any, value: str) -> Node:
    span, tag = _span(event), event.tag
    if tag and tag != "!":
        if not tag.startswith(_CORE):
            return Node("expr", span, value, tag=tag)
        kind = tag[len(_CORE) :]
        if kind not in ("int", "float", "bool", "null"):
            return Node("str", span, value)
    elif not event.implicit[0]:
        return Node("str", span, value)
    typed, scalar = _plain(value)
    return Node(typed, span, scalar)


def _plain(value: str) -> tuple[NodeKind, Scalar]:
    word = _WORDS.get(value)
    if word is not None:
        return word
    if value[0] in "-+.0123456789":
        if _NUMBER.fullmatch(value):
            return "int", int(value, _BASES.get(value[:2], 10))
        if _FLOAT.fullmatch(value):
            return "float", float(value.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return "str", value
