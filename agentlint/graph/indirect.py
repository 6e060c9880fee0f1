"""Calls of what is not named: handlers from a table, bound arguments, callables that were handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from agentlint.facts.python.ir import Op, Value
from agentlint.graph.program import Program, Ref, Site

if TYPE_CHECKING:
    from agentlint.graph.calls import CallGraph

MAX_HANDED = 40
MAX_DEPTH = 4
MAX_NESTED = 12
_LOOSE = frozenset({Op.PARAM, Op.ITEM, Op.CALL, Op.PHI, Op.ELEM})


class Binding(NamedTuple):
    """Arguments that ``functools.partial`` bound: positional ones come before those of the call."""

    site: Site
    positional: tuple[int, ...]
    named: dict[str, int]


class Indirect:
    """Resolves callees that names alone do not; holds the index of such calls, made when first asked for."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls
        self._refs: dict[Site, tuple[Ref, ...]] = {}
        self._depth = 0
        self._sites: dict[tuple[str, int], list[Site]] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a callable is being resolved, so that answers are not final."""
        return self._depth > 0

    def refs(self, site: Site) -> tuple[Ref, ...]:
        """Return what the call at ``site`` calls; a callable handed in is followed to where it comes from."""
        function, number = site[0], self._program.value(site).args[0]
        refs = self._program.inference.infer((function, number))
        if any(ref.kind != "ext" for ref in refs) or (refs and self._program.value((function, number)).op is not Op.PARAM):
            return refs
        return self._handed((function, number), 0) or refs

    def _handed(self, site: Site, depth: int) -> tuple[Ref, ...]:
        known = self._refs.get(site)
        if known is None:
            if depth >= MAX_DEPTH or self._depth >= MAX_NESTED:
                return ()
            self._refs[site] = ()
            self._depth += 1
            known = self._refs[site] = tuple(dict.fromkeys(self._find(site, depth)))
            self._depth -= 1
        return known

    def _find(self, site: Site, depth: int) -> list[Ref]:
        program, function = self._program, site[0]
        value = program.value(site)
        found: list[Ref] = []
        for ref in program.inference.infer(site):
            if ref.kind in ("fun", "cls") or (ref.kind == "inst" and program.method(ref.id, "__call__") >= 0):
                found.append(ref)
        if found:
            return found
        follow: list[Site] = []
        if value.op is Op.PARAM:
            for edge in self._calls.named_callers(function)[:MAX_HANDED]:
                follow += [place for place, _ in self._calls.argument(edge, function, value.args[0])]
        elif value.op is Op.NAME:
            follow = program.definitions(function, value.text) or []
        elif value.op is Op.ATTR:
            for ref in program.inference.infer((function, value.args[0])):
                follow += program.inference.field_sites(ref.id, value.text) if ref.kind in ("inst", "cls") else []
        elif value.op is Op.PHI:
            follow = [(function, arg) for arg in value.args]
        for place in follow[:MAX_HANDED]:
            found += self._handed(place, depth + 1)
        return found

    def sites(self, function: int) -> list[Site]:
        """Return the calls that may run ``function`` without naming it."""
        return self._index().get(("fun", function), [])

    def constructions(self, cls: int) -> list[Site]:
        """Return the calls that may make an object of a class without naming it."""
        return self._index().get(("cls", cls), [])

    def _index(self) -> dict[tuple[str, int], list[Site]]:
        if self._sites is None:
            self._sites = {}
            for site in self._loose():
                for ref in self.refs(site):
                    for target in self._run_by(ref):
                        self._sites.setdefault(("fun", target), []).append(site)
                    if ref.kind == "cls":
                        self._sites.setdefault(("cls", ref.id), []).append(site)
        return self._sites

    def _run_by(self, ref: Ref) -> list[int]:
        if ref.kind == "fun":
            return [ref.id]
        names = {"inst": ("__call__",), "cls": ("__init__", "__post_init__")}.get(ref.kind, ())
        return [target for target in (self._program.method(ref.id, name) for name in names) if target >= 0]

    def _loose(self) -> list[Site]:
        program = self._program
        found: list[Site] = []
        for number, function in enumerate(program.functions):
            values = function.values
            for call in function.calls:
                callee = values[values[call].args[0]]
                if callee.op in _LOOSE or self._is_field(number, values, callee) or self._is_variable(number, callee):
                    found.append((number, call))
        return found

    def _is_field(self, number: int, values: tuple[Value, ...], callee: Value) -> bool:
        """``self.handler(x)`` where ``handler`` is no method."""
        if callee.op is not Op.ATTR or values[callee.args[0]].op is not Op.PARAM or values[callee.args[0]].args[0] != 0:
            return False
        owner = self._program.owner(number)
        return (
            owner >= 0
            and self._program.method(owner, callee.text) < 0
            and bool(self._program.inference.field_sites(owner, callee.text))
        )

    def _is_variable(self, number: int, callee: Value) -> bool:
        """A name that stands for something else: a parameter of an enclosing function, the result of a call, another function."""
        if callee.op is not Op.NAME:
            return False
        sites = self._program.definitions(number, callee.text)
        if not sites:
            return False
        value = self._program.value(sites[0])
        if value.op is Op.FUNC:
            return self._program.functions[self._program.function_at(sites[0][0], value)].name != callee.text
        return value.op in _LOOSE or value.op is Op.ATTR or value.op is Op.NAME

    def binding(self, site: Site) -> Binding | None:
        """Return what ``functools.partial`` bound of the callable that the call at ``site`` calls."""
        place = (site[0], self._program.value(site).args[0])
        for _ in range(MAX_DEPTH):
            value = self._program.value(place)
            if value.op is Op.CALL:
                return self._bound(place, value)
            follow: Callable[[], list[Site]] | None = None
            if value.op is Op.NAME:
                follow = lambda: self._program.definitions(place[0], value.text) or []  # noqa: B023, E731
            elif value.op is Op.IMPORT:
                follow = lambda: self._program.inference.imported_sites(place[0], value.text)  # noqa: B023, E731
            sites = follow() if follow is not None else []
            if len(sites) != 1:
                return None
            place = sites[0]
        return None

    def _bound(self, place: Site, value: Value) -> Binding | None:
        if "functools.partial" not in self._program.inference.paths((place[0], value.args[0])):
            return None
        pairs = list(zip(value.args[2:], value.keys[2:], strict=True))
        return Binding(place, tuple(a for a, k in pairs if k == ""), {k: a for a, k in pairs if k not in ("", "*", "**")})
