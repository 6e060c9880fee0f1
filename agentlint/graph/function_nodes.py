"""Graph nodes of functions that a route, a guardrail or an authentication makes what they are."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import make
from agentlint.graph.program import Program
from agentlint.graph.roles import Roles, decorator_paths


def endpoint_nodes(graph: RepoGraph, program: Program, roles: Roles) -> None:
    """Add a node for every function that outside callers reach."""
    for number in sorted(roles.of):
        for role in roles.of[number]:
            if role.kind == "user-input" and role.trust != "inner":
                function = program.functions[number]
                key = f"{program.path(number)}#endpoint:{function.span.line}:{function.span.column}"
                attrs = {"what": role.path, "function": number, "trust": role.trust}
                graph.add(
                    GraphNode(
                        "endpoint",
                        key,
                        function.name,
                        program.path(number),
                        function.span,
                        program.index.package_of(role.path),
                        attrs,
                        symbol=program.symbol(number),
                    )
                )


def _decorated(program: Program, number: int, path: str) -> GraphNode:
    """A guardrail that is a function: it stands where the function does, as one import may decorate several."""
    function = program.functions[number]
    key = f"{program.path(number)}#guardrail:{function.span.line}:{function.span.column}"
    attrs = {"what": path, "function": number}
    package = program.index.package_of(path)
    symbol = program.symbol(number)
    return GraphNode("guardrail", key, function.name, program.path(number), function.span, package, attrs, symbol=symbol)


def decorator_nodes(graph: RepoGraph, program: Program) -> None:
    """Add guardrail, logger and auth nodes for functions that a decorator makes one."""
    for number, function in enumerate(program.functions):
        for decorator in function.decorators:
            site = (program.parent(number), decorator)
            for path in decorator_paths(program, site):
                for logger in program.index.loggers_call(path) if program.value(site).op is not Op.CALL else ():
                    attrs = {"default": logger.default, "scope": logger.scope}
                    graph.add(make(program, "logger", site, path, path, attrs))
                if program.index.guardrails_decorator(path):
                    graph.add(_decorated(program, number, path))
                if any(auth.covers == "callers" for auth in program.index.auth(path)) and program.value(site).op is not Op.CALL:
                    graph.add(make(program, "auth", site, function.name, path, {"function": number}))
