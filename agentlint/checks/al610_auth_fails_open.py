"""AL610: a check of callers lets everybody pass while no credential is configured."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, is_example, is_test, on_repo

RULE = "AL610"


@on_repo
def auth_fails_open(ctx: RepoContext) -> Iterator[Finding]:
    """Report each test by which an unset credential opens the door."""
    program = ctx.repository.program
    for check in ctx.open_checks():
        path = program.path(check.test[0])
        if not is_test(path) and not is_example(path):
            message = f"while `{check.name}` is not set, this check lets every caller pass"
            yield ctx.at(RULE, check.test, message)
