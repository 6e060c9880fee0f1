"""AL810: code that a model writes runs in this process or on this machine."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, GraphNode, Persona, RepoContext, Severity, is_example, is_gated, on_repo

RULE = "AL810"


@on_repo
def unsafe_switches(ctx: RepoContext) -> Iterator[Finding]:
    """Report executors and switches that say so outright."""
    shells = [tool for tool in ctx.graph.of_type("tool") if tool.attrs.get("ready_made") and tool.attrs.get("made") == "tool"]
    for switch in ctx.graph.of_type("switch"):
        if switch.attrs["kind"] != "unsafe-execution" or switch.attrs["chosen"] or _inside(switch, shells):
            continue
        place = switch.spans.get("arg", switch.span)
        # A variable of the environment says how an executor would run, not that there is one.
        persona = Persona.PEDANTIC if switch.attrs["arg"] == switch.name else None
        say = f"`{switch.name}` {switch.attrs['say']}"
        yield ctx.finding(RULE, switch.path, place, say, symbol=switch.symbol, persona=persona)


@on_repo
def unsafe_agents_and_tools(ctx: RepoContext) -> Iterator[Finding]:
    """Report agents and ready-made tools that run code and are not told to use a sandbox."""
    projects = ctx.projects
    said = [node for node in ctx.graph.of_type("switch") if node.attrs["kind"] == "unsafe-execution"]
    for node in ctx.graph.of_type("agent", "tool"):
        if "exec" not in node.attrs.get("effects", ()) or node.attrs.get("sandboxed", True):
            continue
        if any(_inside(switch, [node], "") for switch in said):
            continue
        if node.type == "tool" and (not node.attrs.get("ready_made") or is_gated(ctx.repository, node, projects)):
            continue
        if not node.attrs.get("gated"):
            message = f"`{node.name}` runs code that the model writes on this machine, without a sandbox"
            # What a library restricts by default, an example may leave as it is; only what opens it up is said to everybody.
            persona = Persona.PEDANTIC if node.type == "agent" and is_example(node.path) else None
            yield ctx.on(RULE, node, message, severity=Severity.MEDIUM, persona=persona)


def _inside(switch: GraphNode, nodes: list[GraphNode], effect: str = "shell") -> bool:
    """Whether a switch is part of the call that makes a tool or an agent; one of the two is reported."""
    return any(
        node.path == switch.path
        and node.span.line <= switch.span.line <= node.span.end_line
        and (not effect or effect in node.attrs["effects"])
        for node in nodes
    )
