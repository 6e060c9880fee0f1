"""AL421: a guardrail is there and stops nothing."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, ignored_checks, is_test, never_trips, on_repo, unattached

RULE = "AL421"


@on_repo
def never_attached(ctx: RepoContext) -> Iterator[Finding]:
    """Report guardrail functions that no agent is given, and those that let everything pass."""
    loose = list(unattached(ctx.repository))
    for node in loose:
        if not is_test(node.path):
            how = ctx.advice(node, "guardrail")
            message = f"guardrail `{node.name}` is defined, and nothing is given it: it never runs"
            yield ctx.on(RULE, node, message, fix=f"Attach it: {how}." if how else None)
    for node in ctx.graph.of_type("guardrail"):
        if node not in loose and never_trips(ctx.repository, node) and not is_test(node.path):
            yield ctx.on(RULE, node, f"guardrail `{node.name}` never trips: whatever it finds, it lets everything pass")


@on_repo
def ignored_answer(ctx: RepoContext) -> Iterator[Finding]:
    """Report content checks whose answer is thrown away."""
    program = ctx.repository.program
    for site, path in ignored_checks(ctx.repository):
        if not is_test(program.path(site[0])):
            name = ".".join(path.split(".")[-2:])
            yield ctx.at(RULE, site, f"the answer of `{name}` is thrown away, so nothing that it flags is stopped", subject=path)
