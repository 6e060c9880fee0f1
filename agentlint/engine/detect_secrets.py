"""Baselines of detect-secrets: which of our findings its users have accepted already."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.fingerprint import split_lines
from agentlint.engine import baseline

if TYPE_CHECKING:
    from agentlint.core.finding import Finding
    from agentlint.core.place import Span

_CATEGORY = "hardcoded-secret"
_QUOTES = "\"'`"


class Accepted(msgspec.Struct, frozen=True):
    """A secret that a baseline of detect-secrets holds: the SHA-1 of its text, and where it stood."""

    hashed_secret: str
    line_number: int = 0


class _File(msgspec.Struct, frozen=True):
    results: dict[str, list[Accepted]]


def load(path: Path) -> dict[str, list[Accepted]]:
    """Return the entries of a ``.secrets.baseline`` by file; raise ``UsageError`` if it cannot be read or is not one."""
    content = baseline.read(path, _File, "a baseline of detect-secrets", "write it again with `detect-secrets scan`")
    entries: dict[str, list[Accepted]] = {}
    for name, found in content.results.items():
        entries.setdefault(name.replace("\\", "/").removeprefix("./"), []).extend(found)
    return entries


def accepted(
    findings: Iterable[Finding], entries: dict[str, list[Accepted]], source: Callable[[str], str | None]
) -> list[Finding]:
    """Return the findings about credentials that ``entries`` hold: the same text in the same file, or the same line of it."""
    kept = []
    for finding in findings:
        known = entries.get(finding.path)
        if known is None or finding.category != _CATEGORY:
            continue
        lines = {entry.line_number for entry in known}
        hashes = {entry.hashed_secret for entry in known}
        if finding.span.line in lines or _hash(source(finding.path), finding.span) in hashes:
            kept.append(finding)
    return kept


def _hash(text: str | None, span: Span) -> str:
    """Return the SHA-1 of what ``span`` covers, without quotes; detect-secrets keeps nothing else of a secret."""
    if text is None or span.line != span.end_line:
        return ""
    lines = split_lines(text)
    if not 1 <= span.line <= len(lines):
        return ""
    secret = lines[span.line - 1][span.column - 1 : span.end_column - 1].lstrip("bfru").strip(_QUOTES)
    from hashlib import sha1

    return sha1(secret.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
