"""Security groups that let the whole internet in."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Declared, Finding, Infrastructure, Located, RepoContext, Severity, on_repo

RULE = "AL626"

_EVERYWHERE = {"0.0.0.0/0", "::/0"}
_WEB = {80, 443}
_AGENTS = ("aws.agentcore.*", "aws.bedrock.*")


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield inbound rules for everybody on ports other than those of the web."""
    estate = ctx.infrastructure
    for one in estate.of_type("aws.ec2.security_group"):
        for rule in estate.items(one, "ingress"):
            yield from _rule(ctx, one, rule)
    for one in estate.of_type("aws.ec2.ingress_rule"):
        yield from _rule(ctx, one, Located(one.resource.properties, one))
    for one in estate.of_type("aws.ec2.security_group_rule"):
        if any(plain == "ingress" for plain, _ in estate.read(one, "type")):
            yield from _rule(ctx, one, Located(one.resource.properties, one))


def _rule(ctx: RepoContext, one: Declared, rule: Located) -> Iterator[Finding]:
    estate = ctx.infrastructure
    place = _open(estate, rule)
    ports = _ports(estate, rule)
    if place is None or ports is None or (ports[0] in _WEB and ports[1] in _WEB and ports[0] == ports[1]):
        return
    text = (
        "every port" if ports == (0, 65535) else f"port {ports[0]}" if ports[0] == ports[1] else f"ports {ports[0]} to {ports[1]}"
    )
    message = f"`{one.resource.name}` lets the whole internet in on {text}"
    severity = Severity.HIGH
    yield ctx.finding(RULE, place.path, place.value.span, message, severity=severity, subject=one.resource.name)


def _open(estate: Infrastructure, rule: Located) -> Located | None:
    for key in ("cidr_blocks", "ipv6_cidr_blocks"):
        for item in estate.items(rule, key):
            if item.value.kind == "lit" and item.value.data in _EVERYWHERE:
                return item
    return None


def _ports(estate: Infrastructure, rule: Located) -> tuple[int, int] | None:
    """Return the first and last port, ``None`` when they are not known."""
    protocol = [str(plain) for plain, _ in estate.read(rule, "protocol")]
    if protocol and protocol[0] in ("-1", "all"):
        return 0, 65535
    if protocol and protocol[0] in ("icmp", "icmpv6", "1", "58"):
        return None
    first, last = ([plain for plain, _ in estate.read(rule, key)] for key in ("from_port", "to_port"))
    try:
        low, high = int(first[0]), int(last[0])
    except (IndexError, TypeError, ValueError):
        return None
    return (0, 65535) if (low, high) in ((0, 0), (0, 65535), (-1, -1)) else (low, high)
