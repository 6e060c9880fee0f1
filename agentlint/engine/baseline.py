"""Baselines: the findings a project has today, so that a scan reports only new ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.digest import blake2b
from agentlint.core.errors import UsageError

if TYPE_CHECKING:
    from agentlint.core.finding import Finding

_VERSION = "1"
_MAX_BYTES = 50_000_000


class Entry(msgspec.Struct, frozen=True):
    """A known finding. ``snippet`` is a hash of its masked line, to find it again when its surroundings change."""

    rule: str
    path: str
    fingerprint: str
    line: int = 0
    snippet: str = ""


class _File(msgspec.Struct, frozen=True):
    version: str
    findings: tuple[Entry, ...]


class Compared(msgspec.Struct, frozen=True):
    """New findings, how many the baseline held, and how many of its entries are gone."""

    new: tuple[Finding, ...]
    known: int
    fixed: int


def render(findings: Iterable[Finding], tool: str) -> str:
    """Return the text of a baseline file that holds ``findings``; it contains no source text."""
    rows = sorted((f.path, f.rule, f.span.line, f.fingerprint, _digest(f.snippet)) for f in findings)
    entries = [
        {"rule": rule, "path": path, "fingerprint": fingerprint, "line": line, "snippet": snippet}
        for path, rule, line, fingerprint, snippet in rows
    ]
    import json

    return json.dumps({"version": _VERSION, "tool": tool, "findings": entries}, indent=1, ensure_ascii=False) + "\n"


def load(path: Path) -> tuple[Entry, ...]:
    """Read a baseline file; raise ``UsageError`` if it cannot be read or is not one."""
    again = "write it again with `agentlint baseline -o FILE`"
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot read the baseline ({error.strerror or error}); {again}") from error
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{path}: the baseline is larger than {_MAX_BYTES} bytes; {again}")
    try:
        content = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: not a baseline file ({error}); {again}") from error
    if content.version != _VERSION:
        raise UsageError(f"{path}: baseline version {content.version!r} is not {_VERSION!r}; {again}")
    return content.findings


def compare(findings: Iterable[Finding], entries: Iterable[Entry]) -> Compared:
    """Match ``findings`` with ``entries``: by fingerprint, else by rule, path and code. An entry covers one finding."""
    left = list(entries)
    by_fingerprint = _index(left, lambda entry: (entry.rule, entry.fingerprint))
    taken: set[int] = set()
    unmatched = []
    known = 0
    for finding in findings:
        if finding.fingerprint and _take(by_fingerprint, (finding.rule, finding.fingerprint), taken):
            known += 1
        else:
            unmatched.append(finding)
    by_snippet = _index(left, lambda entry: (entry.rule, entry.path, entry.snippet))
    new = []
    for finding in unmatched:
        if finding.snippet and _take(by_snippet, (finding.rule, finding.path, _digest(finding.snippet)), taken):
            known += 1
        else:
            new.append(finding)
    return Compared(tuple(new), known, len(left) - len(taken))


def _index(entries: list[Entry], key: Callable[[Entry], tuple[str, ...]]) -> dict[tuple[str, ...], list[int]]:
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        index[key(entry)].append(number)
    return index


def _take(index: dict[tuple[str, ...], list[int]], key: tuple[str, ...], taken: set[int]) -> bool:
    for number in index.get(key, ()):
        if number not in taken:
            taken.add(number)
            return True
    return False


def _digest(snippet: str) -> str:
    return blake2b(snippet.encode("utf-8", "replace"), digest_size=8, person=b"agentlint-base").hexdigest() if snippet else ""
