"""AL304: the person who approves is not told what."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, blind_questions, is_test, on_repo

RULE = "AL304"


@on_repo
def blind_approval(ctx: RepoContext) -> Iterator[Finding]:
    """Report the question."""
    program = ctx.repository.program
    for site, text in blind_questions(ctx.repository):
        if not is_test(program.path(site[0])):
            yield ctx.at(RULE, site, f'who answers "{text}" is not shown what will run, nor with which arguments', subject=text)
