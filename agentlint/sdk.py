"""All that a check may import.

A check is a module ``agentlint/checks/alNNN_name.py`` with ``RULE = "ALNNN"`` (its metadata and documentation are the YAML
rule of
that id, marked ``check: true``) and functions marked ``@on_file(...)`` or ``@on_repo`` that yield findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any, Literal

import msgspec

from agentlint.core.finding import Finding, Related, Step
from agentlint.core.levels import Confidence, Persona, Severity
from agentlint.core.paths import is_docs, is_example, is_test
from agentlint.core.place import Span
from agentlint.core.result import Remembered
from agentlint.facts.lookalike import mixes_alphabets, to_latin
from agentlint.facts.python.ir import Op, Value
from agentlint.facts.resources import agent_sign
from agentlint.facts.signals import kinds_in as signal_kinds
from agentlint.facts.types import FileFacts, LiteralFact, SecretFact
from agentlint.facts.values import is_credential, is_secret_name
from agentlint.graph import auth_switches, open_checks, routes
from agentlint.graph.answers import Stamp, self_approval, stamps
from agentlint.graph.auth_switches import AuthSwitch
from agentlint.graph.deployed import deployed, is_policed, may_only_read
from agentlint.graph.effects import EffectUse
from agentlint.graph.handling import Swallowed, ignored_checks, records, swallowed, unattached, untimed
from agentlint.graph.infra.estate import Declared, Located
from agentlint.graph.infra.infrastructure import Infrastructure
from agentlint.graph.infra.privileges import Excess, Surplus
from agentlint.graph.leaks import Leak, leaks
from agentlint.graph.loops import ModelLoop, unbounded_loops
from agentlint.graph.made import built_on
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.offered import is_withheld
from agentlint.graph.open_checks import OpenCheck
from agentlint.graph.owners import Owner, asks_operator, owners, rewrites, served, shared_conversations
from agentlint.graph.purpose import Purposes, purposes_of
from agentlint.graph.queries import Projects, acting_uses, is_gated, is_own_file, open_holders, uses_of
from agentlint.graph.reach import Ability, abilities, first_agents
from agentlint.graph.remembered import remembered
from agentlint.graph.repository import Repository, link
from agentlint.graph.routes import OpenRoute
from agentlint.graph.service import (
    blind_questions,
    launches_unsafely,
    never_trips,
    public_agents,
    shared_namespaces,
    throttled,
    unmetered,
)
from agentlint.graph.steering import Imported, Steering, imported, steering_in
from agentlint.graph.tool_texts import ToolText
from agentlint.graph.tool_texts import tool_texts as texts_of
from agentlint.graph.written import WrittenSecret, written_into_prompts
from agentlint.parse.api import Parsed
from agentlint.parse.document import Document
from agentlint.parse.text import Text
from agentlint.rulebook.book import Rulebook
from agentlint.rulebook.index import ModelIndex

__all__ = [
    "Ability",
    "AuthSwitch",
    "Confidence",
    "Declared",
    "EffectUse",
    "Excess",
    "FileContext",
    "Finding",
    "GraphNode",
    "Imported",
    "Infrastructure",
    "Leak",
    "LiteralFact",
    "Located",
    "ModelLoop",
    "Op",
    "OpenCheck",
    "OpenRoute",
    "Owner",
    "Persona",
    "Projects",
    "Registered",
    "Related",
    "RepoContext",
    "RepoGraph",
    "SecretFact",
    "Severity",
    "Span",
    "Stamp",
    "Steering",
    "Step",
    "Surplus",
    "Swallowed",
    "ToolText",
    "Value",
    "WrittenSecret",
    "abilities",
    "acting_uses",
    "agent_sign",
    "asks_operator",
    "blind_questions",
    "deployed",
    "first_agents",
    "ignored_checks",
    "is_credential",
    "is_docs",
    "is_example",
    "is_gated",
    "is_own_file",
    "is_policed",
    "is_secret_name",
    "is_test",
    "is_withheld",
    "launches_unsafely",
    "leaks",
    "may_only_read",
    "mixes_alphabets",
    "never_trips",
    "on_file",
    "on_repo",
    "open_holders",
    "owners",
    "public_agents",
    "records",
    "registered",
    "rewrites",
    "self_approval",
    "served",
    "shared_conversations",
    "shared_namespaces",
    "signal_kinds",
    "stamps",
    "steering_in",
    "swallowed",
    "throttled",
    "to_latin",
    "tool_texts",
    "unattached",
    "unbounded_loops",
    "unmetered",
    "untimed",
    "uses_of",
    "written_into_prompts",
]  # fmt: skip


class FileContext(msgspec.Struct, frozen=True):
    """What a file check sees: one file's facts, and its tree while it is still there."""

    facts: FileFacts
    parsed: Parsed | None
    settings: Any = None

    @property
    def path(self) -> str:
        return self.facts.path

    @property
    def kind(self) -> str:
        return self.facts.kind

    @property
    def text(self) -> Text | None:
        return self.parsed.text if self.parsed is not None else None

    @property
    def document(self) -> Document | None:
        return self.parsed.document if self.parsed is not None else None

    @property
    def is_test(self) -> bool:
        return is_test(self.path)

    @property
    def is_docs(self) -> bool:
        return is_docs(self.path)

    def finding(self, rule: str, span: Span, message: str, **more: Any) -> Finding:
        """Return a finding in this file."""
        return Finding(rule=rule, path=self.path, span=span, message=message, **more)


class RepoContext(msgspec.Struct, frozen=True):
    """What a repository check sees: the graph, the linked program and the flow solver."""

    repository: Repository
    book: Rulebook
    settings: Any = None
    source: Callable[[str], str | None] = lambda _path: None

    @classmethod
    def of(
        cls, facts: Sequence[FileFacts], book: Rulebook, settings: Any, source: Callable[[str], str | None] = lambda _path: None
    ) -> RepoContext:
        """Link the facts of all files of a scan; ``source`` gives the text of one of them."""
        return cls(link(facts, ModelIndex(book.models)), book, settings, source)

    @property
    def graph(self) -> RepoGraph:
        return self.repository.graph

    @property
    def purposes(self) -> Purposes:
        """What files are for: programs, or tests, evaluations, notebooks, examples and demonstrations."""
        return purposes_of(self.repository)

    @property
    def infrastructure(self) -> Infrastructure:
        """What infrastructure files declare, with values resolved across files."""
        return self.repository.infrastructure

    @property
    def projects(self) -> Projects:
        """Which files belong together."""
        return self.repository.projects

    def related(self, use: EffectUse) -> Related:
        """Return the call that has an effect, as a related place."""
        program = self.repository.program
        name = use.what.replace("builtins.", "")
        does = self.book.kinds["effects"][use.effect]
        return Related(program.path(use.site[0]), program.value(use.site).span, f"`{name}`: {does}")

    def authenticates(self, path: str) -> bool:
        """Return whether a file, or one that it is built on, has a construct that authenticates callers, or refuses some."""
        program, access = self.repository.program, self.repository.access
        near = built_on(program, path)
        if any(node.path in near for node in self.graph.of_type("auth")):
            return True
        return any(program.path(n) in near and access.refusals(n) for n in range(len(program.functions)))

    def credential_checks(self) -> Iterator[str]:
        """Yield the files with a function that refuses callers after looking at a credential they send."""
        repository = self.repository
        yield from (repository.program.path(number) for number in repository.access.credential_checks())

    def open_checks(self) -> Iterator[OpenCheck]:
        """Yield the tests by which a check of callers lets everybody pass while no credential is configured."""
        repository = self.repository
        return open_checks.open_checks(repository.program, repository.access, repository.solver.calls)

    def auth_switches(self) -> Iterator[AuthSwitch]:
        """Yield the settings that decide whether callers are authenticated and whose default is that they are not."""
        return auth_switches.auth_switches(self.repository.program, self.repository.access)

    def open_routes(self) -> Iterator[OpenRoute]:
        """Yield the routes that act for callers whom nothing authenticates, and routers of such routes only."""
        return routes.open_routes(self.repository, self.projects)

    def approval(self, node: GraphNode) -> str:
        """Return how the framework of ``node`` asks a person first, an empty string when no model says so."""
        return self.repository.program.index.approval(node.framework)

    def advice(self, node: GraphNode, topic: str) -> str:
        """Return what the framework of ``node`` has for ``guardrail``, ``limit`` or ``observation``, empty if unknown."""
        return self.repository.program.index.advice(node.framework, topic)

    def observation(self, node: GraphNode) -> str:
        """Return how the framework of ``node`` records what agents do, an empty string when no model says so."""
        return self.repository.program.index.advice(node.framework, "observation")

    def finding(self, rule: str, path: str, span: Span, message: str, **more: Any) -> Finding:
        """Return a finding at a place."""
        return Finding(rule=rule, path=path, span=span, message=message, **more)

    def on(self, rule: str, node: GraphNode, message: str, **more: Any) -> Finding:
        """Return a finding at a graph node."""
        return Finding(rule=rule, path=node.path, message=message, **{"span": node.span, "symbol": node.symbol, **more})

    def steering(self, rule: str, path: str, found: Steering, told: str, spans: Sequence[Span] = (), **more: Any) -> Finding:
        """Return a finding on the telling signal of a passage; the first of each other kind is a related place."""
        places = tuple(spans) or found.spans
        anchor = found.anchor()
        others = tuple(Related(path, places[index], found.meaning(index)) for index in sorted(found.firsts()) if index != anchor)
        more = {"related": others, "subject": " ".join(found.kinds), **more}
        return Finding(rule=rule, path=path, span=places[anchor], message=f"{told}: {found.told()}", **more)

    def remembered(self) -> tuple[Remembered, ...]:
        """Return the servers and tools that a baseline remembers."""
        return remembered(self.repository)

    def imported(self) -> Iterator[tuple[Imported, list[Steering]]]:
        """Yield the files that instruction files import, with the passages in them that steer a model."""
        for entry in imported(self.graph, {file.path for file in self.repository.files}, self.source):
            yield entry, entry.passages(self.source)

    def at(self, rule: str, site: tuple[int, int], message: str, **more: Any) -> Finding:
        """Return a finding at a value of the program."""
        program = self.repository.program
        function = site[0]
        known = {"span": program.value(site).span, "symbol": program.symbol(function), **more}
        return Finding(rule=rule, path=program.path(function), message=message, **known)


def tool_texts(ctx: RepoContext) -> Iterator[ToolText]:
    """Yield what models are told of the tools in the repository's Python."""
    return texts_of(ctx.repository.program, ctx.repository.roles)


Phase = Literal["file", "repo"]


class Registered(msgspec.Struct, frozen=True):
    """A check function: ``kinds`` are the file kinds it wants (none: all)."""

    function: Callable[..., Iterable[Finding]]
    phase: Phase
    kinds: tuple[str, ...] = ()


def on_file(*kinds: str) -> Callable[[Callable[[FileContext], Iterator[Finding]]], Callable[[FileContext], Iterator[Finding]]]:
    """Mark a function that looks at one file of the given kinds (all kinds if none are given)."""

    def mark(function: Callable[[FileContext], Iterator[Finding]]) -> Callable[[FileContext], Iterator[Finding]]:
        function.__dict__["registered"] = Registered(function, "file", kinds)
        return function

    return mark


def on_repo(function: Callable[[RepoContext], Iterator[Finding]]) -> Callable[[RepoContext], Iterator[Finding]]:
    """Mark a function that looks at the whole repository, once."""
    function.__dict__["registered"] = Registered(function, "repo")
    return function


def registered(module: ModuleType) -> list[Registered]:
    """Return the check functions of a module, in the order they are written."""
    found = [getattr(value, "registered", None) for value in vars(module).values() if callable(value)]
    return [entry for entry in found if isinstance(entry, Registered)]
