"""Which tools a gate covers: others run unasked."""

from __future__ import annotations

from collections.abc import Callable

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import constant, select
from agentlint.graph.elements import elements
from agentlint.graph.program import Program, Site
from agentlint.rulebook.models import Gate


def covered(program: Program, site: Site, names: str) -> list[str] | None:
    """The tools that a gate names, as far as they are written out; ``None`` if it covers all, or nobody can tell."""
    places = select(program, site, names) if names else []
    for holder in program.inference.containers(places[0]) if places else ():
        entry = program.value(holder)
        if entry.op is Op.DICT and "" not in entry.keys and "**" not in entry.keys:
            given = [constant(program, (holder[0], arg)) for arg in entry.args]
            return [key for key, value in zip(entry.keys, given, strict=True) if value is not False]
        if entry.op is Op.SEQ:
            listed = constant(program, holder)
            return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else None
    return None


def covered_by(program: Program, site: Site, gate: Gate, origin: Callable[[Site], Site]) -> list[str] | None:
    """The tools that a gate covers by name, or as parts of the steps of a graph before which it stops."""
    if not gate.steps:
        return covered(program, site, gate.names)
    wanted = [constant(program, place) for place in select(program, site, gate.steps)[:1]]
    if not wanted or not isinstance(wanted[0], list):
        return None
    names: list[str] = []
    receiver = [origin(place) for place in select(program, site, "self")]
    steps = [
        call
        for call in program.calls_named({gate.added.rpartition(".")[2]})
        if constant(program, next(iter(select(program, call, "0")), call)) in wanted[0]
        and [origin(place) for place in select(program, call, "self")] == receiver
    ]
    for call in steps:
        tools = _tools_in(program, select(program, call, "1"), origin)
        if not tools:
            return None  # a function: nobody can tell which tools run in it
        names += tools
    return names if len(steps) >= len(wanted[0]) else None


def _tools_in(program: Program, places: list[Site], origin: Callable[[Site], Site]) -> list[str]:
    """The names of the functions in the list that the step's object is made with."""
    made = origin(places[0]) if places else None
    if made is None or program.value(made).op is not Op.CALL:
        return []
    refs = [ref for element in elements(program, made, "0|tools") for ref in program.inference.infer(element)]
    return [program.functions[ref.id].name for ref in refs if ref.kind == "fun"]
