"""How code treats what protects it: exceptions that vanish, answers nobody reads, calls that nobody times or records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentlint.core.place import Span
from agentlint.facts.python.ir import Function, Op
from agentlint.graph.arguments import holds, select
from agentlint.graph.model import GraphNode
from agentlint.graph.program import Site
from agentlint.graph.repository import Repository

MAX_DEPTH = 4
MAX_FUNCTIONS = 4_000


class Swallowed(NamedTuple):
    """An ``except`` that does nothing, around ``call``; ``what`` is ``approval``, ``guardrail`` or an effect."""

    span: Span
    call: Site
    what: str


def swallowed(repository: Repository) -> Iterator[Swallowed]:
    """Yield the handlers that hide that a check failed or that an effect of a tool did."""
    program = repository.program
    tools = tool_functions(repository)
    for number, function in enumerate(program.functions):
        for handler in function.handlers:
            if not handler.silent:
                continue
            for call in function.calls:
                near = _within(function, call, handler.tried)
                what = _protects(repository, (number, call), number in tools) if near else ""
                if what:
                    yield Swallowed(handler.span, (number, call), what)
                    break


def _within(function: Function, value: int, block: int) -> bool:
    current = function.values[value].block
    while current >= 0:
        if current == block:
            return True
        current = function.blocks[current].parent
    return False


def tool_functions(repository: Repository) -> frozenset[int]:
    """Return the functions that are tools, and those that tools call."""
    found: set[int] = set()
    level = [t.attrs["function"] for t in repository.graph.of_type("tool") if isinstance(t.attrs.get("function"), int)]
    for _ in range(MAX_DEPTH):
        found.update(level)
        level = [target for number in level for target, _ in repository.effects.callees(number) if target not in found]
        if not level or len(found) > MAX_FUNCTIONS:
            break
    return frozenset(found)


def _protects(repository: Repository, site: Site, in_tool: bool) -> str:
    """What a call is that must not fail unseen."""
    program = repository.program
    for path in program.inference.paths((site[0], program.value(site).args[0])):
        asks = in_tool or not path.startswith("builtins.")
        if asks and any(gate.scope == "inline" and holds(program, site, gate.when) for gate in program.index.gates(path)):
            return "approval"
        if any(not guardrail.arg for guardrail in program.index.guardrails_call(path)):
            return "guardrail"
    return ""


def ignored_checks(repository: Repository) -> Iterator[tuple[Site, str]]:
    """Yield the calls of content checks whose answer nothing reads, with what is called."""
    program = repository.program
    for number, function in enumerate(program.functions):
        calls = [call for call in function.statements if function.values[call].op is Op.CALL]
        read = _read(function) if calls else set()
        for call in calls:
            if call in read:
                continue
            for path in program.inference.paths((number, function.values[call].args[0])):
                last = path.rpartition(".")[2]
                facts = program.index.guardrails_call(path)
                if last[:1].islower() and any(fact.answers for fact in facts):
                    yield (number, call), path


def _read(function: Function) -> set[int]:
    """Return the values of a function that anything is made of."""
    read = {leave.value for leave in function.exits}.union(*function.defs.values())
    read.update(store.value for store in function.stores)
    for value in function.values:
        if value.op is Op.MUTATE:
            read.update(value.args[:1])
        elif value.op is not Op.PARAM:
            read.update(value.args)
    return read


def unattached(repository: Repository) -> Iterator[GraphNode]:
    """Yield the functions that a decorator makes a guardrail and that no agent, tool or list is given."""
    program = repository.program
    if not any(isinstance(node.attrs.get("function"), int) for node in repository.graph.of_type("guardrail")):
        return
    named = {value.text for function in program.functions for value in function.values if value.op is Op.NAME}
    named |= {
        value.text.rpartition(":")[2] for function in program.functions for value in function.values if value.op is Op.IMPORT
    }
    attributes = {value.text for function in program.functions for value in function.values if value.op is Op.ATTR}
    for node in repository.graph.of_type("guardrail"):
        number = node.attrs.get("function")
        if isinstance(number, int) and any(fact.listed for fact in program.index.guardrails_decorator(node.attrs["what"])):
            used = _used_here(program.functions[program.parent(number)], node.name)
            if not used and node.name not in named and node.name not in attributes:
                yield node


def _used_here(function: Function, name: str) -> bool:
    """Whether the function that defines a guardrail uses it: it may do so without a name of its own in the table."""
    made = set(function.defs.get(name, ()))
    return any(made.intersection(value.args) for value in function.values if value.op is not Op.FUNC)


def untimed(repository: Repository, tool: GraphNode) -> Iterator[tuple[Site, str, str]]:
    """Yield the calls of a tool that may wait for ever, with what is called and the argument that would end it."""
    number = tool.attrs.get("function")
    for use in repository.effects.every(number) if isinstance(number, int) else ():
        for effect in repository.program.index.effects(use.what):
            waits = effect.timeout and effect.effect == use.effect and "**" not in repository.program.value(use.site).keys
            if waits and not select(repository.program, use.site, effect.timeout):
                yield use.site, use.what, effect.timeout.rpartition("|")[2]


def records(repository: Repository, tool: GraphNode) -> bool:
    """Whether a tool, or a function that it calls, logs anything."""
    number = tool.attrs.get("function")
    todo = [(number, 0)] if isinstance(number, int) else []
    seen: set[int] = set()
    program = repository.program
    while todo:
        current, depth = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        for call in program.functions[current].calls:
            value = program.functions[current].values[call]
            if any(program.index.loggers_call(path) for path in program.inference.paths((current, value.args[0]))):
                return True
        if depth < 4:
            todo += [(target, depth + 1) for target, _ in repository.effects.callees(current)]
    return False
