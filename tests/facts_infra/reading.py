from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from textwrap import dedent

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.types import EdgeFact, FileFacts, NodeFact
from agentlint.graph.infra.infrastructure import Infrastructure
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem

MODULES = {
    "terraform": ("infra.terraform", "main.tf"),
    "cloudformation": ("infra.cloudformation", "template.yaml"),
    "bicep": ("infra.bicep", "main.bicep"),
    "kubernetes": ("kubernetes", "pod.yaml"),
    "compose": ("compose", "compose.yaml"),
    "dockerfile": ("docker", "Dockerfile"),
    "workflow": ("workflow", ".github/workflows/ci.yml"),
}


def read(kind: str, source: str, path: str = "") -> Contribution:
    """Return what the front end of ``kind`` reads in ``source`` (its common indentation removed)."""
    module, usual = MODULES[kind]
    path = path or usual
    parsed = parse(kind, path, dedent(source).lstrip("\n").encode())
    assert not isinstance(parsed, ParseProblem), parsed
    result: Contribution = import_module(f"agentlint.facts.{module}").contribute(
        FileInput(path, kind, parsed.text, parsed.document)
    )
    return result


@dataclass
class Linked:
    """The graph of some infrastructure files, in the shape of a contribution."""

    nodes: list[GraphNode]
    edges: list[EdgeFact]
    infrastructure: Infrastructure


def linked(**files: str) -> Linked:
    """Return the graph of Terraform files given by name, ``main`` for ``main.tf``; ``sub__main`` is ``sub/main.tf``."""
    facts = []
    for name, source in files.items():
        path = name.replace("__", "/") + (".tfvars" if name == "terraform" else ".tf")
        facts.append(FileFacts(path=path, kind="terraform", resources=read("terraform", source, path).resources))
    return graph_of(facts)


def resources(kind: str, source: str) -> Linked:
    """Return the graph of one infrastructure file."""
    path = MODULES[kind][1]
    return graph_of([FileFacts(path=path, kind=kind, resources=read(kind, source).resources)])


def graph_of(facts: list[FileFacts]) -> Linked:
    infrastructure, graph = Infrastructure(facts), RepoGraph()
    infrastructure.into(graph)
    edges = [EdgeFact(source, label, target) for source, out in graph.out.items() for label, target in out]
    return Linked(list(graph.nodes.values()), edges, infrastructure)


def named(result: Contribution, name: str) -> list[NodeFact]:
    return [node for node in result.nodes if node.name == name]


def typed(result: Contribution, kind: str) -> list[NodeFact]:
    return [node for node in result.nodes if node.type == kind]


def permissions(result: Contribution, policy_kind: str = "identity") -> list[NodeFact]:
    return [node for node in typed(result, "permission") if node.attrs.get("policy_kind") == policy_kind]
