"""Which nodes of a drawn graph stand together: by project, then by agent, so that large graphs can be folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LARGEST = 120
_HEADS = ("agent", "workflow_job", "server", "mcp_server", "endpoint", "mcp_client", "agent_card")


def clusters(nodes: Sequence[Mapping[str, Any]], edges: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return ``[{"project", "name", "type", "loose", "nodes": [id, …]}]``; every node is in exactly one.

    Nodes that edges connect stand together in the project of their agent, cut by agent where they are more than
    ``LARGEST``. What has no edge stands with its like. ``nodes`` hold ``id``, ``type``, ``name`` and ``project``.
    """
    known = {node["id"]: node for node in nodes}
    order = {node["id"]: number for number, node in enumerate(nodes)}
    near: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        if source != target and source in known and target in known:
            near[source].append(target)
            near[target].append(source)
    joined: list[dict[str, Any]] = []
    loose: dict[tuple[str, str], list[str]] = defaultdict(list)
    seen: set[str] = set()
    for node in nodes:
        if node["id"] in seen:
            continue
        if not near[node["id"]]:
            loose[node["project"], node["type"]].append(node["id"])
            continue
        part = _reached(node["id"], near)
        seen |= part
        members = sorted(part, key=order.__getitem__)
        joined += [_cluster(group, known) for group in ([members] if len(part) <= LARGEST else _by_head(members, near, known))]
    alone = [
        {"project": project, "name": kind, "type": kind, "loose": True, "nodes": members}
        for (project, kind), members in sorted(loose.items())
    ]
    return joined + alone


def _reached(start: str, near: Mapping[str, Sequence[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for other in near[waiting.pop()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _by_head(
    members: Sequence[str], near: Mapping[str, Sequence[str]], known: Mapping[str, Mapping[str, Any]]
) -> list[list[str]]:
    """Give every node to the nearest agent (or other head), breadth first, so that each group stays connected."""
    heads = [member for member in members if known[member]["type"] == "agent"]
    heads = heads or [member for member in members if known[member]["type"] in _HEADS] or list(members[:1])
    owner = {head: head for head in heads}
    waiting = list(heads)
    for current in waiting:
        for other in near[current]:
            if other not in owner:
                owner[other] = owner[current]
                waiting.append(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for member in members:
        groups[owner[member]].append(member)
    return [groups[head] for head in heads]


def _cluster(members: list[str], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    def rank(member: str) -> int:
        kind = known[member]["type"]
        return _HEADS.index(kind) if kind in _HEADS else len(_HEADS)

    head = known[min(members, key=rank)]
    return {"project": head["project"], "name": head["name"], "type": head["type"], "loose": False, "nodes": members}
