"""Roles of Kubernetes and who is given them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.resources import listed, scalar_text
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Node

_ROLES = ("ClusterRole", "Role")
_BINDINGS = ("ClusterRoleBinding", "RoleBinding")
_READ = frozenset({"get", "list", "watch", "*"})
_WRITE = frozenset({"create", "*"})


def access_nodes(path: str, kind: str, name: str, root: Node) -> Iterator[NodeFact]:
    """Yield a ``permission`` node for each subject of a binding and for each broad rule of a role."""
    if kind in _BINDINGS:
        yield from _binding(path, kind, name, root)
    elif kind in _ROLES:
        for index, rule in enumerate(listed(root.get("rules"))):
            what, span = _breadth(rule) if rule.kind == "map" else ("", rule.span)
            if what:
                attrs = {"client": "kubernetes-role", "role": name, "role_kind": kind, "breadth": what}
                yield NodeFact("permission", f"permission:{path}:{name}:{index}", name, span, "kubernetes", attrs)


def _binding(path: str, kind: str, name: str, root: Node) -> Iterator[NodeFact]:
    role = root.at("roleRef", "name")
    namespace = scalar_text(root.at("metadata", "namespace")) or ""
    for subject in listed(root.get("subjects")):
        text = scalar_text(subject.get("name")) or "" if subject.kind == "map" else ""
        attrs = {
            "client": "kubernetes-rbac",
            "role": scalar_text(role) or "",
            "role_kind": scalar_text(root.at("roleRef", "kind")) or "",
            "holder": text,
            "holder_kind": scalar_text(subject.get("kind")) or "",
            "namespace": (scalar_text(subject.get("namespace")) or namespace) if subject.kind == "map" else "",
            "cluster": kind == "ClusterRoleBinding",
            "wildcard": scalar_text(role) == "cluster-admin",
        }
        span = role.span if role is not None else root.span
        yield NodeFact("permission", f"permission:{path}:{name}:{text}", name, span, "kubernetes", attrs)


def _breadth(rule: Node) -> tuple[str, Span]:
    """Return what makes a rule of a role too broad for an agent (empty: nothing) and where it says so."""
    verbs, resources = _words(rule, "verbs"), _words(rule, "resources")
    groups = _words(rule, "apiGroups")
    place = rule.get("resources") or rule
    if "*" in verbs and "*" in resources and ("*" in groups or "" in groups):
        return "everything", place.span
    if rule.get("resourceNames") is not None or not ({"", "*"} & groups):
        return "", place.span
    if {"secrets", "*"} & resources and _READ & verbs:
        return "secrets", place.span
    if {"pods/exec", "pods/attach"} & resources and _WRITE & verbs:
        return "exec", place.span
    return "", place.span


def _words(rule: Node, key: str) -> set[str]:
    return {text for item in listed(rule.get(key)) for text in [scalar_text(item)] if text is not None}
