"""AL505: a model decides what later runs of it are told."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Persona, Related, RepoContext, Severity, asks_operator, is_test, on_repo, rewrites

RULE = "AL505"
STRANGERS = frozenset({"mail-read", "net-read"})


@on_repo
def rewritten_memory(ctx: RepoContext) -> Iterator[Finding]:
    """Report memory that is read, given to a model, and replaced by what the model makes of it."""
    program = ctx.repository.program
    for rewrite in rewrites(ctx.repository):
        site = rewrite.sink.call
        if is_test(program.path(site[0])):
            continue
        model = rewrite.model.site
        place = Related(program.path(model[0]), program.value(model).span, "the model that reads the entry and writes it anew")
        message = "what a model made of its memory is stored as memory again: one poisoned input stays, and nobody looks at it"
        # A person at a terminal poisons only their own memory; what others write comes in elsewhere.
        own = asks_operator(ctx.repository, program.path(site[0])) or not _meets_strangers(ctx, program.path(site[0]))
        persona = Persona.PEDANTIC if own else None
        yield ctx.at(RULE, site, message, related=(place,), subject=rewrite.sink.what, persona=persona)


def _meets_strangers(ctx: RepoContext, path: str) -> bool:
    """Whether anything in a project reads mail or pages: without, people can only poison what is remembered of themselves."""
    program = ctx.repository.program
    return any(
        use.effect in STRANGERS
        for number in range(len(program.functions))
        if ctx.projects.same(program.path(number), path)
        for use in ctx.repository.effects.own(number)
    ) or any(
        STRANGERS.intersection(tool.attrs["effects"]) and ctx.projects.same(tool.path, path) for tool in ctx.graph.of_type("tool")
    )


@on_repo
def memory_tools(ctx: RepoContext) -> Iterator[Finding]:
    """Report, to careful readers, tools by which the model writes long-term memory with nobody asked."""
    for tool in ctx.graph.of_type("tool"):
        if "memory-write" in tool.attrs["effects"] and not tool.attrs.get("gated") and not is_test(tool.path):
            message = f"`{tool.name}` lets the model write its long-term memory, whatever it read before"
            yield ctx.on(RULE, tool, message, severity=Severity.LOW, persona=Persona.PEDANTIC)
