"""Models turned into look-up tables: which facts speak of the symbol that a call, read or decorator resolves to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Literal, TypeVar

from agentlint.rulebook.models import (
    Agent,
    Answer,
    Auth,
    Effect,
    Gate,
    Guardrail,
    Handover,
    Leave,
    Limit,
    Logger,
    Memory,
    Model,
    Propagator,
    Sanitizer,
    Server,
    SharedState,
    Sink,
    Source,
    Switch,
    Throttle,
    Tool,
)
from agentlint.rulebook.names import CallNames
from agentlint.rulebook.table import (
    Lazy,
    Table,
    aliases_of,
    all_paths,
    by_name,
    families_of,
    offered_by,
    paths,
    prefix_ends,
    root_of,
)

F = TypeVar("F")
_TABLES: dict[type, tuple[str, ...]] = {
    Sink: ("_sinks",),
    Source: ("_sources_call", "_sources_read"),
    Sanitizer: ("_sanitizers", "_guards"),
    Propagator: ("_propagators",),
    Tool: ("_tools_by_decorator", "_tools_by_call"),
    Agent: ("_agents",),
    Effect: ("_effects",),
    Gate: ("_gates",),
    Answer: ("_answers",),
    Guardrail: ("_guardrails_call", "_guardrails_decorator"),
    Memory: ("_memories",),
    Logger: ("_loggers_call",),
    Switch: ("_switches_call", "_switches_assign"),
    Server: ("_servers",),
    Auth: ("_auth",),
    Limit: ("_limits",),
    Throttle: ("_throttles_call",),
}
MAX_ALIAS_STEPS = 4


class ModelIndex(CallNames):
    """Fast look-ups over all models. Paths given to the methods are resolved symbols; they are normalised here."""

    _sinks = Lazy[Sink]("sinks", "call")
    _sinks_returned = Lazy[Sink]("sinks", "returns_of")
    _sources_call = Lazy[Source]("sources", "call")
    _sources_read = Lazy[Source]("sources", "read")
    _params_of = Lazy[Source]("sources", "params_of")
    _handlers = Lazy[Source]("sources", "handler")
    _sanitizers = Lazy[Sanitizer]("sanitizers", "call")
    _sanitizer_reads = Lazy[Sanitizer]("sanitizers", "read")
    _guards = Lazy[Sanitizer]("sanitizers", "guard")
    _propagators = Lazy[Propagator]("propagators", "call")
    _handovers = Lazy[Handover]("handovers", "call")
    _shared_states = Lazy[SharedState]("shared_states", "call")
    _leaves = Lazy[Leave]("leaves", "call")
    _tools_by_decorator = Lazy[Tool]("tools", "decorator")
    _tools_by_call = Lazy[Tool]("tools", "call")
    _tools_by_base = Lazy[Tool]("tools", "base")
    _agents = Lazy[Agent]("agents", "call")
    _runs = Lazy[Agent]("runs", "call")
    _effects = Lazy[Effect]("effects", "call")
    _gates = Lazy[Gate]("gates", "call")
    _answers = Lazy[Answer]("answers", "call")
    _guardrails_call = Lazy[Guardrail]("guardrails", "call")
    _guardrails_decorator = Lazy[Guardrail]("guardrails", "decorator")
    _memories = Lazy[Memory]("memories", "call")
    _loggers_call = Lazy[Logger]("loggers", "call")
    _loggers_imports = Lazy[Logger]("loggers", "imports")
    _switches_call = Lazy[Switch]("switches", "call")
    _switches_assign = Lazy[Switch]("switches", "assign")
    _servers = Lazy[Server]("servers", "call")
    _auth = Lazy[Auth]("auth", "call")
    _limits = Lazy[Limit]("limits", "call")
    _throttles_call = Lazy[Throttle]("throttles", "call")
    _throttles_imports = Lazy[Throttle]("throttles", "imports")

    def __init__(self, models: Sequence[Model]) -> None:
        """Tables are built when they are first used; to its users the index never changes."""
        self.models = models
        self.aliases = aliases_of(models)
        by_root: dict[str, list[str]] = {}
        for path in self.aliases:
            by_root.setdefault(root_of(path), []).append(path.partition("*")[0])
        self._families = families_of(self.aliases)
        self._alias_heads = {root: tuple(paths) for root, paths in by_root.items()}
        self._normal: dict[str, str] = {}
        self._packages = {root: model.package for model in models for root in model.imports}
        self._guard_methods = by_name(models, "sanitizers", "method")
        self._entries = by_name(models, "sources", "entry")
        self._switches_env = by_name(models, "switches", "env")
        self._loggers_env = by_name(models, "loggers", "env")
        self._by_type: dict[type, tuple[Table[Any], ...]] = {}
        self._advice = {model.package: model.advice for model in models if model.advice}
        self._approvals = {model.package: model.approval for model in models if model.approval}
        self.import_roots = frozenset(root.partition(".")[0] for model in models for root in model.imports)

    def conventions(self, field: Literal["folder", "decorator", "returns"]) -> frozenset[str]:
        """Return the names by which projects mark tools of their own."""
        return frozenset(name for model in self.models for c in model.conventions if (name := getattr(c, field)))

    @cached_property
    def tails(self) -> frozenset[str]:
        """The last names of all symbols that models know."""
        return frozenset(self._tails(self.models))

    @cached_property
    def atoms(self) -> frozenset[bytes]:
        """Every name one of which stands in a file that models say anything about."""
        return frozenset(atom.encode() for atom in self._atoms(self.models))

    @cached_property
    def _offered(self) -> dict[str, frozenset[str]]:
        return offered_by(self.models)

    def key(self, path: str) -> str:
        """Return what a fact about ``path``, as a model writes it, is found by."""
        if path.startswith("*."):
            return path
        parent, dot, last = path.rpartition(".")
        return self.normalise(parent) + dot + last if last.endswith("*") else self.normalise(path)

    def normalise(self, path: str) -> str:
        """Return ``path`` with aliases followed: the longest dotted prefix that is one, at most 4 times."""
        heads = self._alias_heads.get(root_of(path))
        if heads is None or not path.startswith(heads):
            return path
        known = self._normal.get(path)
        if known is None:
            known = self._normal[path] = self._follow(path)
        return known

    def _follow(self, path: str) -> str:
        for _ in range(MAX_ALIAS_STEPS):
            for end in prefix_ends(path):
                target = self.aliases.get(path[:end]) or self._family(path[:end])
                if target is not None:
                    path = target + path[end:]
                    break
            else:
                return path
        return path

    def _family(self, path: str) -> str | None:
        """What a class is by an alias for all classes of a module, or for those whose names begin alike."""
        if not self._families:
            return None
        parent, _, last = path.rpartition(".")
        if not last[:1].isupper():
            return None
        made = "()" if last.endswith("()") else ""
        for holder in (parent, parent.rpartition(".")[0] + ".*"):
            for prefix, of, target in self._families.get(holder, ()):
                if of == made and last.startswith(prefix) and target != path:
                    return target
        return None

    def offered(self, root: str) -> frozenset[str]:
        """Return the names that models expect the package ``root`` to offer at its top."""
        return self._offered.get(root, frozenset())

    def knows(self, path: str) -> bool:
        """Whether any fact, alias or group of any model speaks of exactly this symbol."""
        path = self.normalise(path)
        return path in self.aliases or any(path in table.exact for group in _TABLES for table in self._tables(group))

    def speaks_below(self, path: str) -> bool:
        """Whether any fact speaks of this symbol or of a part of it: a class of which only methods are known."""
        return self.normalise(path) in self._beginnings or self.knows(path)

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        exact = {path for group in _TABLES for table in self._tables(group) for path in table.exact}
        return frozenset(path[:end].removesuffix("()") for path in exact for end in prefix_ends(path))

    def _tails(self, models: Sequence[Model]) -> Iterator[str]:
        for model in models:
            for path in all_paths(model, ("call", "handler", "guard", "params_of", "decorator")):
                yield path.rpartition(".")[2].removesuffix("()")
        for old in self.aliases:
            if "*" not in old:
                yield old.rpartition(".")[2].removesuffix("()")

    def _atoms(self, models: Sequence[Model]) -> Iterator[str]:
        yield from (tail for tail in self.tails if tail != "*")
        for model in models:
            for root in model.imports:
                yield root.partition(".")[0]
            for path in all_paths(model, ("read", "decorator", "base", "assign", "imports", "returns_of")):
                yield from (part.removesuffix("()") for part in path.split(".") if part != "*")
        yield from self._guard_methods
        yield from self._entries
        yield from self._switches_env
        yield from self._loggers_env

    def package_of(self, path: str) -> str:
        """Return the package whose import root ``path`` starts with (an empty string when no model knows it)."""
        path = self.normalise(path)
        for end in prefix_ends(path):
            package = self._packages.get(path[:end])
            if package is not None:
                return package
        return ""

    def wild(self, path: str, group: type[F]) -> tuple[F, ...]:
        """Return the facts of ``*.name`` for a call on a receiver of which nothing is known; a bare name will do."""
        return tuple(fact for table in self._tables(group) for fact in table.unknown(path))

    def _tables(self, group: type) -> tuple[Table[Any], ...]:
        tables = self._by_type.get(group)
        if tables is None:
            tables = self._by_type[group] = tuple(getattr(self, name) for name in _TABLES.get(group, ()))
        return tables

    def sinks(self, path: str) -> tuple[Sink, ...]:
        return self._sinks.get(self.normalise(path))

    def sinks_returned(self, path: str) -> tuple[Sink, ...]:
        """Return the sinks that the results of functions with the decorator ``path`` are."""
        return self._sinks_returned.get(self._decorator(path))

    def sources_call(self, path: str) -> tuple[Source, ...]:
        return self._sources_call.get(self.normalise(path))

    def sources_read(self, path: str) -> tuple[Source, ...]:
        """Return the sources of ``path`` or of a parent of it, unless the part below that is in ``skip``."""
        found, rest = self._sources_read.under(self.normalise(path))
        below = rest.partition(".")[0].removesuffix("()")
        return tuple(source for source in found if below not in source.skip) if below else found

    def params_of(self, path: str) -> tuple[Source, ...]:
        return self._params_of.get(self._decorator(path))

    def handlers(self, path: str) -> tuple[Source, ...]:
        return self._handlers.get(self.normalise(path))

    def wild_sinks(self, name: str) -> tuple[Sink, ...]:
        """Return the sinks of ``*.name``: a method of a receiver of which nothing is known."""
        return self._sinks.unknown(name)

    def handler_bases(self, path: str) -> tuple[Source, ...]:
        """Return the sources whose ``handler`` is a base class; ``arg`` names its methods."""
        found = self._handlers.get(self.normalise(path))
        return found + tuple(source for end, source in self._base_endings if path.endswith(end))

    @cached_property
    def _base_endings(self) -> tuple[tuple[str, Source], ...]:
        return tuple((path[1:], fact) for path, fact in paths(self.models, "sources", "handler") if path[0] == "*")

    def entries(self, name: str) -> tuple[Source, ...]:
        """Return the sources that are functions of this name."""
        return self._entries.get(name, ())

    def sanitizer_reads(self, path: str) -> tuple[Sanitizer, ...]:
        """Return the sanitizers that reading the attribute ``path`` is."""
        return self._sanitizer_reads.get(self.normalise(path))

    def sanitizers(self, path: str) -> tuple[Sanitizer, ...]:
        return self._sanitizers.get(self.normalise(path))

    def guards(self, path: str) -> tuple[Sanitizer, ...]:
        return self._guards.get(self.normalise(path))

    def guard_methods(self, name: str) -> tuple[Sanitizer, ...]:
        return self._guard_methods.get(name, ())

    def propagators(self, path: str) -> tuple[Propagator, ...]:
        return self._propagators.get(self.normalise(path))

    def handover(self, path: str) -> Handover | None:
        """Return how a call hands a function on that it is given, ``None`` if nothing is known of that."""
        return next(iter(self._handovers.get(self.normalise(path))), None)

    def shared_states(self, path: str) -> tuple[SharedState, ...]:
        return self._shared_states.get(self.normalise(path))

    def never_returns(self, path: str) -> bool:
        """Whether a call of ``path`` raises or ends the process, always."""
        return bool(self._leaves.get(self.normalise(path)))

    def calls_receiver(self, name: str) -> bool:
        """Whether calling the attribute ``name`` of a function calls the function."""
        return name in self._handovers.wild

    def tools_by_decorator(self, path: str) -> tuple[Tool, ...]:
        return self._tools_by_decorator.get(self._decorator(path))

    def tools_by_call(self, path: str) -> tuple[Tool, ...]:
        return self._tools_by_call.get(self.normalise(path))

    def tools_by_base(self, path: str) -> tuple[Tool, ...]:
        return self._tools_by_base.get(self.normalise(path))

    def agents(self, path: str) -> tuple[Agent, ...]:
        return self._agents.get(self.normalise(path))

    def runs(self, path: str) -> tuple[Agent, ...]:
        return self._runs.get(self.normalise(path))

    def effects(self, path: str) -> tuple[Effect, ...]:
        return self._effects.get(self.normalise(path))

    def gates(self, path: str) -> tuple[Gate, ...]:
        return self._gates.get(self._decorator(path))

    def answers(self, path: str) -> tuple[Answer, ...]:
        return self._answers.get(self.normalise(path))

    def guardrails_call(self, path: str) -> tuple[Guardrail, ...]:
        return self._guardrails_call.get(self.normalise(path))

    def verdict(self, path: str) -> str:
        """Return the argument by which calling ``path`` says that a guardrail found something."""
        return next((fact.verdict for fact in self.guardrails_call(path) if fact.verdict), "")

    def guardrails_decorator(self, path: str) -> tuple[Guardrail, ...]:
        return self._guardrails_decorator.get(self._decorator(path))

    def keeps(self, path: str) -> bool:
        """Whether calling ``path`` makes an object that remembers one conversation."""
        return any(memory.keeps for memory in self.memories(path)) or any(agent.keeps for agent in self.agents(path))

    def memories(self, path: str) -> tuple[Memory, ...]:
        return self._memories.get(self.normalise(path))

    def loggers_call(self, path: str) -> tuple[Logger, ...]:
        return self._loggers_call.get(self.normalise(path))

    def loggers_imports(self, module: str) -> tuple[Logger, ...]:
        """Return the loggers that importing ``module``, or a name below it, brings in."""
        return self._loggers_imports.under(self.normalise(module))[0]

    def switches_call(self, path: str) -> tuple[Switch, ...]:
        return self._switches_call.get(self.normalise(path))

    def switches_assign(self, path: str) -> tuple[Switch, ...]:
        return self._switches_assign.get(self.normalise(path))

    def switches_env(self, name: str) -> tuple[Switch, ...]:
        return self._switches_env.get(name, ())

    def loggers_env(self, name: str) -> tuple[Logger, ...]:
        return self._loggers_env.get(name, ())

    def approval(self, package: str) -> str:
        """Return how the package asks a person before a tool runs, an empty string when no model says so."""
        return self._approvals.get(package, "")

    def advice(self, package: str, topic: str) -> str:
        """Return what to do in the words of the package, an empty string when no model says so."""
        return self._advice.get(package, {}).get(topic, "")

    def servers(self, path: str) -> tuple[Server, ...]:
        return self._servers.get(self.normalise(path))

    def auth(self, path: str) -> tuple[Auth, ...]:
        return self._auth.get(self._decorator(path))

    def limits(self, path: str) -> tuple[Limit, ...]:
        return self._limits.get(self.normalise(path))

    def throttles(self, path: str) -> tuple[Throttle, ...]:
        return self._throttles_call.get(self._decorator(path))

    def throttles_imports(self, module: str) -> tuple[Throttle, ...]:
        """Return the throttles that importing ``module``, or a name below it, brings in."""
        return self._throttles_imports.under(self.normalise(module))[0]

    def _decorator(self, path: str) -> str:
        """``@name`` and ``@name(...)`` are the same decorator."""
        return self.normalise(path).removesuffix("()")
