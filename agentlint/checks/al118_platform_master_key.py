"""Master keys of a platform where a role or a narrower key would do."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Located, RepoContext, on_repo

RULE = "AL118"

_MASTER = (".masterKey", "listAdminKeys(")
_MAX_STEPS = 3_000


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield the places where a template reads a key that opens everything."""
    estate = ctx.infrastructure
    declared = (*estate.of_type("stack.local", "stack.module", "stack.output"), *estate.resources())
    for one in declared:
        if one.resource.front != "bicep":
            continue
        for at in _parts(estate.top(one)):
            text = str(at.value.data)
            if at.value.kind == "unknown" and any(sign in text for sign in _MASTER):
                what = "the master key of a function app" if _MASTER[0] in text else "an administrator's key"
                message = f"`{one.resource.name}` is given {what}: it opens everything, and only rotating it closes that again"
                yield ctx.finding(RULE, at.path, at.value.span, message, subject=one.resource.name)


def _parts(top: Located) -> Iterator[Located]:
    pending = [top]
    for _ in range(_MAX_STEPS):
        if not pending:
            return
        one = pending.pop()
        yield one
        pending.extend(one.of(item) for item in one.value.items)
        pending.extend(one.of(field.value) for field in one.value.fields)
