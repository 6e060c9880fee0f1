"""What models say of a piece of code: used to test each line of each model."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agentlint.facts.python.ir import Op
from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.arguments import holds
from agentlint.graph.callees import called
from agentlint.graph.program import Program, Site
from agentlint.graph.repository import Repository, link
from agentlint.graph.sinks import find_sinks
from agentlint.rulebook.index import ModelIndex

_NODES = {
    "agent": "agent",
    "gate": "gate",
    "memory": "memory",
    "guardrail": "guardrail",
    "auth": "auth",
    "logger": "logger",
    "tool": "tool",
}


def found(code: str, index: ModelIndex) -> set[str]:
    """Return what is found in a snippet, as ``sink:shell``, ``source:user-input``, ``tool``, ``switch:tls-off`` and so on."""
    tree = compile(code, "<model>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    repository = link([FileFacts(path="model.py", kind="python", python=lower(tree, code))], index)
    return set(_all(repository))


def _all(repository: Repository) -> Iterator[str]:
    program = repository.program
    for sink in find_sinks(program):
        yield f"sink:{sink.kind}"
    for node in repository.graph.nodes.values():
        if node.type in _NODES:
            yield _NODES[node.type]
        elif node.type == "switch":
            yield f"switch:{node.attrs['kind']}"
        elif node.type in ("mcp_server", "server"):
            yield f"server:{node.attrs['kind']}"
        for effect in node.attrs.get("effects", ()):
            yield f"effect:{effect}"
    for roles in repository.roles.of.values():
        yield from (f"source:{role.kind}" for role in roles)
    for number, function in enumerate(program.functions):
        for use in repository.effects.own(number):
            yield f"effect:{use.effect}"
        for value_id, value in enumerate(function.values):
            hit = repository.solver.sources.at((number, value_id), False)
            if hit is not None:
                yield f"source:{hit.kind}"
            if value.op is Op.CALL:
                yield from _of_call(program, (number, value_id))
            elif value.op is Op.ATTR:
                for path in program.inference.paths((number, value_id)):
                    if program.index.sanitizer_reads(path):
                        yield "sanitizer"


def _of_call(program: Program, site: Site) -> Iterator[str]:
    index, value = program.index, program.value(site)
    callee = program.functions[site[0]].values[value.args[0]]
    if callee.op is Op.ATTR and index.guard_methods(callee.text):
        yield "guard"
    for path in called(program, site):
        if any(holds(program, site, sanitizer.when) for sanitizer in index.sanitizers(path)):
            yield "sanitizer"
        if index.guards(path):
            yield "guard"
        if index.limits(path):
            yield "limit"
        if index.throttles(path):
            yield "throttle"
        if index.answers(path):
            yield "answer"
        if index.runs(path):
            yield "run"
        if index.propagators(path):
            yield "propagator"
