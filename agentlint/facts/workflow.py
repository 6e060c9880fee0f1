"""GitHub workflows: jobs that run an agent, who can start them, with which token and tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.place import Span
from agentlint.facts.cloud_logins import of_job
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.resources import environment, listed, members_of, scalar_text, secret_settings, setting
from agentlint.facts.resources_data import action_table
from agentlint.facts.types import EdgeFact, NodeFact
from agentlint.facts.workflow_agent import AgentStep, add_secret, read_step
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentlint.parse.text import Text

_EVENT_IS = lazy.pattern(r"github\.event_name\s{0,4}==\s{0,4}'([a-z_]{1,60})'")
_HEAD_REF = lazy.pattern(r"head\.(?:sha|ref)|head_ref|head_sha|head_branch|refs/pull/")
_TOKEN_ONLY = frozenset({"id-token"})


@dataclass(frozen=True, slots=True)
class _Job:
    path: str
    name: str
    span: Span
    triggers: tuple[str, ...]
    condition: str
    writes: tuple[str, ...] | None
    environment: str

    @property
    def id(self) -> str:
        return f"workflow_job:{self.path}:{self.name}"

    @property
    def open_triggers(self) -> list[str]:
        """The triggers that a stranger can pull and that the job's condition lets through."""
        known = action_table().open_triggers
        events = _EVENT_IS.findall(self.condition)
        return [name for name in self.triggers if name in known and (not events or name in events)]

    @property
    def guard(self) -> str:
        return _guard(self.condition) or ("a protected environment" if self.environment else "")


def contribute(inp: FileInput) -> Contribution:
    """Return a job node for each job that runs an agent, its tools as permissions, and a setting for each weakness."""
    nodes: list[NodeFact] = []
    edges: list[EdgeFact] = []
    root = inp.document.root if inp.document is not None else Node("null", Span())
    triggers = tuple(_triggers(root.get("on")))
    for member in members_of(root.get("jobs")):
        if member.value.kind != "map":
            continue
        nodes.extend(_secrets(inp.path, member))
        job = _job(inp.path, member, triggers, root.get("permissions"))
        _read(job, member.value, inp.text, (root.get("env"), member.value.get("env")), nodes, edges)
    return Contribution(tuple(nodes), tuple(edges))


def _triggers(node: Node | None) -> list[str]:
    if node is not None and node.kind == "map":
        return [member.key for member in node.members]
    return [text for item in listed(node) for text in [scalar_text(item)] if text]


def _job(path: str, member: Member, triggers: tuple[str, ...], default: Node | None) -> _Job:
    job = member.value
    own = job.get("permissions")
    surroundings = job.get("environment")
    name = surroundings.get("name") if surroundings is not None and surroundings.kind == "map" else surroundings
    return _Job(
        path=path,
        name=member.key,
        span=member.key_span,
        triggers=triggers,
        condition=scalar_text(job.get("if")) or "",
        writes=_writes(own if own is not None else default),
        environment=scalar_text(name) or "",
    )


def _writes(node: Node | None) -> tuple[str, ...] | None:
    """Return what the token may write; None when the workflow does not say (then the repository's setting decides)."""
    if node is None:
        return None
    if node.kind == "map":
        return tuple(sorted(m.key for m in node.members if scalar_text(m.value) == "write" and m.key not in _TOKEN_ONLY))
    return ("everything",) if scalar_text(node) == "write-all" else ()


def _inherit(found: AgentStep, shared: Iterable[Node | None]) -> None:
    """Note the secrets that the workflow and the job give to every step."""
    for place in shared:
        for name, value, span in environment(place):
            if "secrets." in (scalar_text(value) or ""):
                add_secret(found, name, span)


def _read(job: _Job, node: Node, text: Text, shared: Sequence[Node | None], nodes: list[NodeFact], edges: list[EdgeFact]) -> None:
    steps = [step for step in listed(node.get("steps")) if step.kind == "map"]
    agents: list[AgentStep] = []
    checked, head = "", None
    for index, step in enumerate(steps):
        found = read_step(step, index, text)
        if found is not None:
            _inherit(found, shared)
            agents.append(found)
            nodes.extend(_judged(job, found, checked, head))
        checked = checked or _checks(step)
        head = head or _head_checkout(step)
    exposed = any(_anyone(job, found, checked) for found in agents)
    nodes.extend(of_job(job.path, job.name, node, agentic=bool(agents), exposed=exposed))
    if agents:
        nodes.insert(0, _node(job, agents))
        edges.extend(
            EdgeFact(job.id, "grants", node.id) for node in nodes if node.type == "permission" and node.attrs["job"] == job.name
        )


def _node(job: _Job, agents: list[AgentStep]) -> NodeFact:
    attrs = {
        "triggers": list(job.triggers),
        "open_triggers": job.open_triggers,
        "guard": job.guard,
        "agents": sorted({found.program for found in agents}),
        "runs_agent": True,
        "tools": sorted({name for found in agents for name in found.tools}),
        "environment": job.environment,
    }
    if job.writes is not None:
        attrs["writes"] = list(job.writes)
    unknown = () if job.writes is not None else ("writes",)
    return NodeFact("workflow_job", job.id, job.name, job.span, "github-actions", attrs, unknown=unknown)


def _judged(job: _Job, found: AgentStep, checked: str, head: Span | None) -> Iterator[NodeFact]:
    yield from _permissions(job, found, checked)
    yield _trigger(job, found, checked, head)
    for option, span in found.off.items():
        attrs = {
            "what": option,
            "detail": found.program,
            "subject": job.name,
            "agentic": True,
            "developer": False,
            "exposed": _anyone(job, found, checked),
        }
        yield setting("safety-off", job.path, span, "github-actions", attrs)
    yield from _exposed(job, found, checked)
    if found.action is not None:
        attrs = {"what": found.program, "ref": found.ref, "ref_kind": found.ref_kind, "subject": job.name}
        yield setting("agent-action", job.path, found.span, "github-actions", attrs)


def _exposed(job: _Job, found: AgentStep, checked: str) -> Iterator[NodeFact]:
    """Secrets that the agent does not need itself, and switches that print all it does."""
    exposure = _exposure(job, found, checked)
    if found.secrets:
        names = sorted(found.secrets, key=lambda name: found.secrets[name])
        attrs = {"what": found.program, "listed": ", ".join(names[:5]), "count": len(names), "subject": job.name,
                 "exposure": exposure, "reach": found.reach}  # fmt: skip
        yield setting("agent-secrets", job.path, found.secrets[names[0]], "github-actions", attrs)
    for name, span in found.printed.items():
        attrs = {"what": found.program, "detail": name, "subject": job.name, "exposure": exposure}
        yield setting("agent-transcript", job.path, span, "github-actions", attrs)


def _exposure(job: _Job, found: AgentStep, checked: str) -> str:
    """Who can make the agent act: ``anyone``, ``writers`` (they start it, on text of others too), ``maintainers``.

    A ``pull_request`` from a fork runs without secrets, so without an agent; the others are by writers.
    """
    if _anyone(job, found, checked):
        return "anyone"
    return "writers" if job.open_triggers else "maintainers"


def _permissions(job: _Job, found: AgentStep, checked: str) -> Iterator[NodeFact]:
    table = action_table()
    for name, span in found.tools.items():
        attrs = {
            "client": "github-workflow",
            "tool": name,
            "wildcard": name in table.wildcard_tools,
            "runs_code": name in table.code_tools or name in table.wildcard_tools,
            "effect": "allow",
            "job": job.name,
            "open_triggers": job.open_triggers,
            "guard": job.guard or _guard(found.condition),
            "exposure": _exposure(job, found, checked),
        }
        identity = f"permission:{job.path}:{job.name}:{found.span.line}:{name}"
        yield NodeFact("permission", identity, name, span, "github-actions", attrs)


def _anyone(job: _Job, found: AgentStep, checked: str) -> bool:
    """Whether a stranger can start the step: an open trigger, no guard, and an action that lets everybody in."""
    if not job.open_triggers or job.guard or checked or _guard(found.condition):
        return False
    return found.opened is not None or found.action is None or not found.action.actor_check


def _trigger(job: _Job, found: AgentStep, checked: str, head: Span | None) -> NodeFact:
    reach = found.reach
    capped = found.capped or (found.fixed and not found.listed)
    power = _power(job, found)
    attrs = {
        "what": found.name,
        "subject": job.name,
        "program": found.program,
        "anyone": _anyone(job, found, checked),
        "triggers": ", ".join(job.open_triggers),
        "guard": job.guard or _guard(found.condition) or checked,
        "reach": "capped" if capped and reach == "all" else reach,
        "told": next(iter(found.told), ""),
        "writes": power,
        "foreign_code": head is not None,
        "told_by_others": _by_others(job, found),
        "foreign_start": bool(set(job.open_triggers) & action_table().foreign_triggers),
        "own_branches": "head.repo" in (job.condition + found.condition),
    }
    span = found.opened or next(iter(found.told.values()), found.span)
    unknown = ("writes",) if power == "unknown" else ()
    if unknown:
        del attrs["writes"]
    return setting("agent-trigger", job.path, span, "github-actions", attrs, unknown)


def _by_others(job: _Job, found: AgentStep) -> str:
    """A text in the prompt that somebody else wrote than the person who starts the agent; empty when there is none."""
    table = action_table()
    if not set(job.open_triggers) & table.foreign_triggers:
        return ""
    return next((name for name in found.told if name not in table.actor_text), "")


def _power(job: _Job, found: AgentStep) -> str:
    if found.token:
        return "with a token of its own"
    if found.tokenless or job.writes == ():
        return "nothing"
    return "unknown" if job.writes is None else ", ".join(job.writes)


def _guard(condition: str) -> str:
    return next((text for text in action_table().actor_guards if text in condition), "")


def _checks(step: Node) -> str:
    texts = [
        scalar_text(step.get("uses")) or "",
        scalar_text(step.get("run")) or "",
        scalar_text(step.at("with", "script")) or "",
    ]
    return next((mark for mark in action_table().step_guards for content in texts if mark in content), "")


def _head_checkout(step: Node) -> Span | None:
    if not (scalar_text(step.get("uses")) or "").startswith("actions/checkout@"):
        return None
    ref = step.at("with", "ref")
    if ref is None or step.at("with", "path") is not None or not _HEAD_REF.search((scalar_text(ref) or "")[:1000]):
        return None
    return ref.span


def _secrets(path: str, member: Member) -> Iterator[NodeFact]:
    places = [
        member.value.get("env"),
        *(step.get("env") for step in listed(member.value.get("steps")) if step.kind == "map"),
    ]
    for place in places:
        for name, value, span in environment(place):
            content = scalar_text(value)
            yield from secret_settings((path, span, "github-actions"), "env-secret", name, content, subject=member.key)
