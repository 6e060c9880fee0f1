"""Tools that a program describes to a model by hand, as dicts, and runs itself: the function of that name is the tool."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import constant
from agentlint.graph.program import Program, Site


def described_functions(program: Program, place: Site, named: frozenset[str]) -> list[int]:
    """Return the functions that the description of a tool at ``place`` means; ``named`` are the keys that may hold its name.

    A function counts if the file of the description, or that of the call it is given to, knows it by that name, or if it is
    the only one of that name in the folder.
    """
    found: list[int] = []
    for holder in program.inference.containers(place):
        if program.value(holder).op is Op.DICT:
            for name in (text for key in sorted(named) if (text := _text(program, holder, key))):
                found += [number for number in _functions(program, holder[0], name) if number not in found]
    return found


def _text(program: Program, holder: Site, key: str) -> str:
    """The constant text under a key like ``function.name`` of a dict."""
    for part in key.split("."):
        inner = next((one for one in program.inference.containers(holder) if part in program.value(one).keys), None)
        if inner is None:
            return ""
        entry = program.value(inner)
        holder = (inner[0], entry.args[entry.keys.index(part)])
    known = constant(program, holder)
    return known if isinstance(known, str) and known.isidentifier() else ""


def _functions(program: Program, scope: int, name: str) -> list[int]:
    sites = program.definitions(scope, name) or []
    seen = [ref.id for site in sites for ref in program.inference.infer(site) if ref.kind == "fun"]
    if seen:
        return seen
    folder = program.path(scope).rpartition("/")[0]
    same = [n for n in program.functions_named(name) if program.path(n).rpartition("/")[0] == folder]
    return same if len(same) == 1 else []
