"""AL803: callers of a service decide how much of the model is used."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, deployed, is_test, on_repo, throttled, unmetered

RULE = "AL803"


@on_repo
def unbounded_consumption(ctx: RepoContext) -> Iterator[Finding]:
    """Report a project once, on the first handler that leads to a model."""
    program, projects = ctx.repository.program, ctx.projects
    limited = {projects.root(path) for path in throttled(ctx.repository)}
    tokens = {projects.root(node.path) for node in ctx.graph.of_type("auth")}
    seen: set[str] = set()
    for handler, model in unmetered(ctx.repository):
        path = program.path(handler)
        root = projects.root(path)
        if root in seen or root in limited or is_test(path) or deployed(ctx.repository, path, "throttles"):
            continue
        seen.add(root)
        who = "every caller" if root in tokens else "anybody"
        name = program.functions[handler].name
        message = f"{who} of `{name}` may ask the model as often as they like: no limit on requests, size or cost"
        yield ctx.at(RULE, model, message, subject=name)
