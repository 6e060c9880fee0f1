"""Scopes of OAuth that Python code asks for: in an argument or a variable that is called so."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.facts.extract import NAMES_SCOPES
from agentlint.facts.python.ir import Op
from agentlint.facts.scopes import scope_node
from agentlint.graph.arguments import constant
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program, Site

_WORD = "scope"
_MAX_ITEMS = 200


def scope_graph_nodes(graph: RepoGraph, program: Program) -> None:
    """Add a ``permission`` of kind ``oauth-scope`` for each broad scope."""
    for number, function in enumerate(program.functions):
        if NAMES_SCOPES not in program.files[program.module_of[number]].traits:
            continue
        places = [(number, value) for name, ids in function.defs.items() if _WORD in name.lower() for value in ids]
        for index in function.calls:
            value = function.values[index]
            places += [(number, a) for a, key in zip(value.args, value.keys, strict=False) if _WORD in key.lower()]
        for place in places:
            _add(graph, program, place)


def _add(graph: RepoGraph, program: Program, place: Site) -> None:
    path = program.path(place[0])
    for scope, site in _constants(program, place):
        for fact in scope_node(path, scope, "python", scope, program.value(site).span):
            node = GraphNode(fact.type, f"{path}#{fact.id}", scope, path, fact.span, "python", dict(fact.attrs))
            node.symbol = program.symbol(site[0])
            graph.add(node)


def _constants(program: Program, place: Site) -> Iterator[tuple[str, Site]]:
    """Yield each scope and the value that names it: list elements of this file, or the words of one string."""
    value = program.value(place)
    if value.op is Op.SEQ:
        for item in value.args[:_MAX_ITEMS]:
            known = constant(program, (place[0], item))
            if isinstance(known, str):
                yield known, (place[0], item)
    elif value.op is Op.CONST:
        known = constant(program, place)
        if isinstance(known, str):
            yield from ((word, place) for word in known[:5_000].split()[:_MAX_ITEMS])
