"""Baselines: the findings a project has today, so that a scan reports only new ones; and what agents trust by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from agentlint.core.digest import blake2b
from agentlint.core.errors import UsageError
from agentlint.core.escape import scrub
from agentlint.core.finding import Finding
from agentlint.core.levels import Severity

if TYPE_CHECKING:
    from agentlint.core.result import Remembered

_VERSION = "1"
_CHANGED = "changed since the baseline: "
_MAX_BYTES = 50_000_000
Content = TypeVar("Content")


class Entry(msgspec.Struct, frozen=True):
    """A known finding. ``snippet`` is a hash of its masked line, to find it again when its surroundings change."""

    rule: str
    path: str
    fingerprint: str
    line: int = 0
    snippet: str = ""


class Trusted(msgspec.Struct, frozen=True):
    """A server or tool as it was: ``digest`` is salted, ``shown`` the beginning of its command or description, masked."""

    kind: str
    path: str
    name: str
    digest: str
    shown: str = ""


class Known(msgspec.Struct, frozen=True):
    """The content of a baseline file. Files of earlier versions have neither ``salt`` nor ``trusted``."""

    version: str
    findings: tuple[Entry, ...]
    salt: str = ""
    trusted: tuple[Trusted, ...] = ()


class Compared(msgspec.Struct, frozen=True):
    """New findings, how many the baseline held, and how many of its entries are gone."""

    new: tuple[Finding, ...]
    known: int
    fixed: int


def render(findings: Iterable[Finding], tool: str, remembered: Iterable[Remembered] = (), salt: str = "") -> str:
    """Return the text of a baseline file.

    Of findings it holds no source text; of servers and tools a salted hash and the masked beginning of what they run or say,
    so that a change can be shown.
    """
    rows = sorted((f.path, f.rule, f.span.line, f.fingerprint, _digest(f.snippet)) for f in findings)
    entries = [
        {"rule": rule, "path": path, "fingerprint": fingerprint, "line": line, "snippet": snippet}
        for path, rule, line, fingerprint, snippet in rows
    ]
    import json

    content: dict[str, Any] = {"version": _VERSION, "tool": tool, "findings": entries}
    trusted = [
        {"kind": r.kind, "path": r.path, "name": r.name, "digest": salted(salt, r), "shown": scrub(r.shown)} for r in remembered
    ]
    if trusted:
        content |= {"salt": salt, "trusted": trusted}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def salted(salt: str, entry: Remembered) -> str:
    """Return the hash under which a baseline with this salt knows ``entry``."""
    key = salt.encode("utf-8", "replace")[:64]
    return blake2b(entry.digest.encode(), digest_size=16, key=key, person=b"agentlint-base").hexdigest()


def salt_of(path: Path) -> str:
    """Return the salt of the baseline at ``path``, so that writing it again changes only what changed; else a new one."""
    import secrets

    try:
        return load(path).salt or secrets.token_hex(16)
    except UsageError:
        return secrets.token_hex(16)


def changes(known: Known, remembered: Iterable[Remembered]) -> list[Finding]:
    """Return a finding for each server and tool that is not what it was when the baseline was written.

    Names may be used several times in a file; then nothing changed as long as one of the old hashes fits.
    """
    old: dict[tuple[str, str, str], list[Trusted]] = defaultdict(list)
    for entry in known.trusted:
        old[entry.kind, entry.path, entry.name].append(entry)
    return [
        _change(now, before[0])
        for now in remembered
        if (before := old.get((now.kind, now.path, now.name))) and salted(known.salt, now) not in {e.digest for e in before}
    ]


def _change(now: Remembered, before: Trusted) -> Finding:
    rule, what, does = ("AL902", "server", "started") if now.kind == "server" else ("AL911", "tool", "described")
    message = (
        f"the {what} `{now.name}` is {does} differently since the baseline was written, and its name is all that was approved: "
        f"“{before.shown}” became “{now.shown}”"
    )
    severity = Severity.HIGH if now.kind == "server" else Severity.MEDIUM
    return Finding(rule=rule, path=now.path, span=now.span, message=message, severity=severity, subject=f"{_CHANGED}{now.name}")


def read(path: Path, shape: type[Content], called: str, again: str) -> Content:
    """Return what a baseline file, in JSON of a ``shape``, holds; raise ``UsageError`` if it cannot be read or is no such file.

    ``called`` says in the error what the file is not, ``again`` what to do next.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot read the baseline ({error.strerror or error}); {again}") from error
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{path}: the baseline is larger than {_MAX_BYTES} bytes; {again}")
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: not {called} ({error}); {again}") from error


def load(path: Path) -> Known:
    """Read a baseline file; raise ``UsageError`` if it cannot be read or is not one."""
    again = "write it again with `agentlint baseline -o FILE`"
    content = read(path, Known, "a baseline file", again)
    if content.version != _VERSION:
        raise UsageError(f"{path}: baseline version {content.version!r} is not {_VERSION!r}; {again}")
    return content


def compare(findings: Iterable[Finding], known_before: Known) -> Compared:
    """Match ``findings`` with entries: by fingerprint, else by rule, path and code. An entry covers one finding.

    What changed since the baseline (``changes``) is always new.
    """
    left = list(known_before.findings)
    by_fingerprint = _index(left, lambda entry: (entry.rule, entry.fingerprint))
    taken: set[int] = set()
    unmatched: list[Finding] = []
    changed: list[Finding] = []
    known = 0
    for finding in findings:
        if finding.subject.startswith(_CHANGED):
            changed.append(finding)
        elif finding.fingerprint and _take(by_fingerprint, (finding.rule, finding.fingerprint), taken):
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
    return Compared((*new, *changed), known, len(left) - len(taken))


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
