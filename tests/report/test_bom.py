"""The bill of materials: valid, complete for the example, and the same each time."""

from __future__ import annotations

import importlib.resources
import json

import jsonschema
import pytest

from agentlint.core.place import Span
from agentlint.engine.run import repository_graph
from agentlint.engine.settings import Settings
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.report.bom import render
from conftest import ROOT

EXAMPLE = ROOT / "examples" / "vulnerable-agent"


def bill(path, **options):
    graph, notes = repository_graph([path], Settings(use_cache=False, jobs=1, include_tests=options.get("tests", False)))
    assert not [note for note in notes if note.level == "error"]

    def source(name):
        return (path / name).read_text()

    return render(graph, "1.0", "desk", source, **options)


@pytest.fixture(scope="module")
def example():
    return json.loads(bill(EXAMPLE))


def by_type(data, kind):
    wanted = {"name": "agentlint:type", "value": kind}
    return {one["name"]: one for one in data["components"] if wanted in one["properties"]}


def test_components_of_the_example(example):
    assert example["bomFormat"] == "CycloneDX" and example["specVersion"] == "1.6"
    assert set(by_type(example, "agent")) == {"Parcel desk"}
    assert set(by_type(example, "tool")) >= {"refund", "check_carrier", "close_ticket"}
    assert {one["name"]: one.get("purl") for one in by_type(example, "mcp_client").values()} == {
        "files": "pkg:npm/%40modelcontextprotocol/server-filesystem",
        "tickets": None,
    }
    occurrence = by_type(example, "tool")["refund"]["evidence"]["occurrences"][0]
    assert occurrence["location"] == "desk/tools.py" and occurrence["line"] > 1


def test_an_agent_depends_on_its_tools_and_prompts(example):
    refs = {one["ref"]: one.get("dependsOn", []) for one in example["dependencies"]}
    known = {one["bom-ref"] for one in example["components"]} | {"repository"}
    assert set(refs) == known
    assert {end for ends in refs.values() for end in ends} <= known
    agent = by_type(example, "agent")["Parcel desk"]["bom-ref"]
    assert by_type(example, "tool")["refund"]["bom-ref"] in refs[agent]
    assert any(end.startswith("prompt:") for end in refs[agent])
    assert agent in refs["repository"]


def test_prompts_are_digests_not_texts(example):
    assert by_type(example, "prompt")["AGENTS.md"]["hashes"][0]["alg"] == "SHA-256"
    assert "hashes" not in by_type(example, "prompt")["prompt"], "part of it is made when it runs"
    assert "You help the customers" not in json.dumps(example)


def test_long_prompts_have_digests_of_all_they_say(tmp_path):
    code = 'from agents import Agent\n\nagent = Agent(name="a", instructions="{}", model="gpt-4o")\n'
    digests = []
    for end in ("x", "y"):
        (tmp_path / "a.py").write_text(code.format("word " * 1000 + end))
        digests.append(next(iter(by_type(json.loads(bill(tmp_path)), "prompt").values()))["hashes"][0]["content"])
    assert digests[0] != digests[1]


def test_a_model_is_one_component_wherever_it_is_used(tmp_path):
    code = "from agents import Agent\n\nfirst = Agent(name='a', model='gpt-4o')\nsecond = Agent(name='b', model='gpt-4o')\n"
    (tmp_path / "a.py").write_text(code)
    models = [one for one in json.loads(bill(tmp_path))["components"] if one["type"] == "machine-learning-model"]
    assert [one["name"] for one in models] == ["gpt-4o"]
    assert [place["line"] for place in models[0]["evidence"]["occurrences"]] == [3, 4]


def test_pinned_packages_have_versions(tmp_path):
    servers = {"a": {"command": "npx", "args": ["-y", "@acme/mcp@1.2.3"]}, "b": {"command": "uvx", "args": ["acme_mcp==4.5"]}}
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    found = by_type(json.loads(bill(tmp_path)), "mcp_client")
    assert (found["a"]["purl"], found["a"]["version"]) == ("pkg:npm/%40acme/mcp@1.2.3", "1.2.3")
    assert (found["b"]["purl"], found["b"]["version"]) == ("pkg:pypi/acme-mcp@4.5", "4.5")


def test_same_tree_same_bytes():
    assert bill(EXAMPLE) == bill(EXAMPLE)


def test_tests_are_left_out(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("from agents import Agent\n\nagent = Agent(name='a')\n")
    assert json.loads(bill(tmp_path))["components"] == []
    assert json.loads(bill(tmp_path, tests=True))["components"]


def test_hostile_names_stay_text():
    graph = RepoGraph()
    node = GraphNode("agent", "x", "a\x1b[31m\ud800" + "b" * 900, "p\n.py", Span(2, 1, 2, 2), attrs={"gated": True})
    graph.add(node)
    text = render(graph, "1", "r\x07", lambda _path: None)
    text.encode()
    data = json.loads(text)
    assert "\x1b" not in data["components"][0]["name"] and len(data["components"][0]["name"]) <= 200


def test_valid_by_the_official_schema(example, tmp_path):
    pytest.importorskip("cyclonedx", reason="the schema comes with cyclonedx-python-lib")
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT7

    folder = importlib.resources.files("cyclonedx.schema") / "_res"

    def load(name):
        return json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))

    registry = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.{middle}schema.json", Resource(load(name), DRAFT7))
        for name in ("spdx", "jsf-0.82")
        for middle in ("", "SNAPSHOT.")
    )
    validator = jsonschema.Draft7Validator(load("bom-1.6"), registry=registry)
    assert not validator.is_valid({"bomFormat": "other"})
    validator.validate(example)
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": {"a": {"command": "npx", "args": ["-y", "@acme/mcp@1.2.3"]}}}))
    validator.validate(json.loads(bill(tmp_path)))
