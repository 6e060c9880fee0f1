"""Calls by what they run: for names that many functions share, so that not every one of them looks at every call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentlint.graph.indirect import Indirect
    from agentlint.graph.program import Program, Site

FEW = 8
"""So few calls of a name are looked at one by one."""


class _Targets:
    """Positions of the calls of one name: by function, by the class of the method, and of those that call objects."""

    def __init__(self) -> None:
        self.functions: dict[int, list[int]] = {}
        self.owners: dict[int, list[int]] = {}
        self.objects: list[int] = []


class CallIndex:
    """Answers, memoised by name, which calls of a name can run a function at all."""

    def __init__(self, program: Program, indirect: Indirect) -> None:
        self._program = program
        self._indirect = indirect
        self._calls = program.calls()
        self._known: dict[str, _Targets] = {}

    def named(self, name: str, function: int) -> Sequence[Site]:
        """Return the calls of ``name`` in program order, those left out that run other functions for sure.

        While a callable that was handed in is being resolved, answers are not final, so nothing is left out.
        """
        sites = self._calls.get(name, ())
        if len(sites) <= FEW or self._indirect.is_busy:
            return sites
        targets = self._known.get(name)
        if targets is None:
            targets = self._known[name] = self._index(sites)
        program = self._program
        found = {*targets.objects, *targets.functions.get(function, ())}
        owner = program.owner(function)
        for cls in program.lineage(owner) if owner >= 0 and targets.owners else ():
            found.update(targets.owners.get(cls, ()))
        return [sites[position] for position in sorted(found)]

    def _index(self, sites: Sequence[Site]) -> _Targets:
        targets = _Targets()
        for position, site in enumerate(sites):
            for ref in self._indirect.refs(site):
                if ref.kind == "fun":
                    targets.functions.setdefault(ref.id, []).append(position)
                    owner = self._program.owner(ref.id)
                    if owner >= 0:
                        targets.owners.setdefault(owner, []).append(position)
                elif ref.kind in ("cls", "inst"):
                    targets.objects.append(position)
        return targets
