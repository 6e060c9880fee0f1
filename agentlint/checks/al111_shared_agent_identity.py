"""One role for several agents."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Persona, Related, RepoContext, on_repo

RULE = "AL111"


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield each role that two or more agents run as, at the role."""
    for role in ctx.graph.of_type("identity"):
        users = [node for node in ctx.graph.sources(role.id, "runs_as") if node.attrs.get("agentic_kind") == "agent"]
        if role.framework == "boto3":
            continue  # a call in code may run once for each agent
        names = sorted({node.name for node in users})
        if len(names) < 2:
            continue
        shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        message = f"{len(names)} agents share the role `{role.name}`: {shown}"
        sure = len({node.name for node in users if not node.attrs.get("optional")}) > 1
        persona = Persona.REGULAR if sure else Persona.PEDANTIC
        related = tuple(Related(node.path, node.span, f"`{node.name}` runs as it") for node in users[:10])
        yield ctx.on(RULE, role, message, related=related, persona=persona)
