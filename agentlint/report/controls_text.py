"""The state of the recommendations for people: a table on a terminal, plain lines in a pipe."""

from __future__ import annotations

from itertools import groupby

from agentlint.core.controls import STATUSES, Assessed, Assessment
from agentlint.core.escape import for_terminal

STYLES = {
    "violated": "bold red", "partial": "yellow", "met": "green", "attested": "cyan", "not-evidenced": "", "not-applicable": "dim",
}  # fmt: skip
_NOTES = 2


def render(assessment: Assessment, *, color: bool = False, width: int = 100) -> str:
    """Return the assessment as a table with colours, or as plain lines."""
    return _table(assessment, width) if color else _plain(assessment)


def notes(control: Assessed) -> list[str]:
    """Return where the first findings and pieces of evidence of a recommendation stand."""
    lines = [f"found: {place}" for place in control.places[:_NOTES]]
    more = len(control.findings) - len(lines)
    lines += [f"found: and {more} more"] if more > 0 else []
    lines += [f"{place(one.path, one.line)} {one.what}" for one in control.evidence[:_NOTES]]
    return lines


def place(path: str, line: int) -> str:
    """Return where evidence stands."""
    return f"{path}:{line}" if line else path


def totals(assessment: Assessment) -> str:
    """Return one line with the number of recommendations of each status."""
    counts = assessment.summary()["total"]
    return f"{len(assessment.controls)} recommendations: " + ", ".join(f"{counts[name]} {name}" for name in STATUSES)


def _plain(assessment: Assessment) -> str:
    lines = []
    for domain, controls in groupby(assessment.controls, key=lambda control: control.domain):
        lines.append(domain)
        for control in controls:
            lines.append(f"  {control.id}  {control.status:<14}  {for_terminal(control.title)}")
            lines += [f"       {for_terminal(note)}" for note in notes(control)]
        lines.append("")
    return "\n".join([*lines, totals(assessment), ""])


def _table(assessment: Assessment, width: int) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = StringIO()
    console = Console(file=out, force_terminal=True, width=width, highlight=False, legacy_windows=False)
    for domain, controls in groupby(assessment.controls, key=lambda control: control.domain):
        table = Table(title=domain, title_justify="left", title_style="bold", expand=True, pad_edge=False, box=None)
        for name, ratio in (("", 1), ("status", 3), ("recommendation", 8), ("where", 9)):
            table.add_column(name, ratio=ratio, overflow="fold", min_width=3)
        for control in controls:
            where = Text("\n".join(for_terminal(note) for note in notes(control)), style="dim")
            status = Text(control.status, style=STYLES[control.status])
            table.add_row(Text(control.id), status, Text(for_terminal(control.title)), where)
        console.print(table)
        console.print()
    console.print(Text(totals(assessment), style="bold"))
    return out.getvalue()
