"""Compose files: services, what they mount, publish and may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.cloud_logins import variables
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.resources import environment, is_true, listed, members_of, scalar_text, secret_settings
from agentlint.facts.resources_command import launch, split
from agentlint.facts.resources_container import Workload, capability_escape, is_developer, judge_container, mount_escape
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Member, Node

_NAMESPACES = (
    ("network_mode", "host-network"),
    ("pid", "host-pid"),
    ("ipc", "host-ipc"),
    ("userns_mode", "host-users"),
)
_LOOPBACK = ("127.", "localhost", "[::1]", "::1")


def contribute(inp: FileInput) -> Contribution:
    """Return a resource for each service, and a setting for each weakness of it."""
    nodes: list[NodeFact] = []
    for root in inp.document.roots if inp.document is not None else ():
        for member in members_of(root.get("services")):
            if member.value.kind == "map":
                nodes.extend(_service(inp.path, member))
    return Contribution(tuple(nodes))


def _service(path: str, member: Member) -> Iterator[NodeFact]:
    service = member.value
    words = _words(service.get("entrypoint")) + _words(service.get("command"))
    work = _workload(path, member, words)
    attrs = {
        "resource_type": "compose/service",
        "logical_name": member.key,
        "agentic": work.agentic,
        "reason": work.reason,
        "developer": work.developer,
        "image": scalar_text(service.get("image")) or "",
        "privileged": is_true(service.get("privileged")),
        "user": scalar_text(service.get("user")) or "",
    }
    yield NodeFact("resource", f"resource:{path}:{member.key}", member.key, member.key_span, "compose", attrs)
    yield from _escapes(work, service)
    yield from _ports(work, service)
    for name, value, span in environment(service.get("environment")):
        place = (path, span, "compose")
        yield from secret_settings(place, "env-secret", name, scalar_text(value), subject=member.key, agentic=work.agentic)
    more: dict[str, object] = {"subject": member.key, "agentic": work.agentic, "exposed": False, "developer": work.developer}
    yield from variables(path, "compose", service.get("environment"), more)
    started = launch(words)
    for option in started.off if started is not None else ():
        spot = service.member("command") or service.member("entrypoint") or member
        yield work.note(
            "safety-off",
            option,
            started.program if started else "",
            spot.value.span if spot is not member else member.key_span,
        )


def _workload(path: str, member: Member, words: list[str]) -> Workload:
    service = member.value
    build = service.get("build")
    context = build.get("context") if build is not None else None
    dockerfile = build.get("dockerfile") if build is not None else None
    places = (build, context, dockerfile, service.get("image"), service.get("container_name"))
    names = [member.key, *(text for text in (scalar_text(node) for node in places) if text)]
    variables = [name for name, _, _ in environment(service.get("environment"))]
    agentic, reason = judge_container(names, variables, words)
    return Workload(
        path,
        "compose",
        member.key,
        agentic,
        reason,
        is_developer(path) or member.key in ("devcontainer", "dev-container"),
    )


def _words(node: Node | None) -> list[str]:
    if node is None:
        return []
    if node.kind == "seq":
        return [text for item in node.items for text in [scalar_text(item)] if text is not None]
    return split(scalar_text(node) or "")


def _escapes(work: Workload, service: Node) -> Iterator[NodeFact]:
    if is_true(service.get("privileged")):
        yield work.escape("privileged", "all rights on the host (privileged)", _key(service, "privileged"))
    for key, what in _NAMESPACES:
        if scalar_text(service.get(key)) == "host":
            yield work.escape(what, f"the host's own namespace ({key}: host)", _key(service, key))
    for item in listed(service.get("cap_add")):
        name = scalar_text(item) or ""
        if capability_escape(name):
            yield work.escape("capability", f"the capability {name}", item.span)
    for item in listed(service.get("security_opt")):
        if (scalar_text(item) or "").replace("=", ":").endswith(":unconfined"):
            yield work.escape("unconfined", f"no confinement ({item.text})", item.span)
    for item in listed(service.get("volumes")):
        source = item.get("source") if item.kind == "map" else item
        text = scalar_text(source) or ""
        what, detail = mount_escape(text if item.kind == "map" else _host_side(text))
        if what:
            yield work.escape(what, detail, item.span)


def _host_side(volume: str) -> str:
    """Return the host part of ``host:container[:mode]``; colons inside ``${…}`` belong to the host part."""
    depth = 0
    for index, char in enumerate(volume):
        depth += (char == "{") - (char == "}")
        if char == ":" and depth == 0:
            return volume[:index]
    return ""


def _ports(work: Workload, service: Node) -> Iterator[NodeFact]:
    for item in listed(service.get("ports")):
        host = scalar_text(item.get("host_ip")) if item.kind == "map" else None
        text = scalar_text(item) or ""
        published = item.get("published") is not None if item.kind == "map" else _host_side(text) != ""
        bound = host or (text if text.startswith(_LOOPBACK) else "")
        if published and not bound.startswith(_LOOPBACK):
            yield work.note("published-port", "all-interfaces", text or (scalar_text(item.get("target")) or ""), item.span)


def _key(service: Node, key: str) -> Span:
    member = service.member(key)
    return member.key_span.to(member.value.span) if member is not None else service.span
