"""Permissions of a role that the code which runs as it cannot use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentlint.sdk import Excess, Finding, Related, RepoContext, Severity, Surplus, on_repo

RULE = "AL211"
_MANY = 14


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield, for the policies of the same roles, what they grant beyond the use of the code behind these roles."""
    for excess in ctx.repository.privileges.excesses():
        places = list({(one.path, one.span): one for one in excess.surplus}.values())
        first = places[0]
        others = [Related(one.path, one.span, f"grants `{one.action}`, which is not used") for one in places[1:_MANY]]
        roles = " and ".join(f"`{judged.role.declared.resource.name}`" for judged in excess.roles[:3])
        severity = Severity.HIGH if any(map(_is_grave, excess.surplus)) else Severity.MEDIUM
        message = f"{roles} grants {_surplus(excess)} beyond what {_code(excess)} uses; {_minimal(excess)}"
        subject = excess.roles[0].role.declared.resource.name
        yield ctx.finding(RULE, first.path, first.span, message, severity=severity, related=tuple(others), subject=subject)


def _is_grave(one: Surplus) -> bool:
    return one.access != "read" and one.statement.everywhere and not one.statement.condition


def _surplus(excess: Excess) -> str:
    return _listed(f"`{action}`" for action in dict.fromkeys(one.action for one in excess.surplus))


def _code(excess: Excess) -> str:
    return _listed(
        dict.fromkeys(f"`{entry.name}`" if entry.path else entry.name for one in excess.roles for entry in one.entries)
    )


def _minimal(excess: Excess) -> str:
    if not excess.used:
        return "the code uses nothing of what it grants"
    return f"the code needs only {_listed(f'`{action}`' for action in excess.used)}"


def _listed(texts: Iterable[str]) -> str:
    known = list(texts)
    more = f" and {len(known) - _MANY} more" if len(known) > _MANY else ""
    return ", ".join(known[:_MANY]) + more
