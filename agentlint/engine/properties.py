"""Properties of declared infrastructure, whichever language declares it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from agentlint.engine.forms.predicates import MISSING, UNKNOWN, Predicate, all_and_any, compile_test

if TYPE_CHECKING:
    from agentlint.graph.model import GraphNode
    from agentlint.rulebook.controls import ResourceForm
    from agentlint.sdk import RepoContext

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MAX_DEPTH = 24
Flat = list[tuple[str, Any]]


class Properties:
    """The resources of a repository, with their properties under folded dotted names."""

    def __init__(self, context: RepoContext) -> None:
        """Nothing is read before it is asked for."""
        self._context = context
        self._flat: dict[str, Flat] = {}
        self._declared: dict[str, Any] = {}

    def resources(self, form: ResourceForm) -> Iterator[GraphNode]:
        """Yield the resources that satisfy ``form``. What only running would tell satisfies nothing but its presence."""
        where = tuple(compile_test(test) for test in form.where)
        any_of = tuple(compile_test(test) for test in form.any_of)
        for node in self._context.graph.of_type("resource"):
            names = {str(node.attrs.get("native", "")), str(node.attrs.get("resource_type", ""))}
            if not any(fnmatchcase(name, pattern) for name in names if name for pattern in form.type):
                continue
            if not form.where and not form.any_of:
                yield node
                continue
            if all_and_any(where, any_of, partial(_holds, self._of(node))):
                yield node

    def _of(self, node: GraphNode) -> Flat:
        known = self._flat.get(node.id)
        if known is None:
            known = self._flat[node.id] = [(_fold(key), value) for key, value in node.attrs.items()]
            known += [(_fold(key), UNKNOWN) for key in node.unknown]
            known += self._linked(node)
        return known

    def _linked(self, node: GraphNode) -> Flat:
        """Return the properties that are resolved across files, where the graph keeps them apart from its nodes."""
        estate: Any = getattr(self._context, "infrastructure", None)
        if estate is None:
            return []
        if not self._declared:
            self._declared = {one.id: one for one in estate.resources()}
        one = self._declared.get(node.id)
        found: Flat = []
        for field in estate.fields(estate.top(one)) if one is not None else ():
            for way in estate.values.ways(field)[:1]:
                if way.home is one or way.home.resource.type.startswith("stack."):  # what a reference leads to is not its own
                    found += _leaves({field.name: estate.values.plain(way)})
        return found


def _leaves(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield every value below ``root`` with its folded path; what is deeper than a cap is left out."""
    stack: list[tuple[str, Any, int]] = [("", root, 0)]
    while stack:
        path, value, depth = stack.pop()
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            stack.extend((f"{path}.{key}", item, depth + 1) for key, item in value.items())
        elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
            stack.extend((path, item, depth + 1) for item in value if depth < _MAX_DEPTH)
        elif path:
            plain = isinstance(value, (str, int, float, bool, list, type(None)))
            yield _fold(path), value if plain else UNKNOWN


def _holds(flat: Flat, test: Predicate) -> bool:
    """Return whether one of the values at the end of a path satisfies the test; blocks that a condition makes do not count."""
    key = test.source.key
    flat = [(path, value) for path, value in flat if not path.startswith("dynamic.") and ".dynamic." not in path]
    if test.source.present is not None:  # a block has no value, but values below it
        return any(f".{key}." in f".{path}." for path, _ in flat) is test.source.present
    found = [value for path, value in flat if f".{path}".endswith(f".{key}")]
    return any(test.holds(value) for value in found or [MISSING])


def _fold(path: str) -> str:
    parts = (part for part in path.split(".") if part and not part.isdigit())
    return ".".join(_HUMP.sub("_", part).lower() for part in parts)
