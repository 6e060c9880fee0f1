"""Whether a role belongs to an agent: who may assume it, what uses it, what it may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.infra.actions import groups_of
from agentlint.facts.infra.vocabulary import vocabulary
from agentlint.facts.resources import agent_sign
from agentlint.facts.resources_data import iam_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentlint.graph.infra.iam import Role


def judge(role: Role, agents_beside: bool) -> tuple[bool | None, str]:
    """Return whether the role is an agent's (None: not to be known) and why.

    Roles of build and deployment services are never an agent's, whatever they may do.
    """
    table = iam_table()
    agent_service = next(iter(sorted(role.services & table.agent_services)), "")
    if agent_service:
        return True, f"{agent_service} assumes it"
    if role.deployer or role.services & table.deployer_services:
        return False, "a deployment role"
    types = {user.resource.type for user in role.users.values()}
    user = next(iter(sorted(name for name in types if _agentic(name))), "")
    if user:
        return True, f"an agent ({user.split('.')[-1].replace('_', ' ')}) runs as it"
    computes = bool(role.services & table.compute_services) or role.tool
    if computes and role.tool:
        return True, "an agent calls the code that runs as it"
    if computes and grants_model(role.actions):
        return True, "code that runs as it calls models or agents"
    if computes and agents_beside:
        return True, "it runs code beside an agent"
    name = role.declared.resource.name
    if computes and agent_sign([name]):
        return True, f"its name says {agent_sign([name])}"
    return (False, "") if role.trust_known else (None, "")


def _agentic(name: str) -> bool:
    kind = vocabulary().types.get(name)
    return kind is not None and bool(kind.agentic)


def grants_model(actions: Iterable[str]) -> bool:
    """Whether one of the actions, or a wildcard among them, calls a model or an agent. A bare ``*`` does not say so."""
    return any(action != "*" and "model" in groups_of(action) for action in actions)
