"""A protocol stands for the classes that have its methods."""

from __future__ import annotations

import ast

import pytest
from graph.probes import index

from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.repository import link
from agentlint.graph.sinks import find_sinks

CODE = """\
import subprocess
from typing import Protocol
from openai import OpenAI

class Model(Protocol):
    name: str
    def ask(self, text: str) -> str: ...
    def close(self) -> None: ...

class Own:
    def {ask}(self, text):
        return OpenAI().responses.create(model="m", input=text).output_text
    def {close}(self):
        pass

def run(model: Model):
    subprocess.run(model.ask("x"), shell=True)
"""


@pytest.mark.parametrize(("ask", "close", "reached"), [("ask", "close", True), ("ask", "stop", False), ("tell", "close", False)])
def test_all_methods_are_needed(ask, close, reached):
    code = CODE.format(ask=ask, close=close)
    repository = link([FileFacts(path="a.py", kind="python", python=lower(ast.parse(code), code))], index())
    (sink,) = [place for place in find_sinks(repository.program) if place.kind == "shell"]
    assert bool(repository.solver.reach(sink, {"model-output": True})) is reached
