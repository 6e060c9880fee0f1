"""Secrets, shown only as much as a reader needs to recognise them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from agentlint.core import lazy
from agentlint.core.finding import Finding
from agentlint.core.place import Span

_SHORT = 16
_STARS = "*" * 8
_QUOTES = "\"'`"
# Text that may be echoed although no rule reported it (not selected, or in the baseline): issuers' prefixes and bodies
# of PEM files.
_ISSUED = lazy.pattern(
    r"(?<![A-Za-z0-9])(?:sk-|pk-lf-|rk_live_|sk_live_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-|AKIA|ASIA|AIza|hf_|gsk_|r8_|npm_|"
    r"pypi-|dop_v1_|SG\.|eyJ)[A-Za-z0-9_.\-]{14,400}"
)
_PEM_BODY = lazy.pattern(r"[A-Za-z0-9+/]{40,100}={0,2}")
_LITERAL = lazy.pattern(r"""["'`=: ]([A-Za-z0-9+/_.\-]{12,400}={0,2})(?=["'`\s,)}\]]|$)""")


class SecretMark(msgspec.Struct, frozen=True):
    """A span that holds a secret: all of it when ``whole``, else in the literals it contains."""

    span: Span
    whole: bool


def mask(value: str) -> str:
    """Return ``value`` with at most its first four and last two characters; short values are hidden altogether."""
    return _STARS if len(value) < _SHORT else f"{value[:4]}{_STARS}{value[-2:]}"


def mask_in_place(value: str) -> str:
    """Mask ``value`` without changing its length, so that columns still hold; quotes around it stay."""
    if len(value) >= 2 and value[0] in _QUOTES and value[-1] == value[0]:
        return value[0] + mask_in_place(value[1:-1]) + value[-1]
    return "*" * len(value) if len(value) < _SHORT else f"{value[:4]}{'*' * (len(value) - 6)}{value[-2:]}"


def secret_marks(findings: Iterable[Finding]) -> dict[str, tuple[SecretMark, ...]]:
    """Return, for each path, the spans of AL1xx findings, which must not be echoed as they are."""
    marks: dict[str, list[SecretMark]] = {}
    for finding in findings:
        if finding.rule.startswith("AL1"):
            whole = finding.category in ("", "hardcoded-secret")
            marks.setdefault(finding.path, []).append(SecretMark(finding.span, whole))
    return {path: tuple(found) for path, found in marks.items()}


def mask_line(text: str, number: int, marks: Sequence[SecretMark] = ()) -> str:
    """Return line ``number`` (1-based), of the same length, with what ``marks`` cover and issued keys masked."""
    for mark in marks:
        span = mark.span
        if span.line <= number <= max(span.end_line, span.line):
            text = _mask_part(text, number, mark)
    if len(text) >= _SHORT:
        text = _ISSUED.sub(lambda found: mask_in_place(found[0]), text)
        if len(text) <= 120 and _PEM_BODY.fullmatch(text.strip()):
            text = text.replace(text.strip(), mask_in_place(text.strip()))
    return text


def _mask_part(text: str, number: int, mark: SecretMark) -> str:
    span = mark.span
    start = span.column - 1 if number == span.line else len(text) - len(text.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(text.rstrip())
    if end <= start:
        # A span without extent: better to hide too much of the line than to print the secret.
        return _mask_literals(text)
    inner = text[start:end]
    return text[:start] + (mask_in_place(inner) if mark.whole else _mask_literals(inner)) + text[end:]


def _mask_literals(text: str) -> str:
    def hide(found: re.Match[str]) -> str:
        value = found[1]
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        return found[0].replace(value, mask_in_place(value)) if mixed else found[0]

    return _LITERAL.sub(hide, text)
