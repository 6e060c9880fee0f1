"""AL813, in Python: a coding agent is started with its approvals or its sandbox switched off."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, is_test, launches_unsafely, on_repo

RULE = "AL813"


@on_repo
def unsafe_launch(ctx: RepoContext) -> Iterator[Finding]:
    """Report the call that starts the program."""
    program = ctx.repository.program
    for site, name, option in launches_unsafely(ctx.repository):
        if not is_test(program.path(site[0])):
            yield ctx.at(RULE, site, f"{name} is started with `{option}`: it runs whatever the model proposes", subject=option)
