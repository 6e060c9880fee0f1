"""AL201: an agent holds a ready-made shell tool without sandbox and without approval."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, is_gated, on_repo

RULE = "AL201"


@on_repo
def unrestricted_shell_tool(ctx: RepoContext) -> Iterator[Finding]:
    """Report each shell tool where it is made. A prompt that a switch of its project turns off is no approval."""
    projects = ctx.projects
    off = [node for node in ctx.graph.of_type("switch") if node.attrs["kind"] == "approval-disabled"]
    for tool in ctx.graph.of_type("tool"):
        if not tool.attrs.get("ready_made") or tool.attrs["made"] != "tool" or tool.attrs["sandboxed"]:
            continue
        if "shell" not in tool.attrs["effects"]:
            continue
        bypassed = any(projects.same(switch.path, tool.path) and switch.attrs["chosen"] is False for switch in off)
        if bypassed or not is_gated(ctx.repository, tool, projects):
            agents = [agent.name for agent in ctx.graph.sources(tool.id, "uses")]
            whom = f"agent `{agents[0]}`" if agents else "an agent"
            message = f"`{tool.name}` lets {whom} run any command on this machine without being asked"
            how = ctx.approval(tool)
            yield ctx.on(RULE, tool, message, fix=f"Run the tool in a container, or ask a person first: {how}." if how else None)
