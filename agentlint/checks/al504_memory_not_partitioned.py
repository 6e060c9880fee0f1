"""AL504: memories of different people lie in one drawer."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, is_test, on_repo, shared_namespaces

RULE = "AL504"


@on_repo
def not_partitioned(ctx: RepoContext) -> Iterator[Finding]:
    """Report each namespace that is the same for everybody, once a function."""
    program = ctx.repository.program
    seen: set[tuple[int, str]] = set()
    for site, text in shared_namespaces(ctx.repository):
        if (site[0], text) not in seen and not is_test(program.path(site[0])):
            seen.add((site[0], text))
            message = f"memories are kept under `{text}` for everybody: nothing in it says whose they are"
            yield ctx.at(RULE, site, message, subject=text)
