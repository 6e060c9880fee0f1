"""GitLab pipelines: jobs that run an agent from their script, who can start them, with which tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.resources import listed, scalar_text, setting
from agentlint.facts.resources_command import Launch, launches
from agentlint.facts.resources_data import action_table
from agentlint.facts.types import NodeFact
from agentlint.facts.workflow_agent import AgentStep, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Member, Node
    from agentlint.parse.text import Text

_FRAMEWORK = "gitlab-ci"
_SCRIPTS = ("before_script", "script", "after_script")
_NOT_JOBS = frozenset({"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "spec", "pages"})
_VARIABLE = lazy.pattern(r"\$\{?([A-Z][A-Z0-9_]{2,60})\}?")
_AGENT_NAME = lazy.pattern(
    r"(?i)(?:^|[/_.-])(?:claude|codex|gemini|qwen|opencode|aider|goose|cursor|copilot|agent)s?(?:[/_.-]|$)"
)
_SHA = lazy.pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_VERSION = lazy.pattern(r"v?\d+(?:\.\d+){0,3}(?:[-+.][\w.-]{1,40})?")
_MAX_JOBS = 500


def contribute(inp: FileInput) -> Contribution:
    """Return what the jobs of a pipeline say about the agents they start, as for GitHub workflows."""
    nodes: list[NodeFact] = []
    for root in inp.document.roots if inp.document is not None else ():
        nodes.extend(_includes(inp.path, root.get("include")))
        for member in root.members[:_MAX_JOBS]:
            if member.key not in _NOT_JOBS and member.value.kind == "map":
                nodes.extend(_job(inp.path, member, inp.text, _sources(root)))
    return Contribution(tuple(nodes))


def _sources(root: Node) -> str:
    """The conditions under which any pipeline of the file runs, as text."""
    workflow = root.get("workflow")
    return _conditions(workflow) if workflow is not None else ""


def _conditions(node: Node) -> str:
    rules = [scalar_text(rule.get("if")) or "" for rule in listed(node.get("rules")) if rule.kind == "map"]
    return "\n".join([*rules, *(scalar_text(item) or "" for item in listed(node.get("only")))])


def _job(path: str, member: Member, text: Text, around: str) -> Iterator[NodeFact]:
    lines = [item for key in _SCRIPTS for item in _lines(member.value.get(key))]
    for item in lines:
        script = scalar_text(item) or ""
        started = [launch for launch in launches(script) if launch.program and (launch.batch or launch.off)]
        if started:
            yield from _agent(path, member, _read(item, script, started, text), f"{around}\n{_conditions(member.value)}")


def _lines(node: Node | None) -> Iterator[Node]:
    for item in listed(node):
        if item.kind == "seq":
            yield from item.items
        else:
            yield item


def _read(item: Node, script: str, started: list[Launch], text: Text) -> AgentStep:
    found = AgentStep(started[0].program, find(text, item.span, started[0].program), started[0].program)
    for launch in started:
        for option in launch.off:
            found.off.setdefault(option, find(text, item.span, option.split(" ", 1)[0]))
        for name in launch.tools[:200]:
            found.listed = True
            found.tools.setdefault(name, find(text, item.span, name))
    for name in _VARIABLE.findall(script[:50_000]):
        if name in action_table().gitlab_text:
            found.told.setdefault(name, find(text, item.span, name))
    return found


def _agent(path: str, member: Member, found: AgentStep, conditions: str) -> Iterator[NodeFact]:
    table = action_table()
    anyone = any(name in table.gitlab_open_text for name in found.told)
    foreign = bool(found.told) or "merge_request_event" in conditions or "external_pull_request" in conditions
    exposure = "anyone" if anyone else "writers" if foreign else "maintainers"
    job = member.key
    yield NodeFact(
        "workflow_job", f"workflow_job:{path}:{job}", job, member.key_span, _FRAMEWORK,
        {"agents": [found.program], "runs_agent": True, "tools": sorted(found.tools), "open_triggers": ["comment"] * anyone},
    )  # fmt: skip
    for name, span in found.tools.items():
        attrs = {
            "client": _FRAMEWORK, "tool": name, "wildcard": name in table.wildcard_tools, "effect": "allow", "job": job,
            "runs_code": name in table.code_tools or name in table.wildcard_tools, "exposure": exposure,
        }  # fmt: skip
        yield NodeFact("permission", f"permission:{path}:{job}:{span.line}:{name}", name, span, _FRAMEWORK, attrs)
    for option, span in found.off.items():
        attrs = {"what": option, "detail": found.program, "subject": job, "agentic": True, "developer": False, "exposed": anyone}
        yield setting("safety-off", path, span, _FRAMEWORK, attrs)
    yield _trigger(path, job, found, anyone)


def _trigger(path: str, job: str, found: AgentStep, anyone: bool) -> NodeFact:
    told = next(iter(found.told), "")
    attrs = {
        "what": found.name, "subject": job, "program": found.program, "anyone": anyone,
        "triggers": "a comment" if anyone else "a merge request" if told else "", "guard": "",
        "reach": found.reach, "told": told, "foreign_code": False, "told_by_others": "" if anyone else told,
        "foreign_start": False, "own_branches": False,
    }  # fmt: skip
    span = next(iter(found.told.values()), found.span)
    return setting("agent-trigger", path, span, _FRAMEWORK, attrs, ("writes",))


def _includes(path: str, node: Node | None) -> Iterator[NodeFact]:
    """Components and files of other projects that run an agent, with the reference that names their version."""
    for item in listed(node):
        if item.kind != "map":
            continue
        component, project = item.get("component"), item.get("project")
        if component is not None and component.text:
            name, _, ref = component.text.partition("@")
            yield from _include(path, name, ref, component.span)
        elif project is not None and project.text:
            ref_node = item.get("ref")
            files = " ".join(scalar_text(file) or "" for file in listed(item.get("file")))
            ref = scalar_text(ref_node) or ""
            yield from _include(path, f"{project.text} {files}".strip(), ref, (ref_node or project).span)


def _include(path: str, name: str, ref: str, span: Span) -> Iterator[NodeFact]:
    if "$" in ref or not any(_AGENT_NAME.search(part) for part in name.split()):
        return
    kind = "sha" if _SHA.fullmatch(ref) else "version" if _VERSION.fullmatch(ref) else "branch"
    attrs = {"what": name, "ref": ref or "(default branch)", "ref_kind": kind, "subject": ""}
    yield setting("agent-action", path, span, _FRAMEWORK, attrs)
