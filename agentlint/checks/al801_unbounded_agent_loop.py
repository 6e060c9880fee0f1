"""AL801: nothing bounds how often an agent calls its model."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Related, RepoContext, on_repo, unbounded_loops

RULE = "AL801"


@on_repo
def unbounded_setting(ctx: RepoContext) -> Iterator[Finding]:
    """Report limits that are written and limit nothing."""
    for switch in ctx.graph.of_type("switch"):
        if switch.attrs["kind"] != "unbounded-loop" or not switch.attrs.get("explicit", True) or switch.attrs.get("chosen"):
            continue
        place = switch.spans.get("arg", switch.span)
        yield ctx.finding(RULE, switch.path, place, f"`{switch.name}`: {switch.attrs['say']}", symbol=switch.symbol)


@on_repo
def unbounded_loop(ctx: RepoContext) -> Iterator[Finding]:
    """Report endless loops around a model that only the model can end."""
    program = ctx.repository.program
    for loop in unbounded_loops(ctx.repository):
        call = Related(program.path(loop.call[0]), program.value(loop.call).span, "the call of the model")
        ends = "ends only when the model says so" if loop.leaves else "never ends"
        yield ctx.at(RULE, loop.test, f"this loop around a model call {ends}: no bound on rounds, time or cost", related=(call,))
