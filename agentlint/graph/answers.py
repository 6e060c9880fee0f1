"""Approvals that nobody gives: code that answers the question whether a tool may run with yes, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentlint.facts.python.ir import Function, Op
from agentlint.graph import language
from agentlint.graph.arguments import select
from agentlint.graph.gates import asks_model
from agentlint.graph.loops import waits_for_person
from agentlint.graph.model import GraphNode
from agentlint.graph.program import Program, Site
from agentlint.graph.repository import Repository
from agentlint.graph.validators import mentioned
from agentlint.graph.verdicts import never_denies, says
from agentlint.rulebook.models import Answer

MAX_CALLERS = 3
MAX_FUNCTION_PARTS = 40
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">=", "in", "not in"})
_PLAIN = frozenset({"isinstance", "hasattr", "len", "bool", "getattr", "any", "all", "list", "print"})


class Stamp(NamedTuple):
    """An approval without a decision: ``how`` is ``always``, ``model`` (a model decides) or ``callback``; ``what`` is called."""

    site: Site
    what: str
    how: str


def stamps(repository: Repository) -> Iterator[Stamp]:
    """Yield the places where code approves what an agent asked for and no person, rule or flag had a say."""
    program = repository.program
    for site in program.calls_named(program.index.answer_tails):
        for path in _paths(program, site):
            found = next((how for answer in program.index.answers(path) if (how := _judged(repository, site, answer))), "")
            if found:
                yield Stamp(site, path, found)
                break


def _paths(program: Program, site: Site) -> tuple[str, ...]:
    """The paths of what is called; an element of a list is written like the result of a call."""
    callee = program.value((site[0], program.value(site).args[0]))
    known = program.inference.paths((site[0], program.value(site).args[0]))
    if known or callee.op is not Op.ATTR:
        return known
    base = (site[0], callee.args[0])
    for _ in range(4):
        value = program.value(base)
        if value.op in (Op.ELEM, Op.ITEM):
            return tuple(f"{path}().{callee.text}" for path in program.inference.paths((base[0], value.args[0])))
        if value.op not in (Op.MUTATE, Op.UPDATE, Op.PHI):
            break
        base = (base[0], value.args[0])
    return ()


def _judged(repository: Repository, site: Site, answer: Answer) -> str:
    program = repository.program
    if answer.decides:
        places = select(program, site, answer.decides)
        if places and all(never_denies(program, place, answer.yes) for place in places):
            return "callback"
        numbers = [ref.id for place in places for ref in program.inference.infer(place) if ref.kind == "fun"]
        return "model" if numbers and all(asks_model(program, repository.solver, number) for number in numbers) else ""
    if answer.arg:
        given = select(program, site, answer.arg)
        if not given or not says(program, given[0], answer.yes):
            return ""
    return _undecided(repository, site, MAX_CALLERS)


def _undecided(repository: Repository, site: Site, depth: int) -> str:
    """``always`` if nothing decides that ``site`` is reached, ``model`` if what a model wrote does, else nothing."""
    program = repository.program
    number = site[0]
    if repository.roles.of.get(number) or program.path(number) == "":
        return ""
    function = program.functions[number]
    if any(call < site[1] and waits_for_person(repository, (number, call)) for call in function.calls):
        return ""
    # What is approved and who approves it; other arguments may hold the answer of whoever was asked.
    own = _made_from(function, program.value(site).args[:2])
    block = program.value(site).block
    how = "always"
    while block > 0:
        entry = function.blocks[block]
        if entry.kind in ("if", "except", "after") and entry.test >= 0:
            decided = _decides(program, number, entry.test, own)
            if decided and not _is_model(repository, number, entry.test, own):
                return ""
            how = "model" if decided else how
        block = entry.parent
    if _is_param(function, site[1]):
        return _from_callers(repository, number, how, depth)
    return how


def _made_from(function: Function, values: tuple[int, ...]) -> set[int]:
    """What values are computed from; what was later done to them is left out."""
    seen: set[int] = set()
    todo = list(values)
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            value = function.values[current]
            todo += value.args[:1] if value.op in (Op.MUTATE, Op.UPDATE) else value.args if value.op is not Op.PARAM else ()
    return seen


def _from_callers(repository: Repository, number: int, how: str, depth: int) -> str:
    """A function that is told what to approve: whoever calls it may have decided."""
    callers = repository.solver.calls.callers(number)
    if not callers or depth == 0:
        return ""
    found = [_undecided(repository, edge.site, depth - 1) for edge in callers]
    return how if all(found) else ""


def _is_param(function: Function, call: int) -> bool:
    """Whether the object that answers, or what it approves, is handed to the function: it is not what a run in it returned."""
    callee = function.values[function.values[call].args[0]]
    todo = [*callee.args[:1], *function.values[call].args[1:]]
    for _ in range(MAX_FUNCTION_PARTS):
        if not todo:
            break
        value = function.values[todo.pop()]
        if value.op is Op.PARAM:
            return value.text != "self"
        if value.op in (Op.ATTR, Op.ITEM, Op.ELEM, Op.MUTATE, Op.UPDATE, Op.PHI):
            todo += value.args[:2] if value.op is Op.PHI else value.args[:1]
    return False


def _decides(program: Program, number: int, test: int, own: set[int]) -> bool:
    """Whether a test is more than "is there something to approve"."""
    function = program.functions[number]
    todo = [test]
    for _ in range(MAX_FUNCTION_PARTS):
        if not todo:
            return False
        current = todo.pop()
        value = function.values[current]
        if value.op is Op.OP and value.text in _COMPARISONS:
            return not any(
                function.values[arg].op is Op.CONST and function.values[arg].text in ("0", "None") for arg in value.args
            )
        if value.op is Op.CALL and program.tail(number, value) in _PLAIN:
            todo += value.args[1:2]
        elif current not in own and value.op not in (Op.ATTR, Op.OP, Op.CONST, Op.ITEM, Op.MUTATE):
            return True
        elif value.op in (Op.ATTR, Op.OP, Op.ITEM):
            todo += value.args
    return True


def _is_model(repository: Repository, number: int, test: int, own: set[int]) -> bool:
    """Whether what a model wrote, besides the request itself, is what a test looks at."""
    function = repository.program.functions[number]
    for part in mentioned(function, test) - own:
        if function.values[part].op is Op.CALL:
            hit = repository.solver.sources.at((number, part), False)
            if hit is not None and hit.kind == "model-output":
                return True
    return False


def self_approval(repository: Repository, tool: GraphNode) -> str:
    """Return the parameter of a tool that stands for a person's consent, an empty string if there is none.

    That is a truth value, or a text compared with a constant, that is called a confirmation, that the caller chooses, and
    that a test in the tool looks at.
    """
    number = tool.attrs.get("function")
    if not isinstance(number, int):
        return ""
    program = repository.program
    function = program.functions[number]
    tests = [mentioned(function, block.test) for block in function.blocks if block.test >= 0]
    for param in function.params:
        if language.CONSENT.fullmatch(param.name) and any(param.value in test for test in tests):
            return param.name
    return ""
