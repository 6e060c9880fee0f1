"""The facts of a file. Frozen, typed, serialisable with msgpack; trees never leave the worker."""

from __future__ import annotations

from typing import Any

import msgspec

from agentlint.core.finding import Finding, Notification
from agentlint.core.place import Span
from agentlint.facts.infra.model import Resource
from agentlint.facts.python.ir import PythonFacts


class NodeFact(msgspec.Struct, frozen=True):
    """A graph node that a file declares outright (a configured server, a card, a workflow job, a cloud resource).

    ``attrs`` holds plain values; an attribute that cannot be known is absent from ``attrs`` and named in ``unknown``.
    ``spans`` gives the place of an attribute's key or value, so that a finding sits on the line to change.
    """

    type: str
    id: str
    name: str
    span: Span
    framework: str = ""
    attrs: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    unknown: tuple[str, ...] = ()


class EdgeFact(msgspec.Struct, frozen=True):
    """A graph edge that a file declares outright; ends are node ids, ``label`` an edge type of the design."""

    source: str
    label: str
    target: str


class SecretFact(msgspec.Struct, frozen=True):
    """A value in a published key format. ``masked`` is safe to show; ``digest`` is keyed and names the value, not reveals it."""

    type: str
    span: Span
    masked: str
    digest: str
    context: str = ""
    provider: str = ""
    severity: str = ""
    revoke: str = ""


class LiteralFact(msgspec.Struct, frozen=True):
    """A literal under a name that says credential. ``quiet``: worth a look, not an alarm.

    ``digest`` names the value; for a value that can be guessed it only tells the literals of one file apart.
    """

    name: str
    use: str
    shape: str
    span: Span
    masked: str
    digest: str
    why: str
    kind: str = ""
    quiet: bool = False


class IgnoreComment(msgspec.Struct, frozen=True):
    """An inline ignore: ``line`` is the line it speaks about (0 for the whole file)."""

    span: Span
    line: int
    rules: tuple[str, ...]
    reason: str


class Marker(msgspec.Struct, frozen=True, array_like=True):
    """One line of a notebook's joined source: where it stands in the file and how its user counts it."""

    line: int
    column: int
    cell: int
    cell_line: int


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one file. ``markers[i]`` maps line ``i + 1`` of a notebook's joined source to the file."""

    path: str
    kind: str
    python: PythonFacts | None = None
    nodes: tuple[NodeFact, ...] = ()
    edges: tuple[EdgeFact, ...] = ()
    resources: tuple[Resource, ...] = ()
    secrets: tuple[SecretFact, ...] = ()
    literals: tuple[LiteralFact, ...] = ()
    ignores: tuple[IgnoreComment, ...] = ()
    markers: tuple[Marker, ...] = ()
    traits: tuple[str, ...] = ()


class FileResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker returns for one file: its facts, what file rules found, and what could not be checked."""

    facts: FileFacts
    findings: tuple[Finding, ...] = ()
    notifications: tuple[Notification, ...] = ()
