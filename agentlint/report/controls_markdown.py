"""The state of the recommendations as GitHub-flavoured Markdown."""

from __future__ import annotations

from itertools import groupby

from agentlint.core.controls import STATUSES, Assessed, Assessment
from agentlint.core.escape import for_markdown, markdown_code
from agentlint.report.controls_text import place, totals

_SHOWN = 5


def render(assessment: Assessment, *, color: bool = False, width: int = 100) -> str:  # noqa: ARG001 - as of all formats
    """Return counts per domain, then a table for each domain."""
    lines = ["# Recommendations for agents", "", f"{totals(assessment)}.", ""]
    lines += ["| domain | " + " | ".join(STATUSES) + " |", "|---|" + "---:|" * len(STATUSES)]
    for domain, counts in assessment.summary().items():
        lines.append(f"| {for_markdown(domain)} | " + " | ".join(str(counts[name]) for name in STATUSES) + " |")
    for domain, controls in groupby(assessment.controls, key=lambda control: control.domain):
        lines += ["", f"## {for_markdown(domain)}", "", "| | status | recommendation | where |", "|---|---|---|---|"]
        lines += [_row(control) for control in controls]
    return "\n".join([*lines, ""])


def _row(control: Assessed) -> str:
    found = [f"found {markdown_code(one)}" for one in control.places]
    more = len(control.findings) - len(found)
    found += [f"and {more} more"] if more > 0 else []
    found += [f"{markdown_code(place(one.path, one.line))} {for_markdown(one.what)}" for one in control.evidence[:_SHOWN]]
    return f"| {control.id} | {control.status} | {for_markdown(control.title)} | {'<br>'.join(found)} |"
