"""Servers that Python code starts or connects to: the same ``mcp_client`` nodes that configuration files give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agentlint.core import lazy
from agentlint.core.place import Span
from agentlint.facts.connection import of_address, of_launch
from agentlint.facts.extract import NAMES_MCP
from agentlint.facts.hosts import scheme_of
from agentlint.facts.launch import split_words
from agentlint.facts.launchers import LAUNCHERS
from agentlint.facts.python.ir import Op, Value
from agentlint.graph import language
from agentlint.graph.arguments import UNKNOWN, constant
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program, Site

_STARTS = lazy.pattern(r"(?i)mcp|stdio|server")
_CONNECTS = lazy.pattern(r"(?i)mcp|sse_?client|streamable_?http")
_WEB = ("http", "https", "ws", "wss")
_COMMANDS = ("command", "cmd")
_NOT_KNOWN = "${…}"
"""A word that only running the code tells; read like a variable of a shell."""
_MAX_WORDS = 60
_Word = tuple[str, Span]


def launch_nodes(graph: RepoGraph, program: Program) -> None:
    """Add a node for each command line or address of a server in a dict or a call, in files that speak of MCP.

    No library's names are needed: all of them take ``command`` and ``args``, or a ``url`` beside a ``transport``.
    """
    for number, function in enumerate(program.functions):
        file = program.files[program.module_of[number]]
        if NAMES_MCP not in file.traits:
            continue
        for index, value in enumerate(function.values):
            if value.op is Op.DICT or value.op is Op.CALL:
                for node in _Place(program, (number, index), value).nodes():
                    graph.add(node)


class _Place:
    """A dict display or a call that may describe a server."""

    def __init__(self, program: Program, site: Site, value: Value) -> None:
        self._program = program
        self._site = site
        self._value = value

    def nodes(self) -> Iterator[GraphNode]:
        """Yield the servers that stand here."""
        if self._value.op is Op.CALL:
            name = self._callee()
            if not name:
                return
            if _STARTS.search(name):
                yield from self._started(name)
            if _CONNECTS.search(name):
                yield from self._connected(name)
        elif not {"command", "cmd", "url"}.isdisjoint(self._value.keys):
            yield from self._started("")
            if "transport" in self._value.keys or "type" in self._value.keys:
                yield from self._connected("")

    def _callee(self) -> str:
        callee = self._program.value((self._site[0], self._value.args[0]))
        name = callee.text.rpartition(":")[2] if callee.op in (Op.NAME, Op.ATTR, Op.IMPORT) else ""
        if not name or not (_STARTS.search(name) or _CONNECTS.search(name)):
            return ""
        paths = self._program.inference.paths((self._site[0], self._value.args[0]))
        return "" if any(path.partition(".")[0] in language.STANDARD for path in paths) else name

    def _argument(self, *names: str) -> int:
        for value, key in zip(self._value.args, self._value.keys, strict=False):
            if key in names:
                return value
        return -1

    def _positional(self, wanted: int) -> int:
        if self._value.op is not Op.CALL:
            return -1
        plain = [a for a, k in zip(self._value.args[1:], self._value.keys[1:], strict=False) if not k]
        return plain[wanted] if wanted < len(plain) and "*" not in self._value.keys else -1

    def _started(self, name: str) -> Iterator[GraphNode]:
        command, args = self._argument(*_COMMANDS), self._argument("args")
        place = self._positional(0)
        if command < 0 and place >= 0 and self._launches(place):
            command = place
            args = args if args >= 0 else self._positional(1)
        lines = self._argument("commands")
        if lines < 0 and command < 0:
            lines = place
        if command < 0 and lines >= 0:
            for line in self._lines(lines):
                yield self._node(name, [line])
        elif command >= 0:
            words = [*self._command(command), *(self._words(args) if args >= 0 else ())]
            if words and (args >= 0 or " " in words[0][0].strip() or name):
                yield self._node(name, words)

    def _launches(self, place: int) -> bool:
        words = self._command(place)
        first = split_words(words[0][0])[:1] if words else []
        return bool(first) and first[0].rpartition("/")[2].removesuffix(".cmd") in LAUNCHERS

    def _lines(self, place: int) -> Iterator[_Word]:
        """Whole command lines in a list."""
        value = self._program.value((self._site[0], place))
        if value.op is not Op.SEQ:
            return
        for item in value.args[:_MAX_WORDS]:
            word = self._word(item)
            if " " in word[0] and split_words(word[0])[:1] and split_words(word[0])[0] in LAUNCHERS:
                yield word

    def _command(self, place: int) -> list[_Word]:
        value = self._program.value((self._site[0], place))
        return self._words(place) if value.op is Op.SEQ else [self._word(place)]

    def _words(self, place: int) -> list[_Word]:
        site = self._resolved((self._site[0], place))
        value = self._program.value(site)
        if value.op is not Op.SEQ:
            return [(_NOT_KNOWN, self._program.value((self._site[0], place)).span)]
        return [self._word(item, site[0]) for item in value.args[:_MAX_WORDS]]

    def _resolved(self, site: Site) -> Site:
        """Follow a name to its one definition in the same file, so that the place is one in this file."""
        for _ in range(4):
            value = self._program.value(site)
            if value.op is not Op.NAME:
                break
            made = self._program.definitions(site[0], value.text)
            if not made or len(made) != 1 or self._program.path(made[0][0]) != self._program.path(self._site[0]):
                break
            site = made[0]
        return site

    def _word(self, item: int, function: int = -1) -> _Word:
        site = (function if function >= 0 else self._site[0], item)
        span = self._program.value(site).span
        return _text(self._program, site, 4), span

    def _connected(self, name: str) -> Iterator[GraphNode]:
        place = self._argument("url", "server_url")
        if place < 0 and name:
            place = self._positional(0)
        if place < 0:
            return
        url, span = self._word(place)
        if scheme_of(url) not in _WEB:
            return
        read = of_address(url)
        attrs = {**_base(), "transport": "http", **read.attrs}
        spans = dict.fromkeys(("url", "cleartext", "host_scope"), span)
        yield self._graph_node(self._name(name, url), attrs, spans, read.unknown)

    def _node(self, name: str, words: list[_Word]) -> GraphNode:
        read = of_launch([word for word, _ in words])
        attrs: dict[str, Any] = {**_base(), "transport": "stdio", "command": words[0][0][:300], **read.attrs}
        spans = {"command": words[0][1]}
        if len(words) > 1:
            attrs["args"] = [word[:300] for word, _ in words[1:]]
            spans["args"] = words[1][1]
        if read.word >= 0:
            spans.update(dict.fromkeys(("package", "package_version", "pin", "pinned"), words[read.word][1]))
        shown = str(attrs.get("package", "")) or words[0][0]
        return self._graph_node(self._name(name, shown), attrs, spans, read.unknown)

    def _name(self, callee: str, otherwise: str) -> str:
        """What the code calls the server: its ``name``, or what it starts."""
        place = self._argument("name")
        known = constant(self._program, (self._site[0], place)) if place >= 0 else UNKNOWN
        return known if isinstance(known, str) and known else otherwise or callee

    def _graph_node(self, name: str, attrs: dict[str, Any], spans: dict[str, Span], unknown: tuple[str, ...]) -> GraphNode:
        program, value = self._program, self._value
        path = program.path(self._site[0])
        first = next(iter(spans.values()))
        ident = f"{path}#mcp_client:{value.line}:{value.column}:{first.line}:{first.column}"
        symbol = program.symbol(self._site[0])
        return GraphNode("mcp_client", ident, name, path, value.span, "python", attrs, spans, unknown, symbol)


def _base() -> dict[str, Any]:
    return {"client": "python", "disabled": False, "has_literal_secret": False}


def _text(program: Program, site: Site, depth: int) -> str:
    """Return the word a value is; of alternatives the first that is known, of a search of the path what is searched."""
    known = constant(program, site)
    if isinstance(known, str):
        return known
    value = program.value(site)
    if value.op is Op.TEXT and value.text != "%":
        parts = [constant(program, (site[0], part)) for part in value.args]
        return "".join(part if isinstance(part, str) else _NOT_KNOWN for part in parts)
    follow: tuple[int, ...] = ()
    if value.op is Op.PHI or (value.op is Op.OP and value.text == "or"):
        follow = value.args
    elif value.op is Op.CALL and len(value.args) > 1:
        paths = program.inference.paths((site[0], value.args[0]))
        follow = value.args[1:2] if "shutil.which" in paths else ()
    if depth:
        for one in follow:
            word = _text(program, (site[0], one), depth - 1)
            if not re.search(r"\$\{…\}", word):
                return word
    return _NOT_KNOWN
