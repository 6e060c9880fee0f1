"""Functions and values that always say the same: yes to every request, or no to every question whether to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentlint.facts.python.ir import Op
from agentlint.graph import language
from agentlint.graph.arguments import UNKNOWN, constant
from agentlint.graph.program import Program, Site


def says(program: Program, site: Site, yes: Sequence[Any], depth: int = 0) -> bool:
    """Whether a value is one of ``yes``, or a list or dict that is written out and holds one."""
    known = constant(program, site)
    if known is not UNKNOWN and not isinstance(known, list):
        return any(known is word if isinstance(word, bool) else known == word for word in yes)
    value = program.value(site)
    if depth > 4:
        return False
    if value.op is Op.CALL:
        paths = program.inference.paths((site[0], value.args[0]))
        made = any(path.rpartition(".")[2][:1].isupper() for path in paths)
        given = made and any(says(program, (site[0], arg), yes, depth + 1) for arg in value.args[1:])
        return given or any(path in yes for path in paths)
    return any(
        says(program, (holder[0], arg), yes, depth + 1)
        for holder in program.inference.containers(site)
        for arg in program.value(holder).args
    )


def never_denies(program: Program, place: Site, yes: Sequence[Any]) -> bool:
    """Whether a callable says yes to everything: it tests nothing, raises nothing, asks nobody and returns one of ``yes``."""
    numbers = [ref.id for ref in program.inference.infer(place) if ref.kind == "fun"]
    return bool(numbers) and all(_always(program, number, yes) for number in numbers)


def _always(program: Program, number: int, yes: Sequence[Any]) -> bool:
    function = program.functions[number]
    tested = any(block.test >= 0 or block.kind in ("except", "try") for block in function.blocks)
    if tested or function.raises or not function.exits:
        return False
    asks = any(program.tail(number, function.values[call]) in language.WAITS for call in function.calls)
    return not asks and all(says(program, (number, leave.value), yes) for leave in function.exits)
