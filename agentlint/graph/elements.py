"""The elements of a list that a call is given: written out, named, added elsewhere or returned by a call."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph import language
from agentlint.graph.arguments import select
from agentlint.graph.program import Program, Site


def elements(program: Program, site: Site, spec: str) -> list[Site]:
    """Return the elements of a list argument, lists that are named, added or returned by a call included."""
    if not spec:
        return []
    return [found for place in select(program, site, spec) for found in elements_of(program, place)]


def elements_of(program: Program, start: Site) -> list[Site]:
    """Return the elements of the list at ``start``; a value that is no known list is its own only element."""
    found: list[Site] = []
    todo = [(start, 0)]
    while todo and len(found) < 200:
        place, depth = todo.pop(0)
        value = program.value(place)
        if (value.op is Op.PHI or (value.op is Op.OP and value.text in ("+", "or"))) and depth < 8:
            todo += [((place[0], arg), depth + 1) for arg in value.args]
            continue
        if value.op in (Op.UPDATE, Op.MUTATE) and depth < 8:
            todo.append(((place[0], value.args[0]), depth + 1))
            many = value.text in ("extend", "update")
            for added in _added(program, place):
                if many:
                    todo.append((added, depth + 1))
                else:
                    found.append(added)
            continue
        changed = _changed(program, place) if depth < 8 else []
        if changed:
            todo += [(one, depth + 1) for one in changed]
            continue
        lists = program.inference.containers(place)
        if not lists:
            found.append(place)
        for container in lists:
            inner = program.value(container)
            for arg, key in zip(inner.args, inner.keys, strict=True):
                if key == "*" and depth < 8:
                    todo.append(((container[0], arg), depth + 1))
                else:
                    found.append((container[0], arg))
    return list(dict.fromkeys(found))


def _changed(program: Program, place: Site) -> list[Site]:
    """What a variable or a field of other code holds, or a function gives back, after that code added to it."""
    value = program.value(place)
    held: list[Site] = []
    if value.op is Op.NAME:
        held = program.definitions(place[0], value.text) or []
    elif value.op is Op.IMPORT:
        held = program.inference.imported_sites(place[0], value.text)
    elif value.op is Op.CALL:
        owns = [ref.id for ref in program.inference.infer((place[0], value.args[0])) if ref.kind == "fun"]
        given = [(own, leave.value) for own in owns[:1] for leave in program.functions[own].exits]
        return given if any(program.value(one).op in (Op.MUTATE, Op.PHI) for one in given) else []
    elif value.op is Op.ATTR:
        for ref in program.inference.infer((place[0], value.args[0])):
            held += program.inference.field_sites(ref.id, value.text) if ref.kind in ("inst", "cls") else []
    changed = [one for one in held if program.value(one).op is Op.MUTATE and program.value(one).text in language.MUTATORS]
    called = [one for one in held if program.value(one).op is Op.CALL] if len(held) > 1 else []
    return held if changed or called else []


def _added(program: Program, place: Site) -> list[Site]:
    value = program.value(place)
    call = program.value((place[0], value.args[1]))
    if value.op is Op.MUTATE and value.text in language.MUTATORS and call.op is Op.CALL:
        return [(place[0], arg) for arg in call.args[1:]]
    return []
