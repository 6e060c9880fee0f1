"""What a repository shows of each recommendation of the guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Status = Literal["violated", "partial", "met", "attested", "not-evidenced", "not-applicable"]
STATUSES: tuple[Status, ...] = ("violated", "partial", "met", "attested", "not-evidenced", "not-applicable")


class Evidence(msgspec.Struct, frozen=True, order=True):
    """What speaks for a recommendation, and where. ``path`` is relative to the scanned root; ``line`` is 1-based."""

    path: str
    line: int
    what: str


class Assessed(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one recommendation; ``findings`` are fingerprints, ``planned`` rules that do not exist yet.

    ``places`` says, for people, where the first findings stand (``path:line rule``).
    """

    id: str
    domain: str
    title: str
    mode: str
    status: Status
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    frameworks: Mapping[str, tuple[str, ...]] = {}


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """All recommendations, in the order of the guide."""

    version: str
    controls: tuple[Assessed, ...]

    def summary(self) -> dict[str, dict[str, int]]:
        """Return how many recommendations have which status, per domain and in ``total``."""
        found: dict[str, dict[str, int]] = {}
        for control in self.controls:
            for group in (control.domain, "total"):
                counts = found.setdefault(group, dict.fromkeys(STATUSES, 0))
                counts[control.status] += 1
        found["total"] = found.pop("total", dict.fromkeys(STATUSES, 0))
        return found
