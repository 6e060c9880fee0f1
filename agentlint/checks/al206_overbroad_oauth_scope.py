"""AL206: an agent or server asks for a scope that grants nearly everything."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Persona, RepoContext, Severity, on_repo

RULE = "AL206"


@on_repo
def overbroad_oauth_scope(ctx: RepoContext) -> Iterator[Finding]:
    """Report each broad scope; in code only where the project makes agents or tools."""
    acting = {ctx.projects.root(node.path) for node in ctx.graph.of_type("agent", "tool", "run", "mcp_server", "mcp_client")}
    for node in ctx.graph.of_type("permission"):
        attrs = node.attrs
        if attrs.get("kind") != "oauth-scope" or (node.framework == "python" and ctx.projects.root(node.path) not in acting):
            continue
        # A star in code is no provider's scope: it is what a server lets its clients ask for.
        allowed = node.framework == "python" and attrs["scope"] == "*"
        levels = {} if attrs["omnibus"] and not allowed else {"severity": Severity.LOW, "persona": Persona.PEDANTIC}
        message = f"`{attrs['scope']}` grants {attrs['grants']}; usually enough: {attrs['narrower']}"
        yield ctx.on(RULE, node, message, subject=attrs["scope"], **levels)
