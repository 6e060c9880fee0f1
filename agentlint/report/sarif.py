"""SARIF 2.1.0 for code scanning, through sarif_om's object model.

The service rejects files over its limits, so when one is passed the most severe results stay and a notification says
what was cut.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from agentlint.core import lazy
from agentlint.core.escape import scrub
from agentlint.core.finding import Finding, Notification
from agentlint.core.result import RuleInfo, ScanResult
from agentlint.report.encode import encoded, to_json
from agentlint.report.options import ReportOptions
from agentlint.report.sarif_results import BASE_ID, MAX_RELATED, MAX_STEPS, ResultWriter, line_hash_lookup
from agentlint.report.sarif_rules import descriptor, rule_infos
from agentlint.report.sarif_write import plain
from agentlint.report.select import is_base, shown, worst_first

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS = 25_000
MAX_GZIP_BYTES = 10_000_000
_SEMVER = lazy.pattern(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_PYTHON_VERSION = lazy.pattern(r"(\d+)\.(\d+)(?:\.(\d+))?\.?((?:a|b|rc|dev|post)\d+)?")


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return one SARIF log with one run, on one line."""
    findings = list(shown(result, options))
    rules = rule_infos(result.rules.values(), findings)
    kept = most_severe(findings, MAX_RESULTS)
    while True:
        text = to_json(_log(result, options, rules, kept, len(findings)))
        size = _upload_size(text)
        if size <= MAX_GZIP_BYTES or not kept:
            return text
        kept = most_severe(kept, int(len(kept) * 0.9 * MAX_GZIP_BYTES / size))


def most_severe(findings: Sequence[Finding], limit: int) -> list[Finding]:
    """Return at most ``limit`` of ``findings``, the worst ones, in their given order."""
    if len(findings) <= limit:
        return list(findings)
    chosen = {id(finding) for finding in worst_first(findings)[:limit]}
    return [finding for finding in findings if id(finding) in chosen]


def _upload_size(text: str) -> int:
    # The text is ASCII. Compression is only worth its time when the text alone is over the limit.
    return len(text) if len(text) <= MAX_GZIP_BYTES else len(gzip.compress(text.encode("ascii"), 6, mtime=0))


def _log(
    result: ScanResult, options: ReportOptions, rules: Sequence[RuleInfo], kept: Sequence[Finding], total: int
) -> dict[str, Any]:
    import sarif_om as om

    index = {rule.id: number for number, rule in enumerate(rules)}
    suppressions = any(finding.suppressed is not None for finding in kept)
    writer = ResultWriter(index, line_hash_lookup(result.source), options.root, suppressions=suppressions, fixes=result.fixes)
    notes = (*result.notifications, *_cuts(kept, total))
    run = om.Run(
        tool=om.Tool(driver=_driver(result.version, rules, notes)),
        automation_details=om.RunAutomationDetails(id="agentlint/"),
        column_kind="unicodeCodePoints",
        invocations=[
            om.Invocation(
                execution_successful=all(note.level != "error" for note in notes),
                tool_execution_notifications=[writer.notification(note) for note in notes],
            )
        ],
        original_uri_base_ids=_base_ids(options.root),
        # Encoded one by one: half a million live objects would keep the garbage collector busy for as long as all the
        # rest takes.
        results=[encoded(plain(writer.result(finding))) for finding in kept],
    )
    log: dict[str, Any] = plain(om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=[run]))
    return {name: log[name] for name in ("$schema", "version", "runs")}


def _driver(version: str, rules: Sequence[RuleInfo], notes: Sequence[Notification]) -> Any:
    import sarif_om as om

    return om.ToolComponent(
        name="agentlint",
        version=version or None,
        semantic_version=_semantic(version),
        rules=[descriptor(rule) for rule in rules],
        notifications=[om.ReportingDescriptor(id=kind) for kind in sorted({note.kind for note in notes})] or None,
    )


def _semantic(version: str) -> str | None:
    """Return a Python version as a semantic version (``1.2rc1`` is ``1.2.0-rc1``)."""
    if _SEMVER.fullmatch(version):
        return version
    parts = _PYTHON_VERSION.match(version)
    if parts is None:
        return None
    return f"{parts[1]}.{parts[2]}.{parts[3] or 0}" + (f"-{parts[4]}" if parts[4] else "")


def _base_ids(root: str) -> dict[str, Any] | None:
    import sarif_om as om

    if not is_base(root):
        return None
    uri = root if "://" in root else "file://" + quote("/" + scrub(root).replace("\\", "/").lstrip("/"), safe="/:")
    return {BASE_ID: plain(om.ArtifactLocation(uri=uri.rstrip("/") + "/"))}


def _cuts(kept: Sequence[Finding], total: int) -> list[Notification]:
    """Return what was left out to stay under the limits of code scanning."""
    messages = []
    if len(kept) < total:
        messages.append(
            f"{total - len(kept)} of {total} results are left out, the least severe ones: code scanning takes "
            f"{MAX_RESULTS:,} results and 10 MB. The JSON report holds all; narrow the scan with --min-severity or by "
            "directory."
        )
    if related := sum(len(finding.related) > MAX_RELATED for finding in kept):
        messages.append(f"{related} results show only their first {MAX_RELATED} related places. The JSON report holds all.")
    if flows := sum(len(finding.flow) > MAX_STEPS for finding in kept):
        messages.append(f"{flows} results show only {MAX_STEPS:,} steps of their path. The JSON report holds all.")
    return [Notification(path="", line=0, kind="cap", message=message, level="warning") for message in messages]
