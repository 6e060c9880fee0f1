"""Whether a role belongs to an agent: who may assume it, what uses it, what it may call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentlint.facts.iam import Statement, grants_model
from agentlint.facts.resources import agent_sign
from agentlint.facts.resources_data import iam_table, is_agent_resource
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentlint.core.place import Span


@dataclass(slots=True)
class Role:
    """A role of one file, filled while its resources are read; ``users`` are the types of what runs as it."""

    name: str
    services: set[str] = field(default_factory=set)
    trust_known: bool = False
    users: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    deployer: bool = False
    tool: bool = False

    def allow(self, granted: Iterable[Statement]) -> None:
        """Add what the statements allow."""
        for statement in granted:
            if statement.effect == "Allow" and not statement.negated:
                self.actions.update(statement.actions)

    def trust(self, trusted: Iterable[Statement]) -> None:
        """Add who may assume the role."""
        for statement in trusted:
            self.trust_known = True
            self.services.update(name.lower() for name in statement.principals)


def judge(role: Role, agents_in_file: bool) -> tuple[bool | None, str]:
    """Return whether the role is an agent's (None: not to be known here) and why.

    Roles of build and deployment services are never an agent's, whatever they may do.
    """
    table = iam_table()
    agent_service = next(iter(sorted(role.services & table.agent_services)), "")
    if agent_service:
        return True, f"{agent_service} assumes it"
    if role.deployer or role.services & table.deployer_services:
        return False, "a deployment role"
    user = next(iter(sorted(name for name in role.users if is_agent_resource(name))), "")
    if user:
        return True, f"{user} runs as it"
    computes = bool(role.services & table.compute_services) or role.tool
    if computes and role.tool:
        return True, "an agent calls the code that runs as it"
    if computes and grants_model(tuple(role.actions)):
        return True, "code that runs as it calls models or agents"
    if computes and agents_in_file:
        return True, "it runs code beside an agent"
    if computes and agent_sign([role.name]):
        return True, f"its name says {agent_sign([role.name])}"
    return (False, "") if role.trust_known else (None, "")


def verdict_of_any(verdicts: list[tuple[bool | None, str]]) -> tuple[bool | None, str]:
    """Return the verdict on a policy: an agent's if any of its roles is, unknown if any is (or it has none)."""
    for verdict in verdicts:
        if verdict[0]:
            return verdict
    return (None, "") if not verdicts or any(verdict[0] is None for verdict in verdicts) else (False, verdicts[0][1])


def node_of(role: Role, path: str, framework: str, span: Span, verdict: tuple[bool | None, str]) -> NodeFact:
    """Return the ``identity`` node of a role; ``agentic`` is unknown where the verdict is."""
    agentic, reason = verdict
    attrs: dict[str, Any] = {
        "identity_kind": "role",
        "services": sorted(role.services),
        "users": sorted(role.users),
        "reason": reason,
    }
    if agentic is not None:
        attrs["agentic"] = agentic
    unknown = () if agentic is not None else ("agentic",)
    return NodeFact("identity", f"identity:{path}:{role.name}", role.name, span, framework, attrs, unknown=unknown)
