"""AL609: a credential in the user part or the query of an address."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import FileContext, Finding, Persona, on_file

RULE = "AL609"
# What a model reads is the business of AL103, the configuration of agents that of AL104.
OTHER_KINDS = frozenset({"instructions", "skill", "prompt", "crewai-agents", "crewai-tasks"})
_PARTS = {
    "userinfo": "the address of `{name}` holds a password ({masked}) before its host",
    "query": "the address holds a credential ({masked}) in its query, as `{name}`",
    "query-variable": "a credential is put into the query of an address, as `{name}={masked}`",
}


@on_file()
def credential_in_url(ctx: FileContext) -> Iterator[Finding]:
    """Report addresses that carry a credential."""
    if ctx.kind in OTHER_KINDS:
        return
    for fact in ctx.facts.literals:
        if fact.use in _PARTS:
            quiet = fact.quiet or ctx.is_test or ctx.is_docs
            message = _PARTS[fact.use].format(name=fact.name, masked=fact.masked)
            yield ctx.finding(RULE, fact.span, message, persona=Persona.PEDANTIC if quiet else None, subject=fact.use)
