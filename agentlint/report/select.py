"""What several formats ask of a result: which findings to show, in which order, counts and places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from agentlint.core.finding import Finding, Notification
from agentlint.core.levels import Confidence, Severity
from agentlint.core.result import ScanResult
from agentlint.report.options import ReportOptions

SEVERITIES = tuple(reversed(Severity))
NEXT_STEP = {
    "parse-error": "fix the syntax, or leave the file out with `exclude` in the configuration",
    "cap": "raise the limit in the configuration, or leave the file out with `exclude`",
    "read-error": "check that the file is there and readable, or leave it out with `exclude`",
    "rule-crash": "this is a bug in agentlint: please report it; all other results are complete",
    "config": "correct the configuration and scan again",
    "incomplete": "the other results hold; read the place by hand where it matters",
}

# Words of messages that say already what to do.
_SAYS_WHAT_TO_DO = ("`exclude`", "`max-file-size`", "report it", "going on without", "narrow the scan", "The JSON report")


def next_step(note: Notification) -> str:
    """Return what to do about ``note``; empty when its message says so itself."""
    return "" if any(words in note.message for words in _SAYS_WHAT_TO_DO) else NEXT_STEP[note.kind]


def with_next_step(note: Notification) -> str:
    """Return the message of ``note`` with what to do about it, on one line; mere notes ask for nothing."""
    step = "" if note.level == "note" else next_step(note)
    return f"{note.message}; {step}" if step else note.message


def severity_of(finding: Finding) -> Severity:
    return Severity.MEDIUM if finding.severity is None else finding.severity


def confidence_of(finding: Finding) -> Confidence:
    return Confidence.MEDIUM if finding.confidence is None else finding.confidence


def shown(result: ScanResult, options: ReportOptions) -> tuple[Finding, ...]:
    """Return the findings to report, suppressed ones among them when asked for, in the order of the scan."""
    if not (options.include_suppressed and result.suppressed):
        return result.findings
    return tuple(sorted((*result.findings, *result.suppressed), key=lambda finding: finding.order))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return ``findings`` by falling severity, then falling confidence, then place."""
    return sorted(findings, key=lambda f: (-severity_of(f), -confidence_of(f), f.order))


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Return counts by severity label, the worst first, without zeros."""
    counts = Counter(severity_of(finding) for finding in findings)
    return {severity.label: counts[severity] for severity in SEVERITIES if counts[severity]}


def fails(finding: Finding, options: ReportOptions) -> bool:
    """Return whether ``finding`` alone would make the run fail."""
    if finding.suppressed is not None or options.fail_on == "never":
        return False
    return severity_of(finding) >= Severity.parse(options.fail_on)


def located(path: str, root: str) -> str:
    """Return ``path`` with a relative ``root`` before it."""
    prefix = "" if is_base(root) else root.replace("\\", "/").strip("/").removeprefix("./")
    return f"{prefix}/{path}" if prefix not in ("", ".") else path


def is_base(root: str) -> bool:
    """Return whether ``root`` is an absolute directory or a URI."""
    return root.startswith("/") or "://" in root or root[1:3] in (":\\", ":/")


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def summary_line(result: ScanResult, options: ReportOptions, separator: str = " · ") -> str:
    """Return one line of counts, for example ``2 findings (1 critical, 1 low) in 1 file · 12 files scanned``."""
    counts = ", ".join(f"{count} {label}" for label, count in by_severity(result.findings).items())
    where = plural(len({finding.path for finding in result.findings}), "file")
    parts = [f"{plural(len(result.findings), 'finding')} ({counts}) in {where}" if counts else "No findings"]
    parts.append(f"{plural(result.stats.files_scanned, 'file')} scanned")
    unchecked = unchecked_count(result.notifications)
    ignored = max(result.stats.suppressed, len(result.suppressed))
    parts += [f"{unchecked} could not be checked"] if unchecked else []
    parts += [f"{ignored} ignored"] if ignored else []
    parts += [f"{result.stats.baselined} in the baseline"] if result.stats.baselined else []
    if result.findings and options.fail_on not in ("info", "low"):
        failing = sum(fails(finding, options) for finding in result.findings)
        parts.append("none fails the run" if options.fail_on == "never" else f"{failing} at or above {options.fail_on}")
    return separator.join(parts)


def unchecked_count(notifications: Iterable[Notification]) -> int:
    """Return how many different places could not be checked (errors only)."""
    return len({note.path or (note.kind, note.message) for note in notifications if note.level == "error"})
