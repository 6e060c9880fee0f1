"""What loops make: ``for`` expressions, blocks and resources that are made once for each element of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.infra.model import Value
from agentlint.graph.infra.estate import Declared, Located
from agentlint.graph.infra.targets import depends_on_deployer

if TYPE_CHECKING:
    from agentlint.graph.infra.values import Values

MAX_ELEMENTS = 60
MAX_LOOPS = 4
MAX_TURNS_IN_ALL = 20_000

Turn = tuple[Located, Located]
"""The key and the body of one turn."""


def turns(values: Values, at: Located) -> tuple[list[Turn], bool]:
    """Return what an ``each`` makes, and whether there may be more: of an unknown collection one turn, with nothing bound."""
    collection, key, body, test = at.value.items
    if len(at.home.bound) > 2 * MAX_LOOPS:
        return [], True
    elements, unsure = members(values, at.of(collection))
    if unsure and not elements:
        return [(at.of(key), at.of(body))], True
    names = str(at.value.data).split(" ")
    found: list[Turn] = []
    for name, element in elements[:MAX_ELEMENTS]:
        values.budget -= 1
        if values.budget < 0:
            return found, True
        mine = at.home.turn(_names(names, name, element))
        truth = values.truth(Located(test, mine))
        if truth is not False:
            found.append((Located(key, mine), Located(body, mine, at.key, at.name)))
        unsure = unsure or truth is None
    return found, unsure or len(elements) > MAX_ELEMENTS


def copies(values: Values, one: Declared) -> list[Declared]:
    """Return a resource once for each element that its ``for_each`` goes through: itself when that is not known.

    What is surely not made, by an empty collection or a ``count`` of zero, is nothing; the default of an input that whoever
    deploys may set is not sure.
    """
    loop = next((field for field in one.resource.properties.fields if field.name == "for_each"), None)
    if loop is None:
        count = next((field for field in one.resource.properties.fields if field.name == "count"), None)
        ways = values.ways(Located(count.value, one)) if count is not None else []
        none = bool(ways) and all(way.value.kind == "lit" and way.value.data == 0 for way in ways)
        return [] if none and count is not None and not depends_on_deployer(values, Located(count.value, one)) else [one]
    elements, unsure = members(values, Located(loop.value, one))
    if unsure or (not elements and depends_on_deployer(values, Located(loop.value, one))):
        return [one]
    names = loop_names(loop.value)
    return [one.turn(_names(names, key, element)) for key, element in elements[:MAX_ELEMENTS]]


def loop_names(loop: Value) -> list[str]:
    """Return the names that the loop of a resource binds: those of its own, else those of Terraform."""
    return (
        str(loop.data).split(" ")
        if loop.kind == "each" and str(loop.data).endswith(" loop")
        else ["each.key", "each.value", "set"]
    )


def _names(names: list[str], key: Located, element: Located) -> dict[str, Located]:
    return {names[0]: element if names[2] == "set" and key.value.kind == "lit" and isinstance(key.value.data, int) else key,
            names[1]: element}  # fmt: skip


def members(values: Values, at: Located) -> tuple[list[Turn], bool]:
    """Return keys and elements of a collection, and whether there may be others."""
    found: list[Turn] = []
    unsure = False
    for way in values.ways(at):
        value = way.value
        if value.kind in ("seq", "join", "each") and not values.is_map(way):
            listed = values.items(way)
            found += [(way.of(Value("lit", one.value.span, index)), one) for index, one in enumerate(listed)]
            unsure = unsure or values.is_open(way) or any(one.value.kind == "unknown" for one in listed)
        elif value.kind in ("map", "join", "each"):
            fields = values.fields(way)
            found += [(one.of(Value("lit", one.key or one.value.span, one.name)), one) for one in fields]
            parts = [part for item in value.items for part in values.ways(way.of(item))] if value.kind == "join" else [way]
            unsure = unsure or any(values.is_open(part) for part in parts)
        else:
            unsure = unsure or value.kind != "lit"
    return found, unsure
