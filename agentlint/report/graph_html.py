"""The graph as one HTML page for a reviewer: drawing, filters, findings; and tables that need no script."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from agentlint.core.escape import for_html
from agentlint.report.select import SEVERITIES

_ASSETS = files("agentlint.report") / "assets"
_SCRIPTS = ("graph_model.js", "graph_layout.js", "graph_draw.js", "graph_panel.js", "graph_page.js")
_JSON_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_NOUNS = (("agent", "agents"), ("tool", "tools"), ("prompt", "prompts"), ("model", "models"), ("memory", "memories"))


def render(view: Mapping[str, Any], version: str) -> str:
    """Return the page of a ``graph_view``. Its policy allows nothing but its own style and scripts."""
    style = _asset("graph.css")
    library = _library()
    own = "\n".join(_asset(name) for name in _SCRIPTS)
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(library)}' '{_digest(own)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        "<title>agentlint graph</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
    ]
    body = [
        '<a class="skip" href="#tables">Skip to the tables</a>',
        f"<header><h1>agentlint graph</h1><p>{_summary(view)}</p></header>",
        _asset("graph_body.html").rstrip("\n"),
        '<section id="tables" tabindex="-1">',
        *_findings(view),
        *_nodes(view),
        f'</section><footer class="dim">agentlint {for_html(version)}</footer>',
    ]
    scripts = [
        f'<script type="application/json" id="data">{script_json(view)}</script>',
        f"<script>{library}</script>",
        f"<script>{own}</script>",
    ]
    return "\n".join([*head, *body, *scripts, "</body>", "</html>", ""])


def script_json(value: Any) -> str:
    """Return ``value`` as JSON that a script element can hold: pure ASCII without ``<``, ``>`` and ``&``."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).translate(_JSON_ESCAPES)


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _library() -> str:
    """Return the layout library under its licence, without the pointer to a source map that is not there."""
    code = _asset("dagre.min.js").partition("//# sourceMappingURL=")[0]
    version = json.loads(_asset("vendored.json"))["version"]
    return f"/*! @dagrejs/dagre {version}\n{_asset('dagre.LICENSE.txt').strip()}\n*/\n{code}"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _summary(view: Mapping[str, Any]) -> str:
    types = Counter(node["type"] for node in view["nodes"])
    parts = [f"<b>{types[one]}</b> {one if types[one] == 1 else many}" for one, many in _NOUNS if types[one]]
    severities = Counter(finding["severity"] for finding in view["findings"])
    told = [
        f'<span class="sev {level.label}">{severities[level.label]} {level.label}</span>'
        for level in SEVERITIES
        if severities[level.label]
    ]
    count = len(view["findings"])
    found = f"<b>{count}</b> finding{'' if count == 1 else 's'}" if count else "no findings"
    return " · ".join([*(parts or ["no agents, tools or prompts"]), f"{found}{': ' if told else ''}{', '.join(told)}"])


def _place(item: Mapping[str, Any]) -> str:
    place = for_html(f"{item['path']}:{item['line']}")
    return f'<a href="{for_html(item["href"])}"><code>{place}</code></a>{for_html(item.get("cell", ""))}'


def _findings(view: Mapping[str, Any]) -> list[str]:
    title = f'<h2 id="findings-title">Findings <span class="dim">{len(view["findings"])}</span></h2>'
    if not view["findings"]:
        return [title, "<p>No findings.</p>"]
    rows = []
    for item in view["findings"]:
        fix = f'<p class="fix">→ {for_html(item["fix"])}</p>' if item["fix"] else ""
        rows.append(
            f'<tr id="t-{item["id"]}" data-finding="{item["id"]}"><td class="sev {item["severity"]}">{item["severity"]}</td>'
            f'<th scope="row">{for_html(item["rule"])} <span class="dim">{for_html(item["name"])}</span></th>'
            f"<td>{for_html(item['message'])}{fix}</td><td>{_place(item)}</td></tr>"
        )
    return [title, *_table("findings-title", ("severity", "rule", "what", "where"), rows)]


def _nodes(view: Mapping[str, Any]) -> list[str]:
    title = f'<h2 id="nodes-title">Nodes <span class="dim">{len(view["nodes"])}</span></h2>'
    if not view["nodes"]:
        return [title, "<p>Nothing here builds or configures an agent, as far as agentlint can see.</p>"]
    names = {node["id"]: node["name"] for node in view["nodes"]}
    links: dict[str, list[str]] = {}
    for edge in view["edges"]:
        links.setdefault(edge["source"], []).append(f"{edge['label']} {names[edge['target']]}")
    rules = {finding["id"]: finding["rule"] for finding in view["findings"]}
    rows = []
    for node in view["nodes"]:
        does = ", ".join([*node["effects"], *(["gated"] if node["gated"] else [])])
        found = ", ".join(sorted({rules[number] for number in node["findings"]}))
        rows.append(
            f'<tr id="t-{node["id"]}" data-node="{node["id"]}"><td>{for_html(node["type"])}</td>'
            f'<th scope="row">{for_html(node["name"])}</th><td>{for_html(node["framework"])}</td><td>{for_html(does)}</td>'
            f"<td>{for_html('; '.join(links.get(node['id'], ())))}</td><td>{for_html(found)}</td><td>{_place(node)}</td></tr>"
        )
    heads = ("type", "name", "framework", "effects", "edges", "findings", "where")
    return [title, *_table("nodes-title", heads, rows)]


def _table(title: str, heads: tuple[str, ...], rows: list[str]) -> list[str]:
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    opening = (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{title}"><table><thead><tr>{cells}</tr></thead><tbody>'
    )
    return [opening, *rows, "</tbody></table></div>"]
