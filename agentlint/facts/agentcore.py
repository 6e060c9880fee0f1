"""Projects of the AgentCore command line (``agentcore.json``) and of its starter toolkit (``.bedrock_agentcore.yaml``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import from_node, resource
from agentlint.facts.resources import environment, listed, members_of, scalar_text
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from agentlint.core.place import Span
    from agentlint.facts.infra.model import Resource

_CLI, _TOOLKIT = "agentcore-cli", "agentcore-toolkit"
_LISTS = {"runtimes": "runtime", "memories": "memory", "agentCoreGateways": "gateway", "policyEngines": "policy_engine"}
_BELOW = {"gateway": ("targets", "target"), "policy_engine": ("policies", "policy")}
_OWN_ROLE = ("lambda", "lambdaFunctionArn", "smithyModel")
"""Targets that are always called with the role of the gateway."""


def contribute(inp: FileInput) -> Contribution:
    """Return the runtimes, gateways, targets, memories and policies of a project."""
    root = inp.document.root if inp.document is not None else None
    if root is None or root.kind != "map":
        return Contribution()
    found = list(_toolkit(root)) if root.get("agents") is not None else list(_project(root))
    return Contribution(resources=tuple(found))


def _project(root: Node) -> Iterator[Resource]:
    for key, kind in _LISTS.items():
        for item in listed(root.get(key)):
            if item.kind == "map":
                yield _resource(kind, "", item)
                below, inner_kind = _BELOW.get(kind, ("", ""))
                for inner in listed(item.get(below)) if below else ():
                    if inner.kind == "map":
                        yield _resource(inner_kind, f"{scalar_text(item.get('name')) or kind}/", inner)


def _resource(kind: str, prefix: str, item: Node) -> Resource:
    name = item.get("name")
    shaped = [member for given in item.members for member in _shaped(kind, given)]
    if kind == "target":
        shaped += _credentials(item)
    properties = from_node(Node("map", item.span, members=shaped), lambda _: None)
    span = name.span if name is not None else _head(item)
    return resource(f"{_CLI}:{kind}", f"{prefix}{scalar_text(name) or kind}", _CLI, span, properties)


def _head(item: Node) -> Span:
    return item.members[0].key_span if item.members else item.span


def _shaped(kind: str, given: Member) -> list[Member]:
    """Return a member as the service's own interface spells it."""
    key, span, value = given.key, given.key_span, given.value
    if key == "networkMode":
        return [Member("networkConfiguration", span, Node("map", value.span, members=[given]))]
    if key == "envVars":
        pairs = [Member(name, place, node) for name, node, place in environment(value)]
        return [Member("environmentVariables", span, Node("map", value.span, members=pairs))]
    if kind == "memory" and key == "strategies":
        strategies = [
            Node("map", one.span, members=[Member("customMemoryStrategy", _head(one), one)])
            for one in listed(value) if one.kind == "map"
        ]  # fmt: skip
        return [Member("memoryStrategies", span, Node("seq", value.span, items=strategies))]
    if kind == "policy" and key == "statement":
        statement = Node("map", value.span, members=[given])
        return [Member("definition", span, Node("map", value.span, members=[Member("cedar", span, statement)]))]
    return [] if (kind, key) in (("gateway", "targets"), ("policy_engine", "policies"), ("target", "outboundAuth")) else [given]


def _credentials(item: Node) -> list[Member]:
    """What the gateway shows to a target: nothing, unless the project says so or the target is one of AWS."""
    auth = item.get("outboundAuth")
    kind = scalar_text(auth.get("type")) if auth is not None and auth.kind == "map" else None
    place = auth.span if auth is not None else _head(item)
    if kind is None and scalar_text(item.get("targetType")) in _OWN_ROLE:
        kind = "GATEWAY_IAM_ROLE"
    if auth is not None and auth.kind != "map":
        return []
    provider = Node("str", place, kind or "NONE")
    members = [Member("credentialProviderType", place, provider)]
    if auth is not None:
        members += [member for member in auth.members if member.key != "type"]
    one = Node("map", place, members=members)
    return [Member("credentialProviderConfigurations", place, Node("seq", place, items=[one]))]


def _toolkit(root: Node) -> Iterator[Resource]:
    for agent in members_of(root.get("agents")):
        settings = agent.value.get("aws") if agent.value.kind == "map" else None
        if settings is None or settings.kind != "map":
            continue
        members = [member for member in settings.members if member.value.kind != "null"]
        properties = from_node(Node("map", settings.span, members=members), lambda _: None)
        yield resource(f"{_TOOLKIT}:agent", agent.key, _TOOLKIT, agent.key_span, properties)
