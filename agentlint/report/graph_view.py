"""What the page of ``agentlint graph -f html`` shows: the graph, the findings on its nodes, and how the nodes are folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agentlint.core.escape import visible
from agentlint.core.finding import Finding
from agentlint.core.paths import is_test
from agentlint.report.graph_clusters import clusters
from agentlint.report.select import severity_of, worst_first

FILE = "file"
_TELLING = ("tool", "agent", "mcp_server", "endpoint", "workflow_job", "mcp_client", "server")
_NOT_SHOWN = frozenset({"effects", "function", "gated", "made_at", "comments", "length"})


def graph_view(
    data: Mapping[str, Any],
    findings: Sequence[Finding],
    project: Callable[[str], str],
    effects: Mapping[str, str],
    link: Callable[[str, int], str],
) -> dict[str, Any]:
    """Return plain data for the page: ``nodes``, ``edges``, ``clusters``, ``findings``, ``effects``.

    ``data`` comes from ``graph_data``; ``project`` gives the project of a path, ``effects`` what the words for effects
    mean, ``link`` the relative address of a line. A finding belongs to the node it is about; one about a line that is
    part of no node gets a node of type ``file``.
    """
    nodes = [_node(node, project, link) for node in data["nodes"]]
    finder = _Finder(nodes)
    told = []
    for number, finding in enumerate(worst_first(findings), 1):
        node = finder.about(finding) or finder.file(finding, project, link)
        node["findings"].append(f"r{number}")
        told.append({"id": f"r{number}", "node": node["id"], **_finding(finding, link)})
    nodes = [*nodes, *finder.files.values()]
    edges = [{"source": edge["source"], "label": edge["label"], "target": edge["target"]} for edge in data["edges"]]
    used = {effect for node in nodes for effect in node["effects"]}
    return {
        "nodes": nodes,
        "edges": edges,
        "clusters": clusters(nodes, [(edge["source"], edge["target"]) for edge in edges]),
        "findings": told,
        "effects": {effect: effects.get(effect, "") for effect in sorted(used)},
    }


def _node(node: Mapping[str, Any], project: Callable[[str], str], link: Callable[[str, int], str]) -> dict[str, Any]:
    attributes = node["attributes"]
    effects = attributes.get("effects") or []
    return {
        "id": node["id"],
        "type": node["type"],
        "name": _one_line(node["name"]),
        "path": visible(node["path"]),
        "line": node["line"],
        "href": link(node["path"], node["line"]),
        "framework": node["framework"],
        "symbol": "" if node["symbol"] == "<module>" else visible(node["symbol"]),
        "project": visible(project(node["path"])),
        "effects": [str(effect) for effect in effects] if isinstance(effects, list) else [],
        "gated": attributes.get("gated") is True,
        "test": is_test(node["path"]),
        "facts": [[key, _fact(value)] for key, value in attributes.items() if key not in _NOT_SHOWN and _fact(value)],
        "unknown": list(node["unknown"]),
        "findings": [],
    }


def _fact(value: Any) -> str:
    """Return an attribute as text, empty for one that says nothing."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, list):
        return ", ".join(_fact(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_fact(item) or 'no'}" for key, item in sorted(value.items()))
    return _one_line(str(value))


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))


def _finding(finding: Finding, link: Callable[[str, int], str]) -> dict[str, Any]:
    steps = [(step.path, step.span.line, step.message) for step in finding.flow]
    steps += [(place.path, place.span.line, place.message) for place in finding.related]
    cell = f" (cell {finding.cell.number}, line {finding.cell.line})" if finding.cell is not None else ""
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": severity_of(finding).label,
        "message": _one_line(finding.message),
        "path": visible(finding.path),
        "line": finding.span.line,
        "cell": cell,
        "href": link(finding.path, finding.span.line),
        "fix": _one_line(finding.fix or ""),
        "steps": [[visible(path), line, _one_line(message), link(path, line)] for path, line, message in steps],
    }


class _Finder:
    """Finds the node that a finding is about."""

    def __init__(self, nodes: Sequence[dict[str, Any]]) -> None:
        self._at: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        self._in: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self._named: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.files: dict[str, dict[str, Any]] = {}
        for node in nodes:
            self._at[node["path"], node["line"]].append(node)
            if node["symbol"] and node["type"] in _TELLING:
                self._in[node["path"], node["symbol"]].append(node)
            self._named[node["path"], node["name"]].append(node)

    def about(self, finding: Finding) -> dict[str, Any] | None:
        """Return the node on the finding's line, else the one whose function it is in, else one its path touches.

        A function that is handed over as a prompt or a guardrail gives that node its name.
        """
        path, line, symbol = visible(finding.path), finding.span.line, visible(finding.symbol)
        inside = [node for node in self._in[path, symbol] if node["line"] <= line]
        for candidates in (self._at[path, line], inside[-1:], self._named[path, symbol] if symbol else []):
            if candidates:
                return min(candidates, key=_rank)
        places = [(step.path, step.span.line) for step in finding.flow] + [(r.path, r.span.line) for r in finding.related]
        touched = [node for there, where in places for node in self._at[visible(there), where] if node["type"] in _TELLING]
        return min(touched, key=_rank) if touched else None

    def file(self, finding: Finding, project: Callable[[str], str], link: Callable[[str, int], str]) -> dict[str, Any]:
        """Return the node of the finding's file, made when there is none yet."""
        path = finding.path
        if path not in self.files:
            bare = {"id": f"f{len(self.files) + 1}", "type": FILE, "name": path.rpartition("/")[2], "path": path}
            rest = {"line": finding.span.line, "framework": "", "symbol": "", "attributes": {}, "unknown": ()}
            self.files[path] = _node({**bare, **rest}, project, link)
        return self.files[path]


def _rank(node: Mapping[str, Any]) -> int:
    return _TELLING.index(node["type"]) if node["type"] in _TELLING else len(_TELLING)
