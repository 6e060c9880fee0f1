"""``agentlint explain``: a rule's page in the terminal."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from agentlint.cli.output import to_stdout, width
from agentlint.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentlint.core.result import RuleInfo
    from agentlint.rulebook.book import Rulebook
    from agentlint.rulebook.rules import Rule


@click.command("explain")
@click.argument("rule")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="[default: text]")
@click.option("--framework", metavar="NAME", default="", help="Show the fix for this framework only, such as langchain.")
@click.option("--no-color", is_flag=True, help="No colours (also: NO_COLOR).")
def command(rule: str, form: str, framework: str, no_color: bool) -> None:
    """Show what RULE (an id or a name) means, why it matters, and what to write instead.

    \b
    Examples:
      agentlint explain AL411
      agentlint explain shell-injection -f markdown
      agentlint explain AL301 --framework langchain
    """  # noqa: D301 - click reads the control character
    from agentlint.rulebook.own import shipped

    book = shipped()
    found = book.rule(rule.strip())
    if found is None:
        raise UsageError(_unknown(rule, book.rules))
    said = _advice(book, found, framework)
    if form == "json":
        to_stdout(json.dumps({**as_json(found), "advice": said}, indent=2, ensure_ascii=False) + "\n")
    elif form == "text" and sys.stdout.isatty():
        _on_terminal(page(found, said), color=not (no_color or os.environ.get("NO_COLOR")))
    else:
        to_stdout(page(found, said))


def _advice(book: Rulebook, rule: Rule, framework: str) -> dict[str, str]:
    """Return what frameworks, or the one that is asked for, have for ``rule``, by package."""
    from agentlint.engine.select import nearest
    from agentlint.rulebook.advice import by_package

    said = by_package(book.models, rule)
    if not framework:
        return said
    wanted = framework.strip().lower().replace("_", "-")
    package = next((model.package for model in book.models if wanted in {model.package, *_roots(model.imports)}), "")
    if not package:
        close = nearest(wanted, [model.package for model in book.models])
        hint = f"did you mean {close}?" if close else f"known for {rule.id}: {', '.join(said) or 'none'}"
        raise UsageError(f"no framework is called {framework!r}; {hint}")
    return {package: said[package]} if package in said else {}


def _roots(imports: tuple[str, ...]) -> set[str]:
    return {name.lower().replace("_", "-") for name in imports}


def _unknown(code: str, rules: tuple[Rule, ...]) -> str:
    from agentlint.engine.select import nearest

    close = nearest(code, [word for rule in rules for word in (rule.id, rule.name)])
    hint = f"did you mean {close}?" if close else "`agentlint rules` lists every rule"
    return f"there is no rule {code!r}; {hint}"


def as_json(rule: Rule) -> dict[str, object]:
    """Return a rule as JSON data."""
    from agentlint.rulebook.book import info

    return {**row(info(rule)), "fix": rule.fix, "docs": rule.docs, "status": dict(rule.status)}


def row(rule: RuleInfo) -> dict[str, object]:
    """Return the data of a rule that the catalogue lists."""
    return {
        "id": rule.id,
        "name": rule.name,
        "summary": rule.summary,
        "category": rule.category,
        "severity": rule.severity.label,
        "confidence": rule.confidence.label,
        "persona": rule.persona.label,
        "preview": rule.preview,
        "kinds": list(rule.kinds),
        "cwe": list(rule.cwe),
        "owasp": list(rule.owasp),
        "atlas": list(rule.atlas),
        "controls": list(rule.controls),
    }


def page(rule: Rule, said: Mapping[str, str] | None = None) -> str:
    """Return the page of a rule as Markdown; ``said`` is advice by package."""
    from agentlint.rulebook.advice import section

    facts = [f"severity {rule.severity}", f"confidence {rule.confidence}", f"persona {rule.persona}", rule.category]
    facts += [f"CWE-{number}" for number in rule.cwe] + list(rule.owasp) + list(rule.atlas) + list(rule.controls)
    fix = f"\n**Fix:** {rule.fix.strip()}\n" if rule.fix else ""
    more = section(said or {})
    docs = "\n\n".join(part for part in (rule.docs.strip(), more) if part)
    return f"# {rule.id} {rule.name}\n\n{rule.summary.strip()}\n\n{' · '.join(facts)}\n{fix}\n{docs}\n"


def _on_terminal(text: str, *, color: bool) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    Console(width=width(), no_color=not color, highlight=False).print(Markdown(text))
