"""CloudFormation and SAM templates: resources, roles and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agentlint.core import lazy
from agentlint.core.place import Span
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.iam import Holder, PolicyKind, Statement, permission, principal_names, statements
from agentlint.facts.resources import flatten, listed, members_of, scalar_text, secret_settings
from agentlint.facts.resources_data import is_agent_resource
from agentlint.facts.resources_identity import Role, judge, node_of, verdict_of_any
from agentlint.facts.types import EdgeFact, NodeFact
from agentlint.parse.document import Node

_SUBSTITUTED = lazy.pattern(r"\$\{([A-Za-z][A-Za-z0-9]{0,254})")
_RESOURCE_POLICIES = (
    "KeyPolicy",
    "ResourcePolicy",
    "RepositoryPolicyText",
    "AccessPolicies",
    "PolicyDocument",
    "Policy",
)
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")


@dataclass(slots=True)
class _Policy:
    granted: list[Statement]
    name: str
    kind: PolicyKind
    roles: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Template:
    path: str
    resources: dict[str, tuple[str, Node, Span]]
    defaults: dict[str, Node]
    roles: dict[str, Role] = field(default_factory=dict)
    policies: list[_Policy] = field(default_factory=list)
    nodes: list[NodeFact] = field(default_factory=list)
    edges: list[EdgeFact] = field(default_factory=list)

    def role(self, name: str) -> Role:
        return self.roles.setdefault(name, Role(name))

    def resolve(self, node: Node) -> Node:
        """Return the default of a parameter that is referred to, ``expr`` for any other computed value."""
        name, argument = intrinsic(node)
        if not name:
            return node
        default = self.defaults.get(argument.text) if name == "Ref" and argument is not None else None
        return default if default is not None else Node("expr", node.span, name)


def contribute(inp: FileInput) -> Contribution:
    """Return the resources, identities and permissions of a template."""
    if inp.document is None:
        return Contribution()
    root = inp.document.root
    template = _Template(inp.path, _resources(root), _defaults(root))
    for name, (type_name, properties, span) in template.resources.items():
        template.nodes.append(_resource(template, name, type_name, properties, span))
        _environment(template, name, properties)
        _identity(template, name, type_name, properties)
    _link(template)
    _emit(template)
    return Contribution(tuple(template.nodes), tuple(template.edges))


def intrinsic(node: Node) -> tuple[str, Node | None]:
    """Return the name (``Ref``, ``Fn::Sub`` …) and argument of an intrinsic function, or an empty name."""
    if node.tag.startswith("!"):
        short = node.tag[1:]
        return (short if short in ("Ref", "Condition") or "::" in short else f"Fn::{short}"), node
    if node.kind == "map" and len(node.members) == 1:
        member = node.members[0]
        if member.key == "Ref" or member.key.startswith("Fn::"):
            return member.key, member.value
    return "", None


def references(node: Node | None) -> set[str]:
    """Return the logical ids that a value refers to through Ref, GetAtt and Sub, at any depth."""
    found: set[str] = set()
    for _, member, inner in node.walk() if node is not None else ():
        name = inner.tag[1:] if inner.tag.startswith("!") else member.key if member is not None else ""
        name = name.removeprefix("Fn::")
        if name in ("Ref", "GetAtt"):
            first = inner.items[0].text if inner.items else inner.text
            found.add(first.split(".", 1)[0])
        elif inner.kind == "str" and "${" in inner.text:
            found.update(_SUBSTITUTED.findall(inner.text))
    return found


def _resources(root: Node) -> dict[str, tuple[str, Node, Span]]:
    found = {}
    for member in members_of(root.get("Resources")):
        type_name = scalar_text(member.value.get("Type"))
        if type_name is not None:
            properties = member.value.get("Properties") or Node("map", member.key_span)
            found[member.key] = (type_name, properties, member.key_span)
    return found


def _defaults(root: Node) -> dict[str, Node]:
    pairs = ((member.key, member.value.get("Default")) for member in members_of(root.get("Parameters")))
    return {name: default for name, default in pairs if default is not None}


def _resource(template: _Template, name: str, type_name: str, properties: Node, span: Span) -> NodeFact:
    attrs: dict[str, Any] = {"resource_type": type_name, "logical_name": name, "agentic": is_agent_resource(type_name)}
    spans: dict[str, Span] = {}
    unknown: set[str] = set()
    flatten(properties, attrs, spans, unknown, template.resolve)
    return NodeFact(
        "resource",
        f"resource:{template.path}:{name}",
        name,
        span,
        "cloudformation",
        attrs,
        spans,
        tuple(sorted(unknown)),
    )


def _environment(template: _Template, name: str, properties: Node) -> None:
    variables = properties.at("Environment", "Variables") or properties.get("EnvironmentVariables")
    for member in members_of(variables):
        value, place = scalar_text(member.value), (template.path, member.key_span, "cloudformation")
        template.nodes.extend(secret_settings(place, "env-secret", member.key, value, subject=name))


def _identity(template: _Template, name: str, type_name: str, properties: Node) -> None:
    if type_name == "AWS::IAM::Role":
        _role(template, name, properties)
    elif type_name in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
        roles = references(properties.get("Roles")) | references(properties.get("RoleName"))
        template.policies.append(_Policy(statements(properties.get("PolicyDocument")), name, "identity", roles))
    elif type_name == "AWS::Serverless::Function":
        _function(template, name, properties)
    elif type_name == "AWS::Organizations::Policy":
        template.policies.append(_Policy(statements(properties.get("Content")), name, "scp"))
    else:
        found = [statements(properties.get(key)) for key in _RESOURCE_POLICIES]
        template.policies.extend(_Policy(granted, name, "resource") for granted in found if granted)


def _role(template: _Template, name: str, properties: Node) -> None:
    trusted = statements(properties.get("AssumeRolePolicyDocument"))
    template.role(name).trust(trusted)
    template.policies.append(_Policy(trusted, name, "trust", {name}))
    for policy in listed(properties.get("Policies")):
        template.policies.append(_Policy(statements(policy.get("PolicyDocument")), name, "identity", {name}))


def _function(template: _Template, name: str, properties: Node) -> None:
    own = f"{name}Role"
    for policy in listed(properties.get("Policies")):
        granted = statements(policy)
        if granted:
            role = template.role(own)
            role.services.add("lambda.amazonaws.com")
            role.trust_known = True
            template.policies.append(_Policy(granted, own, "identity", {own}))


def _link(template: _Template) -> None:
    tools, custom = _called_by_agents(template), _custom_resources(template)
    for name, (type_name, properties, _) in template.resources.items():
        if type_name.startswith("AWS::IAM::"):
            _attach_managed(template, name, type_name, properties)
            continue
        own = {f"{name}Role"} if type_name == "AWS::Serverless::Function" and properties.get("Role") is None else set()
        for key in (
            "Role",
            "RoleArn",
            "AgentResourceRoleArn",
            "ExecutionRoleArn",
            "TaskRoleArn",
            "MemoryExecutionRoleArn",
        ):
            own |= references(properties.get(key))
        for role_name in own & template.roles.keys():
            role = template.roles[role_name]
            role.users.add(type_name)
            role.deployer = role.deployer or (type_name in _FUNCTIONS and name in custom)
            role.tool = role.tool or (type_name in _FUNCTIONS and name in tools)
            template.edges.append(
                EdgeFact(f"resource:{template.path}:{name}", "runs_as", f"identity:{template.path}:{role_name}")
            )
    for policy in template.policies:
        for role_name in policy.roles & template.roles.keys():
            if policy.kind == "identity":
                template.roles[role_name].allow(policy.granted)


def _attach_managed(template: _Template, name: str, type_name: str, properties: Node) -> None:
    if type_name != "AWS::IAM::Role":
        return
    attached = references(properties.get("ManagedPolicyArns"))
    for policy in template.policies:
        if policy.name in attached and policy.kind == "identity":
            policy.roles.add(name)


def _called_by_agents(template: _Template) -> set[str]:
    found: set[str] = set()
    for type_name, properties, _ in template.resources.values():
        if is_agent_resource(type_name):
            found |= references(properties)
        elif type_name == "AWS::Lambda::Permission":
            principals = principal_names(properties.get("Principal"))
            if any(name.startswith("bedrock") for name in principals):
                found |= references(properties.get("FunctionName"))
    return found


def _custom_resources(template: _Template) -> set[str]:
    found: set[str] = set()
    for _, properties, _ in template.resources.values():
        found |= references(properties.get("ServiceToken"))
    return found


def _emit(template: _Template) -> None:
    agents = any(is_agent_resource(type_name) for type_name, _, _ in template.resources.values())
    verdicts = {name: judge(role, agents) for name, role in template.roles.items()}
    for name, role in template.roles.items():
        span = template.resources[name][2] if name in template.resources else Span()
        template.nodes.append(node_of(role, template.path, "cloudformation", span, verdicts[name]))
    counts: dict[str, int] = {}
    for policy in template.policies:
        agentic, reason = verdict_of_any([verdicts[name] for name in sorted(policy.roles) if name in verdicts])
        holder = Holder(template.path, "cloudformation", policy.name, policy.kind, agentic, reason)
        for statement in policy.granted:
            counts[policy.name] = counts.get(policy.name, 0) + 1
            node = permission(statement, holder, counts[policy.name])
            template.nodes.append(node)
            template.edges.extend(
                EdgeFact(f"identity:{template.path}:{role}", "grants", node.id) for role in sorted(policy.roles & verdicts.keys())
            )
