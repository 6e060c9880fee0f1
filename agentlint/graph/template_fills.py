"""Values that fill the variables of a prompt template's system message: where a chain is run, or in the step before it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import constant, select
from agentlint.graph.callees import called
from agentlint.graph.made import sources_of
from agentlint.graph.program import Program, Site
from agentlint.graph.sink_places import SYSTEM_ROLES, SinkPlace, message_parts
from agentlint.rulebook.models import Sink

MAX_STEPS = 60
MAX_TEXT = 100_000
_VARIABLE = re.compile(r"\{([A-Za-z_]\w{0,80})[^{}\n]{0,40}\}")
_ENTRIES = "**"


def template_fills(program: Program) -> Iterator[SinkPlace]:
    """Yield what fills each variable of a system message, once for each call that fills it."""
    index = program.index
    if next(iter(program.calls_named(index.template_tails)), None) is None:
        return
    seen: set[Site] = set()
    for site in program.calls_named(index.fill_tails):
        callee = program.value((site[0], program.value(site).args[0]))
        if callee.op is not Op.ATTR:
            continue
        templates, steps = _behind(program, (site[0], callee.args[0]))
        for template, path, sink in templates:
            spec = sink.filled.get(callee.text, "")
            names = _variables(program, template, sink) if spec else set()
            for name in sorted(names):
                for value, part in _entries(program, steps, name) if steps else _given(program, site, spec, name):
                    if value not in seen or part:
                        seen.add(value)
                        yield SinkPlace(site, value, "system-prompt", path, part)


def _behind(program: Program, start: Site) -> tuple[list[tuple[Site, str, Sink]], list[Site]]:
    """The templates in what a method is called of, and the dicts that stand before them in a pipe."""
    found: list[tuple[Site, str, Sink]] = []
    steps: list[Site] = []
    todo, seen = [start], {start}
    while todo and len(seen) < MAX_STEPS:
        site = todo.pop(0)
        value = program.value(site)
        following: list[Site] = []
        if value.op is Op.DICT:
            steps.append(site)
        elif value.op in (Op.PHI, Op.OP):
            following = [(site[0], arg) for arg in value.args] if value.op is Op.PHI or value.text == "|" else []
        elif value.op is Op.CALL and (known := _template(program, site)):
            found.append((site, *known))
        else:
            following = sources_of(program, site)
            callee = program.value((site[0], value.args[0])) if value.op is Op.CALL else None
            if callee is not None and callee.op is Op.ATTR and not following:
                following = [(site[0], callee.args[0])]
        todo += [place for place in following if place not in seen]
        seen.update(following)
    return found, steps


def _template(program: Program, site: Site) -> tuple[str, Sink] | None:
    paths = called(program, site)
    return next(((path, sink) for path in paths for sink in program.index.sinks(path) if sink.filled), None)


def _variables(program: Program, template: Site, sink: Sink) -> set[str]:
    """The names in the system messages of a template."""
    texts: list[Site] = []
    for place in select(program, template, sink.arg):
        if sink.role_messages:
            texts += [content for role, content in message_parts(program, place) if role in SYSTEM_ROLES]
            texts += [text for element in program.inference.members(place) for text in _system_text(program, element)]
        elif sink.instructs:
            texts.append(place)
    known = [constant(program, text) for text in texts]
    plain = [text[:MAX_TEXT].replace("{{", "").replace("}}", "") for text in known if isinstance(text, str)]
    return {name for text in plain for name in _VARIABLE.findall(text)}


def _system_text(program: Program, element: Site) -> list[Site]:
    """The text of a message that is a template of its own."""
    known = _template(program, element) if program.value(element).op is Op.CALL else None
    return select(program, element, known[1].arg) if known is not None and known[1].instructs else []


def _given(program: Program, site: Site, spec: str, name: str) -> Iterator[tuple[Site, str]]:
    """The value of a variable in a call: an argument of that name, an entry of a dict, or a part of what is handed over."""
    value = program.value(site)
    if spec == _ENTRIES:
        yield from (((site[0], arg), "") for arg, key in zip(value.args[1:], value.keys[1:], strict=True) if key == name)
        return
    for place in select(program, site, spec):
        displays = [d for d in program.inference.containers(place) if program.value(d).op is Op.DICT]
        if displays:
            yield from _entries(program, displays, name)
        else:
            yield place, f".{name}"


def _entries(program: Program, displays: list[Site], name: str) -> Iterator[tuple[Site, str]]:
    for display in displays:
        value = program.value(display)
        if name in value.keys:
            yield (display[0], value.args[value.keys.index(name)]), ""
