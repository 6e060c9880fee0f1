"""What stands for a value that is not there, or that only running the project would tell."""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """See the module."""

    MISSING = 0
    UNKNOWN = 1


MISSING = State.MISSING
UNKNOWN = State.UNKNOWN
