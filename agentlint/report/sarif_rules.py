"""Rules as SARIF reporting descriptors, as code scanning reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agentlint.core import lazy
from agentlint.core.escape import visible
from agentlint.core.finding import Finding
from agentlint.core.levels import Confidence, Severity
from agentlint.core.result import RuleInfo

MAX_DESCRIPTION = 1024
MAX_NAME = 255
MAX_TAGS = 10

LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# Code scanning shows above 9.0 as critical, from 7.0 as high, from 4.0 as medium, from 0.1 as low. It has no word for
# "info", and 0.0 would take the alert out of the security view, so info becomes the bottom of low.
SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "1.0",
}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
_PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_HEADING = lazy.pattern(r"^#{1,6}[ \t]+(\S.*)$")
_FENCE = lazy.pattern(r"^[ \t]*(```|~~~)")


def rule_infos(rules: Iterable[RuleInfo], findings: Iterable[Finding]) -> list[RuleInfo]:
    """Return all known rules by id, and a stand-in for each rule that findings name but nobody described."""
    known = {rule.id: rule for rule in rules}
    for finding in findings:
        if finding.rule not in known:
            known[finding.rule] = RuleInfo(
                id=finding.rule,
                name=finding.name or finding.rule,
                category=finding.category,
                severity=Severity.MEDIUM if finding.severity is None else finding.severity,
                confidence=Confidence.MEDIUM if finding.confidence is None else finding.confidence,
                cwe=finding.cwe,
                owasp=finding.owasp,
                controls=finding.controls,
            )
    return [known[rule_id] for rule_id in sorted(known)]


def descriptor(rule: RuleInfo) -> Any:
    """Return the reporting descriptor of ``rule``."""
    import sarif_om as om

    level = LEVEL[rule.severity]
    summary = clip(rule.summary or rule.name.replace("-", " ").capitalize())
    docs = visible(rule.docs.strip(), keep="\n\t") or summary
    return om.ReportingDescriptor(
        id=rule.id,
        name=visible(rule.name or rule.id)[:MAX_NAME],
        short_description=om.MultiformatMessageString(text=summary),
        full_description=om.MultiformatMessageString(text=clip(_first_section(docs)) or summary),
        default_configuration=om.ReportingConfiguration(level=level),
        help=om.MultiformatMessageString(text=_plain_text(docs), markdown=docs),
        properties={
            "tags": tags(rule),
            "precision": _PRECISION[rule.confidence],
            "problem.severity": _PROBLEM[level],
            "security-severity": SECURITY_SEVERITY[rule.severity],
        },
    )


def tags(rule: RuleInfo) -> list[str]:
    """Return at most ten tags: ``security`` first, then weaknesses, then OWASP ids, then the category."""
    found = ["security", *(f"external/cwe/cwe-{number:03d}" for number in rule.cwe[:4])]
    found += [f"external/owasp/{code.lower()}" for code in rule.owasp]
    found = found[: MAX_TAGS - 1]
    return list(dict.fromkeys([*found, rule.category] if rule.category else found))


def clip(text: str, limit: int = MAX_DESCRIPTION) -> str:
    """Return ``text`` on one line with at most ``limit`` characters."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _first_section(docs: str) -> str:
    """Return the first paragraph of ``docs`` that is not a heading."""
    lines: list[str] = []
    for line in docs.split("\n"):
        if _FENCE.match(line):
            break
        if _HEADING.match(line) or not line.strip():
            if lines:
                break
            continue
        lines.append(line.strip())
    return " ".join(lines)


def _plain_text(docs: str) -> str:
    """Return Markdown as readable text: headings without marks, code fences gone."""
    lines = []
    for line in docs.split("\n"):
        heading = _HEADING.match(line)
        if not _FENCE.match(line):
            lines.append(heading[1] if heading else line)
    return "\n".join(lines).strip()
