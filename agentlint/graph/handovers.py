"""Calls that call a function they are given: Python's own, and those the models know."""

from __future__ import annotations

from agentlint.graph import language
from agentlint.rulebook.index import ModelIndex


def names(index: ModelIndex) -> frozenset[str]:
    """Return the last names of all such calls."""
    return frozenset(path.rpartition(".")[2] for path in language.CALLS_ARGUMENT) | index.handover_tails


def given(index: ModelIndex, path: str) -> int | str | None:
    """Return the argument that a call of ``path`` calls: its position or name, ``None`` if it calls none."""
    position = language.CALLS_ARGUMENT.get(path)
    if isinstance(position, (int, str)):
        return position
    handover = index.handover(path)
    if handover is None or handover.gives == "itself":
        return None
    return int(handover.func) if handover.func.isdecimal() else handover.func


def filled(index: ModelIndex, path: str) -> int:
    """Return how many of the first parameters the call fills itself."""
    handover = index.handover(path)
    return handover.fills if handover is not None else 0


def gives_back(index: ModelIndex, path: str) -> bool:
    """Return whether the result of a call is that of the callable it is given."""
    handover = index.handover(path)
    return language.gives_back(path) or (handover is not None and handover.gives == "result")
