"""Reads text as a file of the scanned tree would be read."""

from __future__ import annotations

from agentlint.facts.frontend import Contribution, FileInput, contribute_all
from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem


def read(path: str, kind: str, source: str) -> Contribution:
    parsed = parse(kind, path, source.encode())
    assert not isinstance(parsed, ParseProblem), parsed
    return contribute_all(FileInput(path, kind, parsed.text, parsed.document))


def nodes(kind_of_node: str, path: str, kind: str, source: str):
    return [node for node in read(path, kind, source).nodes if node.type == kind_of_node]
