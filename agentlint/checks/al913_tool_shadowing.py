"""AL913: two tools, or two servers, go by one name or by names that look alike."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, GraphNode, Related, RepoContext, Severity, mixes_alphabets, on_repo, to_latin

RULE = "AL913"


@on_repo
def shadowed_servers(ctx: RepoContext) -> Iterator[Finding]:
    """Report the second of two entries of one configuration, and names written with look-alike letters."""
    for node in ctx.graph.of_type("mcp_client"):
        other = node.attrs.get("shadows")
        if node.attrs.get("disabled") or not (other or mixes_alphabets(node.name)):
            continue
        if other == node.name:
            message = f"two servers are called `{node.name}` here; the client silently uses one of them"
        elif other:
            message = f"the name of server `{node.name}` looks like that of `{other}`"
        else:
            message = f"the name of server `{node.name}` mixes alphabets, so that it looks like another"
        yield ctx.on(RULE, node, message, subject=node.name)


@on_repo
def shadowed_tools(ctx: RepoContext) -> Iterator[Finding]:
    """Report the later of two tools of one file that the model cannot tell apart."""
    first: dict[tuple[str, str, str], GraphNode] = {}
    for tool in ctx.graph.of_type("tool"):
        if mixes_alphabets(tool.name):
            yield ctx.on(RULE, tool, f"the name of tool `{tool.name}` mixes alphabets, so that it looks like another")
        if not tool.attrs.get("on"):
            continue
        scope = tool.symbol.rpartition(".")[0]
        other = first.setdefault((tool.path, scope, to_latin(tool.name)), tool)
        if other is not tool:
            yield _shadow(ctx, tool, other)


def _shadow(ctx: RepoContext, tool: GraphNode, other: GraphNode) -> Finding:
    same = tool.attrs["on"] == other.attrs["on"]
    if tool.name != other.name:
        message = f"tool `{tool.name}` looks like tool `{other.name}`: the model may call one for the other"
    elif same:
        message = f"`{tool.attrs['on']}` has two tools called `{tool.name}`: only one of them is offered"
    else:
        message = (
            f"servers `{other.attrs['on']}` and `{tool.attrs['on']}` both offer `{tool.name}`: one may get the other's calls"
        )
    related = (Related(other.path, other.span, f"the first `{other.name}`"),)
    level = Severity.LOW if not same and tool.name == other.name else None
    return ctx.on(RULE, tool, message, related=related, subject=tool.name, severity=level)
