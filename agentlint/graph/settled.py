"""What only the whole repository tells of a node: own packages, files without a credential, switches behind a switch."""

from __future__ import annotations

from collections.abc import Sequence

from agentlint.core.paths import is_test
from agentlint.facts.python.ir import Function, Op
from agentlint.facts.types import FileFacts
from agentlint.graph import language
from agentlint.graph.calls import CallGraph
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program
from agentlint.graph.switches import is_chosen
from agentlint.graph.validators import mentioned

OWN = "own"
_BEHIND = frozenset({"tls-off", "dangerous-switch"})
MAX_CALLS = 40


def settle(graph: RepoGraph, files: Sequence[FileFacts], program: Program, calls: CallGraph) -> None:
    """Complete the attributes of nodes in place, and take out those that turn out to be nothing."""
    own = {_plain(node.name) for node in graph.of_type("setting") if node.attrs.get("kind") == "package"}
    for node in graph.of_type("mcp_client"):
        if _plain(str(node.attrs.get("package", ""))) in own:  # with whatever version: it is this repository's
            node.attrs["pin"] = OWN
    _drop_harmless_copies(graph, files)
    for node in graph.of_type("switch"):
        if node.attrs.get("kind") == "unchecked-archive" and _looks_at_members(node, program):
            node.attrs["chosen"] = True
        if node.attrs.get("kind") in _BEHIND and node.attrs.get("chosen") is False and _is_behind(node, program, calls):
            node.attrs["chosen"] = True


def _plain(name: str) -> str:
    return name.partition("@")[0].partition("==")[0].lower().replace("_", "-").replace(".", "-")


def _drop_harmless_copies(graph: RepoGraph, files: Sequence[FileFacts]) -> None:
    """A file that may hold credentials, copied into an image, is none if it was read and holds none."""
    nodes = [node for node in graph.of_type("setting") if node.attrs.get("kind") == "image-secret" and node.attrs.get("file")]
    if not nodes:
        return
    clean = {file.path for file in files if not file.secrets and not file.literals}
    for node in nodes:
        name = str(node.attrs["file"]).removeprefix("./").lstrip("/")
        if any(path == name or path.endswith("/" + name) for path in clean):
            del graph.nodes[node.id]


def _looks_at_members(node: GraphNode, program: Program) -> bool:
    """Whether the function goes through the members first, and something about each may raise or is handed to a check."""
    number = _function_at(node, program)
    if number < 0:
        return False
    found = program.functions[number]
    members = {
        place
        for place, value in enumerate(found.values)
        if value.op is Op.ELEM and value.line < node.span.line and _lists_members(found, value.args[0])
    }
    if not members:
        return False
    checks = [call for call in found.statements if found.values[call].op is Op.CALL and found.values[call].line < node.span.line]
    tests = [found.blocks[found.blocks[block].parent if found.blocks[block].test < 0 else block].test for block in found.raises]
    return any(members & mentioned(found, value) for value in (*checks, *(test for test in tests if test >= 0)))


def _lists_members(found: Function, value: int) -> bool:
    callee = found.values[found.values[value].args[0]] if found.values[value].op is Op.CALL else None
    return callee is not None and callee.op is Op.ATTR and callee.text in language.MEMBERS


def _is_behind(node: GraphNode, program: Program, calls: CallGraph) -> bool:
    """Whether the function of a switch, or its class, is only used where a test speaks of what the switch is about."""
    function = _function_at(node, program)
    if function < 0:
        return False
    about = f"{node.attrs['kind']} {node.attrs.get('arg', '')} {node.name}"
    owner = program.owner(function)
    sites = list(calls.constructions(owner)) if owner >= 0 else [edge.site for edge in calls.callers(function)]
    used = [site for site in dict.fromkeys(sites) if not is_test(program.path(site[0]))][:MAX_CALLS]
    return bool(used) and all(is_chosen(program, site, about) for site in used)


def _function_at(node: GraphNode, program: Program) -> int:
    """The function a node stands in, -1 if that is none."""
    for number, function in enumerate(program.functions) if node.symbol else ():
        if function.kind == "function" and program.path(number) == node.path and program.symbol(number) == node.symbol:
            return number
    return -1
