"""Whether a gate is one: what is written as an approval, and why it may be none."""

from __future__ import annotations

from agentlint.facts.python.ir import Function, Op
from agentlint.graph import language
from agentlint.graph.arguments import ABSENT, UNKNOWN, describe, holds, select
from agentlint.graph.coverage import covered
from agentlint.graph.defaults import Defaults
from agentlint.graph.effects import Effects, EffectUse
from agentlint.graph.elements import elements_of
from agentlint.graph.flow import Solver
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import decorator_paths
from agentlint.graph.uses import Uses
from agentlint.graph.verdicts import never_denies
from agentlint.rulebook.models import Gate

MAX_DEPTH = 3
MAX_INNER = 200
_OFF: tuple[object, ...] = (False, None, "never", "NEVER", [])
_HUMAN = ("user-input", "operator-input")
ACTING = frozenset({"shell", "exec", "payment", "cloud-write", "message-send", "fs-delete"})
"""Effects that have to wait for the answer."""


class Gates:
    """Judges gates. An answer is ``None`` where no gate is written, an empty text for a real one, else why it is none."""

    def __init__(self, program: Program, solver: Solver, effects: Effects) -> None:
        self._program = program
        self._solver = solver
        self._effects = effects
        self.defaults = Defaults(program, solver.calls)
        self.uses = Uses(program)
        self._inside: dict[tuple[int, int], tuple[tuple[int, str], ...]] = {}

    def on_call(self, site: Site, path: str, scope: str, name: str = "") -> str | None:
        """Judge the gates of one scope that models see in a call of ``path``; those that list tools must list ``name``."""
        gates = [gate for gate in self._program.index.gates(path) if gate.scope == scope]
        if name:
            gates = [gate for gate in gates if name in (covered(self._program, site, gate.names) or [name])]
        found = [self.judge(site, gate) for gate in gates]
        if scope == "tool" and self._program.value(site).op is Op.CALL:
            found += self._handed(site)
        return best([why for why in found if why is not None])

    def _handed(self, site: Site) -> list[str | None]:
        """Judge the gates that a tool is made with: a middleware of its own."""
        program = self._program
        value = program.value(site)
        found: list[str | None] = []
        for arg, key in zip(value.args[1:], value.keys[1:], strict=True):
            for place in elements_of(program, (site[0], arg)) if key else ():
                inner = program.value(place)
                if inner.op is Op.CALL and inner.args:
                    paths = program.inference.paths((place[0], inner.args[0]))
                    gates = [gate for path in paths for gate in program.index.gates(path) if gate.scope == "tool"]
                    found += [self.judge(place, gate) for gate in gates]
        return found

    def judge(self, site: Site, gate: Gate) -> str | None:
        """Judge one gate at the call that is written as it."""
        if not holds(self._program, site, gate.when):
            return None
        if gate.arg:
            why = self._argument(site, gate.arg)
            if why != "":
                return why
        for decides in self._decides(site) - {gate.arg}:
            for place in select(self._program, site, decides):
                stamp = self._stamp(site, place, decides)
                if stamp:
                    return stamp
        if gate.answers and not self._is_read(site):
            return "nothing looks at the answer"
        skipping = self.defaults.skipped(site)
        return f"it is skipped unless `{skipping}` is set" if skipping else ""

    def _decides(self, site: Site) -> set[str]:
        """The arguments of a call that are functions which answer."""
        program = self._program
        paths = program.inference.paths((site[0], program.value(site).args[0]))
        return {answer.decides for path in paths for answer in program.index.answers(path) if answer.decides}

    def _argument(self, site: Site, arg: str) -> str | None:
        program = self._program
        seen = describe(program, site, arg)
        if any(value is ABSENT for value in seen) or any(_is_off(value) for value in seen):
            return None
        for place in select(program, site, arg):
            known = self.defaults.of(place) if seen == [UNKNOWN] or program.value(place).op is Op.PHI else UNKNOWN
            if known is not UNKNOWN and _is_off(known):
                return f"`{arg.rpartition('|')[2]}` is off unless `{self.defaults.name(place)}` is set"
            stamp = self._stamp(site, place, arg)
            if stamp:
                return stamp
        return ""

    def _stamp(self, site: Site, place: Site, arg: str) -> str:
        """Why a function that should ask asks nobody: it never does, says yes to everything, or asks a model."""
        program = self._program
        if never_denies(program, place, (False, None)):
            return "the function never asks"
        paths = program.inference.paths((site[0], program.value(site).args[0]))
        answers = [answer for path in paths for answer in program.index.answers(path) if answer.decides == arg]
        if any(never_denies(program, place, answer.yes) for answer in answers):
            return "the function says yes to every request"
        numbers = [ref.id for ref in program.inference.infer(place) if ref.kind == "fun"] if answers else []
        return "a model decides" if numbers and all(asks_model(program, self._solver, number) for number in numbers) else ""

    def _is_read(self, site: Site) -> bool:
        """Whether anything but a message to somebody is made of what a call gives back."""
        function = self._program.functions[site[0]]
        if {leave.value for leave in function.exits} & {site[1]} or any(s.value == site[1] for s in function.stores):
            return True
        derived = {site[1]}
        for number, value in enumerate(function.values):
            if value.op is Op.MUTATE and not derived.intersection(value.args[:1]):
                continue
            if derived.intersection(value.args if value.op is not Op.PARAM else ()):
                if value.op is Op.CALL and self._program.tail(site[0], value) in language.SHOWS:
                    continue
                derived.add(number)
        ends = {leave.value for leave in function.exits} | {block.test for block in function.blocks if block.test >= 0}
        ends |= {store.value for store in function.stores}
        called = {n for n in derived - {site[1]} if function.values[n].op is Op.CALL and derived & {*function.values[n].args[1:]}}
        named = any(derived.intersection(ids) and name in self._outer(site[0]) for name, ids in function.defs.items())
        return bool(derived & ends) or bool(called) or named

    def _outer(self, number: int) -> set[str]:
        """The names that functions inside one read, those that stand in the same file after it."""
        program = self._program
        inner = range(number + 1, min(number + MAX_INNER, len(program.functions)))
        own = [n for n in inner if program.module_of[n] == program.module_of[number]]
        return {value.text for n in own for value in program.functions[n].values if value.op is Op.NAME}

    def on_function(self, number: int) -> str | None:
        """Judge the approvals asked in a function that is a tool, in those it calls, and by its decorators."""
        found = [why for decorated in self._decorators(number) if (why := decorated) is not None]
        last = max((use.chain[0][1] if use.chain else use.site[1] for use in self._acting(number)), default=-1)
        for position, why in self._asked(number, MAX_DEPTH):
            found.append(why or ("it asks when it has acted already" if -1 < last < position else ""))
        return best(found)

    def _acting(self, number: int) -> list[EffectUse]:
        return [use for use in self._effects.every(number) if use.effect in ACTING]

    def _decorators(self, number: int) -> list[str | None]:
        program = self._program
        parent = program.parent(number)
        found: list[str | None] = []
        for decorator in program.functions[number].decorators:
            for path in decorator_paths(program, (parent, decorator)):
                gates = [gate for gate in program.index.gates(path) if gate.scope in ("tool", "inline") and not gate.arg]
                found += ["" for gate in gates if not gate.when or holds(program, (parent, decorator), gate.when)]
        return found

    def _asked(self, number: int, depth: int) -> tuple[tuple[int, str], ...]:
        """The places in a function where somebody is asked, there or in what is called there, each with why it is no gate."""
        known = self._inside.get((number, depth))
        if known is not None:
            return known
        self._inside[number, depth] = ()
        program = self._program
        found: list[tuple[int, str]] = []
        for call in program.functions[number].calls:
            if program.tail(number, program.functions[number].values[call]) not in program.index.gate_tails:
                continue
            for path in program.inference.paths((number, program.functions[number].values[call].args[0])):
                why = self.on_call((number, call), path, "inline")
                found += [(call, why)] if why is not None else []
        for target, call in self._effects.callees(number) if depth else ():
            for _, why in self._asked(target, depth - 1)[:1]:
                skipping = "" if why else self.defaults.skipped((number, call))
                found.append((call, f"it is skipped unless `{skipping}` is set" if skipping else why))
        self._inside[number, depth] = tuple(found)
        return self._inside[number, depth]


def asks_model(program: Program, solver: Solver, number: int) -> bool:
    """Return whether what a function answers is computed from what a model says, and no person has a say in it."""
    function = program.functions[number]
    models: set[int] = set()
    for call in function.calls:
        hit = solver.sources.at((number, call), False)
        if (hit is not None and hit.kind in _HUMAN) or program.tail(number, function.values[call]) in language.WAITS:
            return False
        if hit is not None and hit.kind == "model-output":
            models.add(call)
    decided = {leave.value for leave in function.exits} | {block.test for block in function.blocks if block.test >= 0}
    return bool(models) and bool(models & _made_from(function, decided))


def best(found: list[str]) -> str | None:
    """The best of several judgements: one real gate is enough."""
    return None if not found else "" if "" in found else found[0]


def _is_off(value: object) -> bool:
    return any(value is word or (value == word and type(value) is type(word)) for word in _OFF)


def _made_from(function: Function, values: set[int]) -> set[int]:
    seen: set[int] = set()
    todo = list(values)
    while todo:
        current = todo.pop()
        if current not in seen and current >= 0:
            seen.add(current)
            value = function.values[current]
            todo += value.args if value.op is not Op.PARAM else ()
    return seen
