"""Values as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentlint.graph.infra.estate import Located
    from agentlint.graph.infra.values import Values

MAX_STEPS = 5_000
MAX_FOUND = 400
MAX_DEPTH = 12


class Unknown:
    """Stands, inside a list or map, for what only running would tell."""


UNKNOWN = Unknown()


def plain(values: Values, at: Located) -> Any:
    """Return the value as plain data; ``UNKNOWN`` stands for what is not known, and for what is too much."""
    return _plain(values, at, 0, [MAX_STEPS])


def _plain(values: Values, at: Located, depth: int, left: list[int]) -> Any:
    value = at.value
    if value.kind == "lit":
        return value.data
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        return UNKNOWN
    if value.kind in ("seq", "join", "each") and not values.is_map(at):
        found = [_plain(values, one, depth + 1, left) for one in values.items(at)]
        return [*found, UNKNOWN] if values.is_open(at) else found
    if value.kind in ("map", "each"):
        return {
            field.name: _plain(values, way, depth + 1, left)
            for field in values.fields(at)[:MAX_FOUND]
            for way in values.ways(field)[:1]
        }
    return UNKNOWN


def has_unknown(value: Any) -> bool:
    """Return whether something in a plain value is not known."""
    pending, steps = [value], 0
    while pending:
        one = pending.pop()
        steps += 1
        if one is UNKNOWN or steps > MAX_STEPS:
            return True
        pending.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return False
