"""AL204: a tool tells its clients that it only reads, and its body does more."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, is_own_file, on_repo, uses_of

RULE = "AL204"
# What contradicts each hint, the worst first. Adding to something is not destructive.
NOT_READING = ("shell", "exec", "payment", "message-send", "fs-delete", "cloud-write", "db-write", "fs-write")
DESTROYING = ("shell", "exec", "payment", "fs-delete")


@on_repo
def lying_read_only_hint(ctx: RepoContext) -> Iterator[Finding]:
    """Report the tool, with the call that contradicts it."""
    for tool in ctx.graph.of_type("tool"):
        hints = tool.attrs.get("hints") or {}
        reads = hints.get("readOnlyHint") is True
        if not reads and hints.get("destructiveHint") is not False:
            continue
        uses = uses_of(ctx.repository, tool)
        told = "readOnlyHint: true" if reads else "destructiveHint: false"
        for effect in NOT_READING if reads else DESTROYING:
            use = uses.get(effect)
            if use is None or (effect.startswith("fs-") and is_own_file(ctx.repository, use.site)):
                continue
            does = ctx.book.kinds["effects"][effect]
            yield ctx.on(RULE, tool, f"tool `{tool.name}` says `{told}` and {does}", related=(ctx.related(use),), subject=effect)
            break
