"""Agents and tasks of a crew, configured in YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.types import EdgeFact, NodeFact
from agentlint.parse.template import parse_template
from agentlint.parse.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.document import Member, Node

_FRAMEWORK = "crewai"
_AGENT_TEXTS = ("role", "goal", "backstory", "system_template", "prompt_template")
_TASK_TEXTS = ("description", "expected_output")
_FLAGS = ("allow_delegation", "allow_code_execution", "memory", "verbose", "human_input", "async_execution")
_NUMBERS = ("max_iter", "max_rpm", "max_execution_time")
_MAX_TEXT = 2000
_MAX_ENTRIES = 500


def contribute(inp: FileInput) -> Contribution:
    """Return a node for each agent (``agent``) and task (``prompt``), with ``instructs`` edges between them.

    Attributes: the texts (cut), ``placeholders`` (filled from the inputs of the run), ``tools``, flags and limits as
    written.
    """
    if inp.document is None:
        return Contribution()
    nodes: list[NodeFact] = []
    edges: list[EdgeFact] = []
    for member in inp.document.root.members[:_MAX_ENTRIES]:
        if member.value.kind != "map":
            continue
        if inp.kind == "crewai-agents":
            nodes.append(_node(inp.path, member, "agent", _AGENT_TEXTS))
        else:
            task = _node(inp.path, member, "prompt", _TASK_TEXTS)
            nodes.append(task)
            agent = member.value.get("agent")
            if agent is not None and agent.text:
                edges.append(EdgeFact(task.id, "instructs", f"agent:{_sibling(inp.path)}#{agent.text}"))
    return Contribution(tuple(nodes), tuple(edges))


def _sibling(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.replace('tasks', 'agents')}"


def _node(path: str, member: Member, kind: str, texts: tuple[str, ...]) -> NodeFact:
    value = member.value
    attrs: dict[str, object] = {"config_key": member.key, "role_of_file": kind}
    spans = {"name": member.key_span}
    joined = ""
    for key, node in _given(value, (*texts, *_FLAGS, *_NUMBERS, "agent", "llm", "function_calling_llm")):
        spans[key] = node.span
        attrs[key] = node.text[:_MAX_TEXT] if node.kind == "str" else node.scalar
        if key in texts:
            joined += node.text + "\n"
    attrs["placeholders"] = list(dict.fromkeys(v.name for v in parse_template(Text(joined)).variables if v.name))
    tools = value.get("tools")
    if tools is not None:
        attrs["tools"] = [item.text for item in tools.items]
        spans["tools"] = tools.span
    return NodeFact(kind, f"{kind}:{path}#{member.key}", member.key, member.key_span, _FRAMEWORK, attrs, spans)


def _given(value: Node, keys: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    for key in keys:
        node = value.get(key)
        if node is not None and node.kind not in ("map", "seq", "null"):
            yield key, node
