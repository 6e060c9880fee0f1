"""AL605: every website may send requests with the user's credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentlint.sdk import Finding, Persona, RepoContext, Severity, on_repo

RULE = "AL605"


@on_repo
def permissive_cors(ctx: RepoContext) -> Iterator[Finding]:
    """Report each; a token that pages have to know themselves does not come along like a cookie, so it is low then.

    Without cookies the star matters where no caller has to prove anything: a page then reads what an agent of the visitor says.
    """
    projects = ctx.projects
    tokens = {projects.root(node.path) for node in ctx.graph.of_type("auth")} | {
        projects.root(p) for p in ctx.credential_checks()
    }
    acting = {projects.root(node.path) for node in ctx.graph.of_type("agent", "tool", "run")}
    served = {node.path for node in ctx.graph.of_type("endpoint", "mcp_server")}
    for switch in ctx.graph.of_type("switch"):
        kind, root = switch.attrs["kind"], projects.root(switch.path)
        if kind not in ("permissive-cors", "open-cors") or switch.attrs["chosen"]:
            continue
        if kind == "open-cors" and (root not in acting or switch.path not in served or ctx.authenticates(switch.path)):
            continue
        levels: dict[str, Any] = {}
        if kind == "permissive-cors" and root in tokens:
            levels = {"severity": Severity.LOW, "persona": Persona.PEDANTIC}
        message = f"`{switch.name}` {switch.attrs['say']}: any website reaches this server through a visitor's browser"
        place = switch.spans.get("arg", switch.span)
        yield ctx.finding(RULE, switch.path, place, message, symbol=switch.symbol, **levels)
