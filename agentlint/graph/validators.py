"""The project's own validators: functions that raise, or answer, depending on a test that would itself be a guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from agentlint.facts.python.ir import Function, Op, Value
from agentlint.graph.program import Program, Site

Implies = Callable[[Site, bool, int, str], bool]
"""Whether a test having come out so makes a value safe for a kind of sink."""
_TRUTHS = frozenset({"not", "and", "or", "in", "not in", "==", "!=", "is", "is not", "<", ">", "<=", ">="})
MAX_PARTS = 60
MAX_FLAG = 3
MAX_CHAIN = 12


class Validators:
    """Answers, memoised, whether a function tests a parameter. ``implies`` judges one test, ``raises`` one statement."""

    def __init__(self, program: Program, implies: Implies, raises: Callable[[Site, int, str], bool]) -> None:
        self._program = program
        self._implies = implies
        self._raises = raises
        self._depth = 0
        self._known: dict[tuple[int, int, str, bool | None, int], bool] = {}

    def accepts(self, function: int, param: int, sink: str, wanted: bool | None, item: int = -1) -> bool:
        """Return whether ``param`` is safe once ``function`` has answered ``wanted`` (``None``: once it has returned at all).

        ``item``: which element of the answer is meant, if it is a tuple.
        """
        key = (function, param, sink, wanted, item)
        if key not in self._known:
            if self._depth > MAX_CHAIN:
                return False
            self._known[key] = False
            self._depth += 1
            self._known[key] = self._tests(function, param, sink, wanted, item)
            self._depth -= 1
        return self._known[key]

    def _tests(self, function: int, param: int, sink: str, wanted: bool | None, item: int) -> bool:
        found = self._program.functions[function]
        derived = derived_from(found, found.params[param].value)

        def judge(test: int, outcome: bool) -> bool:
            tested = mentioned(found, test) & derived
            return any(self._implies((function, test), outcome, value, sink) for value in tested)

        if any(judge(test, not outcome) for block in found.raises for test, outcome in _tests_around(found, block)):
            return True
        for call in found.statements:
            if any(self._raises((function, call), value, sink) for value in mentioned(found, call) & derived):
                return True
        return wanted is not None and self._answers(found, wanted, item, judge)

    def _answers(self, found: Function, wanted: bool, item: int, judge: Callable[[int, bool], bool]) -> bool:
        unknown = True
        for leave in found.exits:
            number = _element(found, leave.value, item)
            value = found.values[number]
            truth = truth_of(value)
            if truth is None and judge(number, wanted):
                return True
            unknown = unknown and truth is None and not (value.op is Op.OP and value.text.partition(" ")[0] in _TRUTHS)
            for test, outcome in _tests_around(found, leave.block) if truth is not None else ():
                if judge(test, outcome == (truth == wanted)):
                    return True
        if not unknown:
            return False
        tests = [block.test for block in found.blocks if block.test >= 0] if found.exits else []
        return any(judge(test, outcome) for test in tests for outcome in (True, False))


def _tests_around(found: Function, block: int) -> Iterator[tuple[int, bool]]:
    """The tests that decide whether a block runs, with the outcome it takes."""
    while block >= 0:
        entry = found.blocks[block]
        if entry.test >= 0:
            yield entry.test, entry.outcome
        block = entry.parent


def _element(found: Function, value: int, item: int) -> int:
    node = found.values[value]
    return node.args[item] if node.op is Op.SEQ and 0 <= item < len(node.args) else value


def truth_of(value: Value) -> bool | None:
    """Return whether a value counts as true, ``None`` if that is not known."""
    if value.op is Op.CONST:
        return value.text not in ("False", "None", "0", "") if value.keys != ("str",) else value.text != ""
    if value.op in (Op.SEQ, Op.DICT):
        return bool(value.args)
    return True if value.op is Op.TEXT else None


def mentioned(found: Function, value: int) -> set[int]:
    """Return the values an expression is computed from, itself included, up to a bound."""
    seen: set[int] = set()
    todo = [value]
    while todo and len(seen) < MAX_PARTS:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo += found.values[current].args if found.values[current].op is not Op.PARAM else ()
    return seen


def behind_flags(found: Function, values: set[int]) -> set[int]:
    """Return what the tests mention that decide which constant a flag has."""
    seen: set[int] = set()
    for value in values:
        node = found.values[value]
        if node.op is Op.PHI and any(found.values[arg].op is Op.CONST for arg in node.args):
            blocks = [int(key) for key in node.keys if key]
            for test in dict.fromkeys(test for block in blocks for test, _ in islice(_tests_around(found, block), MAX_FLAG)):
                seen |= mentioned(found, test)
    return seen


def derived_from(found: Function, value: int) -> set[int]:
    """Return the values computed from ``value`` in the same function, itself included."""
    derived = {value}
    for number, node in enumerate(found.values):
        if node.op is not Op.PARAM and any(arg in derived for arg in node.args):
            derived.add(number)
    return derived
