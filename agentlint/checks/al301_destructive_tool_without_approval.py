"""AL301: tools change the world for good and nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentlint.sdk import (
    EffectUse,
    Finding,
    GraphNode,
    Persona,
    Related,
    RepoContext,
    Severity,
    acting_uses,
    is_gated,
    is_policed,
    is_withheld,
    may_only_read,
    on_repo,
    open_holders,
    public_agents,
    self_approval,
)

RULE = "AL301"
MAX_NAMED = 6
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
RANK = {effect: number for number, effect in enumerate(EFFECTS)}
CLOUD = ("cloud-write", "cloud-create")
# What ready-made tools do that no other rule is about.
READY_MADE = ("payment", "cloud-write", "message-send")


class Unasked(NamedTuple):
    """A tool, the worst it does, the call that does it, and who is told."""

    tool: GraphNode
    effect: str
    use: EffectUse | None
    persona: Persona | None


@on_repo
def destructive_tools(ctx: RepoContext) -> Iterator[Finding]:
    """Report each agent (or server) once for everybody and once for careful readers, at its worst tool."""
    servers = {node.framework for node in ctx.graph.of_type("mcp_server")}
    groups: dict[tuple[object, ...], list[Unasked]] = {}
    holders: dict[tuple[object, ...], list[GraphNode]] = {}
    for found in _unasked(ctx):
        tool = found.tool
        agents = open_holders(ctx.graph, tool)
        key: tuple[object, ...] = (found.persona, *((agents[0].id,) if agents else _company(ctx, tool, servers)))
        holders.setdefault(key, agents[:1])
        groups.setdefault(key, []).append(found)
    public = public_agents(ctx.repository) if groups else {}
    for key, group in groups.items():
        yield _report(ctx, sorted(group, key=lambda one: RANK[one.effect]), holders[key], public, servers)


def _company(ctx: RepoContext, tool: GraphNode, servers: set[str]) -> tuple[str, ...]:
    """What stands for the agent of a tool that none is seen to hold: the project of a server, else the tool itself."""
    root = ctx.projects.root(tool.path) if tool.framework in servers else ""
    return (root, tool.framework) if root else (tool.id,)


def _unasked(ctx: RepoContext) -> Iterator[Unasked]:
    for tool in ctx.graph.of_type("tool"):
        ready = bool(tool.attrs.get("ready_made"))
        uses = {} if ready else acting_uses(ctx.repository, tool)
        known = [e for e in EFFECTS if (e in tool.attrs["effects"] and e in READY_MADE if ready else e in uses)]
        if not known or is_gated(ctx.repository, tool, ctx.projects) or is_withheld(ctx.repository, tool, ctx.projects):
            continue
        if known[0] in CLOUD and may_only_read(ctx.repository, tool.path):
            known = [e for e in known if e not in CLOUD]
        effect = known[0] if known else ""
        policed = _is_target(ctx, tool) and is_policed(ctx.repository, tool.path)
        if effect and not policed and not self_approval(ctx.repository, tool):
            yield Unasked(tool, effect, uses.get(effect), EFFECTS[effect][2])


def _is_target(ctx: RepoContext, tool: GraphNode) -> bool:
    """Whether a tool is called from outside of its program: by a function that a platform runs, or a server."""
    return any(node.path == tool.path for node in ctx.graph.of_type("endpoint", "mcp_server"))


def _report(
    ctx: RepoContext, group: list[Unasked], agents: list[GraphNode], public: dict[str, str], servers: set[str]
) -> Finding:
    tool, effect, _, persona = group[0]
    severity = EFFECTS[effect][1]
    if effect not in ("shell", "exec") and tool.framework in servers:
        severity = min(severity, Severity.MEDIUM)  # the client of a server may ask
    whom = f"agent `{agents[0].name}`" if agents else "an agent"
    handler = next((public[agent.id] for agent in agents if agent.id in public), "")
    if handler and persona is None:
        severity = Severity.HIGH
    others = [f"`{one.tool.name}` {EFFECTS[one.effect][0]}" for one in group]
    if len(group) == 1:
        message = f"tool `{tool.name}` {EFFECTS[effect][0]} and {whom} can call it without anybody being asked"
    else:
        more = f" and {len(others) - MAX_NAMED} more" if len(others) > MAX_NAMED else ""
        message = f"{whom} can call {len(group)} tools without anybody being asked: {', '.join(others[:MAX_NAMED])}{more}"
    message += f"; whoever calls `{handler}` talks to it" if handler else ""
    void = next((why for node in (tool, *agents) if (why := node.attrs.get("void"))), "")
    message += f"; there is an approval, but {void}" if void else ""
    how = ctx.approval(tool)
    return ctx.on(
        RULE,
        tool,
        message,
        severity=severity,
        persona=persona,
        related=tuple(_related(ctx, group)),
        fix=f"Ask a person first: {how}." if how else None,
        subject=f"{tool.name}:{effect}",
    )


def _related(ctx: RepoContext, group: list[Unasked]) -> Iterator[Related]:
    """The call that acts; then each other tool with its own."""
    for number, one in enumerate(group):
        if number:
            yield Related(one.tool.path, one.tool.span, f"tool `{one.tool.name}` {EFFECTS[one.effect][0]}")
        if one.use is not None:
            yield ctx.related(one.use)
