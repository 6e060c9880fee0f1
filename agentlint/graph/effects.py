"""What a function does to the world, computed from its body through the call graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentlint.graph.arguments import holds
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Site

MAX_DEPTH = 8
MAX_FUNCTIONS = 400


class EffectUse(NamedTuple):
    """An effect, the call that has it, what is called, and the calls that lead there from the function asked about."""

    effect: str
    site: Site
    what: str
    chain: tuple[Site, ...] = ()


class Effects:
    """Effects by function, memoised; cycles end where they close."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls
        self._own: dict[int, tuple[EffectUse, ...]] = {}

    def of(self, function: int) -> dict[str, EffectUse]:
        """Return the effects of ``function``, each with the nearest call that has it."""
        found: dict[str, EffectUse] = {}
        for use in self.every(function):
            found.setdefault(use.effect, use)
        return found

    def every(self, function: int) -> Iterator[EffectUse]:
        """Yield all uses of all effects, those in the function itself first."""
        seen = {function}
        level: list[tuple[int, tuple[Site, ...]]] = [(function, ())]
        for _ in range(MAX_DEPTH):
            following: list[tuple[int, tuple[Site, ...]]] = []
            for current, chain in level:
                yield from (use._replace(chain=chain) for use in self.own(current))
                for target, call in self._calls.callees(current):
                    if target not in seen:
                        seen.add(target)
                        following.append((target, (*chain, (current, call))))
            level = following
            if not level or len(seen) > MAX_FUNCTIONS:
                break

    def callees(self, function: int) -> tuple[tuple[int, int], ...]:
        """Return the first-party functions that ``function`` calls, with the calls."""
        return self._calls.callees(function)

    def own(self, function: int) -> tuple[EffectUse, ...]:
        """Return the effects of the calls written in ``function`` itself."""
        known = self._own.get(function)
        if known is None:
            known = self._own[function] = tuple(self._find(function))
        return known

    def _find(self, function: int) -> list[EffectUse]:
        program = self._program
        tails = program.index.effect_tails
        found: list[EffectUse] = []
        for value_id in program.functions[function].calls:
            value = program.functions[function].values[value_id]
            if not _may_match(program.tail(function, value), tails):
                continue
            site = (function, value_id)
            for path in program.inference.paths((function, value.args[0])):
                for effect in program.index.effects(path):
                    if holds(program, site, effect.when):
                        found.append(EffectUse(effect.effect, site, path))
        return found


def _may_match(tail: str, tails: frozenset[str]) -> bool:
    return tail in tails or f"{tail.partition('_')[0]}_*" in tails or "*" in tails
