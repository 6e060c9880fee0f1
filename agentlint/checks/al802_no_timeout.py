"""AL802: a tool may wait for ever."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, deployed, is_test, on_repo, untimed

RULE = "AL802"


@on_repo
def no_timeout(ctx: RepoContext) -> Iterator[Finding]:
    """Report each call once, however many tools lead there."""
    seen = set()
    for tool in ctx.graph.of_type("tool"):
        if deployed(ctx.repository, tool.path, "timed"):  # the platform stops the whole function
            continue
        for site, path, argument in untimed(ctx.repository, tool):
            if site not in seen and not is_test(ctx.repository.program.path(site[0])):
                seen.add(site)
                name = path.removeprefix("builtins.")
                yield ctx.at(RULE, site, f"tool `{tool.name}` waits for `{name}` for ever: no `{argument}`", subject=path)
