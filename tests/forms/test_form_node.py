"""The ``node`` and ``absent`` forms over the graph."""

from __future__ import annotations

import msgspec

from agentlint.core.finding import Finding
from agentlint.core.levels import Severity
from agentlint.core.place import Span
from agentlint.engine.forms import absent, node
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.rulebook.rules import Rule


def rule(message="{name}", **forms):
    plain = {
        "id": "AL999", "name": "x", "category": "agent-config", "severity": "high", "confidence": "high", "message": message,
        "docs": "", "summary": "s", "kinds": ["cfg"], "status": {"stable": "0.1"}, **forms,
    }  # fmt: skip
    return msgspec.convert(plain, Rule)


def finding(rule, path, span, message, **more):
    return Finding(rule=rule, path=path, span=span, message=message, **more)


def graph(*nodes, edges=()):
    made = RepoGraph()
    for number, (kind, name, attrs, *rest) in enumerate(nodes):
        path = rest[0] if rest else "a.json"
        unknown = rest[1] if len(rest) > 1 else ()
        spans = {"args": Span(number + 1, 9, number + 1, 12)}
        made.add(GraphNode(kind, name, name, path, Span(number + 1), attrs=attrs, spans=spans, unknown=unknown))
    for source, label, target in edges:
        made.link(source, label, target)
    return made


def names(rule, graph):
    return [found.message for found in node.run(rule, graph, finding)]


SERVERS = graph(
    ("mcp_client", "a", {"pinned": False}),
    ("mcp_client", "b", {"pinned": True}),
    ("mcp_client", "c", {}, "b.json", ("pinned",)),
    ("mcp_client", "d", {"pinned": False}, "b.json"),
    ("agent", "e", {"pinned": False}),
)


def test_attributes_decide_and_unknown_ones_decide_nothing():
    assert names(rule(node=[{"type": ["mcp_client"], "where": [{"key": "pinned", "equals": False}]}]), SERVERS) == [
        "a",
        "d",
    ]
    assert names(rule(node=[{"type": ["mcp_client"], "where": [{"key": "pinned", "present": False}]}]), SERVERS) == []
    assert names(rule(node=[{"type": ["mcp_client"], "where": [{"key": "pinned", "unknown": True}]}]), SERVERS) == ["c"]


def test_a_finding_stands_at_the_attribute_that_at_names():
    form = {"type": ["mcp_client"], "where": [{"key": "pinned", "equals": False}]}
    spans = [found.span for found in node.run(rule(node=[{**form, "at": "args"}]), SERVERS, finding)]
    assert spans == [Span(1, 9, 1, 12), Span(4, 9, 4, 12)]
    assert next(node.run(rule(node=[{**form, "at": "nothing"}]), SERVERS, finding)).span == Span(1)


def test_nested_attributes_and_fields_of_the_node():
    made = graph(("agent", "e", {"env": {"A.B": "x"}}))
    assert names(rule(node=[{"type": ["agent"], "where": [{"key": "env.A.B", "equals": "x"}]}]), made) == ["e"]
    assert names(rule(node=[{"type": ["agent"], "where": [{"key": "path", "matches": "json$"}]}]), made) == ["e"]


def test_once_gathers_by_file_or_repository():
    form = {"type": ["mcp_client"], "where": [{"key": "pinned", "present": True}]}
    by_file = list(node.run(rule("{count}: {names}", node=[{**form, "once": "file"}]), SERVERS, finding))
    assert [found.message for found in by_file] == ["2: a, b", "1: d"]
    assert [related.message for related in by_file[0].related] == ["b"]
    whole = list(node.run(rule("{count}: {names}", node=[{**form, "once": "repo"}]), SERVERS, finding))
    assert [found.message for found in whole] == ["3: a, b, d"]


def test_the_earliest_case_of_a_group_speaks():
    worst = {
        "type": ["mcp_client"],
        "where": [{"key": "pinned", "equals": True}],
        "once": "file",
        "severity": "critical",
    }
    mild = {"type": ["mcp_client"], "where": [{"key": "pinned", "equals": False}], "once": "file"}
    first = next(node.run(rule(node=[worst, mild]), SERVERS, finding))
    assert (first.message, first.severity, len(first.related)) == ("b", Severity.CRITICAL, 1)


def test_edges_and_unless():
    made = graph(
        ("agent", "safe", {}), ("agent", "open", {}), ("tool", "shell", {"effects": ["shell"]}), ("gate", "ask", {}),
        edges=[("safe", "uses", "shell"), ("open", "uses", "shell"), ("safe", "guarded_by", "ask")],
    )  # fmt: skip
    uses = {"edge": "uses", "to": ["tool"], "where": [{"key": "effects", "contains": "shell"}]}
    form = {"type": ["agent"], "edges": [uses], "unless": [{"edge": "guarded_by", "to": ["gate"]}]}
    assert names(rule(node=[form]), made) == ["open"]
    incoming = {"type": ["tool"], "edges": [{"edge": "uses", "to": ["agent"], "incoming": True}]}
    assert names(rule(node=[incoming]), made) == ["shell"]


def test_an_exception_that_may_apply_keeps_the_rule_silent():
    made = graph(("agent", "open", {}), ("gate", "ask", {}, "a.json", ("enabled",)), edges=[("open", "guarded_by", "ask")])
    unless = {"edge": "guarded_by", "where": [{"key": "enabled", "equals": True}]}
    assert names(rule(node=[{"type": ["agent"], "unless": [unless]}]), made) == []


def test_also_asks_for_another_node_in_the_repository():
    pair = {"type": ["hook"], "where": [{"key": "when", "equals": "start"}]}
    other = {"type": ["hook"], "where": [{"key": "when", "equals": "open"}]}
    both = graph(("hook", "h", {"when": "start"}), ("hook", "t", {"when": "open"}, "b.json"))
    alone = graph(("hook", "h", {"when": "start"}))
    assert names(rule(node=[{**pair, "also": [other]}]), both) == ["h"]
    assert names(rule(node=[{**pair, "also": [other]}]), alone) == []


def test_absent_reports_once_when_nothing_may_be_what_is_needed():
    form = {"when": {"type": ["agent"]}, "need": [{"type": ["logger"], "where": [{"key": "enabled", "equals": True}]}]}

    def found(*nodes):
        return [one.message for one in absent.run(rule("{count} {name}", absent=[form]), graph(*nodes), finding)]

    agents = (("agent", "a", {}), ("agent", "b", {}))
    assert found(*agents) == ["2 a"]
    assert found(*agents, ("logger", "l", {"enabled": False})) == ["2 a"]
    assert found(*agents, ("logger", "l", {"enabled": True})) == []
    assert found(*agents, ("logger", "l", {}, "a.json", ("enabled",))) == []
    assert found(("logger", "l", {"enabled": True})) == []
