"""Roles over a whole project, resource group or subscription for the identity of a workload."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.sdk import Declared, Finding, Infrastructure, Located, Persona, RepoContext, Severity, on_repo

RULE = "AL237"

_GOOGLE = re.compile(r"roles/(owner|editor|[a-zA-Z]{1,40}\.admin|resourcemanager\.projectIamAdmin|iam\.securityAdmin)")
_MASTER = ("roles/owner", "roles/editor")
_DEPLOYS = re.compile(
    r"(?:^|[^a-z])(?:ci|cd|cicd|build|builder|runner|deploy|deployer|deployment|terraform|github|cloudbuild)(?:[^a-z]|$)"
)
_AZURE = {
    "owner": "Owner", "contributor": "Contributor", "user access administrator": "User Access Administrator",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner", "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}  # fmt: skip
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield grants that make a workload master of everything around it."""
    estate = ctx.infrastructure
    seen: set[object] = set()
    for one in estate.of_type("google.project_iam"):
        for role, at in _roles(estate, one):
            if _GOOGLE.fullmatch(role) and _is_workload(estate, one) and (at.path, at.value.span) not in seen:
                seen.add((at.path, at.value.span))
                deploys = _DEPLOYS.search(f"{one.resource.name} {at.home.resource.name} {_members(estate, one)}".lower())
                severity = Severity.MEDIUM if deploys else Severity.HIGH
                # A pipeline that deploys needs administrators' rights of what it deploys; being master of all is another matter.
                persona = Persona.PEDANTIC if deploys and role not in _MASTER else Persona.REGULAR
                message = f"a service account gets `{role}` on the whole project (`{one.resource.name}`)"
                yield ctx.finding(
                    RULE, at.path, at.value.span, message, severity=severity, persona=persona, subject=one.resource.name
                )
    for one in estate.of_type("azure.role_assignment"):
        yield from _azure(ctx, one)


def _roles(estate: Infrastructure, one: Declared) -> Iterator[tuple[str, Located]]:
    """Yield the roles that a grant gives, one for each turn of its ``for_each``."""
    for plain, at in estate.read(one, "role"):
        if isinstance(plain, str):
            yield plain, at
    fields = estate.fields(Located(one.resource.properties, one))
    turns = any("each." in str(field.value.data) for field in fields if field.name == "role" and field.value.kind == "unknown")
    for field in fields if turns else ():
        if field.name == "for_each":
            for item in _spread(estate, field):
                yield str(item.value.data), item


def _spread(estate: Infrastructure, each: Located) -> Iterator[Located]:
    """Yield the texts that a ``for_each`` goes through, also those of the lists that its ``for`` expression names."""
    starts = [*estate.values.ways(each), *(each.of(item) for item in each.value.items if each.value.kind == "unknown")]
    for start in starts:
        for way in estate.values.ways(start):
            members = (
                [one for field in estate.fields(way) for one in estate.values.ways(field)] if way.value.kind == "map" else []
            )
            for item in (*estate.values.items(way), *members):
                if item.value.kind == "lit" and isinstance(item.value.data, str):
                    yield item


def _members(estate: Infrastructure, one: Declared) -> str:
    top = Located(one.resource.properties, one)
    texts = [str(estate.values.ways(field)[0].value.data) for field in estate.fields(top) if field.name in ("member", "members")]
    return " ".join(texts)


def _is_workload(estate: Infrastructure, one: Declared) -> bool:
    text = _members(estate, one)
    return "serviceAccount:" in text or any(
        other.resource.type == "google.service_account" for other in estate.linked(one, ["google.service_account"], "to", "")[0]
    )


def _azure(ctx: RepoContext, one: Declared) -> Iterator[Finding]:
    estate = ctx.infrastructure
    people = any(plain in ("User", "Group") for plain, _ in estate.read(one, "principal_type"))
    if people or not _is_wide(estate, one):
        return
    for plain, at in (*estate.read(one, "role_definition_name"), *estate.read(one, "role_definition_id")):
        found = _GUID.search(plain.lower()) if isinstance(plain, str) else None
        role = _AZURE.get(found[0] if found else str(plain).lower())
        if role and any(estate.linked(one, ["azure.identity", "azure.cognitive.*", "azure.app.container"], "to", "")[0]):
            message = f"`{one.resource.name}` makes the identity of a workload {role} of everything around it"
            yield ctx.finding(RULE, at.path, at.value.span, message, subject=one.resource.name)


def _is_wide(estate: Infrastructure, one: Declared) -> bool:
    """Whether a grant is about a resource group or subscription, not one resource."""
    scopes = [field for field in estate.fields(Located(one.resource.properties, one)) if field.name == "scope"]
    if not scopes:
        return one.resource.front == "bicep"
    written = [str(plain) for plain, _ in estate.read(one, "scope")]
    natives = {other.resource.native for at in scopes for other in estate.values.targets(at)}
    groups = natives <= {
        "azurerm_resource_group",
        "data.azurerm_subscription",
        "data.azurerm_resource_group",
        "azurerm_subscription",
    }
    return (bool(natives) and groups) or any(text.startswith("/subscriptions/") and "/providers/" not in text for text in written)
