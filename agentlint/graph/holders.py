"""Tools that no list names: made by a method of their agent, or put into a box of tools that the agent is given."""

from __future__ import annotations

from collections.abc import Callable

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import select
from agentlint.graph.model import GraphNode
from agentlint.graph.nodes import ToolNodes
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Role, Roles

Held = dict[Site, list[GraphNode]]


def held_tools(program: Program, roles: Roles, tools: ToolNodes, origin: Callable[[Site], Site]) -> Held:
    """Return the tools that objects hold, by the call that made the object.

    The holder of ``@agent.tool`` and ``box.add(function)`` is the receiver, that of ``Box([function])`` the box itself, and that
    of ``register(function, caller=agent)`` what the model names.
    """
    held: Held = {}
    for number, node in tools.of_function.items():
        role = roles.tools(number)
        if role is None:
            continue
        for made in (role, *role.more):
            for place in _holders(program, made):
                known = held.setdefault(origin(place), [])
                if node not in known:
                    known.append(node)
    return held


def _holders(program: Program, role: Role) -> list[Site]:
    site = role.site
    if site is None or site[1] < 0 or role.tool is None:
        return []
    value = program.value(site)
    if role.tool.holders:
        return [place for named in select(program, site, role.tool.holders) for place in _each(program, named)]
    callee = program.value((site[0], value.args[0])) if value.op is Op.CALL else value
    if callee.op is Op.ATTR:
        base = (site[0], callee.args[0])
        if program.value(base).op is not Op.IMPORT and any(path.endswith("()") for path in program.inference.paths(base)):
            return [base]
    return [site] if value.op is Op.CALL and role.tool.func else []


def _each(program: Program, place: Site) -> list[Site]:
    lists = program.inference.containers(place)
    return [(holder[0], arg) for holder in lists for arg in program.value(holder).args] if lists else [place]
