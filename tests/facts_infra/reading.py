from __future__ import annotations

from importlib import import_module
from textwrap import dedent

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.types import NodeFact
from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem

MODULES = {
    "terraform": ("terraform", "main.tf"),
    "cloudformation": ("cloudformation", "template.yaml"),
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


def named(result: Contribution, name: str) -> list[NodeFact]:
    return [node for node in result.nodes if node.name == name]


def typed(result: Contribution, kind: str) -> list[NodeFact]:
    return [node for node in result.nodes if node.type == kind]


def permissions(result: Contribution, policy_kind: str = "identity") -> list[NodeFact]:
    return [node for node in typed(result, "permission") if node.attrs.get("policy_kind") == policy_kind]
