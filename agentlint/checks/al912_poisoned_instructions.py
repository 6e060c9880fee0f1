"""AL912: an instruction file tells the agent what its user must not know, or to give data away."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Related, RepoContext, Steering, on_repo

RULE = "AL912"


@on_repo
def poisoned_instructions(ctx: RepoContext) -> Iterator[Finding]:
    """Report passages in files that agents load, and in what those import. Skills are AL917's."""
    skills = {node.path for node in ctx.graph.of_type("prompt") if node.attrs.get("role") == "skill"}
    for node in ctx.graph.of_type("steering"):
        if node.attrs["surface"] == "instructions" and node.path not in skills:
            yield ctx.steering(RULE, node.path, Steering.of_node(node), "the agent that reads this is misled")
    for entry, passages in ctx.imported():
        for found in passages:
            related = (Related(entry.by, entry.span, "these instructions import the file"),)
            yield ctx.steering(
                RULE, entry.path, found, f"`{entry.by}` imports this file, which misleads the agent", related=related
            )
