"""Security groups that let the whole internet in, and those of agents that let everything out."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Declared, Finding, Infrastructure, Located, Persona, RepoContext, Severity, on_repo

RULE = "AL626"

_EVERYWHERE = {"0.0.0.0/0", "::/0"}
_WEB = {80, 443}
_EVERY_PORT = (0, 65535)
_GROUP = "aws.ec2.security_group"
_COMPUTE = ("aws.agentcore.*", "aws.ecs.service", "aws.lambda.function")
_DATA = (
    "aws_db_instance", "aws_rds_*", "aws_neptune_*", "aws_opensearch_domain", "aws_elasticache_*",
    "AWS::RDS::*", "AWS::Neptune::*", "AWS::OpenSearchService::*", "AWS::ElastiCache::*",
)  # fmt: skip


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield inbound rules for everybody, and rules by which an agent reaches everything."""
    estate = ctx.infrastructure
    for one in estate.of_type(_GROUP):
        for rule in estate.items(one, "ingress"):
            yield from _inbound(ctx, one, rule)
        for rule in estate.items(one, "egress"):
            yield from _outbound(ctx, one, rule, [one])
    for one in estate.of_type("aws.ec2.ingress_rule"):
        yield from _inbound(ctx, one, estate.top(one))
    for one in estate.of_type("aws.ec2.egress_rule"):
        yield from _outbound(ctx, one, estate.top(one), estate.linked(one, [_GROUP], "to", "")[0])
    for one in estate.of_type("aws.ec2.security_group_rule"):
        directions = [plain for plain, _ in estate.read(one, "type")]
        if "ingress" in directions:
            yield from _inbound(ctx, one, estate.top(one))
        elif "egress" in directions:
            yield from _outbound(ctx, one, estate.top(one), estate.linked(one, [_GROUP], "to", "")[0])


def _inbound(ctx: RepoContext, one: Declared, rule: Located) -> Iterator[Finding]:
    estate = ctx.infrastructure
    place = _open(estate, rule)
    ports = _ports(estate, rule)
    if place is None or ports is None:
        return
    groups = [one] if one.resource.type == _GROUP else estate.linked(one, [_GROUP], "to", "")[0]
    web = ports[0] == ports[1] and ports[0] in _WEB
    if web and not any(estate.linked(group, ["aws.agentcore.*", *_DATA], "from", "")[0] for group in groups):
        return  # a public load balancer
    some = f"port {ports[0]}" if ports[0] == ports[1] else f"ports {ports[0]} to {ports[1]}"
    text = "every port" if ports == _EVERY_PORT else some
    message = f"`{one.resource.name}` lets the whole internet in on {text}"
    persona = Persona.PEDANTIC if web else Persona.REGULAR
    severity = Severity.MEDIUM if web else Severity.HIGH
    yield ctx.finding(RULE, place.path, place.value.span, message, severity=severity, persona=persona, subject=one.resource.name)


def _outbound(ctx: RepoContext, one: Declared, rule: Located, groups: list[Declared]) -> Iterator[Finding]:
    estate = ctx.infrastructure
    place = _open(estate, rule)
    if place is None or _ports(estate, rule) != _EVERY_PORT:
        return
    users = [user for group in groups for user in estate.linked(group, _COMPUTE, "from", "")[0] if _is_agent(ctx, user)]
    if users:
        message = f"`{users[0].resource.name}` runs an agent and may reach every address on every port (`{one.resource.name}`)"
        more = {"severity": Severity.MEDIUM, "persona": Persona.PEDANTIC, "subject": one.resource.name}
        yield ctx.finding(RULE, place.path, place.value.span, message, **more)


def _is_agent(ctx: RepoContext, user: Declared) -> bool:
    """Whether what a group is attached to is an agent's compute: by its type, or because its role calls models."""
    kind = ctx.infrastructure.kind(user)
    if kind is not None and kind.agentic:
        return True
    return any(
        role.attrs.get("agentic") is True and any(node.id == user.id for node in ctx.graph.sources(role.id, "runs_as"))
        for role in ctx.graph.of_type("identity")
    )


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
        return _EVERY_PORT
    if protocol and protocol[0] in ("icmp", "icmpv6", "1", "58"):
        return None
    first, last = ([plain for plain, _ in estate.read(rule, key)] for key in ("from_port", "to_port"))
    try:
        low, high = int(first[0]), int(last[0])
    except (IndexError, TypeError, ValueError):
        return None
    return _EVERY_PORT if (low, high) in ((0, 0), (0, 65535), (-1, -1)) else (low, high)
