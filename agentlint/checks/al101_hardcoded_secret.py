"""AL101: a value in a provider's published credential format."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import FileContext, Finding, Persona, Related, SecretFact, Severity, on_file

RULE = "AL101"
# Private keys are the business of AL107, credentials in what a model reads that of AL103.
OTHER_RULES = ("private-key",)
READ_BY_MODELS = frozenset({"instructions", "skill", "prompt", "crewai-agents", "crewai-tasks"})


@on_file()
def hardcoded_secret(ctx: FileContext) -> Iterator[Finding]:
    """Report each secret of a file once; its other places are related places."""
    if ctx.kind in READ_BY_MODELS:
        return
    places: dict[str, list[SecretFact]] = {}
    for secret in ctx.facts.secrets:
        if not secret.type.startswith(OTHER_RULES):
            places.setdefault(secret.digest, []).append(secret)
    persona = Persona.PEDANTIC if ctx.is_test or ctx.is_docs else None
    for first, *others in places.values():
        yield ctx.finding(
            RULE,
            first.span,
            _message(first, len(others)),
            severity=Severity.parse(first.severity) if first.severity else None,
            persona=persona,
            related=tuple(Related(ctx.path, other.span, "the same secret again") for other in others[:20]),
            fix=_fix(first),
            subject=first.type,
            identity=first.digest,
        )


def _message(secret: SecretFact, others: int) -> str:
    name = f" in `{secret.context}`" if secret.context else ""
    again = f", and in {others} more place{'s' if others > 1 else ''} of this file" if others else ""
    return f"{secret.provider} credential ({secret.masked}) is written into the file{name}{again}"


def _fix(secret: SecretFact) -> str:
    where = f" at {secret.revoke}" if secret.revoke else " at its provider"
    return f"Revoke the credential{where}, then read its successor from the environment or a secret store."
