"""AL305: an approval step is there, and code or the model answers it with yes."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, GraphNode, RepoContext, Severity, acting_uses, is_test, on_repo, self_approval, stamps

RULE = "AL305"
RISKY = ("shell", "exec", "payment", "cloud-write", "message-send", "fs-delete", "db-write")
HOW = {
    "always": "whatever the agent asks for is approved here: no person, rule or flag has a say",
    "model": "what a model wrote decides here whether the agent's call is approved",
    "callback": "the function that should approve the agent's calls says yes to all of them",
}


@on_repo
def rubber_stamps(ctx: RepoContext) -> Iterator[Finding]:
    """Report code that answers every request with yes."""
    program = ctx.repository.program
    for stamp in stamps(ctx.repository):
        if not is_test(program.path(stamp.site[0])):
            name = stamp.what.rpartition(".")[2]
            yield ctx.at(RULE, stamp.site, f"`{name}`: {HOW[stamp.how]}", subject=stamp.what)


@on_repo
def self_approved_tools(ctx: RepoContext) -> Iterator[Finding]:
    """Report tools whose approval is an argument that the model fills in."""
    for tool in ctx.graph.of_type("tool"):
        param = self_approval(ctx.repository, tool)
        if param and not tool.attrs.get("gated") and not is_test(tool.path):
            yield from _tool(ctx, tool, param)


def _tool(ctx: RepoContext, tool: GraphNode, param: str) -> Iterator[Finding]:
    uses = acting_uses(ctx.repository, tool)
    worst = next((uses[effect] for effect in RISKY if effect in uses), None)
    if worst is None:
        return
    does = ctx.book.kinds["effects"][worst.effect]
    how = ctx.approval(tool)
    message = f"tool `{tool.name}` {does} once its argument `{param}` says so, and the model fills that in itself"
    fix = f"Ask a person instead: {how}." if how else None
    yield ctx.on(RULE, tool, message, severity=Severity.MEDIUM, related=(ctx.related(worst),), fix=fix, subject=param)
