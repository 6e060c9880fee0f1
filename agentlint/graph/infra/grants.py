"""What a policy statement grants, as attributes of its ``permission`` node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.facts.infra.actions import groups_of, needs_every_resource
from agentlint.facts.resources_data import iam_table

if TYPE_CHECKING:
    from agentlint.core.place import Span
    from agentlint.graph.infra.policies import Statement


def permission_attrs(statement: Statement) -> tuple[dict[str, Any], dict[str, Span]]:
    """Return the attributes and their places.

    ``widens``: wildcard actions on every resource that grant more than a narrower statement could: not those of services
    without resources, not telemetry. ``<group>``: granted actions of that group of the table, written out or by a partial
    wildcard; ``<group>_everywhere``: those granted on every resource (for tokens: on every workload identity).
    """
    widens = widening(statement)
    attrs: dict[str, Any] = {
        "actions": [text for text, _ in statement.actions],
        "resources": [text for text, _ in statement.resources],
        "principals": [name for _, name in statement.principals],
        "anyone": any(name == "*" and kind in ("*", "aws") for kind, name in statement.principals),
        "federated": [name for kind, name in statement.principals if kind == "federated"],
        "negated": statement.negated,
        "has_condition": statement.condition,
        "condition_keys": sorted(statement.keys),
        "condition_values": sorted(statement.values)[:50],
        "wildcard_action": any(_is_wild(text) for text, _ in statement.actions),
        "wildcard_resource": statement.everywhere,
        "widens": widens,
        "wildcards": ", ".join(widens),
    }
    if statement.effect:
        attrs["effect"] = statement.effect
    spans: dict[str, Span] = {}
    if statement.actions:
        spans["actions"] = statement.actions[0][1]
    if statement.resources:
        spans["resources"] = statement.resources[0][1]
    for text, span in statement.actions:
        if _is_wild(text):
            spans.setdefault("wildcard_action", span)
    _groups(statement, attrs, spans)
    return attrs, spans


def _groups(statement: Statement, attrs: dict[str, Any], spans: dict[str, Span]) -> None:
    for group in iam_table().groups:
        attrs[group] = []
        attrs[f"{group}_everywhere"] = []
    if not statement.allows:
        return
    everywhere = statement.everywhere
    everyone = everywhere or any(
        text.endswith((":workload-identity/*", "/workload-identity/*")) for text, _ in statement.resources
    )
    for text, span in statement.actions:
        if text == "*" or _is_wild(text):
            continue
        for group in groups_of(text):
            attrs[group].append(text)
            spans.setdefault(group, span)
            wide = everyone if group == "impersonation" else everywhere
            if wide and not needs_every_resource(text):
                attrs[f"{group}_everywhere"].append(text)
                spans.setdefault(f"{group}_everywhere", span)


def _is_wild(action: str) -> bool:
    return action == "*" or (action.count(":") == 1 and action.endswith(":*"))


def widening(statement: Statement) -> list[str]:
    """Return the wildcard actions of an Allow on every resource that a narrower grant could replace."""
    if not statement.allows or not statement.everywhere:
        return []
    table = iam_table()
    harmless = table.no_resource_level | table.telemetry
    wild = [text for text, _ in statement.actions if _is_wild(text)]
    return [text for text in wild if text.split(":", 1)[0].lower() not in harmless and not needs_every_resource(text)]
