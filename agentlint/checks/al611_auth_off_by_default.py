"""AL611: authentication is a setting, and its default is off."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, is_example, is_test, on_repo

RULE = "AL611"


@on_repo
def auth_off_by_default(ctx: RepoContext) -> Iterator[Finding]:
    """Report each default that leaves callers unauthenticated."""
    program, projects = ctx.repository.program, ctx.projects
    serving = {projects.root(node.path) for node in ctx.graph.of_type("endpoint", "server", "mcp_server")}
    for switch in ctx.auth_switches():
        path = program.path(switch.default[0])
        if projects.root(path) in serving and not is_test(path) and not is_example(path):
            message = f"the default of `{switch.name}` leaves the callers of this server unauthenticated"
            yield ctx.at(RULE, switch.default, message)
