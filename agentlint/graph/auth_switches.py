"""Settings that decide whether callers are authenticated, and whose default is that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentlint.facts.python.ir import Function, Op
from agentlint.facts.resources_data import auth_table
from agentlint.graph.access import Access, names_check
from agentlint.graph.program import Program, Site
from agentlint.graph.validators import mentioned

_GENERATED = ("401", "403", "Authorization", "authorization")
_FIELDS = ("Field", "field")


class AuthSwitch(NamedTuple):
    """A setting by its name, and the default value that turns authentication off.

    ``cls`` is the class it is a field of (or whose method it is a parameter of), -1 for none; ``function`` the function it is a
    parameter of.
    """

    name: str
    default: Site
    cls: int = -1
    function: int = -1


Reading = tuple[str, str, int]
"""What decides: a name, and the class it is a field of or the function it is a variable of."""


def auth_switches(program: Program, access: Access) -> Iterator[AuthSwitch]:
    """Yield each switch once, where its default is written, if the program lets it decide about a check."""
    found = list(_defaults(program))
    if not found:
        return
    decides = _deciding(program, access, {switch.name for switch in found})
    yield from (switch for switch in found if not decides.isdisjoint(_readings(program, switch)))


def _readings(program: Program, switch: AuthSwitch) -> set[Reading]:
    """The readings by which a switch may decide."""
    found: set[Reading] = {(switch.name, "cls", other) for other in program.lineage(switch.cls)} if switch.cls >= 0 else set()
    found |= {(switch.name, "cls", other) for other in program.subclasses(switch.cls)} if switch.cls >= 0 else set()
    if switch.function >= 0:
        found.add((switch.name, "function", switch.function))
    return found


def _defaults(program: Program) -> Iterator[AuthSwitch]:
    table = auth_table()
    names = {**dict.fromkeys(table.switches_on, "False"), **dict.fromkeys(table.switches_off, "True")}
    for number, found in enumerate(program.classes):
        for name, (_, default) in found.fields.items():
            if default >= 0 and name.lower() in names:
                site = (program.class_body(number), default)
                if _default_of(program, site) == names[name.lower()]:
                    yield AuthSwitch(name, site, number)
    for number, function in enumerate(program.functions):
        for param in function.params:
            if param.default >= 0 and param.name.lower() in names:
                site = (program.parent(number), param.default)
                if _default_of(program, site) == names[param.name.lower()]:
                    yield AuthSwitch(param.name, site, program.owner(number), number)


def _default_of(program: Program, site: Site) -> str:
    """The text of a constant default, also one that is handed to the class of a field; else an empty string."""
    value = program.value(site)
    if value.op is Op.CALL:
        name = program.tail(site[0], value)
        given = [a for a, k in zip(value.args[1:], value.keys[1:], strict=True) if k in ("", "default")]
        if name not in _FIELDS or not given:
            return ""
        value = program.value((site[0], given[0]))
    return value.text if value.op is Op.CONST and value.keys == ("bool",) else ""


def _deciding(program: Program, access: Access, names: set[str]) -> set[Reading]:
    """What a test reads under which callers are checked, or what goes into generated code which checks them."""
    decides: set[Reading] = set()
    for number, function in enumerate(program.functions):
        read = {
            i for i, v in enumerate(function.values)
            if v.op in (Op.NAME, Op.ATTR, Op.PARAM) and v.text in names
        }  # fmt: skip
        if not read:
            continue
        deciding = set(_generated(function, read))
        for entry in function.blocks:
            tested = mentioned(function, entry.test) & read if entry.kind == "if" and entry.test >= 0 else set()
            if tested - deciding and _checks_inside(program, access, number, entry.test):
                deciding |= tested
        for value in deciding:
            decides |= _reading(program, (number, value))
    return decides


def _reading(program: Program, site: Site) -> set[Reading]:
    value = program.value(site)
    if value.op is Op.ATTR:
        refs = program.inference.infer((site[0], value.args[0]))
        return {(value.text, "cls", ref.id) for ref in refs if ref.kind in ("inst", "cls")}
    if value.op is Op.PARAM:
        return {(value.text, "function", site[0])}
    found = program.definitions(site[0], value.text) or []
    return {(value.text, "function", place[0]) for place in found if program.value(place).op is Op.PARAM}


def _checks_inside(program: Program, access: Access, number: int, test: int) -> bool:
    """Whether callers are refused, or a check is made or called, on a way that a test decides."""
    function = program.functions[number]
    inside: set[int] = set()
    for block, entry in enumerate(function.blocks):
        if entry.test == test or entry.parent in inside:
            inside.add(block)
    if inside.intersection(access.refusals(number)):
        return True
    return any(
        function.values[call].block in inside and _is_checking_call(program, access, (number, call)) for call in function.calls
    )


def _is_checking_call(program: Program, access: Access, call: Site) -> bool:
    value = program.value(call)
    if access.is_check(call) or access.is_checking((call[0], value.args[0])):
        return True
    named = (program.value((call[0], arg)).text.rpartition(":")[2] for arg in value.args[1:])
    return any(names_check(name) for name in named if name.isidentifier())


def _generated(function: Function, read: set[int]) -> set[int]:
    """The values among ``read`` that stand in a text which itself speaks of refusing callers."""
    found: set[int] = set()
    for value in function.values:
        if value.op is Op.TEXT:
            parts = [function.values[arg] for arg in value.args]
            if any(p.op is Op.CONST and any(word in p.text for word in _GENERATED) for p in parts):
                found.update(arg for arg in value.args if arg in read)
    return found
