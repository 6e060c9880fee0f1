"""The outcome of a scan, as reports receive it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from agentlint.core.finding import Finding, Notification
from agentlint.core.fix import Fix, Refusal
from agentlint.core.levels import Confidence, Persona, Severity
from agentlint.core.place import Span


class RuleInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as reports and ``explain`` show it. ``docs`` is Markdown with the fixed headings."""

    id: str
    name: str
    category: str
    severity: Severity
    confidence: Confidence
    persona: Persona = Persona.REGULAR
    preview: bool = False
    summary: str = ""
    cwe: tuple[int, ...] = ()
    owasp: tuple[str, ...] = ()
    atlas: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    docs: str = ""


class Remembered(msgspec.Struct, frozen=True):
    """What agents trust by its name: the command of a configured server, or what a tool says of itself.

    ``digest`` changes when it does; ``shown`` is the beginning of it, with secrets masked.
    """

    kind: Literal["server", "tool"]
    path: str
    name: str
    digest: str
    shown: str
    span: Span = Span()


class ScanStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts and times (seconds) of one scan. ``hidden`` findings stand in tests; ``fixed`` entries of the baseline are gone."""

    files_scanned: int = 0
    files_skipped: int = 0
    suppressed: int = 0
    baselined: int = 0
    fixed: int = 0
    hidden: int = 0
    files_by_kind: Mapping[str, int] = {}
    seconds_by_phase: Mapping[str, float] = {}
    cache_hits: int = 0


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a report needs. ``source`` gives a scanned file's text (``None`` when it cannot be read again).

    ``fixes`` works out what would mend a finding, ``None`` when no fix exists for its rule.
    """

    version: str
    findings: tuple[Finding, ...]
    notifications: tuple[Notification, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    rules: Mapping[str, RuleInfo] = {}
    stats: ScanStats = ScanStats()
    remembered: tuple[Remembered, ...] = ()
    source: Callable[[str], str | None] = lambda _path: None
    fixes: Callable[[Finding], Fix | Refusal | None] = lambda _finding: None
