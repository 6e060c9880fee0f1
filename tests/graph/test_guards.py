"""Guards asked about uses that are not where the value is."""

from __future__ import annotations

import ast

from graph.probes import index

from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.guards import Guards
from agentlint.graph.program import Program

CODE = """\
def run(command):
    if command in ALLOWED:
        return command
    return ""
"""


def test_a_use_in_another_function_is_not_guarded_by_tests_here():
    program = Program([FileFacts(path="a.py", kind="python", python=lower(ast.parse(CODE), CODE))], index())
    number = next(i for i, function in enumerate(program.functions) if function.name == "run")
    parameter = program.functions[number].params[0].value
    assert not Guards(program).guarded((number, parameter), len(program.functions[number].values), 10_000, "shell")
