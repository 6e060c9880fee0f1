"""Passages that steer a model, in files that agents read and in code beside skills; see ``signals`` for how they are found."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.finding import Notification
from agentlint.core.place import Span
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.hidden import runs_of
from agentlint.facts.instructions import comments
from agentlint.facts.signals import MAX_TEXT, Cluster, clusters
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.text import Text

# By which combinations the text of a kind of file is judged.
_SURFACES = {
    "instructions": ("instructions", "remote"),
    "skill": ("instructions", "skill", "remote"),
    "prompt": ("instructions",),
    "crewai-agents": ("instructions",),
    "crewai-tasks": ("instructions",),
}
_JSON = frozenset({"json", "mcp-server", "mcp-client", "agent-card"})
_CODE = frozenset({"python", "shell", "javascript"})
_STRING = lazy.pattern(
    r'"(?:description|title|default|instructions|prompt|summary|text)"\s{0,20}:\s{0,20}"([^"\\]*(?:\\.[^"\\]*)*)"'
)
_FENCE = lazy.pattern(r"(?m)^[ \t>]{0,40}(?:```|~~~)")
_LINE_BREAK = lazy.pattern(r"\\[ntr]")
_SCHEMA_WORDS = ('"inputSchema"', '"input_schema"', '"parameters"')
_MAX_COMMENT = 8_000
_MAX_STRINGS = 20_000
_MAX_STRING = 200_000
_EXCERPT = 160


def contribute(inp: FileInput) -> Contribution:
    """Return a ``steering`` node for each passage that holds a combination of signals.

    Attributes: ``surface`` (which combinations it was judged by), ``kinds`` of its signals, and ``signals``, each with
    ``kind``, ``text`` (an excerpt) and its place (``line``, ``column``, ``end_line``, ``end_column``).
    """
    if inp.kind in _JSON:
        return Contribution(tuple(_strings(inp)))
    if inp.kind in _CODE:
        return Contribution(tuple(_whole(inp, "code"))) if _is_beside_skill(inp.path) else Contribution()
    if inp.kind == "markdown":
        return Contribution(tuple(_comments(inp)))
    nodes = tuple(node for surface in _SURFACES.get(inp.kind, ()) for node in _whole(inp, surface))
    notes: tuple[Notification, ...] = ()
    if len(inp.text.data) > MAX_TEXT:
        text = f"only the first {MAX_TEXT} characters were searched for poisoned instructions; split the file"
        notes = (Notification(inp.path, 0, "cap", text),)
    return Contribution(nodes, notifications=notes)


def passages(text: Text, surface: str, *, markdown: bool = True) -> list[dict[str, Any]]:
    """Return the attributes of the ``steering`` nodes that ``text`` as a whole would have on ``surface``."""
    found = clusters(text.data, surface, markdown=markdown, concealed=_concealed(text.data))
    return [_attrs(text, 0, surface, cluster) for cluster in found]


def _whole(inp: FileInput, surface: str) -> Iterator[NodeFact]:
    for attrs in passages(inp.text, surface, markdown=surface != "code"):
        yield _node(inp.path, attrs)


def _strings(inp: FileInput) -> Iterator[NodeFact]:
    """The descriptions in a JSON text. Escaped line breaks become blanks of the same length, so that places hold."""
    data = inp.text.data
    if '"description"' not in data or (inp.kind == "json" and not any(word in data for word in _SCHEMA_WORDS)):
        return
    for count, match in enumerate(_STRING.finditer(data)):
        if count >= _MAX_STRINGS:
            return
        value = _LINE_BREAK.sub("  ", match[1][:_MAX_STRING])
        for cluster in clusters(value, "tool", concealed=_concealed(value)):
            yield _node(inp.path, _attrs(inp.text, match.start(1), "tool", cluster))


def _comments(inp: FileInput) -> Iterator[NodeFact]:
    """Markdown that no agent is known to load is judged only by what its readers do not see."""
    data = inp.text.data
    for start, end in _hidden_comments(data):
        for cluster in clusters(data[start:end], "instructions", concealed=[(0, end - start)]):
            if "hidden" in cluster.kinds:
                yield _node(inp.path, _attrs(inp.text, start, "instructions", cluster))


def _hidden_comments(data: str) -> list[tuple[int, int]]:
    """The comments of a Markdown text that are not shown as code, of at most 8,000 characters each."""
    found = comments(data)
    fences = [match.start() for match in _FENCE.finditer(data)] if found else []
    return [
        (start, min(end, start + _MAX_COMMENT))
        for start, end in found[:_MAX_STRINGS]
        if bisect_right(fences, start) % 2 == 0 and data[max(start - 1, 0) : start] != "`"
    ]


def _concealed(data: str) -> list[tuple[int, int]]:
    found = _hidden_comments(data)
    if not data.isascii() or "\x1b" in data:
        found += [(run.start, run.end) for run in runs_of(data, "instructions") if run.category == "text behind blanks"]
    return found


def _attrs(text: Text, offset: int, surface: str, cluster: Cluster) -> dict[str, Any]:
    signals = []
    for signal in cluster.signals:
        span = text.span(offset + signal.start, offset + signal.end)
        excerpt = text.data[offset + signal.start : offset + min(signal.end, signal.start + _EXCERPT)]
        place = {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}
        signals.append({"kind": signal.kind, "text": " ".join(excerpt.split()), **place})
    return {"surface": surface, "kinds": list(cluster.kinds), "signals": signals}


def _node(path: str, attrs: dict[str, Any]) -> NodeFact:
    first = attrs["signals"][0]
    span = Span(first["line"], first["column"], first["end_line"], first["end_column"])
    ident = f"steering:{path}#{attrs['surface']}:{span.line}:{span.column}"
    return NodeFact("steering", ident, attrs["surface"], span, "", attrs)


def _is_beside_skill(path: str) -> bool:
    lowered = f"/{path.lower()}"
    return "skill" in lowered or "/scripts/" in lowered
