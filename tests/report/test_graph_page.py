"""The page of the graph: complete without JavaScript, closed to the network and to what it shows, the same every time."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from agentlint.core.finding import Finding, Related
from agentlint.core.levels import Severity
from agentlint.core.place import Span
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.report import graph_html
from agentlint.report.graph_clusters import LARGEST, clusters
from agentlint.report.graph_data import graph_data
from agentlint.report.graph_view import graph_view

HOSTILE = "</script><img src=x onerror=alert(1)>\"'><!-- \u2028 \u202e ]]> & ${x}"


def span(line):
    return Span(line, 1, line, 2)


def finding(rule, path, line, **more):
    return Finding(
        rule=rule, path=path, span=span(line), message=f"about {path}", name="some-rule", severity=Severity.HIGH, **more
    )


def graph():
    made = RepoGraph()
    made.add(GraphNode("agent", "a", "helper", "app/a.py", span(3), "langgraph", {"effects": []}))
    made.add(GraphNode("tool", "t", HOSTILE, "app/b.py", span(5), "", {"effects": ["shell"], "gated": True}, symbol="run"))
    made.add(GraphNode("prompt", "p", "prompt", "app/tests/c.py", span(1)))
    made.add(GraphNode("prompt", "q", "made_by_function", "app/a.py", span(9)))
    made.link("a", "uses", "t")
    return made


def view(made=None, findings=()):
    return graph_view(
        graph_data(made or graph(), "0"),
        findings,
        lambda path: path.partition("/")[0],
        {"shell": "runs"},
        lambda path, line: f"./{path}#L{line}",
    )


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text, self.rows = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):
        self.text.append(data)


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


def test_findings_belong_to_the_nodes_they_are_about():
    told = view(
        findings=[
            finding("AL1", "app/a.py", 3),
            finding("AL2", "app/b.py", 8, symbol="run"),
            finding("AL3", "app/a.py", 20, symbol="made_by_function"),
            finding("AL4", "app/z.py", 2, related=(Related("app/b.py", span(5), "here"),)),
            finding("AL5", "other/z.py", 2),
        ]
    )
    names = {node["id"]: node["name"] for node in told["nodes"]}
    assert {found["rule"]: names[found["node"]] for found in told["findings"]} == {
        "AL1": "helper", "AL2": names["n3"], "AL3": "made_by_function", "AL4": names["n3"], "AL5": "z.py",
    }  # fmt: skip
    assert [node["type"] for node in told["nodes"] if node["path"] == "other/z.py"] == ["file"]


def test_hostile_text_stays_text():
    made = graph()
    made.add(GraphNode("secret", HOSTILE, HOSTILE, HOSTILE, span(1), attrs={HOSTILE: HOSTILE}, symbol=HOSTILE))
    page = graph_html.render(view(made, [finding(HOSTILE, HOSTILE, 1, fix=HOSTILE)]), "0")
    reader = Reader(page)
    assert reader.tags.count("script") == 3
    assert "img" not in reader.tags
    assert not [name for _, name, _ in reader.attributes if name.startswith("on")]
    assert "\u2028" not in page
    assert "\u202e" not in page
    own = data_of(page)
    assert any(node["name"].startswith("</script><img src=x onerror") for node in own["nodes"])
    raw = re.search(r'id="data">(.*?)</script>', page, re.S)[1]
    assert not set(raw) & set("<>&")
    assert raw.isascii()


def test_every_script_and_style_is_named_by_the_policy_and_nothing_else_is_allowed():
    page = graph_html.render(view(), "0")
    policy = dict(
        (name, value)
        for tag, name, value in Reader(page).attributes
        if tag == "meta" and name == "content" and "default" in value
    )
    assert policy["content"].startswith("default-src 'none';")
    assert "unsafe" not in policy["content"]
    assert "http" not in policy["content"]
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    styles = re.findall(r"<style>(.*?)</style>", page, re.S)
    assert len(scripts) == 2
    assert all(graph_html._digest(text) in policy["content"] for text in scripts + styles)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", scripts[1])


def test_the_tables_hold_every_node_and_finding():
    told = view(findings=[finding("AL1", "app/a.py", 3), finding("AL5", "other/z.py", 2)])
    page = graph_html.render(told, "0")
    attributes = Reader(page).attributes
    assert {value for _, name, value in attributes if name == "data-node"} == {node["id"] for node in told["nodes"]}
    assert {value for _, name, value in attributes if name == "data-finding"} == {"r1", "r2"}
    links = [value for tag, name, value in attributes if tag == "a" and name == "href"]
    assert "./app/a.py#L3" in links


def test_an_empty_graph_is_a_page():
    page = graph_html.render(view(RepoGraph()), "0")
    assert data_of(page)["nodes"] == []
    assert "No findings." in page


def test_the_page_is_the_same_every_time():
    found = [finding("AL1", "app/a.py", 3), finding("AL5", "other/z.py", 2)]
    assert graph_html.render(view(findings=found), "0") == graph_html.render(view(findings=found), "0")


def node(number, kind="tool", project="x"):
    return {"id": f"n{number}", "type": kind, "name": f"name {number}", "project": project}


def test_clusters_hold_every_node_once():
    nodes = [node(1, "agent"), node(2), node(3, "prompt"), node(4, "prompt"), node(5, project="y")]
    made = clusters(nodes, [("n1", "n2"), ("n1", "n5"), ("n3", "n3"), ("n3", "gone")])
    assert [(c["project"], c["name"], c["loose"], c["nodes"]) for c in made] == [
        ("x", "name 1", False, ["n1", "n2", "n5"]),
        ("x", "prompt", True, ["n3", "n4"]),
    ]


@pytest.mark.parametrize("kind", ["agent", "tool"])
def test_what_is_all_connected_is_cut_by_agent(kind):
    nodes = [node(number, kind if number % 10 == 0 else "tool") for number in range(2 * LARGEST)]
    edges = [(f"n{number}", f"n{number + 1}") for number in range(2 * LARGEST - 1)]
    made = clusters(nodes, edges)
    assert sorted(member for cluster in made for member in cluster["nodes"]) == sorted(n["id"] for n in nodes)
    assert len(made) == (2 * LARGEST / 10 if kind == "agent" else 1)
