"""The state of every recommendation of the guide in a repository."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint import __version__
from agentlint.core.controls import Assessed, Assessment, Evidence, Status
from agentlint.core.errors import UsageError
from agentlint.core.finding import Finding, Notification
from agentlint.core.levels import Persona, Severity
from agentlint.engine.repository import rulebook, tree
from agentlint.engine.run import repository_context, scan
from agentlint.rulebook.controls import IDS, Control, shipped_controls

if TYPE_CHECKING:
    from agentlint.core.result import ScanResult
    from agentlint.engine.evidence import Searcher
    from agentlint.engine.progress import Progress
    from agentlint.engine.settings import Settings

MAX_EVIDENCE = 20
_PLACES = 3
Attested = dict[str, Evidence]


def assess(
    roots: Sequence[Path], settings: Settings, today: date, progress: Progress | None = None
) -> tuple[Assessment, tuple[Notification, ...]]:
    """Return the state of all recommendations, and what could not be checked.

    ``today`` decides which attestations still hold. Only findings of the regular persona count.

    Raises:
        UsageError: An attestation names no recommendation, or no date.
    """
    from agentlint.engine.evidence import Searcher

    attested, notes = _attestations(settings, today)
    settings = msgspec.structs.replace(settings, persona=Persona.REGULAR, min_severity=Severity.INFO, baseline="")
    result = scan(roots, settings, progress)
    context = repository_context(roots, settings)
    catalogue = shipped_controls()
    found = tree(roots, settings)
    searcher = Searcher(context, found.tasks, roots, max_size=settings.max_file_size, tests=settings.include_tests)
    every = [*catalogue.subjects.values(), *(control.evidence for control in catalogue.controls)]
    searcher.prepare(detector for detectors in every for detector in detectors)
    present = frozenset(name for name, seen in catalogue.subjects.items() if any(map(searcher.find, seen)))
    rules = _rules(catalogue.controls, settings)
    assessed = tuple(_assessed(one, result, searcher, present, rules[one.id], attested) for one in catalogue.controls)
    return Assessment(version=__version__, controls=assessed), tuple(sorted({*result.notifications, *notes}))


def _rules(controls: Sequence[Control], settings: Settings) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return, per recommendation, the rules that exist and those that are planned."""
    book = rulebook(settings)
    known = {rule.id for rule in book.rules}
    found = {}
    for control in controls:
        named = {rule.id for rule in book.rules if control.id in rule.controls}
        found[control.id] = (
            tuple(sorted(named | (known & set(control.rules)))),
            tuple(sorted(set(control.rules) - known)),
        )
    return found


def _assessed(
    control: Control,
    result: ScanResult,
    searcher: Searcher,
    present: frozenset[str],
    rules: tuple[tuple[str, ...], tuple[str, ...]],
    attested: Attested,
) -> Assessed:
    findings = [finding for finding in result.findings if finding.rule in rules[0] or control.id in finding.controls]
    shown: list[Evidence] = []
    hints: list[Evidence] = []
    lacking: list[Evidence] = []
    for detector in control.evidence:
        hint = detector.hint or control.mode == "manual"
        lacking += [msgspec.structs.replace(one, what=f"not shown here: {one.what}") for one in searcher.lacking(detector)]
        for one in searcher.find(detector):
            (hints if hint else shown).append(msgspec.structs.replace(one, what=f"hint: {one.what}") if hint else one)
        hints += [msgspec.structs.replace(one, what=f"hint, if asked for: {one.what}") for one in searcher.conditional(detector)]
    vouched = attested.get(control.id)
    applies = any(name in present for name in control.applies) and all(name in present for name in control.needs)
    known = {(one.path, one.line) for one in shown}
    hints = [one for one in hints if (one.path, one.line) not in known]
    lacking = [one for one in lacking if (one.path, one.line) not in known]
    told = [*([vouched] if vouched else []), *shown[:1], *lacking[:1], *shown, *lacking, *hints]  # reports show the first ones
    evidence = list(dict.fromkeys(told))
    if not applies and not findings:
        evidence = [vouched] if vouched else []
    status = status_of(
        findings=bool(findings), shown=bool(shown), lacking=bool(lacking), attested=vouched is not None, applies=applies
    )
    return Assessed(
        id=control.id, domain=control.domain, title=control.title, mode=control.mode, status=status,
        evidence=tuple(evidence[:MAX_EVIDENCE]), findings=tuple(finding.fingerprint for finding in findings),
        places=tuple(_place(finding) for finding in findings[:_PLACES]), rules=rules[0], planned=rules[1],
        frameworks=control.frameworks,
    )  # fmt: skip


def status_of(*, findings: bool, shown: bool, lacking: bool, attested: bool, applies: bool) -> Status:
    """Return the status of a recommendation: what was found counts for more than what somebody says.

    ``lacking``: it is not shown of all that the recommendation speaks of.
    """
    if findings:
        return "partial" if shown else "violated"
    if shown and applies:
        return "partial" if lacking else "met"
    if attested:
        return "attested"
    return "not-evidenced" if applies else "not-applicable"


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.span.line} {finding.rule}"


def _attestations(settings: Settings, today: date) -> tuple[Attested, list[Notification]]:
    """Return what holds today as evidence, and a note for each attestation that has run out."""
    found: Attested = {}
    notes: list[Notification] = []
    mistakes: list[str] = []
    for name, entry in sorted(settings.attest.items()):
        path, _, line = entry.get("place", "").rpartition(":")
        where = f"{path}:{line}: attest.{name}"
        dates = {key: _date(entry.get(key, "")) for key in ("date", "expires")}
        wrong = [key for key, value in dates.items() if value is None and (entry.get(key) or key == "date")]
        mistakes += [f"{where}: `{key}` is no date: write YYYY-MM-DD" for key in wrong]
        if name not in IDS:
            mistakes.append(f"{where}: there is no recommendation {name[:40]!r}; they are {IDS[0]} to {IDS[-1]}")
            continue
        if wrong:
            continue
        expires = dates["expires"]
        number = int(line or 0)
        if expires is not None and expires < today:
            text = f"the attestation of {name} by {entry['owner']} ended on {expires}; renew it or drop it"
            notes.append(Notification(path, number, "config", text, "warning"))
            continue
        until = f", until {expires}" if expires is not None else ""
        link = f": {entry['link']}" if entry.get("link") else ""
        found[name] = Evidence(path, number, f"attested by {entry['owner']} on {entry['date']}{until}{link}")
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return found, notes


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2000-01-01") else None
    except ValueError:
        return None
