"""Kubernetes manifests: workloads wherever a pod is described, also inside custom resources of agent platforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import from_node, resource
from agentlint.facts.infra.vocabulary import vocabulary
from agentlint.facts.kubernetes_access import access_nodes
from agentlint.facts.resources import agent_sign, environment, flatten, is_true, listed, scalar_text, secret_settings
from agentlint.facts.resources_command import launch
from agentlint.facts.resources_container import Workload, capability_escape, is_developer, judge_container, mount_escape
from agentlint.facts.resources_data import sign_table
from agentlint.facts.types import EdgeFact, NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.facts.infra.model import Resource
    from agentlint.parse.document import Node

_HOST = (("hostNetwork", "host-network"), ("hostPID", "host-pid"), ("hostIPC", "host-ipc"))


@dataclass(frozen=True, slots=True)
class _Object:
    path: str
    kind: str
    group: str
    name: str
    node: Node

    @property
    def id(self) -> str:
        return f"resource:{self.path}:{self.kind}/{self.name}"


def contribute(inp: FileInput) -> Contribution:
    """Return a resource for each object, its service account as identity, and a setting for each weakness of a pod."""
    nodes: list[NodeFact] = []
    edges: list[EdgeFact] = []
    resources: list[Resource] = []
    for root in inp.document.roots if inp.document is not None else ():
        for item in listed(root.get("items")) if (scalar_text(root.get("kind")) or "").endswith("List") else [root]:
            found = _object(inp.path, item)
            if found is not None:
                _read(found, nodes, edges)
                declared = _declared(found)
                if declared is not None:
                    resources.append(declared)
    return Contribution(tuple(nodes), tuple(edges), resources=tuple(resources))


def _declared(found: _Object) -> Resource | None:
    """Return an object that ``rules/resources`` lists, for the rules that ask for resources."""
    native, spec = f"{found.group or 'core'}/{found.kind}", found.node.get("spec")
    if spec is None or vocabulary().of(native) is None:
        return None
    properties = from_node(spec, lambda _: None)
    return resource(native, found.name, "kubernetes", _place(found.node), properties)


def _object(path: str, node: Node) -> _Object | None:
    kind, version = scalar_text(node.get("kind")), scalar_text(node.get("apiVersion"))
    if kind is None or version is None:
        return None
    name = scalar_text(node.at("metadata", "name")) or scalar_text(node.at("metadata", "generateName")) or "unnamed"
    return _Object(path, kind, version.rsplit("/", 1)[0] if "/" in version else "", name, node)


def _read(found: _Object, nodes: list[NodeFact], edges: list[EdgeFact]) -> None:
    pods = list(_pods(found.node))
    work = _workload(found, pods)
    attrs: dict[str, object] = {
        "resource_type": f"{found.group or 'core'}/{found.kind}",
        "logical_name": found.name,
        "agentic": work.agentic,
    }
    attrs["reason"] = work.reason
    spans: dict[str, Span] = {}
    unknown: set[str] = set()
    spec = found.node.get("spec")
    if spec is not None and spec.kind == "map" and found.group in sign_table().groups:
        flatten(spec, attrs, spans, unknown)
    account = _account(found, pods)
    if pods or account:
        attrs["service_account"] = account or "default"
        attrs["namespace"] = scalar_text(found.node.at("metadata", "namespace")) or ""
        attrs["token"] = _token(pods)
    nodes.append(
        NodeFact("resource", found.id, found.name, _place(found.node), "kubernetes", attrs, spans, tuple(sorted(unknown)))
    )
    if account:
        identity = f"identity:k8s:{account}"
        nodes.append(
            NodeFact("identity", identity, account, _place(found.node), "kubernetes", {"identity_kind": "service-account"})
        )
        edges.append(EdgeFact(found.id, "runs_as", identity))
    nodes.extend(access_nodes(found.path, found.kind, found.name, found.node))
    if found.kind == "Secret":
        nodes.extend(_secret(found))
    for pod in pods:
        nodes.extend(_pod(work, pod))
    if work.agentic:
        nodes.extend(_headers(work, found.node))


def _place(node: Node) -> Span:
    name = node.at("metadata", "name")
    return name.span if name is not None else node.span


def _pods(root: Node) -> Iterator[Node]:
    """Yield every map that describes a pod: it has ``containers``, or is the ``deployment`` of an agent platform."""
    for path, _, node in root.walk():
        if node.kind != "map" or "status" in path[:1]:
            continue
        containers = node.get("containers")
        if (containers is not None and containers.kind == "seq") or (
            path and path[-1] == "deployment" and (node.get("securityContext") or node.get("env") or node.get("volumes"))
        ):
            yield node


def _containers(pod: Node) -> list[Node]:
    if pod.get("containers") is None:
        return [pod]
    return [item for key in ("containers", "initContainers") for item in listed(pod.get(key)) if item.kind == "map"]


def _workload(found: _Object, pods: list[Node]) -> Workload:
    if found.group in sign_table().groups:
        return Workload(found.path, "kubernetes", found.name, True, f"{found.group} {found.kind}", is_developer(found.path))
    if found.kind == "DaemonSet":
        return Workload(found.path, "kubernetes", found.name, False, "a node service", is_developer(found.path))
    for pod in pods:
        for container in _containers(pod):
            names = [
                found.name,
                *(text for key in ("name", "image") for text in [scalar_text(container.get(key))] if text),
            ]
            variables = [scalar_text(item.get("name")) or "" for item in listed(container.get("env"))]
            agentic, reason = judge_container(names, variables, _argv(container))
            if agentic:
                return Workload(found.path, "kubernetes", found.name, True, reason, is_developer(found.path))
    return Workload(found.path, "kubernetes", found.name, False, "", is_developer(found.path))


def _argv(container: Node) -> list[str]:
    return [
        text for key in ("command", "cmd", "args") for item in listed(container.get(key)) for text in [scalar_text(item)] if text
    ]


def _pod(work: Workload, pod: Node) -> Iterator[NodeFact]:
    for key, what in _HOST:
        if is_true(pod.get(key)):
            yield work.escape(what, f"the host's own namespace ({key})", _key(pod, key))
    for volume in listed(pod.get("volumes")):
        path = volume.at("hostPath", "path") if volume.kind == "map" else None
        what, detail = mount_escape(scalar_text(path) or "")
        if path is not None and what:
            yield work.escape(what, detail, path.span)
    for container in _containers(pod):
        yield from _container(work, container)
    yield from _root(work, pod, pod.get("securityContext"))


def _container(work: Workload, container: Node) -> Iterator[NodeFact]:
    context = container.get("securityContext")
    if context is not None:
        if is_true(context.get("privileged")):
            yield work.escape("privileged", "all rights on the host (privileged)", _key(context, "privileged"))
        for item in listed(context.at("capabilities", "add")):
            name = scalar_text(item) or ""
            if capability_escape(name):
                yield work.escape("capability", f"the capability {name}", item.span)
        if container.get("containers") is None:
            yield from _root(work, container, context)
    for name, value, span in environment(container.get("env")):
        place = (work.path, span, "kubernetes")
        yield from secret_settings(place, "env-secret", name, scalar_text(value), subject=work.name, agentic=work.agentic)
    argv = _argv(container)
    started = launch(argv) if argv else None
    for option in started.off if started is not None else ():
        spot = container.get("args") or container.get("command") or container
        yield work.note("safety-off", option, started.program if started else "", spot.span)


def _root(work: Workload, owner: Node, context: Node | None) -> Iterator[NodeFact]:
    if context is None or (owner.get("containers") is None and owner.get("image") is None):
        return
    if scalar_text(context.get("runAsUser")) == "0":
        yield work.note("root-user", "runAsUser: 0", "", _key(context, "runAsUser"))
    elif scalar_text(context.get("runAsNonRoot")) == "false":
        yield work.note("root-user", "runAsNonRoot: false", "", _key(context, "runAsNonRoot"))
    if is_true(context.get("allowPrivilegeEscalation")):
        yield work.note("root-user", "allowPrivilegeEscalation: true", "", _key(context, "allowPrivilegeEscalation"))


def _account(found: _Object, pods: list[Node]) -> str:
    """The service account of a workload; the resources of agent platforms name it outside of a pod too."""
    places = [pod.get("serviceAccountName") for pod in pods]
    if found.group in sign_table().groups:
        places += [found.node.at("spec", key) for key in ("serviceAccount", "serviceAccountName")]
    return next((text for place in places for text in [scalar_text(place)] if text), "")


def _token(pods: list[Node]) -> str:
    """Whether the pod gets a token of the API server: ``off``, ``on`` or ``default``."""
    said = [scalar_text(pod.get("automountServiceAccountToken")) for pod in pods]
    return "off" if said and all(text == "false" for text in said) else "on" if "true" in said else "default"


def _secret(found: _Object) -> Iterator[NodeFact]:
    for name, value, span in environment(found.node.get("stringData")):
        place = (found.path, span, "kubernetes")
        yield from secret_settings(
            place, "env-secret", name, scalar_text(value), subject=found.name, agentic=bool(agent_sign([found.name]))
        )


def _headers(work: Workload, root: Node) -> Iterator[NodeFact]:
    """Yield a note for each credential that stands as a literal in ``headersFrom`` of an agent's tool or model."""
    for _, member, node in root.walk():
        if member is not None and member.key == "headersFrom" and node.kind == "seq":
            for name, value, span in environment(node):
                place = (work.path, span, "kubernetes")
                yield from secret_settings(place, "env-secret", name, scalar_text(value), subject=work.name, agentic=True)


def _key(node: Node, key: str) -> Span:
    member = node.member(key)
    return member.key_span.to(member.value.span) if member is not None else node.span
