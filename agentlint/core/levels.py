"""Severity, confidence and persona: three separate scales."""

from __future__ import annotations

import enum


class _Level(enum.IntEnum):
    @property
    def label(self) -> str:
        """The lower-case name used in rules, configuration and reports."""
        return self.name.lower()

    @classmethod
    def labels(cls) -> list[str]:
        return [level.label for level in cls]

    @classmethod
    def parse(cls, label: str) -> _Level:
        """Return the level named ``label``; raise ``KeyError`` for another word."""
        return cls[label.upper()]


class Severity(_Level):
    """How bad it is when the finding is right."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Confidence(_Level):
    """How likely the finding is right."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


class Persona(_Level):
    """Who wants to read the finding: everybody, the careful, or an auditor."""

    REGULAR = 0
    PEDANTIC = 1
    AUDITOR = 2
