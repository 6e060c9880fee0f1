"""The last names by which code may call what models speak of: how calls are found without resolving all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from agentlint.rulebook.models import Model
from agentlint.rulebook.table import paths

_NODE_GROUPS = (
    "agents", "runs", "tools", "gates", "guardrails", "memories", "loggers", "switches", "servers", "auth", "limits",
)  # fmt: skip


class CallNames:
    """Last names of calls by what the facts about them say; each set is made when it is first asked for."""

    models: Sequence[Model]
    aliases: Mapping[str, str]

    @cached_property
    def sink_tails(self) -> frozenset[str]:
        return self._tails_of(("sinks", "call"))

    @cached_property
    def template_tails(self) -> frozenset[str]:
        """The last names of calls that make prompt templates."""
        return self._tails_where("sinks", lambda sink: bool(sink.filled))

    @cached_property
    def fill_tails(self) -> frozenset[str]:
        """The names of methods that fill prompt templates."""
        return frozenset(name for _, sink in paths(self.models, "sinks", "call") for name in sink.filled)

    @cached_property
    def prompt_tails(self) -> frozenset[str]:
        """The last names of calls that are given instructions."""
        return self._tails_where("sinks", lambda sink: sink.kind == "system-prompt")

    @cached_property
    def source_tails(self) -> frozenset[str]:
        return self._tails_of(("sources", "call"))

    @cached_property
    def read_tails(self) -> frozenset[str]:
        return self._tails_of(("sources", "read"))

    @cached_property
    def effect_tails(self) -> frozenset[str]:
        return self._tails_of(("effects", "call"))

    @cached_property
    def role_tails(self) -> frozenset[str]:
        return self._tails_of(("tools", "call"), ("tools", "decorator"), ("sources", "handler"), ("agents", "call"))

    @cached_property
    def owner_tails(self) -> frozenset[str]:
        """The last names of calls that say whose memory, or which conversation, is meant."""
        return self._tails_where("sinks", lambda sink: sink.kind in ("memory-owner", "session-id"))

    @cached_property
    def memory_tails(self) -> frozenset[str]:
        """The last names of calls that write long-term memory."""
        return self._tails_where("sinks", lambda sink: sink.kind == "memory-write")

    @cached_property
    def keeper_tails(self) -> frozenset[str]:
        """The last names of calls that make an object which remembers one conversation."""
        return self._tails_where("memories", lambda fact: fact.keeps) | self._tails_where("agents", lambda fact: fact.keeps)

    @cached_property
    def throttle_tails(self) -> frozenset[str]:
        return self._tails_of(("throttles", "call"))

    @cached_property
    def run_tails(self) -> frozenset[str]:
        return self._tails_of(("runs", "call"))

    @cached_property
    def gate_tails(self) -> frozenset[str]:
        return self._tails_where("gates", lambda gate: gate.scope == "inline")

    @cached_property
    def namespace_tails(self) -> frozenset[str]:
        return self._tails_where("sinks", lambda sink: sink.kind == "memory-namespace")

    @cached_property
    def process_tails(self) -> frozenset[str]:
        """The last names of calls that start programs."""
        return self._tails_where("effects", lambda effect: effect.effect in ("process", "shell"))

    @cached_property
    def handover_tails(self) -> frozenset[str]:
        return self._tails_of(("handovers", "call"))

    @cached_property
    def shared_tails(self) -> frozenset[str]:
        return self._tails_of(("shared_states", "call"))

    @cached_property
    def answer_tails(self) -> frozenset[str]:
        return self._tails_of(("answers", "call"))

    @cached_property
    def node_tails(self) -> frozenset[str]:
        return self._tails_of(*((group, "call") for group in _NODE_GROUPS))

    def _tails_of(self, *groups: tuple[str, str]) -> frozenset[str]:
        """Return the last names by which facts of ``groups`` may be written in code, names before aliases included."""
        return self._written_as({path for group, field in groups for path, _ in paths(self.models, group, field)})

    def _tails_where(self, group: str, wanted: Callable[[Any], bool]) -> frozenset[str]:
        return self._written_as({path for path, fact in paths(self.models, group, "call") if wanted(fact)})

    def _written_as(self, known: set[str]) -> frozenset[str]:
        tails = {path.rpartition(".")[2].removesuffix("()") for path in known}
        if any(path.endswith("()") for path in known):
            tails.add("()")
        return frozenset(tails.union(*(self._renamed[tail] for tail in tails & self._renamed.keys())))

    @cached_property
    def _renamed(self) -> dict[str, set[str]]:
        """The last names of aliases by the last name of what they stand for."""
        found: dict[str, set[str]] = {}
        for old, new in self.aliases.items():
            if "*" not in old:
                known = found.setdefault(new.rpartition(".")[2].removesuffix("()"), set())
                known.add(old.rpartition(".")[2].removesuffix("()"))
        return found
