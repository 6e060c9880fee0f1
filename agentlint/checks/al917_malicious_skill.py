"""AL917: a skill that makes the agent or its user run, read or send what they should not."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, GraphNode, Related, RepoContext, Steering, on_repo, signal_kinds

RULE = "AL917"
# What no command that runs by itself when a skill is loaded has reason to do.
NOT_AT_LOAD = frozenset({"run-remote", "obfuscated", "drop-host", "store-path", "net-send"})


@on_repo
def malicious_skill(ctx: RepoContext) -> Iterator[Finding]:
    """Report passages in the text of skills, in the code beside them, and commands that run when a skill is loaded."""
    skills = {node.path: node for node in ctx.graph.of_type("prompt") if node.attrs.get("role") == "skill"}
    homes = {path.rpartition("/")[0]: path for path in skills}
    for node in ctx.graph.of_type("steering"):
        if node.path in skills and node.attrs["surface"] in ("instructions", "skill"):
            yield ctx.steering(RULE, node.path, Steering.of_node(node), "this skill is a trap")
        elif node.attrs["surface"] == "code" and (skill := _skill_of(node.path, homes)):
            related = (Related(skill, skills[skill].span, "the skill it belongs to"),)
            yield ctx.steering(RULE, node.path, Steering.of_node(node), "code of a skill", related=related)
    for node in ctx.graph.of_type("prompt"):
        yield from _at_load(ctx, node)


def _skill_of(path: str, homes: dict[str, str]) -> str:
    home = path.rpartition("/")[0]
    while home:
        if home in homes:
            return homes[home]
        home = home.rpartition("/")[0]
    return ""


def _at_load(ctx: RepoContext, node: GraphNode) -> Iterator[Finding]:
    for command in node.attrs.get("commands", ()):
        kinds = NOT_AT_LOAD & signal_kinds(command)
        if kinds:
            message = f"`{command[:80]}` runs by itself when this file is loaded ({', '.join(sorted(kinds))})"
            yield ctx.on(RULE, node, message, span=node.spans.get("commands", node.span), subject=command[:200])
            return
