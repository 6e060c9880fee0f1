"""AL107: a private key, alone or in the key file of a service account."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import FileContext, Finding, Persona, Severity, on_file

RULE = "AL107"
_KEY_TYPES = ("private-key",)
_SERVICE_ACCOUNT = '"service_account"'


@on_file()
def private_key_committed(ctx: FileContext) -> Iterator[Finding]:
    """Report each private key of a file once."""
    account = ctx.text is not None and _SERVICE_ACCOUNT in ctx.text.data
    seen: set[str] = set()
    for secret in ctx.facts.secrets:
        if not secret.type.startswith(_KEY_TYPES) or secret.digest in seen:
            continue
        seen.add(secret.digest)
        what = "the key of a service account" if account else "a private key"
        yield ctx.finding(
            RULE,
            secret.span,
            f"{what} is written into the file",
            severity=Severity.CRITICAL if account else None,
            persona=Persona.PEDANTIC if ctx.is_test or ctx.is_docs else None,
            subject=secret.type,
            identity=secret.digest,
        )
