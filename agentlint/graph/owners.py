"""Whose memory is it: where code says which person's memory, or which conversation, a call means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import constant
from agentlint.graph.loops import waits_for_person
from agentlint.graph.program import Site
from agentlint.graph.repository import Repository
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sinks import sinks_of_call
from agentlint.graph.sources import SourceHit

KINDS = ("memory-owner", "session-id")
MAX_DEPTH = 4
MAX_SERVED = 400
_CHOSEN = {"user-input": True}


class Owner(NamedTuple):
    """A call that names an owner. ``text`` is the name if it is constant, ``source`` where a caller chose it.

    ``apart``: the same call names a conversation that is not constant.
    """

    sink: SinkPlace
    text: str
    source: SourceHit | None
    writes: bool
    apart: bool = False


class Shared(NamedTuple):
    """An object that remembers one conversation, made once, and a function that every caller of a service runs."""

    site: Site
    what: str
    handler: int


def owners(repository: Repository) -> Iterator[Owner]:
    """Yield the owners that are constant or that a caller chooses."""
    program = repository.program
    for site in program.calls_named(program.index.owner_tails):
        sinks = list(sinks_of_call(program, site))
        writes = any(sink.kind == "memory-write" for sink in sinks)
        apart = any(s.kind == "session-id" and not isinstance(constant(program, s.value), str) for s in sinks)
        for sink in sinks:
            if sink.kind not in KINDS:
                continue
            known = constant(program, sink.value)
            if isinstance(known, str):
                yield Owner(sink, known, None, writes, apart)
            elif sink.kind == "memory-owner":
                flows = [flow for flow in repository.solver.reach(sink, _CHOSEN) if not flow.changed and not flow.formatted]
                if flows:
                    yield Owner(sink, "", flows[0].source, writes)


def served(repository: Repository) -> dict[int, int]:
    """Return the functions that requests of several people run, each with the handler that leads there.

    Handlers behind a platform that gives each session a machine of its own are left out.
    """
    handlers = [
        number
        for number, roles in repository.roles.of.items()
        if any(role.kind == "user-input" and role.trust != "platform" for role in roles)
    ]
    found: dict[int, int] = {}
    level = {number: number for number in sorted(handlers)}
    for _ in range(MAX_DEPTH):
        found.update({number: handler for number, handler in level.items() if number not in found})
        following: dict[int, int] = {}
        for number, handler in level.items():
            for target, _call in repository.effects.callees(number):
                if target not in found:
                    following.setdefault(target, handler)
        level = following
        if not level or len(found) > MAX_SERVED:
            break
    return found


def shared_conversations(repository: Repository) -> Iterator[Shared]:
    """Yield objects that remember one conversation, made when a module is loaded, and used in a handler."""
    program = repository.program
    made: dict[Site, str] = {}
    for site in program.calls_named(program.index.keeper_tails):
        module = program.functions[site[0]]
        if module.kind == "module" and module.blocks[program.value(site).block].kind != "if":
            paths = program.inference.paths((site[0], program.value(site).args[0]))
            kept = [path for path in paths if program.index.keeps(path)]
            made.update(dict.fromkeys([site] if kept else [], kept[0] if kept else ""))
    if not made:
        return
    seen: set[Site] = set()
    for number, handler in served(repository).items():
        function = program.functions[number]
        for call in function.calls:
            for site in _used(repository, (number, call)):
                if site in made and site not in seen:
                    seen.add(site)
                    yield Shared(site, made[site], handler)


def _used(repository: Repository, call: Site) -> list[Site]:
    """What the names in a call were bound to when the module was loaded."""
    program = repository.program
    found: list[Site] = []
    todo = list(program.value(call).args)
    for _ in range(20):
        if not todo:
            break
        place = (call[0], todo.pop())
        value = program.value(place)
        if value.op is Op.NAME:
            for site in program.definitions(place[0], value.text) or []:
                if program.value(site).op is Op.IMPORT:
                    found += program.inference.imported_sites(site[0], program.value(site).text)
                else:
                    found.append(site)
        elif value.op in (Op.ATTR, Op.SEQ):
            todo += value.args
    return found


class Rewrite(NamedTuple):
    """A write to memory of what a model made of the same memory: ``model`` is the call of the model."""

    sink: SinkPlace
    model: SourceHit


def rewrites(repository: Repository) -> Iterator[Rewrite]:
    """Yield writes by which a model replaces what later runs of it are told."""
    program = repository.program
    for site in program.calls_named(program.index.memory_tails):
        for sink in sinks_of_call(program, site):
            if sink.kind == "memory-write" and sink.part != "added" and not _asked_before(repository, site):
                found = next((hit for hit in _models(repository, sink) if _is_told(repository, hit.site, sink.what)), None)
                if found is not None:
                    yield Rewrite(sink, found)


def _asked_before(repository: Repository, site: Site) -> bool:
    calls = repository.program.functions[site[0]].calls
    return any(call < site[1] and waits_for_person(repository, (site[0], call)) for call in calls)


def _models(repository: Repository, sink: SinkPlace) -> list[SourceHit]:
    # The solver remembers what it found by kind of sink and kinds of source, so these searches need names of their own.
    return [flow.source for flow in repository.solver.reach(replace(sink, kind="model-writes"), {"model-output": True})]


def _is_told(repository: Repository, model: Site, store: str) -> bool:
    """Whether what is read from the same store becomes part of what the model is asked."""
    holder = store.rpartition(".")[0]
    for arg in repository.program.value(model).args[1:]:
        sink = SinkPlace(model, (model[0], arg), "memory-told", store)
        for flow in repository.solver.reach(sink, {"retrieved": True}) if holder else ():
            if flow.source.trust == "own" and _made_by(repository, flow.source.site, holder):
                return True
    return False


def _made_by(repository: Repository, read: Site, holder: str) -> bool:
    program = repository.program
    value = program.value(read)
    return value.op is Op.CALL and any(
        program.index.normalise(path).rpartition(".")[0] == program.index.normalise(holder)
        for path in program.inference.paths((read[0], value.args[0]))
    )


def asks_operator(repository: Repository, path: str) -> bool:
    """Return whether code in a file reads what the person at the terminal types."""
    program = repository.program
    for number, function in enumerate(program.functions):
        if program.path(number) == path:
            hits = [repository.solver.sources.at((number, call), False) for call in function.calls]
            if any(hit is not None and hit.kind == "operator-input" for hit in hits):
                return True
    return False
