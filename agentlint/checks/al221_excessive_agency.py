"""AL221: the public talks to an agent that may do what cannot be undone."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import (
    Finding,
    GraphNode,
    RepoContext,
    abilities,
    acting_uses,
    first_agents,
    is_gated,
    is_test,
    on_repo,
    public_agents,
)

RULE = "AL221"
RISKY = ("shell", "exec", "payment", "cloud-write", "message-send", "fs-delete")


@on_repo
def excessive_agency(ctx: RepoContext) -> Iterator[Finding]:
    """Report each agent that requests of strangers reach, once, with its tools listed."""
    public = public_agents(ctx.repository)
    for agent in first_agents(ctx.graph):
        if agent.id not in public or is_test(agent.path) or _asks(agent):
            continue
        names: dict[str, str] = {}
        for ability in abilities(ctx.repository, agent):
            tool = ability.tool
            known = acting_uses(ctx.repository, tool) if "function" in tool.attrs else tool.attrs["effects"]
            if ability.effect in RISKY and ability.effect in known and not is_gated(ctx.repository, tool, ctx.projects):
                names.setdefault(tool.name, ctx.book.kinds["effects"][ability.effect])
        if names:
            tools = ", ".join(f"`{name}` {does}" for name, does in list(names.items())[:5])
            message = f"strangers talk to agent `{agent.name}` through `{public[agent.id]}`, and it may act for good: {tools}"
            yield ctx.on(RULE, agent, message, subject=agent.name)


def _asks(agent: GraphNode) -> bool:
    """Whether the agent asks a person before every tool; one that lists tools asks for those only."""
    return bool(agent.attrs.get("gated")) and agent.attrs.get("gate_names") is None
