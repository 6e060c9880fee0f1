"""Which module reads which kind of file, and what such a module takes and gives."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from agentlint.core.finding import Notification
from agentlint.facts.infra.model import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentlint.facts.types import EdgeFact, NodeFact
    from agentlint.parse.document import Document
    from agentlint.parse.text import Text


class FileInput(msgspec.Struct, frozen=True):
    """One parsed file.

    ``path`` is relative to the scanned root, with ``/``; ``document`` is ``None`` for plain text and code.
    """

    path: str
    kind: str
    text: Text
    document: Document | None


class Contribution(msgspec.Struct, frozen=True):
    """What a front end read: nodes, edges between nodes of this file, traits of the file, resources.

    And ``notifications``: what it could not read or use.
    """

    nodes: tuple[NodeFact, ...] = ()
    edges: tuple[EdgeFact, ...] = ()
    traits: tuple[str, ...] = ()
    notifications: tuple[Notification, ...] = ()
    resources: tuple[Resource, ...] = ()


EVERY_KIND = "*"

FRONT_ENDS: dict[str, tuple[str, ...]] = {
    EVERY_KIND: ("agentlint.facts.hidden",),
    **dict.fromkeys(("python", "shell", "javascript", "markdown", "mcp-server"), ("agentlint.facts.steering",)),
    "mcp-client": ("agentlint.facts.manifest", "agentlint.facts.settings", "agentlint.facts.steering"),
    "agent-settings": ("agentlint.facts.manifest", "agentlint.facts.settings"),
    "editor-settings": ("agentlint.facts.manifest", "agentlint.facts.settings"),
    "instructions": (
        "agentlint.facts.manifest",
        "agentlint.facts.settings",
        "agentlint.facts.instructions",
        "agentlint.facts.steering",
    ),
    "skill": ("agentlint.facts.settings", "agentlint.facts.instructions", "agentlint.facts.steering"),
    "prompt": ("agentlint.facts.prompt", "agentlint.facts.steering"),
    "agent-card": ("agentlint.facts.card", "agentlint.facts.steering"),
    "crewai-agents": ("agentlint.facts.crewai", "agentlint.facts.steering"),
    "crewai-tasks": ("agentlint.facts.crewai", "agentlint.facts.steering"),
    "langgraph": ("agentlint.facts.langgraph",),
    "dockerfile": ("agentlint.facts.docker", "agentlint.facts.environment"),
    "compose": ("agentlint.facts.compose", "agentlint.facts.environment"),
    "agentcore": ("agentlint.facts.agentcore",),
    "kubernetes": ("agentlint.facts.kubernetes", "agentlint.facts.environment"),
    "python": ("agentlint.facts.policy_text", "agentlint.facts.steering"),
    "notebook": ("agentlint.facts.policy_text",),
    "dotenv": ("agentlint.facts.environment",),
    "terraform": ("agentlint.facts.infra.terraform",),
    "cloudformation": ("agentlint.facts.infra.cloudformation",),
    "bicep": ("agentlint.facts.infra.bicep",),
    "workflow": ("agentlint.facts.workflow",),
    "gitlab-ci": ("agentlint.facts.gitlab",),
    "toml": ("agentlint.facts.requirements",),
    "json": ("agentlint.facts.steering", "agentlint.facts.infra.functions_host"),
    "text": ("agentlint.facts.requirements", "agentlint.facts.infra.apim", "agentlint.facts.infra.cedar"),
}


def contribute_all(inp: FileInput) -> Contribution:
    """Return what all front ends of the file's kind read, in their order; modules are imported on first use.

    Ids are made unique by order of appearance, so that two entries of one name in a file stay two nodes.
    """
    nodes: list[NodeFact] = []
    edges: list[EdgeFact] = []
    traits: list[str] = []
    notes: list[Notification] = []
    resources: list[Resource] = []
    for module in (*FRONT_ENDS.get(inp.kind, ()), *FRONT_ENDS[EVERY_KIND]):
        part: Contribution = import_module(module).contribute(inp)
        nodes.extend(part.nodes)
        edges.extend(part.edges)
        traits.extend(part.traits)
        notes.extend(part.notifications)
        resources.extend(part.resources)
    found = tuple(_unique(nodes)), tuple(edges), tuple(dict.fromkeys(traits))
    return Contribution(*found, tuple(notes), tuple(resources))


def _unique(nodes: Iterable[NodeFact]) -> Iterable[NodeFact]:
    seen: dict[str, int] = {}
    secrets = set()
    for node in nodes:
        if node.type == "secret":  # two front ends may read the same value
            if node.span in secrets:
                continue
            secrets.add(node.span)
        count = seen[node.id] = seen.get(node.id, 0) + 1
        yield node if count == 1 else replace(node, id=f"{node.id}~{count}")
