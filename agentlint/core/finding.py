"""What a rule reports, and what a scan could not check."""

from __future__ import annotations

from typing import Literal

import msgspec

from agentlint.core.levels import Confidence, Persona, Severity
from agentlint.core.place import Span

StepKind = Literal["source", "step", "sink"]
NotificationKind = Literal["parse-error", "cap", "rule-crash", "read-error", "config", "incomplete"]


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One hop of a value from where it enters to where it acts."""

    path: str
    span: Span
    message: str
    kind: StepKind = "step"


class Related(msgspec.Struct, frozen=True, array_like=True):
    """A second place that explains the finding."""

    path: str
    span: Span
    message: str


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """A place in a notebook as its user counts: code cell from 1, line in that cell from 1."""

    number: int
    line: int


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of one rule.

    A check fills the first group; ``None`` there means "as the rule says". The engine fills the second group from the rule
    and from the scan; reports may rely on all of it. Findings of one rule with the same ``identity`` are about one thing:
    the most exposed is reported, the others become its related places.
    """

    rule: str
    path: str
    span: Span
    message: str
    symbol: str = ""
    flow: tuple[Step, ...] = ()
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    confidence: Confidence | None = None
    persona: Persona | None = None
    fix: str | None = None
    subject: str = ""
    identity: str = ""

    name: str = ""
    category: str = ""
    cwe: tuple[int, ...] = ()
    owasp: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    snippet: str = ""
    cell: Cell | None = None
    fingerprint: str = ""
    suppressed: str | None = None

    @property
    def order(self) -> tuple[str, Span, str, str, str]:
        """The key that sorts findings the same way on every machine."""
        return (self.path, self.span, self.rule, self.message, self.subject)


class Notification(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Something that could not be checked: what, where, why, and the next step (in ``message``)."""

    path: str
    line: int
    kind: NotificationKind
    message: str
    level: Literal["error", "warning", "note"] = "error"
