"""An agent's service account is bound to a role of Kubernetes that is far too broad."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, GraphNode, Persona, RepoContext, Severity, on_repo

RULE = "AL241"
_SAY = {
    "secrets": (Severity.MEDIUM, Persona.PEDANTIC, "read every secret of the cluster"),
    "exec": (Severity.MEDIUM, Persona.PEDANTIC, "run commands in every pod of the cluster"),
    "everything": (Severity.HIGH, Persona.REGULAR, "do everything with every resource"),
}


@on_repo
def check(context: RepoContext) -> Iterator[Finding]:
    """Yield a finding for each binding, at the role's own rule where that says what is too broad."""
    permissions = list(context.graph.of_type("permission"))
    bindings = [node for node in permissions if node.attrs.get("client") == "kubernetes-rbac"]
    if not bindings:
        return
    holders = _holders(context)
    for binding in bindings:
        account = binding.attrs["holder"]
        agent = next((node for node in holders.get(account, ()) if _together(binding, node)), None)
        if agent is None or binding.attrs["holder_kind"] != "ServiceAccount":
            continue
        who = f"`{account}`, the service account of `{agent.name}` ({agent.attrs['reason']}),"
        if binding.attrs["wildcard"]:
            scope = "of the cluster" if binding.attrs["cluster"] else "of its namespace"
            yield context.on(RULE, binding, f"{who} is bound to cluster-admin {scope}", subject=account)
            continue
        for role in permissions:
            if _fits(role, binding):
                severity, persona, can = _SAY[role.attrs["breadth"]]
                message = f"{who} may {can} (role `{role.name}`)"
                yield context.on(RULE, role, message, subject=account, severity=severity, persona=persona)


def _holders(context: RepoContext) -> dict[str, list[GraphNode]]:
    found: dict[str, list[GraphNode]] = {}
    for node in context.graph.of_type("resource"):
        account = node.attrs.get("service_account", "") if node.framework == "kubernetes" else ""
        if account and node.attrs.get("agentic"):
            found.setdefault(account, []).append(node)
    return found


def _fits(role: GraphNode, binding: GraphNode) -> bool:
    """Whether a binding gives this role, and gives enough of it: secrets and commands count for the whole cluster only."""
    attrs, given = role.attrs, binding.attrs
    if attrs.get("client") != "kubernetes-role" or any(attrs[key] != given[key] for key in ("role", "role_kind")):
        return False
    return (attrs["breadth"] == "everything" or given["cluster"]) and _together(role, binding)


def _together(one: GraphNode, other: GraphNode) -> bool:
    """Whether two manifests are applied together: one file, or one folder with those below it."""
    first, second = ("".join(node.path.rpartition("/")[:2]) for node in (one, other))
    return first.startswith(second) or second.startswith(first)
