"""AL103: a credential in the text that a model reads: prompts, instructions, skills."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import (
    FileContext,
    Finding,
    LiteralFact,
    Persona,
    RepoContext,
    SecretFact,
    Step,
    is_docs,
    is_test,
    on_file,
    on_repo,
    written_into_prompts,
)

RULE = "AL103"
_KINDS = ("instructions", "skill", "prompt", "crewai-agents", "crewai-tasks")


@on_file(*_KINDS)
def secret_in_instructions(ctx: FileContext) -> Iterator[Finding]:
    """Report each credential of a file that agents read."""
    seen: set[str] = set()
    literals = [
        fact for fact in ctx.facts.literals if not fact.quiet and fact.use in ("entry", "userinfo", "query", "connection")
    ]
    found: list[SecretFact | LiteralFact] = [*ctx.facts.secrets, *literals]
    for secret in found:
        if secret.digest not in seen:
            seen.add(secret.digest)
            message = f"{_name(secret)} is written into text that a model reads"
            persona = Persona.PEDANTIC if ctx.is_test else None
            yield ctx.finding(RULE, secret.span, message, persona=persona, subject=secret.digest)


@on_repo
def secret_in_prompt(ctx: RepoContext) -> Iterator[Finding]:
    """Report literals with a credential that become part of a prompt."""
    program = ctx.repository.program
    for found in written_into_prompts(ctx.repository):
        quiet = is_test(found.path) or is_docs(found.path)
        sink = Step(program.path(found.sink.call[0]), program.value(found.sink.call).span, "becomes part of a prompt", "sink")
        yield ctx.at(
            RULE,
            found.sink.call,
            f"{_name(found.secret)} becomes part of the prompt of `{found.sink.what.removeprefix('builtins.')}`",
            flow=(Step(found.path, found.secret.span, "the credential", "source"), sink),
            persona=Persona.PEDANTIC if quiet else None,
        )


def _name(secret: SecretFact | LiteralFact) -> str:
    if isinstance(secret, SecretFact):
        return f"{secret.provider} credential ({secret.masked})"
    return f"`{secret.name}` ({secret.masked})"
