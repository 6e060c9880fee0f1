"""AL704: a failed approval or content check vanishes in an empty handler."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, is_test, on_repo, swallowed

RULE = "AL704"
WHAT = {"approval": "an approval", "guardrail": "a content check"}


@on_repo
def swallowed_event(ctx: RepoContext) -> Iterator[Finding]:
    """Report the handler."""
    program = ctx.repository.program
    for found in swallowed(ctx.repository):
        path = program.path(found.call[0])
        if not is_test(path):
            message = f"{WHAT[found.what]} that fails here leaves no trace, and the code goes on as if it had passed"
            yield ctx.finding(RULE, path, found.span, message, symbol=program.symbol(found.call[0]))
