"""Classes that a protocol speaks of without naming them: those that have all its methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentlint.graph.program import Program

_BASES = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
MAX_PROVIDERS = 24


def providers(program: Program) -> dict[int, list[int]]:
    """Return the classes of the program that may stand for each protocol; a method that many classes have tells nothing."""
    protocols = [cls for cls, found in enumerate(program.classes) if found.bases and _is_protocol(program, cls)]
    if not protocols:
        return {}
    having: dict[str, list[int]] = {}
    for cls, found in enumerate(program.classes):
        for name in found.methods if cls not in protocols else ():
            having.setdefault(name, []).append(cls)
    result = {}
    for cls in protocols:
        names = [name for name in program.classes[cls].methods if not name.startswith("__")]
        rarest = min((having.get(name, []) for name in names), key=len, default=[])
        fitting = [other for other in rarest if all(program.method(other, name) >= 0 for name in names)]
        if 0 < len(fitting) <= MAX_PROVIDERS:
            result[cls] = fitting
    return result


def _is_protocol(program: Program, cls: int) -> bool:
    return any(ref.path in _BASES for ref in program.bases(cls))
