"""Calls of functions in infrastructure languages: worked out where all that they are given is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.infra.model import Value, unknown
from agentlint.graph.infra import functions
from agentlint.graph.infra.plain import UNKNOWN, has_unknown
from agentlint.graph.infra.turns import members

if TYPE_CHECKING:
    from agentlint.graph.infra.estate import Located
    from agentlint.graph.infra.values import Values

MAX_CHOSEN = 8


def evaluated(values: Values, at: Located, turns: int) -> list[Located]:
    """Return what a call makes, an unknown value where that cannot be worked out."""
    name, items = str(at.value.data), at.value.items
    if name in ("and", "or"):
        truth = values.truth(at, turns)
        return [at.of(unknown(at.value.span) if truth is None else Value("lit", at.value.span, truth), at.key)]
    if name in ("index", "lookup", "element") and len(items) >= 2:
        return _chosen(values, at, turns)
    ways = [values.ways(at.of(item), turns - 1) for item in items]
    plain = [values.plain(found[0]) if len(found) == 1 else UNKNOWN for found in ways]
    try:
        made = UNKNOWN if any(has_unknown(one) for one in plain) else functions.call(name, plain)
    except functions.NotKnownError:
        made = UNKNOWN
    if made is UNKNOWN:
        return [at.of(unknown(at.value.span, name, items), at.key)]
    if isinstance(made, list):
        return [at.of(Value("seq", at.value.span, items=tuple(Value("lit", at.value.span, one) for one in made)), at.key)]
    return [at.of(Value("lit", at.value.span, made), at.key)]


def _chosen(values: Values, at: Located, turns: int) -> list[Located]:
    """Return what an index or a key chooses; of an unknown key each element, since all are meant for some deployment."""
    whole, key, *rest = at.value.items
    elements, unsure = members(values, at.of(whole))
    chosen = [values.plain(way) for way in values.ways(at.of(key), turns - 1)]
    known = [one for one in chosen if isinstance(one, (str, int))]
    if len(known) == len(chosen):
        wanted = {str(one) for one in known}
        found = [element for name, element in elements if str(values.plain(name)) in wanted]
        if not found and not unsure and at.value.data == "lookup" and rest:
            return values.ways(at.of(rest[0]), turns - 1)
    else:
        found = [element for _, element in elements]
    path = str(rest[0].data) if rest and at.value.data == "index" else ""
    hits = [hit for one in found[:MAX_CHOSEN] for hit in values.follow(one, path.split(".") if path else [], turns - 1)[0]]
    return hits if hits and not unsure else [*hits, at.of(unknown(at.value.span, "", at.value.items), at.key)]
