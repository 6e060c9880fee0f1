"""AL102: a password, key or signing secret that its name, shape and use betray."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Confidence, FileContext, Finding, LiteralFact, Persona, Related, is_example, on_file

RULE = "AL102"
# What a model reads is the business of AL103, agents' configuration that of AL104.
OTHER_KINDS = frozenset({"instructions", "skill", "prompt", "crewai-agents", "crewai-tasks"})
_USES = {
    "constant": "is a literal",
    "default": "falls back to a literal",
    "argument": "is passed as a literal",
    "entry": "holds a literal",
    "comparison": "is compared with a literal",
    "connection": "connects with a literal password",
}


@on_file()
def hardcoded_password(ctx: FileContext) -> Iterator[Finding]:
    """Report each literal of a file once for each name; its other places are related places."""
    if ctx.kind in OTHER_KINDS:
        return
    places: dict[tuple[str, str, str], list[LiteralFact]] = {}
    for fact in ctx.facts.literals:
        if fact.use not in _USES or fact.kind == "cloud":
            continue  # addresses are the business of AL609, keys of clouds that of AL110
        places.setdefault((fact.name.lower(), fact.masked, fact.digest), []).append(fact)
    for found in places.values():
        first, *others = sorted(found, key=lambda fact: (fact.quiet, fact.span))
        known = first.shape in ("phrase", "placeholder")
        quiet = first.quiet or ctx.is_test or ctx.is_docs or (known and is_example(ctx.path))
        yield ctx.finding(
            RULE,
            first.span,
            f"`{first.name}` {_USES[first.use]} ({first.masked}): {first.why}",
            confidence=Confidence.HIGH if first.shape == "random" else Confidence.MEDIUM,
            persona=Persona.PEDANTIC if quiet else None,
            related=tuple(Related(ctx.path, other.span, "the same literal again") for other in others[:20]),
            subject=f"{first.name}/{first.use}",
            identity=first.digest if first.shape == "random" else "",
        )
