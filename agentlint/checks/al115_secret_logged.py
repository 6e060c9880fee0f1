"""AL115: a credential is written to a log, to the console or into the message of an exception."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Op, Persona, RepoContext, Step, is_test, leaks, on_repo

RULE = "AL115"


@on_repo
def secret_logged(ctx: RepoContext) -> Iterator[Finding]:
    """Report each call once, with the way from the source where it is known."""
    program = ctx.repository.program
    seen = set()
    for leak in leaks(ctx.repository):
        path = program.path(leak.sink[0])
        if leak.sink in seen or is_test(path):
            continue
        seen.add(leak.sink)
        steps = []
        if leak.source is not None:
            steps.append(Step(program.path(leak.source[0]), program.value(leak.source).span, "the credential", "source"))
        what = leak.what.removeprefix("builtins.")
        steps.append(Step(path, program.value(leak.sink).span, f"reaches `{what}`", "sink"))
        yield ctx.at(
            RULE,
            leak.sink,
            f"the value of `{leak.name}` is written by `{what}`",
            flow=tuple(steps) if len(steps) > 1 else (),
            persona=Persona.PEDANTIC if leak.source is None and _is_shown(what, program.value(leak.value).op) else None,
            subject=leak.name,
        )


def _is_shown(what: str, op: Op) -> bool:
    """Whether a credential of unknown origin is shown to a person, or is not surely one.

    What a script has just been issued it prints on purpose; what ``get`` finds in any table may be a hash or an id.
    """
    return op is Op.CALL or what.endswith(("Error", "Exception")) or (what == "print" and op in (Op.ITEM, Op.ATTR))
