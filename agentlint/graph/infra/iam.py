"""Identities and what they may do: roles, the policies they hold, who runs as them, in all files of a stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from agentlint.facts.infra.vocabulary import vocabulary
from agentlint.facts.resources_data import iam_table
from agentlint.graph.infra.estate import Declared, Estate, Located
from agentlint.graph.infra.grants import permission_attrs
from agentlint.graph.infra.policies import Statement, statements, templated
from agentlint.graph.infra.values import Values
from agentlint.graph.infra.verdict import judge
from agentlint.graph.model import GraphNode, RepoGraph

PolicyKind = Literal["identity", "resource", "trust", "boundary", "scp"]

ROLE = "aws.iam.role"
_ROLE_POLICY = "aws.iam.role_policy"
_MANAGED = "aws.iam.policy"
_ATTACHMENT = "aws.iam.role_policy_attachment"
_DOCUMENT = "aws.iam.policy_document"
_FUNCTION = "aws.lambda.function"
_MODEL_POLICIES = frozenset({"AmazonBedrockFullAccess", "BedrockAgentCoreFullAccess", "AmazonBedrockLimitedAccess"})
_CUSTOM = ("custom::", "aws::cloudformation::customresource")


@dataclass(slots=True, eq=False)
class Role:
    """An identity and what is known of it."""

    declared: Declared
    services: set[str] = field(default_factory=set)
    trust_known: bool = False
    users: dict[str, Declared] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    deployer: bool = False
    tool: bool = False
    verdict: tuple[bool | None, str] = (None, "")

    @property
    def id(self) -> str:
        """The id of its graph node."""
        one = self.declared
        return f"{one.path}#identity:{one.resource.name}:{one.resource.span.line}"


@dataclass(slots=True, eq=False)
class Policy:
    """Statements that some roles hold; ``kind`` says what sort of policy it is."""

    declared: Declared
    granted: list[Statement]
    kind: PolicyKind
    roles: list[Role] = field(default_factory=list)


class Access:
    """The role graph of an estate."""

    def __init__(self, estate: Estate, values: Values) -> None:
        """Read roles and policies, join them, and judge whose each role is."""
        self.estate, self.values = estate, values
        self.roles: dict[int, Role] = {}
        self.policies: list[Policy] = []
        self._by_name: dict[tuple[str, str], Role] = {}
        self._read()
        self._attach()
        self._users()
        for role, name, _ in self._managed():
            if name in _MODEL_POLICIES:
                role.actions.add("bedrock:invokemodel")
        for role in self.roles.values():
            agents = [one for one in role.declared.stack.names.values() if _is_agent(one)]
            role.verdict = judge(role, bool(agents))

    def _read(self) -> None:
        known = vocabulary().types
        for one in self.estate.of_type(ROLE):
            self._role(one)
        for one in self.estate.resources():
            kind = known.get(one.resource.type)
            if kind is None or one.resource.type == _DOCUMENT:
                continue
            for path in kind.policy:
                self._policy(one, path)

    def _role(self, one: Declared) -> Role:
        role = self.roles.setdefault(id(one), Role(one))
        found, _ = self.values.follow(Located(one.resource.properties, one), ["role_name"])
        for name in found:
            if name.value.kind == "lit":
                self._by_name.setdefault((one.stack.folder, str(name.value.data)), role)
        return role

    def _policy(self, one: Declared, path: str) -> None:
        top = Located(one.resource.properties, one)
        found, _ = self.values.follow(top, path.split("."))
        granted: list[Statement] = []
        for hit in found:
            for item in self.values.items(hit):
                granted += statements(self.values, item, rendered=item.home.resource.type == _DOCUMENT)
                granted += templated(self.values, item) if one.resource.type == _FUNCTION else []
        if not granted:
            return
        policy = Policy(one, granted, self._kind(one, path))
        self.policies.append(policy)
        if one.resource.type == ROLE:
            policy.roles.append(self.roles[id(one)])
        elif one.resource.type == _FUNCTION:
            role = self._role(one)
            role.services.add("lambda.amazonaws.com")
            role.trust_known = True
            policy.roles.append(role)
        else:
            policy.roles += self._holders(top, ("role", "roles"))
        if policy.kind == "trust":
            for role in policy.roles:
                _trust(role, granted)

    @staticmethod
    def _kind(one: Declared, path: str) -> PolicyKind:
        if path == "assume_role_policy":
            return "trust"
        if one.resource.type.startswith("aws.iam.") or one.resource.type == _FUNCTION:
            return "identity"
        return "scp" if one.resource.type == "aws.organizations.policy" else "resource"

    def _holders(self, top: Located, keys: tuple[str, ...]) -> list[Role]:
        found: list[Role] = []
        for key in keys:
            for one in (top.of(held.value) for held in top.value.fields if held.name == key):
                found += [self.roles[id(t)] for t in self.values.targets(one) if id(t) in self.roles]
                for way in self.values.ways(one):
                    for item in self.values.items(way):
                        named = self._by_name.get((top.home.stack.folder, str(item.value.data)))
                        if item.value.kind == "lit" and named is not None:
                            found.append(named)
        return list({id(role): role for role in found}.values())

    def _attach(self) -> None:
        managed = {id(policy.declared): policy for policy in self.policies if policy.kind == "identity"}
        for one in self.estate.of_type(_ATTACHMENT):
            top = Located(one.resource.properties, one)
            holders = self._holders(top, ("role", "roles"))
            for target in self._targets(top, "policy_arn"):
                if id(target) in managed:
                    managed[id(target)].roles += holders
        for role in list(self.roles.values()):
            top = Located(role.declared.resource.properties, role.declared)
            for target in self._targets(top, "managed_policy_arns"):
                if id(target) in managed:
                    managed[id(target)].roles.append(role)
            for target in self._targets(top, "permissions_boundary"):
                if id(target) in managed:
                    managed[id(target)].kind = "boundary"
        for policy in self.policies:
            if policy.kind == "identity":
                for role in policy.roles:
                    role.actions.update(text for s in policy.granted if s.allows for text, _ in s.actions)

    def _targets(self, top: Located, key: str) -> list[Declared]:
        return [t for f in top.value.fields if f.name == key for t in self.values.targets(top.of(f.value))]

    def _users(self) -> None:
        tools, custom = self._called_by_agents(), self._custom()
        known = vocabulary().types
        for one in self.estate.resources():
            kind = known.get(one.resource.type)
            top = Located(one.resource.properties, one)
            held = [self.roles[id(one)]] if one.resource.type == _FUNCTION and id(one) in self.roles else []
            for path in kind.identity if kind is not None else ():
                held += [role for role in self._held(top, path) if role not in held]
            for role in held:
                role.users.setdefault(one.id, one)
                role.tool = role.tool or id(one) in tools
                role.deployer = role.deployer or id(one) in custom

    def _held(self, top: Located, path: str) -> list[Role]:
        """Return the roles that a property names; only the first step of ``path`` holds the reference."""
        first, *rest = path.split(".")
        found: list[Role] = []
        for field_ in top.value.fields:
            if field_.name != first:
                continue
            starts = [top.of(field_.value)]
            for part in rest:
                starts = [
                    way.of(inner.value)
                    for start in starts
                    for way in self.values.ways(start)
                    for inner in way.value.fields
                    if inner.name == part
                ]
            found += [self.roles[id(t)] for s in starts for t in self.values.targets(s) if id(t) in self.roles]
        return found

    def _called_by_agents(self) -> set[int]:
        found: set[int] = set()
        for one in self.estate.resources():
            if _is_agent(one):
                found.update(id(t) for t in self.values.targets(Located(one.resource.properties, one)))
            elif one.resource.type == "aws.lambda.permission":
                top = Located(one.resource.properties, one)
                hits, _ = self.values.follow(top, ["principal"])
                if any(str(hit.value.data).startswith("bedrock") for hit in hits):
                    found.update(id(t) for t in self._targets(top, "function_name"))
        return set(found)

    def _custom(self) -> set[int]:
        found: set[int] = set()
        for one in self.estate.resources():
            if one.resource.native.lower().startswith(_CUSTOM):
                found.update(id(t) for t in self.values.targets(Located(one.resource.properties, one)))
        return found

    def _managed(self) -> list[tuple[Role, str, Located]]:
        """Return the AWS managed policies of roles: role, name of the policy, where it is named."""
        found: list[tuple[Role, str, Located]] = []
        for role in self.roles.values():
            keys = ("policies",) if role.declared.resource.type == _FUNCTION else ("managed_policy_arns",)
            top = Located(role.declared.resource.properties, role.declared)
            found += [(role, name, at) for key in keys for name, at in self._named(top, key)]
        for one in self.estate.of_type(_ATTACHMENT):
            top = Located(one.resource.properties, one)
            named = list(self._named(top, "policy_arn"))
            found += [(role, name, at) for name, at in named for role in self._holders(top, ("role", "roles"))]
        return found

    def _named(self, top: Located, key: str) -> list[tuple[str, Located]]:
        found, _ = self.values.follow(top, [key])
        items = [item for hit in found for item in self.values.items(hit) if item.value.kind in ("lit", "text")]
        names = [(str(item.value.data).rsplit("/", 1)[-1], item) for item in items if isinstance(item.value.data, str)]
        if any(field.name == key and "each." in str(field.value.data) for field in top.value.fields):
            each, _ = self.values.follow(top, ["for_each"])
            spread = [item for hit in each for item in self.values.items(hit)]
            more, _ = self.values.follow(top, ["for_each", "*"])
            names += [
                (str(item.value.data).rsplit("/", 1)[-1], item) for item in (*spread, *more)
                if item.value.kind in ("lit", "text") and isinstance(item.value.data, str)
            ]  # fmt: skip
        return names

    def into(self, graph: RepoGraph) -> None:
        """Add the nodes of roles and permissions, and their edges."""
        broad = iam_table().broad_policies
        for role, name, at in self._managed():
            if name in broad:
                graph.add(_managed_node(role, name, broad[name], at))
        for role in self.roles.values():
            graph.add(_identity(role))
            for user in role.users.values():
                graph.link(user.id, "runs_as", role.id)
        for policy in self.policies:
            verdict = _of_any([role.verdict for role in policy.roles])
            for number, statement in enumerate(policy.granted, 1):
                node = _permission(policy, statement, number, verdict)
                graph.add(node)
                for role in policy.roles:
                    graph.link(role.id, "grants", node.id)


def _is_agent(one: Declared) -> bool:
    kind = vocabulary().types.get(one.resource.type)
    return kind is not None and bool(kind.agentic)


def _trust(role: Role, granted: list[Statement]) -> None:
    role.trust_known = True
    for statement in granted:
        role.services.update(name.lower() for _, name in statement.principals)


def _of_any(verdicts: list[tuple[bool | None, str]]) -> tuple[bool | None, str]:
    """Return the verdict on a policy: an agent's if any of its roles is, unknown if any is (or it has none)."""
    for verdict in verdicts:
        if verdict[0]:
            return verdict
    return (None, "") if not verdicts or any(v[0] is None for v in verdicts) else (False, verdicts[0][1])


def _identity(role: Role) -> GraphNode:
    agentic, reason = role.verdict
    one = role.declared
    attrs: dict[str, Any] = {
        "identity_kind": "role",
        "services": sorted(role.services),
        "users": sorted({user.resource.type for user in role.users.values()}),
        "reason": reason,
    }
    if agentic is not None:
        attrs["agentic"] = agentic
    unknown = () if agentic is not None else ("agentic",)
    return GraphNode("identity", role.id, one.resource.name, one.path, one.resource.span, one.resource.front, attrs, {}, unknown)


def _managed_node(role: Role, name: str, grants: str, at: Located) -> GraphNode:
    agentic, reason = role.verdict
    one = role.declared
    attrs = {
        "client": "aws-iam", "policy_kind": "managed", "policy": name, "grants": grants, "holder": one.resource.name,
        "agentic_reason": reason, "effect": "Allow",
    } | ({} if agentic is None else {"agentic": agentic})  # fmt: skip
    span = at.value.span
    identity = f"{at.path}#permission:{one.resource.name}:{name}:{span.line}:{span.column}"
    unknown = () if agentic is not None else ("agentic",)
    return GraphNode("permission", identity, one.resource.name, at.path, span, one.resource.front, attrs, {}, unknown)


def _permission(policy: Policy, statement: Statement, number: int, verdict: tuple[bool | None, str]) -> GraphNode:
    one = policy.declared
    attrs, spans = permission_attrs(statement)
    unknown = set(statement.unknown)
    attrs |= {"client": "aws-iam", "policy_kind": policy.kind, "holder": one.resource.name, "agentic_reason": verdict[1]}
    attrs["on_agent"] = _is_agent(one)
    if verdict[0] is None:
        unknown.add("agentic")
    else:
        attrs["agentic"] = verdict[0]
    place = f"{statement.span.line}:{statement.span.column}"
    identity = f"{statement.path}#permission:{one.resource.name}:{one.resource.span.line}:{policy.kind}:{number}:{place}"
    span = spans.get("wildcard_action") or (statement.actions[0][1] if statement.actions else statement.span)
    return GraphNode(
        "permission", identity, one.resource.name, statement.path, span, one.resource.front, attrs, spans,
        tuple(sorted(unknown)),
    )  # fmt: skip
