"""From what a rule yields to what a report shows: rule data, places in notebooks, snippets, duplicates, test files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from agentlint.core.finding import Cell, Finding, Related, Step
from agentlint.core.paths import is_docs, is_example, is_test
from agentlint.core.place import Span

if TYPE_CHECKING:
    from agentlint.core.result import RuleInfo
    from agentlint.facts.types import Marker

_SECRETS = "hardcoded-secret"
_MAX_RELATED = 50
Markers = Mapping[str, tuple["Marker", ...]]


def hidden_as_test(finding: Finding) -> bool:
    """Return whether ``finding`` is about a test and so not for everybody; a real key in a test is as public as any."""
    return finding.category != _SECRETS and is_test(finding.path)


def complete(finding: Finding, rule: RuleInfo) -> Finding:
    """Return ``finding`` with everything that its rule says and the finding itself does not."""
    return msgspec.structs.replace(
        finding,
        name=rule.name,
        category=rule.category,
        cwe=rule.cwe,
        owasp=rule.owasp,
        controls=rule.controls,
        severity=rule.severity if finding.severity is None else finding.severity,
        confidence=rule.confidence if finding.confidence is None else finding.confidence,
        persona=rule.persona if finding.persona is None else finding.persona,
    )


def distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each rule and place, in order: the surest, then the one with the shortest path."""
    best: dict[tuple[str, str, Span], Finding] = {}
    for finding in sorted(findings, key=_rank):
        best.setdefault((finding.rule, finding.path, finding.span), finding)
    return sorted(best.values(), key=lambda finding: finding.order)


def _rank(finding: Finding) -> tuple[Any, ...]:
    sure = -1 if finding.confidence is None else int(finding.confidence)
    return (-sure, len(finding.flow), finding.order)


def united(findings: Iterable[Finding]) -> list[Finding]:
    """Return ``findings`` with those about one thing as one: the most exposed place, the others related to it."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    single = []
    for finding in findings:
        if finding.identity:
            groups.setdefault((finding.rule, finding.identity), []).append(finding)
        else:
            single.append(finding)
    for group in groups.values():
        first, *others = sorted(group, key=_exposure)
        places = [Related(other.path, other.span, "the same secret again") for other in others]
        places += [place for other in others for place in other.related]
        related = tuple(dict.fromkeys((*first.related, *places)))[:_MAX_RELATED]
        single.append(msgspec.structs.replace(first, related=related) if others else first)
    return single


def _exposure(finding: Finding) -> tuple[Any, ...]:
    """The order in which places are exposed: what runs, then examples, then documents, then tests."""
    path = finding.path
    return (int(finding.persona or 0), is_test(path), is_docs(path), is_example(path), finding.order)


def in_file(finding: Finding, markers: Markers) -> Finding:
    """Return ``finding`` with all places in notebooks as places in the file, and with its cell."""
    paths = {finding.path, *(step.path for step in finding.flow), *(place.path for place in finding.related)}
    if not any(path in markers for path in paths):
        return finding
    own = markers.get(finding.path, ())
    cell = None
    if 0 < finding.span.line <= len(own):
        marker = own[finding.span.line - 1]
        cell = Cell(marker.cell, marker.cell_line)
    return msgspec.structs.replace(
        finding,
        span=_moved(finding.span, own),
        cell=cell,
        flow=tuple(Step(s.path, _moved(s.span, markers.get(s.path, ())), s.message, s.kind) for s in finding.flow),
        related=tuple(Related(r.path, _moved(r.span, markers.get(r.path, ())), r.message) for r in finding.related),
    )


def _moved(span: Span, markers: tuple[Marker, ...]) -> Span:
    if not 0 < span.line <= len(markers):
        return span
    first = markers[span.line - 1]
    last = markers[min(max(span.end_line, span.line), len(markers)) - 1]
    return Span(first.line, first.column + span.column - 1, last.line, last.column + span.end_column - 1)


def readable(finding: Finding) -> Finding:
    """Return ``finding`` with the line of a notebook (a JSON string) as code."""
    if finding.cell is None or not finding.snippet.startswith('"'):
        return finding
    try:
        value = msgspec.json.decode(finding.snippet.rstrip(","))
    except ValueError:
        return finding
    return msgspec.structs.replace(finding, snippet=value.strip()) if isinstance(value, str) else finding
