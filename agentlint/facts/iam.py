"""AWS IAM policies as ``permission`` nodes, from any tree that has the shape of a policy document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from agentlint.core.place import Span
from agentlint.facts.resources import listed, members_of, scalar_text
from agentlint.facts.resources_data import iam_table
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from agentlint.parse.document import Node

PolicyKind = Literal["identity", "resource", "trust", "boundary", "scp"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Lists hold what is literal; ``unknown`` names the fields that hold more. ``effect`` is empty when it is not known.
    """

    effect: str
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    negated: bool = False
    has_condition: bool = False
    span: Span = field(default_factory=Span)
    spans: dict[str, Span] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose policy it is. ``agentic`` None means: not to be known from this file."""

    path: str
    framework: str
    name: str
    kind: PolicyKind = "identity"
    agentic: bool | None = None
    reason: str = ""


def statements(document: Node | None) -> list[Statement]:
    """Return the statements of a policy document (``Version``/``Statement``); nothing when it is no such document."""
    if document is None or document.kind != "map":
        return []
    found = [unfolded for node in listed(document.get("Statement")) for unfolded in alternatives(node)]
    return [_statement(node) for node in found if node.kind == "map"]


def alternatives(node: Node) -> list[Node]:
    """Return both branches of a CloudFormation ``If``, another value alone."""
    branches = node if node.tag in ("!If", "!Fn::If") else node.get("Fn::If") if node.kind == "map" else None
    return list(branches.items[1:]) if branches is not None and branches.kind == "seq" else [node]


def _statement(node: Node) -> Statement:
    unknown: set[str] = set()
    spans: dict[str, Span] = {}
    actions = _strings(node, "Action", "actions", unknown, spans)
    resources = _strings(node, "Resource", "resources", unknown, spans)
    principals = tuple(principal_names(node.get("Principal")))
    negated = any(node.get(key) is not None for key in ("NotAction", "NotResource", "NotPrincipal"))
    effect = scalar_text(node.get("Effect"))
    if effect is None:
        unknown.add("effect")
    condition = node.get("Condition")
    has_condition = condition is not None and condition.kind != "null"
    return Statement(
        effect=(effect or "").capitalize(),
        actions=actions,
        resources=resources,
        principals=principals,
        negated=negated,
        has_condition=has_condition,
        span=node.span,
        spans=spans,
        unknown=tuple(sorted(unknown)),
    )


def _strings(node: Node, key: str, attribute: str, unknown: set[str], spans: dict[str, Span]) -> tuple[str, ...]:
    found: list[str] = []
    value = node.get(key)
    if value is None:
        return ()
    spans[attribute] = value.span
    for item in listed(value):
        text = scalar_text(item)
        if text is None:
            unknown.add(attribute)
            continue
        found.append(text)
        if is_wildcard(attribute, text):
            spans.setdefault(f"wildcard_{attribute[:-1]}", item.span)
    return tuple(found)


def is_wildcard(attribute: str, text: str) -> bool:
    """Whether an action (``*``, ``service:*``) or resource (``*``) leaves nothing out."""
    return text == "*" or (attribute == "actions" and text.count(":") == 1 and text.endswith(":*"))


def principal_names(node: Node | None) -> list[str]:
    """Return the literal principals of a statement: ``*``, service names, account and role names."""
    if node is None:
        return []
    if node.kind != "map":
        return [text for item in listed(node) for text in [scalar_text(item)] if text is not None]
    return [
        text for member in members_of(node) for item in listed(member.value) for text in [scalar_text(item)] if text is not None
    ]


def permission(statement: Statement, holder: Holder, index: int) -> NodeFact:
    """Return the ``permission`` node of a statement.

    ``wildcard_action`` and ``wildcard_resource`` say what is written; ``widens`` lists the wildcard actions that grant
    more than a narrower statement could: not those of services without resources, not telemetry. Attributes that
    depend on something the file does not hold are in ``unknown``.
    """
    unknown = set(statement.unknown)
    attrs: dict[str, Any] = {
        "client": "aws-iam",
        "policy_kind": holder.kind,
        "holder": holder.name,
        "actions": list(statement.actions),
        "resources": list(statement.resources),
        "principals": list(statement.principals),
        "negated": statement.negated,
        "has_condition": statement.has_condition,
        "wildcard_action": any(is_wildcard("actions", action) for action in statement.actions),
        "wildcard_resource": "*" in statement.resources,
        "widens": widening(statement),
        "agentic_reason": holder.reason,
    }
    if statement.effect:
        attrs["effect"] = statement.effect
    if holder.agentic is None:
        unknown.add("agentic")
    else:
        attrs["agentic"] = holder.agentic
    attrs["wildcards"] = ", ".join(attrs["widens"])
    return NodeFact(
        type="permission",
        id=f"permission:{holder.path}:{holder.name}:{index}",
        name=holder.name,
        span=statement.spans.get("wildcard_action", statement.spans.get("actions", statement.span)),
        framework=holder.framework,
        attrs=attrs,
        spans=dict(statement.spans),
        unknown=tuple(sorted(unknown)),
    )


def widening(statement: Statement) -> list[str]:
    """Return the wildcard actions of an Allow on every resource that a narrower grant could replace."""
    if statement.effect != "Allow" or statement.negated or "*" not in statement.resources:
        return []
    table = iam_table()
    harmless = table.no_resource_level | table.telemetry
    wild = [action for action in statement.actions if is_wildcard("actions", action)]
    return [action for action in wild if action.split(":", 1)[0].lower() not in harmless]


def grants_model(actions: tuple[str, ...]) -> bool:
    """Whether one of the actions, or a wildcard among them, calls a model or an agent. A bare ``*`` does not say so."""
    known = iam_table().model_actions
    for action in (text.lower() for text in actions):
        prefix = action[:-1]
        if action in known or (action.endswith("*") and ":" in prefix and any(name.startswith(prefix) for name in known)):
            return True
    return False
