"""Classes of parameters that no annotation tells: what a framework hands to the functions it calls, and they hand on."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.program import Program, Site
from agentlint.rulebook.models import Handover, Source

MAX_HANDED = 2_000


def fits(program: Program, function: int, source: Source) -> bool:
    """Whether the parameters of a function are named as a source asks for."""
    names = [param.name for param in program.functions[function].params]
    if program.owner(function) >= 0 and names[:1] == ["self"]:
        names = names[1:]
    return (not source.takes or tuple(names) == source.takes) and not _reads(program, function, source.never_reads)


def _reads(program: Program, function: int, keys: tuple[str, ...]) -> bool:
    """Whether a function, or one of its file that it hands its first parameter to, reads one of ``keys``."""
    if not keys:
        return False
    first = program.first_function[program.module_of[function]]
    values = program.functions[function].values
    called = {values[values[call].args[0]].text for call in program.functions[function].calls}
    for number in range(first, len(program.functions)):
        if program.module_of[number] != program.module_of[function]:
            break
        found = program.functions[number]
        if number != function and found.name not in called:
            continue
        if any(value.text in keys for value in found.values if value.op is Op.ITEM or value.op is Op.CONST):
            return True
    return False


def params_of(program: Program, function: int, spec: str) -> list[Site]:
    """Return the parameter that ``spec`` means: a position (``self`` does not count) or a name."""
    found = program.functions[function]
    params = found.params
    if spec.isdecimal():
        is_method = program.owner(function) >= 0 and bool(params) and params[0].name in ("self", "cls")
        place = int(spec) + is_method
        return [(function, params[place].value)] if place < len(params) else []
    return [(function, param.value) for param in params if param.name == spec]


def note(program: Program, function: int, fact: Source | Handover) -> None:
    """Remember of which class the parameters of a handler are, as its model says."""
    for spec, path in fact.types.items():
        for site in params_of(program, function, spec):
            program.inference.hints.setdefault(site, path)


def note_filled(program: Program, site: Site) -> None:
    """Remember the classes of what a call itself hands to the function that it is given."""
    for path in program.inference.paths((site[0], program.value(site).args[0])):
        handover = program.index.handover(path)
        for place in select(program, site, handover.func) if handover is not None and handover.types else ():
            for ref in program.inference.infer(place):
                if ref.kind == "fun" and handover is not None:
                    note(program, ref.id, handover)


def without_text(program: Program, function: int, source: Source, site: Site) -> tuple[str, ...]:
    """Return the names of the parameters whose values come from something that holds no free text, a check box or a file."""
    listed = [element for place in select(program, site, source.inputs) for element in _listed(program, place)]
    params = [param for param in program.functions[function].params if param.name not in ("self", "cls")]
    found = []
    for param, element in zip(params, listed, strict=False):
        known = constant(program, element)
        made = [str(known)] if isinstance(known, str) else list(program.inference.paths(element))
        if made and not any(program.index.normalise(text) in made for text in source.texts):
            calls = [site for site in _origins(program, element) if program.value(site).op is Op.CALL]
            if not source.free or isinstance(known, str) or (calls and not any(holds(program, c, source.free) for c in calls)):
                found.append(param.name)
    return tuple(found)


def _origins(program: Program, site: Site) -> list[Site]:
    value = program.value(site)
    return (program.definitions(site[0], value.text) or []) if value.op is Op.NAME else [site]


def _listed(program: Program, place: Site) -> list[Site]:
    displays = program.inference.containers(place)
    if len(displays) != 1:
        return [] if displays else [place]
    inner = program.value(displays[0])
    return [(displays[0][0], arg) for arg in inner.args] if inner.op is Op.SEQ and not any(inner.keys) else []


def hand_on(program: Program) -> None:
    """Follow parameters of known class into the functions they are handed to as they are; forget what was inferred without."""
    hints = program.inference.hints
    if not hints:
        return
    program.inference.forget()
    todo = list(hints)
    while todo and len(hints) < MAX_HANDED:
        function, value = todo.pop()
        for site in _receivers(program, function, value):
            hints[site] = hints[function, value]
            todo.append(site)


def _receivers(program: Program, function: int, value: int) -> list[Site]:
    """The parameters, of no class of the project, that a value is handed to by the calls of its function."""
    values = program.functions[function].values
    found: list[Site] = []
    for call in program.functions[function].calls:
        node = values[call]
        if node.op is not Op.CALL or value not in node.args[1:]:
            continue
        for ref in program.inference.infer((function, node.args[0])):
            if ref.kind != "fun":
                continue
            for position, (arg, key) in enumerate(zip(node.args[1:], node.keys[1:], strict=True)):
                spec = key or str(position)
                if arg == value and key not in ("*", "**"):
                    found += [site for site in params_of(program, ref.id, spec) if _is_bare(program, site)]
    return [site for site in dict.fromkeys(found) if site not in program.inference.hints]


def _is_bare(program: Program, site: Site) -> bool:
    param = program.parameter(site[0], program.value(site))
    return param is not None and (param.annotation < 0 or all(ref.kind == "ext" for ref in program.inference.infer(site)))
