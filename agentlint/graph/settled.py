"""What only the whole repository tells of a node: packages of its own, files that hold no credential, switches behind a switch."""

from __future__ import annotations

from collections.abc import Sequence

from agentlint.core.paths import is_test
from agentlint.facts.types import FileFacts
from agentlint.graph.calls import CallGraph
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program
from agentlint.graph.switches import is_chosen

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
    functions = enumerate(program.functions) if node.symbol else ()
    return next((n for n, f in functions if f.kind == "function" and program.path(n) == node.path and program.symbol(n) == node.symbol), -1)
