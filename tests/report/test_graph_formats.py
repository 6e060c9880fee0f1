"""The graph as JSON, DOT and Mermaid: complete, ordered, and safe for each language."""

from __future__ import annotations

import json

from agentlint.core.place import Span
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.report import graph_dot, graph_json, graph_mermaid
from agentlint.report.graph_data import graph_data

HOSTILE = 'x"]; click n1 "javascript:alert(1)" <b>`\n\u202e'


def sample():
    graph = RepoGraph()
    graph.add(GraphNode("tool", "t", HOSTILE, "b.py", Span(3, 1, 3, 2), attrs={"effects": {"shell", "exec"}}))
    graph.add(GraphNode("agent", "a", "helper", "a.py", Span(1, 1, 1, 2), attrs={"key": "sk-" + "a1" * 20}))
    graph.link("a", "uses", "t")
    graph.link("a", "uses", "gone")
    return graph_data(graph, "0")


def test_data_is_ordered_by_place_and_has_no_loose_ends():
    data = sample()
    assert [node["name"] for node in data["nodes"]][0] == "helper"
    assert data["edges"] == [{"source": "n1", "label": "uses", "target": "n2"}]
    assert data["nodes"][1]["attributes"]["effects"] == ["exec", "shell"]


def test_secrets_are_masked():
    assert "a1a1a1a1" not in json.dumps(sample())


def test_json_is_json():
    assert json.loads(graph_json.render(sample())) == sample()


def test_dot_keeps_hostile_names_inside_their_strings():
    text = graph_dot.render(sample())
    line = next(line for line in text.splitlines() if line.startswith("  n2 ["))
    assert line.replace('\\"', "").count('"') == 4
    assert len(text.splitlines()) == 7


def test_mermaid_keeps_hostile_names_inside_their_labels():
    text = graph_mermaid.render(sample())
    line = next(line for line in text.splitlines() if line.startswith("  n2"))
    assert line.count('"') == 2
    assert "<" not in line
    assert "`" not in text


def test_mermaid_stays_within_what_is_drawn():
    from agentlint.report import graph_mermaid

    kinds = ("agent", "tool", "prompt", "logger")
    nodes = [{"id": f"n{n}", "type": kinds[n % 4], "name": "x" * 300, "path": "a.py", "line": 1} for n in range(1, 2_001)]
    edges = [{"source": f"n{n}", "label": "uses", "target": f"n{n + 1}"} for n in range(4, 1_900)]
    text = graph_mermaid.render({"nodes": nodes, "edges": edges})
    assert len(text) < 50_000
    assert text.count("-->") <= 500
    assert "not drawn:" in text
    assert "logger: " not in graph_mermaid.render({"nodes": nodes[:3] + [{**nodes[3], "id": "n9999"}], "edges": []})
