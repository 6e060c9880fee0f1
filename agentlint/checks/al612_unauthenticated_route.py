"""AL612: a route acts for callers whom nothing authenticates, in a program that authenticates others."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Persona, RepoContext, on_repo

RULE = "AL612"


@on_repo
def unauthenticated_route(ctx: RepoContext) -> Iterator[Finding]:
    """Report routes that were left out; where nothing is authenticated at all, only the pedantic are told.

    So they are of single routes of a router whose others are checked: most of those are open on purpose. Servers of the second
    kind that listen on all interfaces are AL601's.
    """
    projects = ctx.projects
    servers = list(ctx.graph.of_type("server"))
    exposed = {projects.root(node.path) for node in servers if node.attrs.get("all_interfaces")}
    started = {projects.root(node.path) for node in servers} - exposed
    for route in ctx.open_routes():
        what = f"a router of {route.routes} routes" if route.routes > 1 else f"`{route.name}`" if route.name else "this route"
        what = "this WebSocket" if route.socket else what
        if route.elsewhere:
            message = f"nothing authenticates the callers of {what}, while the project authenticates others"
            levels = {"persona": Persona.PEDANTIC} if route.share and not route.socket else {}
            yield ctx.at(RULE, route.place, message, **levels)
        elif projects.root(ctx.repository.program.path(route.place[0])) in started:
            message = f"nothing authenticates the callers of {what}, and the project authenticates nobody"
            yield ctx.at(RULE, route.place, message, persona=Persona.PEDANTIC)
