"""The state of the recommendations as one page of HTML that loads nothing."""

from __future__ import annotations

import base64
import hashlib
from itertools import groupby

from agentlint.core.controls import STATUSES, Assessed, Assessment
from agentlint.core.escape import for_html
from agentlint.report.controls_text import place, totals
from agentlint.report.html_assets import STYLE

_STYLE = (
    STYLE
    + """
.violated{color:var(--high)}.partial{color:var(--medium)}.met{color:var(--fix)}.attested{color:var(--low)}
.not-applicable,.not-evidenced{color:var(--dim)}td.status{white-space:nowrap;font-weight:700}td ul{list-style:none;padding:0}
"""
)


def render(assessment: Assessment, *, color: bool = False, width: int = 100) -> str:  # noqa: ARG001 - as of all formats
    """Return the page. Scanned text is escaped, and the page's policy allows only its own style."""
    heads = "".join(f"<th>{name}</th>" for name in STATUSES)
    body = [f"<h1>Recommendations for agents</h1><p>{for_html(totals(assessment))}</p>"]
    body += [f'<p class="dim">agentlint {for_html(assessment.version)}</p><table><tr><th>domain</th>{heads}</tr>']
    for domain, counts in assessment.summary().items():
        cells = "".join(f"<td>{counts[name]}</td>" for name in STATUSES)
        body.append(f"<tr><td>{for_html(domain)}</td>{cells}</tr>")
    body.append("</table>")
    for domain, controls in groupby(assessment.controls, key=lambda control: control.domain):
        body.append(f"<section><h2>{for_html(domain)}</h2><table>")
        body += [_row(control) for control in controls]
        body.append("</table></section>")
    return "\n".join([*_head(), *body, "</body>", "</html>", ""])


def _head() -> list[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>agentlint: recommendations</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
    ]


def _row(control: Assessed) -> str:
    where = [f"<li>found <code>{for_html(one)}</code></li>" for one in control.places]
    more = len(control.findings) - len(where)
    where += [f"<li>and {more} more</li>"] if more > 0 else []
    where += [f"<li><code>{for_html(place(one.path, one.line))}</code> {for_html(one.what)}</li>" for one in control.evidence]
    words = " · ".join(for_html(word) for words in control.frameworks.values() for word in words)
    return (
        f'<tr id="{control.id}"><td>{control.id}</td><td class="status {control.status}">{control.status}</td>'
        f'<td>{for_html(control.title)}<p class="dim">{words}</p></td><td><ul>{"".join(where)}</ul></td></tr>'
    )
