"""Whether a tool is registered unless somebody asks for it."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph import language
from agentlint.graph.arguments import constant
from agentlint.graph.defaults import Defaults
from agentlint.graph.model import GraphNode
from agentlint.graph.program import Program, Site
from agentlint.graph.queries import Projects
from agentlint.graph.repository import Repository
from agentlint.graph.validators import mentioned

MAX_CALLERS = 8
MAX_DEPTH = 2


def is_withheld(repository: Repository, tool: GraphNode, projects: Projects) -> bool:
    """Return whether a tool is offered to agents only if the operator says so.

    It is registered under a test of a mode in which a program may write, or where a setting is by default off; or it is marked
    as one that writes, in a project that tests such a mode.
    """
    number = tool.attrs.get("function")
    if not isinstance(number, int):
        return False
    role = repository.roles.tools(number)
    program = repository.program
    places = [role.site] if role is not None and role.site is not None and role.site[1] >= 0 else []
    if any(_under_mode(repository, place, MAX_DEPTH) for place in places):
        return True
    return _is_marked(program, number) and any(
        _tests_mode(program, other) for other in range(len(program.functions)) if projects.same(program.path(other), tool.path)
    )


def _under_mode(repository: Repository, site: Site, depth: int) -> bool:
    """Whether the value at ``site`` is computed only in a mode: there, or wherever its function is called."""
    program = repository.program
    function = program.functions[site[0]]
    block = program.value(site).block
    while block > 0:
        entry = function.blocks[block]
        if entry.kind == "if" and entry.test >= 0 and _speaks_of_mode(program, site[0], entry.test):
            return True
        block = entry.parent
    if Defaults(program, repository.solver.calls).skipped(site):
        return True
    if depth == 0 or function.kind == "module":
        return False
    callers = repository.solver.calls.callers(site[0])[:MAX_CALLERS]
    return bool(callers) and all(_under_mode(repository, edge.site, depth - 1) for edge in callers)


def _speaks_of_mode(program: Program, number: int, test: int) -> bool:
    function = program.functions[number]
    texts = (function.values[part].text.lower() for part in mentioned(function, test) | {test})
    return any(mode in text for text in texts for mode in language.SAFE_MODES)


def _tests_mode(program: Program, number: int) -> bool:
    function = program.functions[number]
    return any(
        block.kind == "if" and block.test >= 0 and _speaks_of_mode(program, number, block.test) for block in function.blocks
    )


def _is_marked(program: Program, number: int) -> bool:
    """Whether a decorator of the project says that a function is not one that only reads."""
    parent = program.parent(number)
    for decorator in program.functions[number].decorators:
        value = program.value((parent, decorator))
        for arg, key in zip(value.args, value.keys, strict=False) if value.op is Op.CALL else ():
            plain = key.lower().removeprefix("is_")
            if plain in ("readonly", "read_only") and constant(program, (parent, arg)) is False:
                return True
    return False
