"""Credentials that stand in, or pass in plain text through, what deploys an agent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.sdk import (
    Declared,
    Finding,
    Infrastructure,
    Located,
    RepoContext,
    Severity,
    is_credential,
    is_secret_name,
    on_repo,
)

RULE = "AL106"

_DUMMY = re.compile(
    r"fake|dummy|placeholder|example|sample|change-?me|replace|not-used|your[-_]|todo|redacted|<|xxx", re.IGNORECASE
)

_HOLDERS = {
    "aws.agentcore.api_key_credential_provider": ("api_key",),
    "aws.agentcore.oauth2_credential_provider": (
        "oauth2_provider_config.*.client_secret", "oauth2_provider_config_input.*.client_secret",
    ),
    "google.agent_identity.auth_provider": ("auth_provider_type_params.*.client_secret", "auth_provider_type_params.*.api_key"),
    "google.dialogflow.tool": (
        "open_api_spec.authentication.api_key_config.api_key",
        "open_api_spec.authentication.oauth_config.client_secret",
        "open_api_spec.authentication.bearer_token_config.token",
    ),
}  # fmt: skip


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield literal credentials, and secret parameters that become plain variables of an agent."""
    estate = ctx.infrastructure
    for one in estate.resources():
        kind = estate.kind(one)
        if kind is None:
            continue
        for path in kind.environment:
            for at in estate.items(one, path):
                for name, value in _variables(estate, at):
                    yield from _variable(ctx, one, name, value, agent=kind.agentic == "agent")
        for path in _HOLDERS.get(one.resource.type, ()):
            for plain, at in estate.read(one, path):
                if isinstance(plain, str) and is_credential("client_secret", plain) and not _DUMMY.search(plain[:500]):
                    message = f"`{one.resource.name}` holds the credential itself, in plain text"
                    yield ctx.finding(RULE, at.path, at.value.span, message, severity=Severity.HIGH)


def _variables(estate: Infrastructure, at: Located) -> Iterator[tuple[str, Located]]:
    """Yield name and value of each variable of ``{A: b}``, or of one item ``{name: A, value: b}`` of a list."""
    fields = {field.name: field for field in estate.fields(at)}
    if "name" in fields and fields.keys() <= {"name", "value", "value_source", "secret_ref", "value_from"}:
        names = estate.read(fields["name"], "")
        if names and "value" in fields:
            yield str(names[0][0]), fields["value"]
        return
    yield from fields.items()


def _variable(ctx: RepoContext, one: Declared, name: str, value: Located, *, agent: bool) -> Iterator[Finding]:
    estate = ctx.infrastructure
    for plain, at in estate.read(value, ""):
        if isinstance(plain, str) and is_credential(name, plain) and not _DUMMY.search(plain[:500]):
            message = f"variable `{name}` of `{one.resource.name}` holds a credential in plain text"
            yield ctx.finding(RULE, at.path, at.value.span, message, severity=Severity.HIGH, subject=one.resource.name)
            return
    given = estate.input_of(value)
    if agent and given is not None and is_secret_name(name) and _is_secret(estate, given):
        message = f"the secret parameter `{given.resource.name}` becomes a plain variable (`{name}`) of `{one.resource.name}`"
        yield ctx.finding(RULE, value.path, value.key or value.value.span, message, subject=one.resource.name)


def _is_secret(estate: Infrastructure, given: Declared) -> bool:
    marked = any(
        str(plain).lower() == "true" for key in ("no_echo", "sensitive", "secure") for plain, _ in estate.read(given, key)
    )
    defaults = [plain for plain, _ in estate.read(given, "default")]
    return marked or (is_secret_name(given.resource.name.removeprefix("var.")) and not any(defaults))
