"""One tree for all data formats: JSON, YAML, TOML, dotenv, front matter, HCL, Dockerfile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from agentlint.core.place import Span
from agentlint.parse.problem import ParseProblem

NodeKind = Literal["map", "seq", "str", "int", "float", "bool", "null", "expr"]
Scalar: TypeAlias = "str | int | float | bool | None"


class Member(msgspec.Struct):
    """One entry of a map, with the place of its key. Keys may repeat: order is that of the file."""

    key: str
    key_span: Span
    value: Node


class Node(msgspec.Struct):
    """A value with its place.

    ``map`` fills ``members``, ``seq`` fills ``items``, the others ``scalar``. ``expr`` is text that only its own tool can
    evaluate (a Terraform expression): ``scalar`` holds the source text. ``tag`` is a YAML tag or an HCL block type.
    """

    kind: NodeKind
    span: Span
    scalar: Scalar = None
    members: list[Member] = []
    items: list[Node] = []
    tag: str = ""

    def get(self, key: str) -> Node | None:
        """Return the value of the last member named ``key`` (the one that readers of the format use)."""
        found = None
        for member in self.members:
            if member.key == key:
                found = member.value
        return found

    def member(self, key: str) -> Member | None:
        """Return the last member named ``key``."""
        found = None
        for member in self.members:
            if member.key == key:
                found = member
        return found

    def at(self, *keys: str) -> Node | None:
        """Follow ``keys`` through nested maps."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node is not None else None
        return node

    @property
    def text(self) -> str:
        """The scalar if it is a string, else an empty string."""
        return self.scalar if isinstance(self.scalar, str) else ""

    def walk(self) -> Iterator[tuple[tuple[str | int, ...], Member | None, Node]]:
        """Yield every node below (and with) this one in file order: its path of keys and indices, its member, itself."""
        stack: list[tuple[tuple[str | int, ...], Member | None, Node]] = [((), None, self)]
        while stack:
            path, member, node = stack.pop()
            yield path, member, node
            for index in range(len(node.items) - 1, -1, -1):
                stack.append(((*path, index), None, node.items[index]))
            for child in reversed(node.members):
                stack.append(((*path, child.key), child, child.value))

    def plain(self) -> object:
        """Return the value as plain Python data, without places."""
        if self.kind == "map":
            return {member.key: member.value.plain() for member in self.members}
        if self.kind == "seq":
            return [item.plain() for item in self.items]
        return self.scalar


class Document(msgspec.Struct):
    """A parsed file: one root per YAML document, one root for other formats.

    ``templated``: the file parsed only after its ``{{ … }}`` and ``{% … %}`` were blanked; what they stood for is ``expr``.
    ``broken``: where a syntax error spoilt a part; the rest was read.
    """

    roots: list[Node]
    templated: bool = False
    broken: ParseProblem | None = None

    @property
    def root(self) -> Node:
        """The first root; a null node when the file is empty."""
        return self.roots[0] if self.roots else Node("null", Span())
