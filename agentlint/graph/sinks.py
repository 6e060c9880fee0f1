"""Every place of the program where a value acts."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.facts.python.ir import Op
from agentlint.graph import language
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.callees import called, derived_names
from agentlint.graph.guards import mentioned
from agentlint.graph.program import Program, Site
from agentlint.graph.sink_places import SYSTEM_ROLES, SinkPlace, message_parts
from agentlint.graph.template_fills import template_fills
from agentlint.rulebook.models import Sink

MAX_RESULTS = 12
QUERY = "a query"


def find_sinks(program: Program) -> Iterator[SinkPlace]:
    """Yield all sinks in program order."""
    asking: set[str] = set()
    for site in program.calls_named(program.index.sink_tails | derived_names(program)):
        for place in sinks_of_call(program, site):
            if place.kind in ("sql", "nosql"):
                asking.add(program.path(site[0]))
            yield place
    yield from _returned(program)
    yield from template_fills(program)
    for number, function in enumerate(program.functions):
        if function.queries and program.path(number) not in asking:  # for drivers that no model knows
            asked = (query for query in function.queries if not _is_only_told(program, number, query, 0))
            yield from (SinkPlace((number, query), (number, query), "sql", QUERY, "text") for query in asked)


def _is_only_told(program: Program, number: int, value: int, depth: int) -> bool:
    """Whether a text is put into a log, or into texts of which this is true, and goes nowhere else."""
    function = program.functions[number]
    if depth > 3 or any(leave.value == value for leave in function.exits) or any(s.value == value for s in function.stores):
        return False
    for use in range(value + 1, len(function.values)):
        node = function.values[use]
        if value not in node.args:
            continue
        if node.op is Op.TEXT and _is_only_told(program, number, use, depth + 1):
            continue
        paths = called(program, (number, use)) if node.op is Op.CALL and node.args[0] != value else ()
        if not paths or not all(path == "builtins.print" or _logs(program, path) for path in paths):
            return False
    return True


def _logs(program: Program, path: str) -> bool:
    return any(sink.kind == "log" for sink in program.index.sinks(path))


def system_prompts(program: Program) -> Iterator[SinkPlace]:
    """Yield the places where instructions are given to a model, in program order."""
    for site in program.calls_named(program.index.prompt_tails | derived_names(program)):
        yield from (place for place in sinks_of_call(program, site) if place.kind == "system-prompt")
        yield from _templates(program, site)
    yield from (place for place in _returned(program) if place.kind == "system-prompt")


def _templates(program: Program, site: Site) -> Iterator[SinkPlace]:
    for path in called(program, site):
        for sink in program.index.sinks(path):
            for place in select(program, site, sink.arg) if sink.instructs else ():
                yield SinkPlace(site, place, sink.kind, path)


def _returned(program: Program) -> Iterator[SinkPlace]:
    """What functions give back that a decorator makes, say, the prompt of an agent."""
    from agentlint.graph.roles import decorator_paths

    for number, function in enumerate(program.functions):
        for decorator in function.decorators:
            for path in decorator_paths(program, (program.parent(number), decorator)):
                for sink in program.index.sinks_returned(path):
                    yield from _results(program, number, sink, path)


def _results(program: Program, function: int, sink: Sink, path: str) -> Iterator[SinkPlace]:
    for leave in program.functions[function].exits[:MAX_RESULTS]:
        place = (function, leave.value)
        yield SinkPlace(place, place, sink.kind, path)


def sinks_of_call(program: Program, site: Site) -> Iterator[SinkPlace]:
    """Yield the sinks of one call, one per argument and kind."""
    value = program.value(site)
    paths = called(program, site)
    known = any(ref.kind != "ext" for ref in program.inference.infer((site[0], value.args[0])))
    seen: set[tuple[Site, str]] = set()
    matched: list[tuple[str, Sink]] = [(path, sink) for path in paths for sink in program.index.sinks(path)]
    if not matched and not known and not any(_is_resolved(path) for path in paths):
        tail = program.tail(site[0], value)
        matched = [(tail, sink) for sink in program.index.wild_sinks(tail)]
    for path, sink in matched:
        if not holds(program, site, sink.when):
            continue
        if sink.kind == "system-prompt" and _converts_roles(program, site):
            continue
        for place in select(program, site, sink.arg):
            for found in _expand(program, site, place, sink, path):
                if (found.value, found.kind) not in seen:
                    seen.add((found.value, found.kind))
                    yield found


def _converts_roles(program: Program, site: Site) -> bool:
    """Whether the call runs only for messages whose own role says ``system``: it restores messages, it does not write them."""
    function = program.functions[site[0]]
    block = program.value(site).block
    while block > 0:
        entry = function.blocks[block]
        if entry.test >= 0:
            texts = {function.values[v].text for v in mentioned(function, entry.test) if function.values[v].op is Op.CONST}
            if texts & SYSTEM_ROLES:
                return True
        block = entry.parent
    return False


def _is_resolved(path: str) -> bool:
    return not path.startswith("builtins.")


def _expand(program: Program, site: Site, place: Site, sink: Sink, path: str) -> Iterator[SinkPlace]:
    if sink.role_messages:
        yield from _messages(program, site, place, path)
    elif sink.part == "program":
        yield from _argv(program, site, place, sink, path)
    else:
        yield SinkPlace(site, place, sink.kind, path, sink.part)
        if sink.kind == "system-prompt":  # a prompt may be a function that makes it
            for ref in program.inference.infer(place):
                if ref.kind == "fun" and program.value(place).op is not Op.CALL:
                    yield from _results(program, ref.id, sink, path)


def _messages(program: Program, site: Site, place: Site, path: str) -> Iterator[SinkPlace]:
    """The contents of a list of messages, by their role."""
    for role, content in message_parts(program, place):
        kind = "system-prompt" if role in SYSTEM_ROLES else "user-prompt"
        yield SinkPlace(site if content[0] == site[0] else content, content, kind, path)


def _argv(program: Program, site: Site, place: Site, sink: Sink, path: str) -> Iterator[SinkPlace]:
    """The program of an argument vector, and the command text when the program is a shell."""
    value = program.value(place)
    while value.op in (Op.UPDATE, Op.MUTATE) or (value.op is Op.OP and value.text == "+"):
        place = (place[0], value.args[0])
        value = program.value(place)
    if value.op is not Op.SEQ or not value.args or value.text == "comp":
        yield SinkPlace(site, place, sink.kind, path, "program")
        return
    yield SinkPlace(site, (place[0], value.args[0]), sink.kind, path)
    words = [constant(program, (place[0], arg)) for arg in value.args]
    first = words[0].replace("\\", "/").rpartition("/")[2] if isinstance(words[0], str) else ""
    if first in language.SHELLS:
        for word, arg in zip(words[1:], value.args[2:], strict=False):
            if isinstance(word, str) and word in language.COMMAND_OPTIONS:
                yield SinkPlace(site, (place[0], arg), "shell", path)
                return
