"""The ``flow`` form: one search per sink serves all flow rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentlint.core.finding import Finding, Related, Step
from agentlint.engine.forms.message import fill, levels
from agentlint.graph.flow import FlowPath
from agentlint.graph.program import Program, Site
from agentlint.graph.sinks import SinkPlace, find_sinks
from agentlint.graph.sources import UNKNOWN
from agentlint.rulebook.rules import FlowForm, Rule
from agentlint.sdk import Confidence, Persona, RepoContext, is_test

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
    "caller-input": "what the caller of this code passes",
    UNKNOWN: "a value nobody here can vouch for",
    "retrieved": "text fetched from outside",
    "secret": "a credential",
}


def run(rules: Sequence[Rule], repo: RepoContext) -> Iterator[Finding]:
    """Yield the findings of all flow rules."""
    wanted: dict[str, dict[str, list[tuple[Rule, FlowForm]]]] = {}
    for rule in rules:
        for form in rule.flow:
            for kind in form.sinks:
                for source in form.sources:
                    wanted.setdefault(kind, {}).setdefault(source, []).append((rule, form))
    program = repo.repository.program
    for sink in find_sinks(program):
        sources = wanted.get(sink.kind)
        if sources:
            yield from _of_sink(repo, sink, sources)


def _of_sink(repo: RepoContext, sink: SinkPlace, sources: dict[str, list[tuple[Rule, FlowForm]]]) -> Iterator[Finding]:
    paths = repo.repository.solver.reach(sink, sources, thorough=UNKNOWN in sources)
    reported: dict[str, list[tuple[int, FlowPath]]] = {}
    rules: dict[str, Rule] = {}
    for path in paths:
        for rule, form in sources.get(path.source.kind, ()):
            if not _excused(form, path) and not _only_tested(repo, sink, path):
                reported.setdefault(rule.id, []).append((rule.flow.index(form), path))
                rules[rule.id] = rule
    for code, found in reported.items():
        worst = min(number for number, _ in found)
        ordered = [path for number, path in found if number == worst] + [path for number, path in found if number != worst]
        yield _finding(repo, rules[code], rules[code].flow[worst], ordered, thorough=UNKNOWN in sources)


def _only_tested(repo: RepoContext, sink: SinkPlace, path: FlowPath) -> bool:
    """Whether a way begins in a test and ends in the code under test: users do not come from there."""
    program = repo.repository.program
    return is_test(program.path(path.source.site[0])) and not is_test(program.path(sink.call[0]))


def _excused(form: FlowForm, path: FlowPath) -> bool:
    """Conditions on the whole way: ``whole`` (it is not part of a larger string), ``unquoted``, ``kept``, a trust, a part."""
    return (
        ("whole" in form.unless and not path.formatted)
        or ("formatted" in form.unless and path.formatted)
        or ("unquoted" in form.unless and not path.quoted)
        or ("kept" in form.unless and path.jumps > 0)
        or ("changed" in form.unless and path.changed)
        or ("anchored" in form.unless and path.anchored)
        or ("elsewhere" in form.unless and path.source.site[0] != path.sink.call[0])
        or ("long" in form.unless and len(path.hops) + path.jumps > MAX_SURE)
        or ("far" in form.unless and len(path.hops) + path.jumps > MAX_NEAR)
        or (path.source.trust != "" and path.source.trust in form.unless)
        or (path.sink.part != "" and path.sink.part in form.unless)
    )


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
        sure = Persona.REGULAR if thorough else Persona.PEDANTIC
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
