"""Searches for a value that stands in another function than the call that acts on it."""

from __future__ import annotations

import ast

from graph.probes import index

from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.flow import Solver
from agentlint.graph.program import Program
from agentlint.graph.roles import find_roles
from agentlint.graph.sinks import find_sinks

CODE = """\
import requests
from fastmcp.server.dependencies import get_http_headers


def headers(token):
    if token in ALLOWED:
        print("known")
    return {"Authorization": f"Bearer {token}"}


def send(address, again, often, late):
    token = get_http_headers()["authorization"]
    if again:
        if often:
            if late:
                return requests.get(address, headers=headers(token)).text
    return ""
"""


def test_a_use_in_another_function_is_not_guarded_by_tests_here():
    program = Program([FileFacts(path="a.py", kind="python", python=lower(ast.parse(CODE), CODE))], index())
    solver = Solver(program, find_roles(program))
    (sink,) = [place for place in find_sinks(program) if place.kind == "credential-out"]
    assert sink.value[0] != sink.call[0]
    assert program.value(sink.call).block >= len(program.functions[sink.value[0]].blocks)
    (found,) = solver.reach(sink, {"caller-token": True})
    assert found.source.kind == "caller-token"
