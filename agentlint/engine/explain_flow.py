"""Why a flow rule did or did not report a place: ``agentlint scan --explain-flow RULE:PATH:LINE``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agentlint.core.errors import UsageError
from agentlint.engine.forms.flow import asked_of, excuses, only_tested, through_fields
from agentlint.engine.run import repository_context
from agentlint.engine.settings import Settings
from agentlint.graph.program import Site
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sinks import find_sinks
from agentlint.graph.trace import looked_at, trace
from agentlint.rulebook.rules import Rule
from agentlint.sdk import RepoContext

MAX_LINES = 60


def explain_flow(roots: Sequence[Path], settings: Settings, question: str) -> list[str]:
    """Return the answer to ``RULE:PATH:LINE``, line by line.

    Raises ``UsageError`` for a question that is not of that form or names no flow rule.
    """
    code, path, line = _question(question)
    repo = repository_context(roots, settings)
    rule = next((r for r in repo.book.rules if code in (r.id, r.name)), None)
    if rule is None or not rule.flow:
        raise UsageError(f"{code} is no rule about flows; `agentlint rules` lists the rules")
    return list(_answer(repo, rule, path, line))


def _question(text: str) -> tuple[str, str, int]:
    code, _, place = text.partition(":")
    path, _, line = place.rpartition(":")
    if not path or not line.isdecimal() or len(line) > 9:
        raise UsageError("--explain-flow wants RULE:PATH:LINE, for example AL411:src/tools.py:42")
    return code, path.replace("\\", "/"), int(line)


def _answer(repo: RepoContext, rule: Rule, path: str, line: int) -> Iterator[str]:
    program = repo.repository.program
    if not any(file.path == path for file in program.files):
        yield f"{path}: no Python of that name was read; paths are relative to the scanned directory"
        return
    asked = asked_of([rule])
    here = [s for s in find_sinks(program) if program.path(s.call[0]) == path and _covers(repo, s.call, line)]
    if not here:
        yield f"{path}:{line}: no call on this line is known to act on a value (no model has a sink for it)"
    for sink in here:
        if sink.kind in asked:
            yield from _of_sink(repo, rule, sink)
        else:
            yield f"{path}:{line}: `{sink.what}` is a sink of kind `{sink.kind}`, which {rule.id} does not ask for"


def _covers(repo: RepoContext, site: Site, line: int) -> bool:
    span = repo.repository.program.value(site).span
    return span.line <= line <= max(span.line, span.end_line)


def _of_sink(repo: RepoContext, rule: Rule, sink: SinkPlace) -> Iterator[str]:
    sources = asked_of([rule])[sink.kind]
    solver = repo.repository.solver
    yield f"{_place(repo, sink.call)}: `{sink.what}` is a sink of kind `{sink.kind}`; searched for {', '.join(sorted(sources))}"
    for answer in solver.reach(sink, sources, through_fields=through_fields(sources)):
        yield f"  source  {_place(repo, answer.source.site)}  {answer.source.what} ({answer.source.kind})"
        for hop in answer.hops:
            yield f"  step    {_place(repo, hop.site)}  {hop.note}"
        for _, form in sources.get(answer.source.kind, ()):
            met = excuses(form, answer) or (["begins in a test"] if only_tested(repo, sink, answer) else [])
            wanted = f"{', '.join(form.sources)} → {', '.join(form.sinks)}"
            yield f"  {'not reported' if met else 'reported'} by {wanted}" + (f": {', '.join(met)}" if met else "")
    search = trace(solver, sink, sources, through_fields=through_fields(sources))
    for site, note in list(looked_at(search))[:MAX_LINES]:
        yield f"  followed  {_place(repo, site)}  {note}"
    for stop in list(search.stops.values())[:MAX_LINES]:
        yield f"  stopped   {_place(repo, stop.site)}  {stop.reason}"
    if not search.complete:
        yield "  the search reached its bound"


def _place(repo: RepoContext, site: Site) -> str:
    program = repo.repository.program
    return f"{program.path(site[0])}:{program.value(site).span.line}"
