"""Loops without an end of their own around calls of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentlint.facts.python.ir import Function, Op
from agentlint.graph import language
from agentlint.graph.guards import mentioned
from agentlint.graph.program import Site
from agentlint.graph.repository import Repository

MAX_CALL_DEPTH = 2
_ORDER = ("<", ">", "<=", ">=", "==")
_HUMAN = ("user-input", "operator-input")


class ModelLoop(NamedTuple):
    """``test`` is the constant in the head of the loop, ``call`` the call of a model (or of what calls it) inside."""

    test: Site
    call: Site
    leaves: bool


def unbounded_loops(repository: Repository) -> Iterator[ModelLoop]:
    """Yield the ``while True`` loops that call a model and that only what the model says can end.

    A loop that waits for a person, a message or the clock is left out, and so is one that keeps to a budget or has an exit that
    does not depend on the model: a counter, a deadline, a flag.
    """
    for number, function in enumerate(repository.program.functions):
        for block, info in enumerate(function.blocks):
            if info.kind != "while-true" or info.test < 0:
                continue
            inside = _inside(function, block)
            calls = [i for i in function.calls if function.values[i].block in inside]
            models = [i for i in calls if calls_model(repository, (number, i))]
            if not models or any(_waits(repository, (number, i)) for i in calls):
                continue
            leaving = _leaving(function, block, inside)
            if any(_has_budget(function, function.blocks[one].test) for one in inside if one != block):
                continue
            if not any(_independent(function, one, block, leaving, models) for one in leaving):
                yield ModelLoop((number, info.test), (number, models[0]), bool(leaving))


def calls_model(repository: Repository, site: Site, depth: int = MAX_CALL_DEPTH) -> bool:
    """Return whether a call, or one in the functions it runs, has a model compute something."""
    tail = repository.program.tail(site[0], repository.program.value(site))
    return tail not in language.STORED and _reaches(repository, site, ("model-output",), depth)


def _inside(function: Function, loop: int) -> frozenset[int]:
    found = {loop}
    for number in range(loop + 1, len(function.blocks)):
        if function.blocks[number].parent in found:
            found.add(number)
    return frozenset(found)


def _leaving(function: Function, loop: int, inside: frozenset[int]) -> frozenset[int]:
    """The blocks from which control leaves the loop."""
    left = {leave.block for leave in function.exits} | set(function.raises)
    breaks = {block for block in inside if function.blocks[block].exits and _nearest(function, block) == loop}
    return frozenset((left & inside) | (breaks - {loop}))


def _nearest(function: Function, block: int) -> int:
    while block >= 0 and function.blocks[block].kind not in ("loop", "while-true"):
        block = function.blocks[block].parent
    return block


def _independent(function: Function, block: int, loop: int, leaving: frozenset[int], models: list[int]) -> bool:
    """Whether nothing on the way to ``block`` depends on what a model said."""
    while block != loop and block >= 0:
        info = function.blocks[block]
        if info.kind == "except":
            return False
        parts = () if info.test < 0 or _is_rest(function, block, leaving) else _alternatives(function, info.test, info.outcome)
        if parts and not any(_bounds(function, part, models) for part in parts):
            return False
        block = info.parent
    return True


def _alternatives(function: Function, test: int, outcome: bool) -> tuple[int, ...]:
    """The parts of a test of which one is enough."""
    value = function.values[test]
    return value.args if outcome and value.op is Op.OP and value.text == "or" else (test,)


def _bounds(function: Function, test: int, models: list[int]) -> bool:
    """Whether a test comes out in the end whatever the model says."""
    if _may_be_none(function, mentioned(function, test)):
        return False
    return _counts(function, mentioned(function, test)) or not _depends(function, test, models)


def _depends(function: Function, test: int, models: list[int]) -> bool:
    """Whether a test is computed from what a model said. The object that was asked is not: it may well keep count itself."""
    seen: set[int] = set()
    todo = [test]
    while todo:
        current = todo.pop()
        if current in models:
            return True
        if current not in seen:
            seen.add(current)
            value = function.values[current]
            asked = value.op is Op.MUTATE and value.args[1] in models
            todo += value.args[:1] if asked else value.args if value.op is not Op.PARAM else ()
    return False


def _is_rest(function: Function, block: int, leaving: frozenset[int]) -> bool:
    """Whether a block is what follows an exit: to arrive in it says only that the loop was not left before."""
    info = function.blocks[block]
    return any(function.blocks[other].test == info.test and function.blocks[other].outcome != info.outcome for other in leaving)


def _has_budget(function: Function, test: int) -> bool:
    """Whether a test inside the loop compares a counter with a limit, be it only to take the tools away."""
    seen = mentioned(function, test) if test >= 0 else set()
    return bool(seen) and _counts(function, seen) and not _may_be_none(function, seen)


def _counts(function: Function, seen: set[int]) -> bool:
    """Whether a test compares a variable that grows by itself from round to round."""
    if not any(function.values[part].op is Op.OP and function.values[part].text in _ORDER for part in seen):
        return False
    for part in seen:
        value = function.values[part]
        steps = value.op is Op.OP and value.text in ("+", "-")
        if steps and any(function.values[arg].op is Op.PHI and part in mentioned(function, arg) for arg in value.args):
            return True
    return False


def _may_be_none(function: Function, seen: set[int]) -> bool:
    """Whether a limit may be ``None``, so that it limits nothing."""
    return any(
        function.values[arg].op is Op.CONST and function.values[arg].text == "None"
        for part in seen
        if function.values[part].op is Op.PHI and not function.values[part].text.startswith("_")
        for arg in function.values[part].args
    )


def _waits(repository: Repository, site: Site) -> bool:
    program = repository.program
    value = program.value(site)
    tail = program.tail(site[0], value)
    if any(program.index.runs(path) for path in program.inference.paths((site[0], value.args[0]))):
        return False
    if tail in language.WAITS and not repository.solver.calls.targets(site) and not _joins_text(repository, site, tail):
        arguments = [program.value((site[0], arg)) for arg in value.args[1:]]
        return not any(arg.op is Op.CONST and arg.text in ("0", "0.0") for arg in arguments)
    if tail == "get" and len(value.args) == 1:
        return True
    return _reaches(repository, site, _HUMAN, MAX_CALL_DEPTH)


def _joins_text(repository: Repository, site: Site, tail: str) -> bool:
    """Whether ``join`` puts strings or parts of a path together, rather than waiting for a thread."""
    paths = repository.program.inference.paths((site[0], repository.program.value(site).args[0])) if tail == "join" else ()
    return any(path.startswith(("builtins.str()", "os.path")) for path in paths)


def waits_for_person(repository: Repository, site: Site) -> bool:
    """Return whether a call, or one in the functions it runs, asks somebody and waits for the answer."""
    return _waits(repository, site)


def _reaches(repository: Repository, site: Site, kinds: tuple[str, ...], depth: int) -> bool:
    """Whether a call, or a call in the functions it runs, is a source of one of ``kinds``."""
    hit = repository.solver.sources.at(site, False)
    if hit is not None:
        return hit.kind in kinds
    if depth == 0:
        return False
    program = repository.program
    for target in repository.solver.calls.targets(site):
        for number in program.functions[target].calls:
            if _reaches(repository, (target, number), kinds, depth - 1):
                return True
    return False
