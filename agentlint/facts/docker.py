"""Dockerfiles: who the last stage runs as, what it starts, and what ends up in its layers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.mask import mask
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.resources import secret_settings, setting
from agentlint.facts.resources_command import commands, launch, launches
from agentlint.facts.resources_container import Workload, is_developer, judge_container, mount_escape
from agentlint.facts.types import NodeFact
from agentlint.facts.values import is_credential
from agentlint.facts.workflow_agent import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Document, Node
    from agentlint.parse.text import Text

_NONROOT_BASE = lazy.pattern(r"(?i)nonroot|chainguard|cgr\.dev|lambda|distroless\b.{0,100}:nonroot|bitnami|rootless|uid\d")
_SECRET_FILE = lazy.pattern(
    r"(?i)(?:^|/)(?:\.env(?:\.(?:local|prod|production|live))?|\.netrc|\.npmrc|\.pypirc|\.git-credentials"
    r"|credentials(?:\.json)?|service[-_]?account[\w-]{0,40}\.json|id_(?:rsa|ed25519|ecdsa)|[\w.-]{1,60}\.pem)$"
)
_NETWORK_TOOLS = ("curl", "wget")
_SHELLS = ("sh", "bash", "zsh", "python", "python3", "node")


@dataclass(slots=True)
class _Stage:
    name: str
    base: str
    span: Span
    user: str = ""
    user_span: Span | None = None
    items: list[Node] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    starts: Node | None = None


def contribute(inp: FileInput) -> Contribution:
    """Return the image as a resource, and a setting for each credential in a layer and each weakness of the image."""
    stages = _stages(inp.document)
    if not stages:
        return Contribution()
    last = stages[-1]
    work = _workload(inp.path, stages)
    user, span = _user(stages)
    attrs = {
        "resource_type": "docker/image",
        "logical_name": inp.path,
        "base": last.base,
        "user": user,
        "agentic": work.agentic,
        "reason": work.reason,
        "developer": work.developer,
        "exposes": [node.text for item in last.items if item.tag == "EXPOSE" for node in item.items],
    }
    nodes = [NodeFact("resource", f"resource:{inp.path}", inp.path, last.span, "docker", attrs)]
    for stage in stages:
        for item in stage.items:
            nodes.extend(_credentials(inp.path, item, inp.text))
            nodes.extend(_pipes(work, item))
    nodes.extend(_weaknesses(work, last, inp.text))
    if user in ("root", "0") and last.starts is not None:
        nodes.append(work.note("root-user", "no USER" if span is None else f"USER {user}", last.base, span or last.span))
    return Contribution(tuple(nodes))


def _stages(document: Document | None) -> list[_Stage]:
    stages: list[_Stage] = []
    for item in document.root.items if document is not None else ():
        words = [node.text for node in item.items if node.kind == "str" and not node.text.startswith("--")]
        if item.tag == "FROM" and words:
            alias = words[2] if len(words) >= 3 and words[1].upper() == "AS" else ""
            stages.append(_Stage(alias, words[0], item.span))
        elif stages:
            _read(stages[-1], item, words)
    return stages


def _read(stage: _Stage, item: Node, words: list[str]) -> None:
    stage.items.append(item)
    if item.tag == "USER" and words:
        stage.user, stage.user_span = words[0].split(":", 1)[0], item.span
    elif item.tag in ("CMD", "ENTRYPOINT"):
        stage.starts = item
    elif item.tag in ("ENV", "ARG"):
        stage.variables.extend(member.key for node in item.items for member in node.members)


def _user(stages: list[_Stage]) -> tuple[str, Span | None]:
    """Return the user of the last stage (empty: not known) and where it is set; stages inherit from stages."""
    stage, by_name = stages[-1], {stage.name: stage for stage in stages if stage.name}
    for _ in range(len(stages)):
        if stage.user:
            return ("" if "$" in stage.user else stage.user), stage.user_span
        base = by_name.get(stage.base)
        if base is None or base is stage:
            break
        stage = base
    known = "$" not in stage.base and not _NONROOT_BASE.search(stage.base[:300]) and stage.base != "scratch"
    return ("root" if known else ""), None


def _workload(path: str, stages: list[_Stage]) -> Workload:
    names = [path.rsplit("/", 1)[-1].lower().removeprefix("dockerfile"), stages[-1].base.rsplit("/", 1)[-1]]
    variables = [name for stage in stages for name in stage.variables]
    agentic, reason = judge_container(names, variables, _argv(stages[-1].starts))
    for item in (item for stage in stages for item in stage.items if item.tag in ("RUN", "ENTRYPOINT")):
        if agentic:
            break
        for words in _installed(item):
            agentic, reason = judge_container([], [], ["install", *words])
            reason = reason.replace("its name or command says", "it installs")
            if agentic:
                break
    return Workload(path, "docker", "/".join(path.split("/")[-2:]), agentic, reason, is_developer(path))


def _installed(item: Node) -> Iterator[list[str]]:
    for node in item.items:
        if node.tag in ("shell", "heredoc"):
            for _, words in commands(node.text):
                if "install" in words or "add" in words or "i" in words[:3]:
                    yield [word for word in words if not word.startswith("-")][1:]


def _argv(item: Node | None) -> list[str]:
    if item is None:
        return []
    for node in item.items:
        if node.tag == "exec":
            return [inner.text for inner in node.items]
        if node.tag == "shell":
            return next((words for _, words in commands(node.text)), [])
    return []


def _credentials(path: str, item: Node, text: Text) -> Iterator[NodeFact]:
    if item.tag in ("ENV", "ARG"):
        for member in (member for node in item.items for member in node.members):
            place = (path, member.key_span.to(member.value.span), "docker")
            yield from secret_settings(place, "image-secret", member.key, member.value.text, how=item.tag)
    elif item.tag in ("COPY", "ADD"):
        words = [node for node in item.items if node.kind == "str" and not node.text.startswith("--")]
        foreign = any(node.text.startswith("--from") for node in item.items)
        for node in words[:-1]:
            if not foreign and _SECRET_FILE.search(node.text[:300]):
                yield setting(
                    "image-secret",
                    path,
                    node.span,
                    "docker",
                    {"what": node.text, "how": item.tag, "masked": "a file of credentials", "file": node.text},
                )
    elif item.tag == "RUN":
        yield from _run_credentials(path, item, text)


def _run_credentials(path: str, item: Node, text: Text) -> Iterator[NodeFact]:
    for node in item.items:
        for _, words in commands(node.text) if node.tag in ("shell", "heredoc") else ():
            for word in words:
                name, equals, value = word.lstrip("-").partition("=")
                if equals and re.fullmatch(r"[\w.-]{2,80}", name) and is_credential(name, value):
                    attrs = {"what": name, "how": "RUN", "masked": mask(value)}
                    yield setting("image-secret", path, find(text, node.span, name), "docker", attrs)


def _pipes(work: Workload, item: Node) -> Iterator[NodeFact]:
    """Yield a note for each download that is piped straight into an interpreter."""
    for node in item.items if item.tag == "RUN" else ():
        simple = commands(node.text) if node.tag in ("shell", "heredoc") else []
        for (line, first), (after, second) in pairwise(simple):
            target = [word for word in second if word not in ("sudo", "-E")]
            piped = "|" in node.text and line == after and first[0] in _NETWORK_TOOLS
            if piped and target and target[0].rsplit("/", 1)[-1] in _SHELLS:
                yield work.note("piped-download", first[-1][:200], target[0], node.span)


def _weaknesses(work: Workload, last: _Stage, text: Text) -> Iterator[NodeFact]:
    for item in last.items:
        words = [node for node in item.items if node.kind == "str"]
        if item.tag == "VOLUME":
            listed = [inner for node in item.items for inner in (node.items or [node])]
            for node in listed:
                what, detail = mount_escape(node.text)
                if what == "runtime-socket":
                    yield work.escape(what, detail, node.span)
        elif item.tag in ("CMD", "ENTRYPOINT", "RUN"):
            script = "\n".join(node.text for node in words if node.tag in ("shell", "heredoc"))
            argv = [inner.text for node in item.items if node.tag == "exec" for inner in node.items]
            yield from _switched_off(work, item, script, argv, text)


def _switched_off(work: Workload, item: Node, script: str, argv: list[str], text: Text) -> Iterator[NodeFact]:
    started = launches(script) if script else []
    single = launch(argv) if argv else None
    for found in [*started, *([single] if single is not None else [])]:
        for option in found.off:
            yield work.note("safety-off", option, found.program, find(text, item.span, option.split(" ", 1)[0]))
