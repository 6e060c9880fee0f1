"""AL605: every website may send requests with the user's credentials."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Persona, RepoContext, Severity, on_repo

RULE = "AL605"


@on_repo
def permissive_cors(ctx: RepoContext) -> Iterator[Finding]:
    """Report each; a token that pages have to know themselves does not come along like a cookie, so it is low then."""
    projects = ctx.projects
    tokens = {projects.root(node.path) for node in ctx.graph.of_type("auth")}
    for switch in ctx.graph.of_type("switch"):
        if switch.attrs["kind"] == "permissive-cors" and not switch.attrs["chosen"]:
            place = switch.spans.get("arg", switch.span)
            tokened = projects.root(switch.path) in tokens
            levels = {"severity": Severity.LOW, "persona": Persona.PEDANTIC} if tokened else {}
            message = f"`{switch.name}` {switch.attrs['say']}: any website reaches this server through a visitor's browser"
            yield ctx.finding(RULE, switch.path, place, message, symbol=switch.symbol, **levels)
