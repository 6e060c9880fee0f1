"""Passages that steer a model, as checks see them, and the files whose text agents load."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Container, Iterator
from typing import Any

import msgspec

from agentlint.core.place import Span
from agentlint.facts.instructions import imports_in
from agentlint.facts.signal_table import vocabulary
from agentlint.facts.signals import clusters
from agentlint.facts.steering import passages
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.parse.text import Text

Source = Callable[[str], "str | None"]
MAX_IMPORTED = 10_000
_EXCERPT = 60
_FRAMING = frozenset({"compel", "setup", "trigger", "pretext"})


class Steering(msgspec.Struct, frozen=True):
    """A passage: kinds and excerpts of its signals, with offsets in a text or places in a file."""

    signals: tuple[tuple[str, str], ...]
    offsets: tuple[tuple[int, int], ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind for kind, _ in self.signals))

    @classmethod
    def of_attrs(cls, attrs: dict[str, Any]) -> Steering:
        """Return what a ``steering`` node's attributes hold."""
        found = attrs["signals"]
        spans = tuple(Span(s["line"], s["column"], s["end_line"], s["end_column"]) for s in found)
        return cls(tuple((s["kind"], s["text"]) for s in found), (), spans)

    @classmethod
    def of_node(cls, node: GraphNode) -> Steering:
        """Return the passage of a ``steering`` node."""
        return cls.of_attrs(node.attrs)

    def firsts(self) -> list[int]:
        """Return the index of the first signal of each kind, the most telling kind first."""
        order = list(vocabulary().meanings)
        seen: dict[str, int] = {}
        for index, (kind, _) in enumerate(self.signals):
            seen.setdefault(kind, index)
        return [seen[kind] for kind in sorted(seen, key=order.index)]

    def anchor(self) -> int:
        """Return the index of the first signal that says more than that something is to be done first."""
        return next((index for index, (kind, _) in enumerate(self.signals) if kind not in _FRAMING), 0)

    def meaning(self, index: int) -> str:
        """Return what the signal at ``index`` says."""
        kind, text = self.signals[index]
        return f"“{_cut(text)}”: {vocabulary().meanings[kind]}"

    def told(self) -> str:
        """Return one phrase of each kind, of at most three, with the meaning of the kind."""
        meanings = vocabulary().meanings
        shown = [self.signals[index] for index in self.firsts()]
        parts = [f"“{_cut(text)}” ({meanings[kind]})" for kind, text in shown if kind != "hidden"][:3]
        return "; ".join([*parts, *(meanings[kind] for kind, _ in shown if kind == "hidden")])


def steering_in(text: str, surface: str) -> list[Steering]:
    """Return the passages of a text that combine enough signals for ``surface``."""
    return [
        Steering(
            tuple((s.kind, " ".join(text[s.start : min(s.end, s.start + 160)].split())) for s in cluster.signals),
            tuple((s.start, s.end) for s in cluster.signals),
        )
        for cluster in clusters(text, surface)
    ]


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


class Imported(msgspec.Struct, frozen=True):
    """A file that instructions pull in: its path, and the file and place that name it."""

    path: str
    by: str
    span: Span

    def passages(self, source: Source) -> list[Steering]:
        """Return the passages of the file that steer a model; none when it cannot be read."""
        data = source(self.path)
        return [Steering.of_attrs(attrs) for attrs in passages(Text(data), "instructions")] if data else []


def imported(graph: RepoGraph, files: Container[str], source: Source) -> Iterator[Imported]:
    """Yield the files that instruction files of the repository import and that are none themselves, each once.

    Imports are followed over any number of steps, cycles end where they began; at most 10,000 files are followed.
    """
    known = {node.path for node in graph.of_type("prompt")}
    todo = [
        Imported(target, node.path, node.spans.get("imports", node.span))
        for node in graph.of_type("prompt")
        for name in node.attrs.get("imports", ())
        if (target := resolve(node.path, name))
    ]
    seen: set[str] = set()
    while todo and len(seen) < MAX_IMPORTED:
        entry = todo.pop()
        if entry.path in seen or entry.path in known or entry.path not in files:
            continue
        seen.add(entry.path)
        yield entry
        for name in imports_in(source(entry.path) or ""):
            target = resolve(entry.path, name)
            if target and target not in seen:
                todo.append(Imported(target, entry.by, entry.span))


def resolve(path: str, name: str) -> str:
    """Return the path in the repository that ``name`` means in the file at ``path``; empty when it leads outside."""
    name = name.removeprefix("file://")
    if name.startswith(("~", "/")):
        return ""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    return "" if found.startswith("..") else found
