"""AL420: an agent that strangers talk to, and that can act, has no check of what goes in or comes out."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, abilities, deployed, first_agents, is_test, on_repo, public_agents

RULE = "AL420"
ACTING = ("shell", "exec", "payment", "cloud-write", "message-send", "fs-delete", "fs-write", "db-write", "net-send")


@on_repo
def missing_guardrail(ctx: RepoContext) -> Iterator[Finding]:
    """Report a project once, on its first such agent."""
    public = public_agents(ctx.repository)
    guarded = {ctx.projects.root(node.path) for node in ctx.graph.of_type("guardrail")}
    seen: set[str] = set()
    for agent in first_agents(ctx.graph):
        root = ctx.projects.root(agent.path)
        if agent.id not in public or root in guarded or root in seen or is_test(agent.path):
            continue
        if deployed(ctx.repository, agent.path, "guardrails"):
            continue
        found = next((a for a in abilities(ctx.repository, agent) if a.effect in ACTING), None)
        if found is not None:
            seen.add(root)
            how = ctx.advice(agent, "guardrail")
            message = (
                f"strangers talk to agent `{agent.name}` through `{public[agent.id]}`, it can act (`{found.tool.name}`), "
                "and nothing checks what goes in or comes out"
            )
            yield ctx.on(RULE, agent, message, fix=f"Check both: {how}." if how else None, subject=agent.name)
