"""``agentlint rules``: the catalogue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from agentlint.cli.explain import row
from agentlint.cli.given import codes
from agentlint.cli.output import to_stdout
from agentlint.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agentlint.core.result import RuleInfo


@click.command("rules")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="[default: text]")
@click.option("--domain", multiple=True, metavar="NAME", help="A category (code-exec) or the start of ids (AL4); repeatable.")
@click.option("--owasp", multiple=True, metavar="ID", help="An entry of an OWASP list: ASI05, LLM01, MCP03; repeatable.")
@click.option("--kind", multiple=True, metavar="KIND", help="What the rule reads: py, mcp, tf, …; repeatable.")
def command(form: str, domain: tuple[str, ...], owasp: tuple[str, ...], kind: tuple[str, ...]) -> None:
    """List the rules.

    \b
    Examples:
      agentlint rules --domain AL6
      agentlint rules --owasp ASI05 -f json
    """  # noqa: D301 - click reads the control character
    from agentlint.rulebook.book import info
    from agentlint.rulebook.own import shipped

    rules = [info(rule) for rule in shipped().rules]
    rules = _filtered(rules, "--domain", codes(domain), lambda rule: (rule.category,), prefix=lambda rule: rule.id)
    rules = _filtered(rules, "--owasp", codes(owasp), lambda rule: rule.owasp)
    rules = _filtered(rules, "--kind", codes(kind), lambda rule: rule.kinds)
    to_stdout(render(rules, form))


def _filtered(
    rules: list[RuleInfo],
    option: str,
    wanted: Sequence[str],
    words: Callable[[RuleInfo], Iterable[str]],
    prefix: Callable[[RuleInfo], str] = lambda _: "\0",
) -> list[RuleInfo]:
    """Return the rules that have one of the ``wanted`` words; raise ``UsageError`` for a word of no rule."""
    if not wanted:
        return rules
    kept: dict[str, RuleInfo] = {}
    for word in wanted:
        fold = word.casefold()
        hits = [r for r in rules if fold in (w.casefold() for w in words(r)) or prefix(r).casefold().startswith(fold)]
        if not hits and not _known(fold, words, prefix):
            from agentlint.engine.select import nearest

            close = nearest(word, {w for rule in rules for w in words(rule)})
            raise UsageError(f"{option}: no rule has {word!r}" + (f"; did you mean {close!r}?" if close else ""))
        kept |= {rule.id: rule for rule in hits}
    return [rule for rule in rules if rule.id in kept]


def _known(fold: str, words: Callable[[RuleInfo], Iterable[str]], prefix: Callable[[RuleInfo], str]) -> bool:
    """Return whether any rule has the word, so that filters which together leave nothing are not called misspelt."""
    from agentlint.rulebook.book import info
    from agentlint.rulebook.own import shipped

    every = [info(rule) for rule in shipped().rules]
    return any(fold in (w.casefold() for w in words(r)) or prefix(r).casefold().startswith(fold) for r in every)


def render(rules: Sequence[RuleInfo], form: str) -> str:
    """Return the catalogue as ``text``, ``json`` or ``markdown``."""
    if form == "json":
        return json.dumps({"version": "1", "rules": [row(rule) for rule in rules]}, indent=2, ensure_ascii=False) + "\n"
    if form == "markdown":
        head = "| Rule | Name | Severity | Persona | Category | Summary |\n|---|---|---|---|---|---|\n"
        return head + "".join(
            f"| {r.id} | {r.name} | {r.severity.label} | {r.persona.label} | {r.category} | {_cell(r.summary)} |\n" for r in rules
        )
    longest = max((len(rule.name) for rule in rules), default=0)
    lines = [f"{r.id}  {r.name:<{longest}}  {r.severity.label:<8}  {r.persona.label:<8}  {r.category}" for r in rules]
    return "\n".join([*lines, f"{len(rules)} rules; `agentlint explain RULE` shows one."]) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
