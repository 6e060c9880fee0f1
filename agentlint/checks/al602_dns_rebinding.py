"""AL602: a web page can reach a tool server of this machine by pointing its own name at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentlint.sdk import Finding, GraphNode, Persona, RepoContext, Severity, on_repo, uses_of

RULE = "AL602"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HARMLESS = {"net-read", "cloud-create", "process"}


@on_repo
def dns_rebinding(ctx: RepoContext) -> Iterator[Finding]:
    """Report servers on the loopback address that look at neither Host nor Origin, and the switch that stops the looking."""
    projects = ctx.projects
    safe = {projects.root(node.path) for node in ctx.graph.of_type("auth", "origin_check")}
    served: set[tuple[str, str]] = set()
    for server in ctx.graph.of_type("mcp_server"):
        place = (server.path, server.symbol)
        if projects.root(server.path) in safe or place in served or not _is_open(ctx, server):
            continue
        served.add(place)
        name = server.attrs["what"].removesuffix("()").rpartition(".")[2]
        message = f"`{name}` serves tools on this machine and does not look at Host or Origin: any web page can call them"
        yield ctx.on(RULE, server, message, **_levels(ctx, projects.root(server.path)))
    for switch in ctx.graph.of_type("switch"):
        if switch.attrs["kind"] == "origins-open" and not switch.attrs["chosen"] and projects.root(switch.path) not in safe:
            yield ctx.on(RULE, switch, f"`{switch.name}` {switch.attrs['say']}", span=switch.spans.get("arg", switch.span))


def _is_open(ctx: RepoContext, server: GraphNode) -> bool:
    attrs = server.attrs
    if attrs.get("auth") or attrs.get("origins") not in ("open", "default"):
        return False
    if "()." not in attrs["what"]:
        return attrs["origins"] == "open" and _is_served_locally(ctx, server.path)
    maker = _maker(ctx, server)
    host = attrs["host"] if maker is None or "arg" in server.spans else maker.attrs["host"]
    if host not in LOOPBACK or not attrs["network"] or (maker is not None and _is_guarded(maker)):
        return False
    return attrs["origins"] == "open" or _is_older(ctx, server, attrs["origins_since"])


def _is_guarded(maker: GraphNode) -> bool:
    return bool(maker.attrs.get("auth")) or maker.attrs.get("origins") == "checked"


def _maker(ctx: RepoContext, server: GraphNode) -> GraphNode | None:
    """The call that made the object whose method serves."""
    made = (node for node in ctx.graph.of_type("mcp_server") if node.path == server.path and node is not server)
    return next((node for node in made if node.span.line == server.attrs["made_at"]), None)


def _is_served_locally(ctx: RepoContext, path: str) -> bool:
    """Whether the file that makes a transport starts a web server, and all it starts stay on the loopback address."""
    hosts = [node.attrs["host"] for node in ctx.graph.of_type("server") if node.path == path and node.attrs["kind"] == "http"]
    return bool(hosts) and all(host in LOOPBACK for host in hosts)


def _is_older(ctx: RepoContext, server: GraphNode, since: str) -> bool:
    """Whether the project asks for versions of the package from before ``since`` only."""
    for node in ctx.graph.of_type("setting"):
        attrs = node.attrs
        if (
            attrs.get("kind") == "requirement"
            and attrs["package"] == server.framework
            and ctx.projects.same(node.path, server.path)
        ):
            upper, wanted = _version(attrs["upper"]), _version(since)
            if upper < wanted or (upper == wanted and not attrs["inclusive"]):
                return True
    return False


def _version(text: str) -> list[int]:
    parts = [int(part) for part in text.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _levels(ctx: RepoContext, root: str) -> dict[str, Any]:
    """A server whose tools only compute or look things up on the network gives a page little."""
    tools = [tool for tool in ctx.graph.of_type("tool") if ctx.projects.root(tool.path) == root]
    acts = any(set(uses_of(ctx.repository, tool)) - HARMLESS or tool.attrs.get("ready_made") for tool in tools)
    return {} if acts or not tools else {"severity": Severity.LOW, "persona": Persona.PEDANTIC}
