"""Terraform files: resources, roles and what they may do. Names are resolved within the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.iam import Holder, PolicyKind, Statement, permission, statements
from agentlint.facts.resources import flatten, listed, members_of, scalar_text, secret_settings
from agentlint.facts.resources_data import is_agent_resource
from agentlint.facts.resources_hcl import Module, read_module, references
from agentlint.facts.resources_identity import Role, judge, node_of, verdict_of_any
from agentlint.facts.types import EdgeFact, NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Node

_ROLES = ("aws_iam_role", "awscc_iam_role")
_POLICIES = (
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_iam_user_policy",
    "aws_iam_group_policy",
    "awscc_iam_managed_policy",
)
_ATTACHMENTS = (
    "aws_iam_role_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
)
_RUNS_AS = (
    "role", "role_arn", "agent_resource_role_arn", "execution_role_arn", "task_role_arn", "memory_execution_role_arn",
    "iam_role_arn",
)  # fmt: skip


@dataclass(slots=True)
class _Policy:
    granted: list[Statement]
    name: str
    kind: PolicyKind
    roles: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _File:
    path: str
    module: Module
    roles: dict[str, Role] = field(default_factory=dict)
    policies: list[_Policy] = field(default_factory=list)
    nodes: list[NodeFact] = field(default_factory=list)
    edges: list[EdgeFact] = field(default_factory=list)

    def add(self, document: Node | None, name: str, kind: PolicyKind, roles: set[str]) -> list[Statement]:
        granted = statements(self.module.policy(document))
        if granted:
            self.policies.append(_Policy(granted, name, kind, roles))
        return granted


def contribute(inp: FileInput) -> Contribution:
    """Return the resources, identities and permissions of a Terraform file."""
    if inp.document is None:
        return Contribution()
    file = _File(inp.path, read_module(inp.document.root, inp.text))
    for name, block in file.module.resources.items():
        file.nodes.append(_resource(file, name, block))
        file.nodes.extend(_environment(file, name, block))
        _identity(file, name, block)
    _link(file)
    _emit(file)
    return Contribution(tuple(file.nodes), tuple(file.edges))


def _type(name: str) -> str:
    return name.split(".", 1)[0]


def _labels(block: Node) -> Span:
    labels = block.get("__labels__")
    return labels.span if labels is not None else block.span


def _resource(file: _File, name: str, block: Node) -> NodeFact:
    attrs: dict[str, Any] = {
        "resource_type": _type(name),
        "logical_name": name,
        "agentic": is_agent_resource(_type(name)),
    }
    spans: dict[str, Span] = {}
    unknown: set[str] = set()
    flatten(block, attrs, spans, unknown, file.module.resolve)
    identity = f"resource:{file.path}:{name}"
    return NodeFact("resource", identity, name, _labels(block), "terraform", attrs, spans, tuple(sorted(unknown)))


def _environment(file: _File, name: str, block: Node) -> Iterator[NodeFact]:
    places = (block.get("environment_variables"), block.at("environment", "variables"))
    for member in (member for place in places for member in members_of(place)):
        value = scalar_text(file.module.resolve(member.value))
        yield from secret_settings((file.path, member.key_span, "terraform"), "env-secret", member.key, value, subject=name)


def _identity(file: _File, name: str, block: Node) -> None:
    kind = _type(name)
    if kind in _ROLES:
        role = file.roles.setdefault(name, Role(name))
        trust = block.get("assume_role_policy") or block.get("assume_role_policy_document")
        role.trust(file.add(trust, name, "trust", {name}))
        for member in block.members:
            if member.key == "inline_policy":
                file.add(member.value.get("policy"), name, "identity", {name})
        for policy in listed(block.get("policies")):
            file.add(policy.get("policy_document"), name, "identity", {name})
    elif kind in _POLICIES:
        holders = set(references(block.get("role"))) | set(references(block.get("roles")))
        file.add(block.get("policy") or block.get("policy_document"), name, "identity", holders)
    elif kind == "aws_organizations_policy":
        file.add(block.get("content"), name, "scp", set())
    elif not kind.startswith(("aws_iam_", "awscc_iam_")):
        file.add(block.get("policy") or block.get("key_policy"), name, "resource", set())


def _link(file: _File) -> None:
    tools = _called_by_agents(file)
    for name, block in file.module.resources.items():
        kind = _type(name)
        if kind in _ATTACHMENTS:
            policies, holders = (
                references(block.get("policy_arn")),
                references(block.get("role")) + references(block.get("roles")),
            )
            for policy in file.policies:
                if policy.name in policies:
                    policy.roles.update(holders)
        elif not kind.startswith(("aws_iam_", "awscc_iam_")):
            for role_name in (ref for key in _RUNS_AS for ref in references(block.get(key)) if ref in file.roles):
                role = file.roles[role_name]
                role.users.add(kind)
                role.tool = role.tool or name in tools
                file.edges.append(EdgeFact(f"resource:{file.path}:{name}", "runs_as", f"identity:{file.path}:{role_name}"))
    for policy in file.policies:
        for role_name in policy.roles & file.roles.keys():
            if policy.kind == "identity":
                file.roles[role_name].allow(policy.granted)


def _called_by_agents(file: _File) -> set[str]:
    found: set[str] = set()
    for name, block in file.module.resources.items():
        kind = _type(name)
        if is_agent_resource(kind):
            found.update(references(block))
        elif kind == "aws_lambda_permission" and (scalar_text(block.get("principal")) or "").startswith("bedrock"):
            found.update(references(block.get("function_name")))
    return {name for name in found if _type(name).endswith("lambda_function")}


def _emit(file: _File) -> None:
    agents = any(is_agent_resource(_type(name)) for name in file.module.resources)
    verdicts = {name: judge(role, agents) for name, role in file.roles.items()}
    for name, role in file.roles.items():
        file.nodes.append(node_of(role, file.path, "terraform", _labels(file.module.resources[name]), verdicts[name]))
    counts: dict[str, int] = {}
    for policy in file.policies:
        known = [verdicts.get(name, (None, "")) for name in sorted(policy.roles)]
        agentic, reason = verdict_of_any(known)
        holder = Holder(file.path, "terraform", policy.name, policy.kind, agentic, reason)
        for statement in policy.granted:
            counts[policy.name] = counts.get(policy.name, 0) + 1
            node = permission(statement, holder, counts[policy.name])
            file.nodes.append(node)
            file.edges.extend(EdgeFact(f"identity:{file.path}:{role}", "grants", node.id) for role in sorted(policy.roles))
