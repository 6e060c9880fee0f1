"""What a value refers to, however many names stand between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.infra.build import references

if TYPE_CHECKING:
    from agentlint.graph.infra.estate import Declared, Located
    from agentlint.graph.infra.values import Values

MAX_FOUND = 400
MAX_SEEN = 2_000
MAX_TURNS = 12


def targets(values: Values, at: Located, turns: int) -> list[Declared]:
    """Return the resources that a value refers to, through inputs, locals, modules, outputs and the names of loops."""
    reached = _reached(values, at, turns)
    return [one for one in reached if not one.resource.type.startswith("stack.")][:MAX_FOUND]


def depends_on_deployer(values: Values, at: Located) -> bool:
    """Return whether a value depends on an input that no call and no settings in the tree fill: whoever deploys may."""
    return any(
        one.resource.type == "stack.input"
        and not one.stack.callers
        and f"setting.{one.resource.name.removeprefix('var.')}" not in one.stack.names
        for one in _reached(values, at, MAX_TURNS)
    )


def _reached(values: Values, at: Located, turns: int) -> list[Declared]:
    found: dict[int, Declared] = {}
    pending: list[tuple[Located, int]] = [(at.of(ref), turns) for ref in references(at.value)]
    seen: set[tuple[int, str]] = set()
    while pending and len(seen) < MAX_SEEN:
        one, left = pending.pop(0)
        text = str(one.value.data)
        name, _, path = text.partition("#")
        bound = values.bound(one, name)
        mark = (id(one.home.stack) if bound is None else id(one.home), text)
        target = one.home.stack.names.get(name)
        if left <= 0 or mark in seen or (bound is None and target is None):
            continue
        seen.add(mark)
        starts = bound
        if starts is None and target is not None:
            found.setdefault(id(target), target)
            if not target.resource.type.startswith("stack."):
                continue
            starts, _ = values.starts(target, path.split(".") if path else [])
        pending.extend((start.of(ref), left - 1) for start in starts or () for ref in references(start.value))
    return list(found.values())
