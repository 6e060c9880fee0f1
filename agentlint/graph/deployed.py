"""What infrastructure does for the code it deploys: who may call it, as whom it runs, what checks and what stops it."""

from __future__ import annotations

import msgspec

from agentlint.facts.resources_data import load_table
from agentlint.graph.model import GraphNode
from agentlint.graph.repository import Repository

MAX_RESOURCES = 400
_READS = (
    "get", "list", "describe", "head", "batchget", "query", "scan", "search", "lookup", "select", "invoke", "converse",
    "retrieve", "assumerole", "createlog", "putlog", "puttrace", "puttelemetry", "putmetric", "view", "check", "filter",
    "download", "read",
)  # fmt: skip
"""Beginnings of actions that change nothing but logs, or that ask a model."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A resource that decides about calls where a property has a value."""

    type: str
    at: str
    value: str = msgspec.field(name="is")


class DeploymentTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Types of resources by what they do."""

    authorizers: frozenset[str]
    throttles: frozenset[str]
    guardrails: frozenset[str]
    timed: frozenset[str]
    policies: tuple[Policy, ...]


def _table() -> DeploymentTable:
    return load_table("deployment", DeploymentTable)


def deployed(repository: Repository, path: str, what: str) -> bool:
    """Return whether the project of ``path`` declares what the table lists under ``what``, e.g. ``authorizers``."""
    types: frozenset[str] = getattr(_table(), what)
    return any(
        node.attrs.get("resource_type") in types or node.attrs.get("native") in types for node in _estate(repository, path)
    )


def is_policed(repository: Repository, path: str) -> bool:
    """Return whether a gateway of the project decides by policy about the calls of its tools."""
    projects = repository.projects
    return any(
        value == policy.value
        for policy in _table().policies
        for one in repository.infrastructure.of_type(policy.type)
        if projects.same(one.path, path)
        for value, _ in repository.infrastructure.read(one, policy.at)
    )


def _estate(repository: Repository, path: str) -> list[GraphNode]:
    projects = repository.projects
    return [node for node in repository.graph.of_type("resource") if projects.same(node.path, path)][:MAX_RESOURCES]


def may_only_read(repository: Repository, path: str) -> bool:
    """Return whether all that is deployed with the file at ``path`` runs as identities that may change nothing in the cloud."""
    identities = [one for node in _estate(repository, path) for one in repository.graph.targets(node.id, "runs_as")]
    return bool(identities) and all(_reads_only(repository, identity) for identity in identities)


def _reads_only(repository: Repository, identity: GraphNode) -> bool:
    permissions = repository.graph.targets(identity.id, "grants")
    if identity.unknown or not permissions:
        return False
    for node in permissions:
        if node.attrs.get("policy_kind") == "trust" or node.attrs.get("effect") != "Allow":
            continue
        if node.attrs.get("policy_kind") == "managed" or "actions" in node.unknown:
            return False
        if not all(_is_reading(str(action)) for action in node.attrs.get("actions", ())):
            return False
    return True


def _is_reading(action: str) -> bool:
    service, _, verb = action.lower().partition(":")
    if service in ("logs", "xray", "cloudwatch", "sts"):
        return True
    return verb.startswith(_READS)
