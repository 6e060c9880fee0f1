"""AL301: a tool changes the world for good and nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import (
    EffectUse,
    Finding,
    GraphNode,
    Persona,
    RepoContext,
    Severity,
    acting_uses,
    is_example,
    is_gated,
    on_repo,
    self_approval,
)

RULE = "AL301"
# The worst first: a tool is reported for its worst effect. Writing rows is ordinary work of a tool, writing files even more so.
EFFECTS = {
    "shell": ("runs a shell command", Severity.HIGH, None),
    "exec": ("runs code", Severity.HIGH, None),
    "payment": ("moves money", Severity.HIGH, None),
    "cloud-write": ("deletes or changes cloud resources", Severity.HIGH, None),
    "message-send": ("sends messages to people", Severity.MEDIUM, None),
    "fs-delete": ("deletes files", Severity.MEDIUM, None),
    "cloud-create": ("makes or starts something in the cloud", Severity.LOW, Persona.PEDANTIC),
    "db-write": ("changes a database", Severity.LOW, Persona.PEDANTIC),
    "fs-write": ("writes files", Severity.LOW, Persona.PEDANTIC),
}
# What ready-made tools do that no other rule is about.
READY_MADE = ("payment", "cloud-write", "message-send")


@on_repo
def destructive_tool(ctx: RepoContext) -> Iterator[Finding]:
    """Report each tool once, at its definition, for the worst that it does."""
    projects = ctx.projects
    for tool in ctx.graph.of_type("tool"):
        ready = bool(tool.attrs.get("ready_made"))
        uses = {} if ready else acting_uses(ctx.repository, tool)
        known = [e for e in EFFECTS if (e in tool.attrs["effects"] and e in READY_MADE if ready else e in uses)]
        if known and not is_gated(ctx.repository, tool, projects) and not self_approval(ctx.repository, tool):
            yield _report(ctx, tool, known[0], uses.get(known[0]))


def _report(ctx: RepoContext, tool: GraphNode, effect: str, use: EffectUse | None) -> Finding:
    does, severity, persona = EFFECTS[effect]
    if effect not in ("shell", "exec") and tool.framework in {node.framework for node in ctx.graph.of_type("mcp_server")}:
        severity = min(severity, Severity.MEDIUM)  # the client of a server may ask
    if tool.attrs.get("ready_made") and is_example(tool.path):
        persona = Persona.PEDANTIC
    agents = [agent.name for agent in ctx.graph.sources(tool.id, "uses")]
    whom = f"agent `{agents[0]}` can call it" if agents else "an agent can call it"
    how = ctx.approval(tool)
    return ctx.on(
        RULE,
        tool,
        f"tool `{tool.name}` {does} and {whom} without anybody being asked",
        severity=severity,
        persona=persona,
        related=(ctx.related(use),) if use is not None else (),
        fix=f"Ask a person first: {how}." if how else None,
        subject=f"{tool.name}:{effect}",
    )
