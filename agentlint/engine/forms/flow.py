"""The ``flow`` form: one search per sink serves all flow rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentlint.core.finding import Finding, Related, Step
from agentlint.core.paths import is_sandboxed
from agentlint.engine.forms.message import fill, levels
from agentlint.graph.administrators import for_administrators
from agentlint.graph.flow import FlowPath
from agentlint.graph.openings import OPENING
from agentlint.graph.program import Program, Site
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sinks import find_sinks
from agentlint.graph.sources import UNKNOWN
from agentlint.rulebook.rules import FlowForm, Rule
from agentlint.sdk import Confidence, Persona, RepoContext, is_test

ADMINISTRATOR, SANDBOX = "administrator", "sandbox"
MAX_JUMPS = 1
MAX_HOPS = 7
MAX_SURE = 3
MAX_NEAR = 2
"""Longer ways, and ways through several fields, are right too seldom for everybody: they are for the careful."""
_INCOMPLETE = " The search stopped at its bound, so other ways in may exist."
_SOURCES = {
    "user-input": "text a user sends",
    "operator-input": "text the operator types",
    "model-output": "what the model wrote",
    "tool-argument": "an argument the model chooses",
    "tool-result": "what a tool returned",
    OPENING: "what the caller of this code passes",
    UNKNOWN: "a value nobody here can vouch for",
    "retrieved": "text fetched from outside",
    "peer-url": "an address that another agent registered",
    "caller-token": "the credential of whoever called",
    "secret": "a credential",
}


Asked = dict[str, list[tuple[Rule, FlowForm]]]
"""What is asked of a kind of sink: the forms that ask, by kind of source."""


def asked_of(rules: Sequence[Rule]) -> dict[str, Asked]:
    """Return what flow rules ask, by kind of sink."""
    asked: dict[str, Asked] = {}
    for rule in rules:
        for form in rule.flow:
            for kind in form.sinks:
                for source in form.sources:
                    asked.setdefault(kind, {}).setdefault(source, []).append((rule, form))
    return asked


def run(rules: Sequence[Rule], repo: RepoContext) -> Iterator[Finding]:
    """Yield the findings of all flow rules."""
    asked = asked_of(rules)
    told: set[Site] = set()
    for sink in find_sinks(repo.repository.program):
        sources = asked.get(sink.kind)
        if sources and not (sink.part == "text" and sink.value in told):
            yield from _of_sink(repo, sink, sources, told)


def through_fields(asked: Asked) -> bool:
    """Whether what callers pass counts for a kind of sink also where it was kept in a field on its way."""
    return any("kept" not in form.unless for _, form in asked.get(OPENING, ()))


def _of_sink(repo: RepoContext, sink: SinkPlace, sources: Asked, told: set[Site]) -> Iterator[Finding]:
    paths = repo.repository.solver.reach(sink, sources, through_fields=through_fields(sources))
    reported: dict[str, list[tuple[int, FlowPath]]] = {}
    rules: dict[str, Rule] = {}
    for path in paths:
        for rule, form in sources.get(path.source.kind, ()):
            if not excuses(form, path) and not only_tested(repo, sink, path) and not _is_meant(repo, form, path):
                reported.setdefault(rule.id, []).append((rule.flow.index(form), path))
                rules[rule.id] = rule
                told.update(path.texts)
    for code, found in reported.items():
        worst = min(number for number, _ in found)
        ordered = [path for number, path in found if number == worst] + [path for number, path in found if number != worst]
        yield _finding(repo, rules[code], rules[code].flow[worst], ordered, thorough=UNKNOWN in sources)


def only_tested(repo: RepoContext, sink: SinkPlace, path: FlowPath) -> bool:
    """Whether a way begins in a test and ends in the code under test: users do not come from there."""
    program = repo.repository.program
    return is_test(program.path(path.source.site[0])) and not is_test(program.path(sink.call[0]))


def _is_meant(repo: RepoContext, form: FlowForm, path: FlowPath) -> bool:
    """Whether a form leaves out what happens on purpose: administrators set an address, a sandbox does what it is asked."""
    program, source = repo.repository.program, path.source.site[0]
    if path.source.kind != "user-input":
        return False
    if SANDBOX in form.unless and is_sandboxed(program.path(source)) and is_sandboxed(program.path(path.sink.call[0])):
        return True
    return ADMINISTRATOR in form.unless and for_administrators(program, source)


def excuses(form: FlowForm, path: FlowPath) -> list[str]:
    """Return the conditions of a form's ``unless`` that the whole way meets."""
    apart = len(path.hops) + path.jumps
    met = {
        "whole": not path.formatted,
        "formatted": path.formatted,
        "unquoted": not path.quoted,
        "marked": path.marked,
        "kept": path.jumps > 0,
        "changed": path.changed,
        "anchored": path.anchored,
        "elsewhere": path.source.site[0] != path.sink.call[0],
        "long": apart > MAX_SURE,
        "far": apart > MAX_NEAR,
        "fixed": path.fixed,
        path.source.trust: path.source.trust != "",
        path.sink.part: path.sink.part != "",
    }
    return [word for word in form.unless if met.get(word)]


def _finding(repo: RepoContext, rule: Rule, form: FlowForm, found: list[FlowPath], *, thorough: bool) -> Finding:
    program = repo.repository.program
    best = found[0]
    known = {"source": best.source.what, "sink": _name(best.sink.what), "what": _SOURCES[best.source.kind]}
    message = fill(form.message or rule.message, known.get)
    if not best.complete:
        message += _INCOMPLETE
    related = [
        Related(program.path(other.source.site[0]), program.value(other.source.site).span, f"also from {other.source.what}")
        for other in found[1:]
        if other.source.site != best.source.site
    ]
    more = levels(form)
    if best.jumps > MAX_JUMPS or len(best.hops) > MAX_HOPS:
        sure = Persona.REGULAR if thorough and best.jumps <= MAX_JUMPS else Persona.PEDANTIC
        more = {**more, "confidence": Confidence.LOW, "persona": max(sure, more.get("persona", Persona.REGULAR))}
    steps = _steps(program, best)
    return repo.at(rule.id, best.sink.call, message, flow=steps, related=tuple(dict.fromkeys(related)), **more)


def _name(path: str) -> str:
    return path.removeprefix("builtins.")


def _steps(program: Program, path: FlowPath) -> tuple[Step, ...]:
    steps = [_step(program, path.source.site, f"{path.source.what}: {_SOURCES[path.source.kind]}", "source")]
    for hop in path.hops:
        step = _step(program, hop.site, hop.note, "step")
        if (step.path, step.span) != (steps[-1].path, steps[-1].span):
            steps.append(step)
    steps.append(_step(program, path.sink.call, f"reaches `{_name(path.sink.what)}`", "sink"))
    return tuple(steps)


def _step(program: Program, site: Site, message: str, kind: str) -> Step:
    value = program.value(site)
    return Step(program.path(site[0]), value.span, message, kind)  # type: ignore[arg-type]
