"""AL110 in Python: the client of a cloud is given a literal key. The other kinds of files are the rule's own forms."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import FileContext, Finding, Persona, Severity, on_file

RULE = "AL110"


@on_file("python", "notebook")
def static_cloud_credential(ctx: FileContext) -> Iterator[Finding]:
    """Report literal keys among the arguments of calls."""
    for fact in ctx.facts.literals:
        if fact.kind == "cloud":
            quiet = fact.quiet or ctx.is_test or ctx.is_docs
            yield ctx.finding(
                RULE,
                fact.span,
                f"`{fact.name}` gives a client a key of the cloud as a literal ({fact.masked})",
                severity=Severity.CRITICAL,
                persona=Persona.PEDANTIC if quiet else None,
                subject=fact.name,
            )
