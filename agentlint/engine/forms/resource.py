"""The ``resource`` form: declared infrastructure, by its properties and by what it is linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.engine.forms.message import fill, levels
from agentlint.engine.forms.node import compiled
from agentlint.engine.forms.predicates import MISSING, UNKNOWN
from agentlint.graph.infra.plain import UNKNOWN as PART
from agentlint.sdk import Located

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agentlint.core.finding import Finding
    from agentlint.core.place import Span
    from agentlint.rulebook.rules import LinkTest, ResourceForm, Rule, Test
    from agentlint.sdk import Declared, Infrastructure

_SPECIAL = {
    "@front": "front", "@native": "native", "@name": "name", "@optional": "optional", "@type": "type",
}  # fmt: skip


def run(rule: Rule, estate: Infrastructure, finding: Callable[..., Finding]) -> Iterator[Finding]:
    """Yield the findings of the ``resource`` forms of ``rule``; of several forms that hold at a place, the first."""
    seen: set[tuple[str, Span]] = set()
    for form in rule.resource:
        for declared in estate.of_type(*form.type):
            if form.front and declared.resource.front not in form.front:
                continue
            for element in _elements(form, declared, estate):
                place = _holds(form, element, declared, estate)
                if place is None:
                    continue
                path, span = place
                if (path, span) not in seen:
                    seen.add((path, span))
                    yield _finding(rule, form, element, declared, estate, finding, place)


def _elements(form: ResourceForm, declared: Declared, estate: Infrastructure) -> list[Located]:
    top = Located(declared.resource.properties, declared)
    if not form.at:
        return [top]
    found, _ = estate.values.follow(top, form.at.split("."))
    return [item for one in found for item in estate.values.items(one)]


def _holds(form: ResourceForm, element: Located, declared: Declared, estate: Infrastructure) -> tuple[str, Span] | None:
    """Return the place of a finding, or ``None`` when the form does not hold."""
    reads = [(_read(element, test, declared, estate), test) for test in form.where]
    if not all(satisfies(read, test) for read, test in reads):
        return None
    others = [(_read(element, test, declared, estate), test) for test in form.any_of]
    chosen = [(read, test) for read, test in others if satisfies(read, test)]
    if others and not chosen:
        return None
    refuted = [(_read(element, test, declared, estate), test) for test in form.none_of]
    if any(read[1] or satisfies(read, test) for read, test in refuted):
        return None
    if not all(_linked(link, declared, estate, surely=True) for link in form.linked):
        return None
    if any(_linked(link, declared, estate, surely=False) for link in form.unless):
        return None
    return _place(form, element, declared, estate, [*reads, *chosen])


Read = tuple[list[tuple[Any, Located]], bool, Any]


def _read(element: Located, test: Test, declared: Declared, estate: Infrastructure) -> Read:
    """Return the values of a key with their places, whether there may be more, and what stands when there is none."""
    key = test.key
    if key.startswith("@"):
        if key == "@key":
            return [(element.name, element)], False, MISSING
        if key == "@agentic":
            kind = estate.kind(declared)
            return [(kind.agentic if kind is not None else "", element)], False, MISSING
        return [(getattr(declared.resource, _SPECIAL[key]), element)], False, MISSING
    start = element if not key.startswith("/") else Located(declared.resource.properties, declared)
    parts = [part for part in key.lstrip("/").split(".") if part]
    found, unsure = estate.values.follow(start, parts)
    values = [(estate.values.plain(one), one) for one in found]
    known = [(value, one) for value, one in values if value is not PART]
    unsure = unsure or len(known) != len(values)
    return known, unsure, estate.default(declared, ".".join(parts))


def satisfies(read: Read, test: Test) -> bool:
    """Return whether one of the values satisfies the test; a test of absence asks it of all, and of none unseen."""
    values, unsure, default = read
    predicate = compiled(test)
    values = [(value, at) for value, at in values if value is not None]
    if test.unknown is True:
        return unsure and not values
    if test.present is False or test.truthy is False:
        if unsure:
            return False
        return predicate.holds(default) if not values else all(predicate.holds(_whole(value)) for value, _ in values)
    if not values:
        return not unsure and default is not MISSING and predicate.holds(default)
    return any(predicate.holds(_checked(value, test)) for value, _ in values)


def _whole(value: Any) -> Any:
    return UNKNOWN if isinstance(value, list) and any(item is PART for item in value) and len(value) == 0 else value


def _checked(value: Any, test: Test) -> Any:
    """Return a list whose unseen items might refute the test as unknown."""
    if isinstance(value, list) and any(item is PART for item in value) and (test.not_matches or test.not_in):
        return UNKNOWN
    return value


def _linked(link: LinkTest, declared: Declared, estate: Infrastructure, *, surely: bool) -> bool:
    found, unsure = estate.linked(declared, link.type, link.direction, link.via)
    if any(
        all(satisfies(_read(Located(other.resource.properties, other), test, other, estate), test) for test in link.where)
        for other in found
    ):
        return True
    if surely:
        return False
    maybe = [other for other in found if _maybe(link.where, other, estate)]
    return unsure or bool(maybe)


def _maybe(where: Sequence[Test], other: Declared, estate: Infrastructure) -> bool:
    """Whether unknown values alone keep a resource from satisfying the tests."""
    for test in where:
        read = _read(Located(other.resource.properties, other), test, other, estate)
        if not satisfies(read, test) and not read[1]:
            return False
    return True


def _place(
    form: ResourceForm, element: Located, declared: Declared, estate: Infrastructure, reads: Sequence[tuple[Read, Test]]
) -> tuple[str, Span]:
    if form.place == "@":
        return declared.path, declared.resource.span
    if form.place:
        found, _ = estate.values.follow(element, form.place.split("."))
        if found:
            return found[0].path, found[0].value.span
    for (values, _, _), test in reads:
        if not form.place and not test.key.startswith("@"):
            for value, at in values:
                if value is None or test.present is False or not compiled(test).holds(_checked(value, test)):
                    continue
                item = _item(at, test, estate)
                return item.path, item.value.span
    if form.at:
        return element.path, element.value.span if element.value.kind == "lit" else element.key or element.value.span
    return declared.path, declared.resource.span


def _item(at: Located, test: Test, estate: Infrastructure) -> Located:
    """Return the item of a list that satisfies the test, else the whole value."""
    if at.value.kind in ("seq", "join", "each"):
        for item in estate.values.items(at):
            if item.value.kind == "lit" and compiled(test).holds([item.value.data]):
                return item
    return at


def _finding(
    rule: Rule, form: ResourceForm, element: Located, declared: Declared, estate: Infrastructure,
    finding: Callable[..., Finding], place: tuple[str, Span],
) -> Finding:  # fmt: skip
    def look(name: str) -> Any:
        if name in ("name", "native", "type", "front"):
            return getattr(declared.resource, name)
        if name == "key":
            return element.name
        start = element if not name.startswith("/") else Located(declared.resource.properties, declared)
        parts = [part for part in name.lstrip("/").split(".") if part and part != "value"]
        found, _ = estate.values.follow(start, parts)
        value = estate.values.plain(found[0]) if found else None
        return None if value is PART else value

    message = fill(form.message or rule.message, look)
    return finding(rule.id, place[0], place[1], message, subject=declared.resource.name, **levels(form))
