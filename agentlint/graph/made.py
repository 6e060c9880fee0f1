"""Where an object was made, and which files a file is built on."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph.program import Program, Site

MAX_STEPS = 10
MAX_FILES = 300


def made(program: Program, site: Site) -> Site | None:
    """Return the call that made an object: through names, imports, fields and functions of the program that give it back."""
    for _ in range(MAX_STEPS):
        following = sources_of(program, site)
        if not following:
            value = program.value(site)
            return site if value.op is Op.CALL and _own(program, site) < 0 else None
        site = following[0]
    return None


def sources_of(program: Program, site: Site) -> list[Site]:
    """Return the values that the one at ``site`` is another name for, one step back; none of a call outside of the program."""
    value = program.value(site)
    following: list[Site] = []
    if value.op in (Op.UPDATE, Op.MUTATE, Op.PHI):
        following = [(site[0], value.args[0])]
    elif value.op is Op.NAME:
        following = program.definitions(site[0], value.text) or []
    elif value.op is Op.IMPORT:
        following = program.inference.imported_sites(site[0], value.text)
    elif value.op is Op.ATTR:
        following = _attribute(program, site)
    elif value.op is Op.CALL:
        own = _own(program, site)
        following = [(own, leave.value) for leave in program.functions[own].exits[-1:]] if own >= 0 else []
    return [place for place in following if place != site and program.value(place).text != "None"]


def _own(program: Program, site: Site) -> int:
    """The function of the program that a call calls, -1 if it is none."""
    refs = program.inference.infer((site[0], program.value(site).args[0]))
    return next((ref.id for ref in refs if ref.kind == "fun"), -1)


def _attribute(program: Program, site: Site) -> list[Site]:
    value = program.value(site)
    for ref in program.inference.infer((site[0], value.args[0])):
        if ref.kind in ("inst", "cls"):
            return program.inference.field_sites(ref.id, value.text)
        if ref.kind == "mod":
            return program.definitions(program.first_function[ref.id], value.text) or []
    return []


def built_on(program: Program, path: str) -> set[str]:
    """Return ``path`` and the paths of all first-party files that it imports, directly or through others."""
    numbers = {file.path: number for number, file in enumerate(program.files)}
    todo = [numbers[path]] if path in numbers else []
    seen = set(todo)
    while todo and len(seen) < MAX_FILES:
        module = todo.pop()
        python = program.files[module].python
        for function in python.functions if python is not None else ():
            for value_id in function.imports:
                text, _, name = function.values[value_id].text.partition(":")
                deeper = f"{text}{name}" if text.endswith(".") else f"{text}.{name}"
                for wanted in (text, deeper) if name else (text,):
                    target = program.import_module(module, wanted)
                    if target >= 0 and target not in seen:
                        seen.add(target)
                        todo.append(target)
    return {program.files[number].path for number in seen} | {path}
