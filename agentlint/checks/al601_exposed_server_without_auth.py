"""AL601: a server of agents or tools listens on all interfaces and asks nobody who they are."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, GraphNode, RepoContext, Severity, on_repo

RULE = "AL601"


@on_repo
def exposed_server(ctx: RepoContext) -> Iterator[Finding]:
    """Report each server once, on the argument that names the host."""
    projects = ctx.projects
    safe = {projects.root(node.path) for node in ctx.graph.of_type("auth")}
    safe |= {projects.root(file.path) for file in ctx.repository.files if "langgraph-auth" in file.traits}
    acting = {projects.root(node.path) for node in ctx.graph.of_type("agent", "tool", "run")}
    speaks = {node.path for node in ctx.graph.of_type("mcp_server")}
    served: set[tuple[str, str]] = set()
    for server in ctx.graph.of_type("mcp_server", "server"):
        root = projects.root(server.path)
        if not _is_open(ctx, server) or _is_safe(ctx, server, safe) or not _acts(server, root, acting, speaks):
            continue
        if (server.path, server.symbol) in served:
            continue
        served.add((server.path, server.symbol))
        kind = "MCP server" if server.type == "mcp_server" or server.path in speaks else "server in front of an agent"
        place = server.spans.get("arg", server.span)
        unless = " by default" if server.attrs["by_default"] else ""
        message = f"this {kind} listens on all interfaces{unless} and nothing authenticates its callers"
        severity = Severity.MEDIUM if unless else None
        yield ctx.finding(RULE, server.path, place, message, symbol=server.symbol, severity=severity)


def _acts(server: GraphNode, root: str, acting: set[str], speaks: set[str]) -> bool:
    """Whether a server stands in front of agents or tools."""
    return server.type == "mcp_server" or root in acting or server.path in speaks


def _is_safe(ctx: RepoContext, server: GraphNode, safe: set[str]) -> bool:
    """Whether callers are authenticated: in the project, or, where it is known which application is served, in its own files."""
    if ctx.projects.root(server.path) not in safe:
        return False
    app = server.attrs.get("app_path")
    return not app or ctx.authenticates(app)


def _is_open(ctx: RepoContext, server: GraphNode) -> bool:
    """Whether a server is on the network. One that is made with a host and started elsewhere must be started so."""
    if not server.attrs.get("all_interfaces") or server.attrs.get("auth"):
        return False
    if server.type != "mcp_server" or server.attrs.get("transport"):
        return True
    runs = [node for node in ctx.graph.of_type("mcp_server") if node.path == server.path and node.attrs.get("runs")]
    started = [node for node in runs if node.attrs["made_at"] == server.span.line]
    return not started or any(node.attrs.get("network") for node in started)
