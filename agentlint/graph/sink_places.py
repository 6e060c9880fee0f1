"""A place where a value acts, and messages by their role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import constant
from agentlint.graph.program import Program, Site

SYSTEM_ROLES = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class SinkPlace:
    """``call`` acts on ``value``; ``what`` is the path of what is called."""

    call: Site
    value: Site
    kind: str
    what: str
    part: str = ""


def message_parts(program: Program, place: Site) -> Iterator[tuple[str, Site]]:
    """Yield role and content of each message of a list: dicts with both keys, or pairs."""
    from agentlint.graph.roles import elements_of

    for element in elements_of(program, place):
        entry = program.value(element)
        if (entry.op is Op.DICT or _makes_dict(program, element)) and "role" in entry.keys and "content" in entry.keys:
            role = constant(program, (element[0], entry.args[entry.keys.index("role")]))
            content = (element[0], entry.args[entry.keys.index("content")])
        elif entry.op is Op.SEQ and len(entry.args) == 2:
            role = constant(program, (element[0], entry.args[0]))
            content = (element[0], entry.args[1])
        else:
            continue
        if isinstance(role, str):
            yield role, content


def _makes_dict(program: Program, site: Site) -> bool:
    """``dict(role="system", content=text)``: the names of arguments and their values stand side by side, as in a display."""
    value = program.value(site)
    return value.op is Op.CALL and "builtins.dict" in program.inference.paths((site[0], value.args[0]))
