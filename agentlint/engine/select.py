"""Which rules and findings a user wants: codes, persona, severity, preview, per-file ignores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from agentlint.core import lazy
from agentlint.core.errors import UsageError
from agentlint.core.levels import Persona, Severity

if TYPE_CHECKING:
    from agentlint.core.finding import Finding
    from agentlint.core.result import RuleInfo
    from agentlint.engine.settings import Settings

_PREFIX = lazy.pattern(r"[A-Za-z][A-Za-z0-9]{0,12}", re.ASCII)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that looks most like ``word``, or an empty string."""
    import difflib

    by_fold = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.5)
    return by_fold[close[0]] if close else ""


def resolve(code: str, rules: Mapping[str, RuleInfo]) -> frozenset[str]:
    """Return the ids that ``code`` (an id, a prefix of one, or a name) stands for; an empty set if it is none."""
    wanted = code.strip()
    if _PREFIX.fullmatch(wanted):
        prefix = wanted.upper()
        if prefix in rules:
            return frozenset({prefix})
        ids = frozenset(rule for rule in rules if rule.startswith(prefix))
        if ids:
            return ids
    return frozenset(rule.id for rule in rules.values() if rule.name == wanted.lower())


def resolve_all(codes: Iterable[str], rules: Mapping[str, RuleInfo], option: str) -> frozenset[str]:
    """Return the ids of all ``codes``; raise ``UsageError`` that names every unknown one and the nearest known."""
    found: set[str] = set()
    unknown = []
    for code in codes:
        ids = resolve(code, rules)
        found |= ids
        if not ids:
            close = nearest(code, [*rules, *(rule.name for rule in rules.values())])
            hint = f"; did you mean {close!r}?" if close else ""
            unknown.append(f"{option}: unknown rule {code!r}{hint}")
    if unknown:
        raise UsageError("\n".join([*unknown, "`agentlint rules` lists every rule."]))
    return frozenset(found)


class Selection(msgspec.Struct, frozen=True):
    """The resolved choice. ``exact`` rules were named in full: preview and persona do not hide them."""

    selected: frozenset[str]
    exact: frozenset[str]
    persona: Persona
    min_severity: Severity
    per_file: tuple[tuple[str, frozenset[str]], ...]
    severity: dict[str, Severity]


def selection(settings: Settings, rules: Mapping[str, RuleInfo]) -> Selection:
    """Resolve the codes in ``settings``; raise ``UsageError`` that names all unknown ones."""
    words = {code.strip().lower() for code in settings.select}
    exact = {rule.id for rule in rules.values() if rule.id.lower() in words or rule.name in words}
    selected = resolve_all(settings.select, rules, "select") if settings.select else frozenset(rules)
    selected -= resolve_all(settings.ignore, rules, "ignore")
    if not settings.preview:
        selected = frozenset(i for i in selected if i in exact or not rules[i].preview)
    per_file = tuple(
        (glob, resolve_all(codes, rules, f"per-file-ignores of {glob!r}"))
        for glob, codes in sorted(settings.per_file_ignores.items())
    )
    severity = {i: level for code, level in settings.severity.items() for i in resolve_all([code], rules, "severity")}
    return Selection(selected, frozenset(exact), settings.persona, settings.min_severity, per_file, severity)


def keeps(choice: Selection, rules: Mapping[str, RuleInfo]) -> Callable[[Finding], bool]:
    """Return the predicate of the completed findings that ``choice`` shows."""
    globs = [(_matcher(glob), ids) for glob, ids in choice.per_file]

    def keep(finding: Finding) -> bool:
        if finding.rule not in choice.selected:
            return False
        persona = choice.persona
        if finding.rule in choice.exact:
            persona = max(persona, rules[finding.rule].persona)
        if finding.persona is not None and finding.persona > persona:
            return False
        if finding.severity is not None and finding.severity < choice.min_severity:
            return False
        return not any(finding.rule in ids and matches(finding.path) for matches, ids in globs)

    return keep


def _matcher(glob: str) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines([glob])
    return lambda path: bool(spec.match_file(path))
