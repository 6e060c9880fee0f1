"""Facts by dotted path: exact paths, ``parent.name*`` and ``*.method``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from agentlint.rulebook.models import Model

F = TypeVar("F")


class Table(Generic[F]):
    """``exact`` holds whole paths, ``star`` the parents of ``parent.name*``, ``wild`` the suffixes of ``*.suffix``."""

    __slots__ = ("exact", "star", "wild")

    def __init__(self, facts: Iterable[tuple[str, F]]) -> None:
        """Index pairs of path and fact; the order of facts with one path is kept."""
        self.exact: dict[str, tuple[F, ...]] = {}
        self.star: dict[str, tuple[tuple[str, F], ...]] = {}
        self.wild: dict[str, tuple[F, ...]] = {}
        for path, fact in facts:
            if path.startswith("*."):
                self.wild[path[2:]] = (*self.wild.get(path[2:], ()), fact)
            elif path.endswith("*"):
                parent, _, name = path[:-1].rpartition(".")
                self.star[parent] = (*self.star.get(parent, ()), (name, fact))
            else:
                self.exact[path] = (*self.exact.get(path, ()), fact)

    def get(self, path: str) -> tuple[F, ...]:
        """Return the facts of a normalised path: exact ones first, then those of ``parent.name*``."""
        found = self.exact.get(path, ())
        if self.star:
            parent, _, last = path.rpartition(".")
            near = self.star.get(parent)
            if near is not None:
                return found + tuple(fact for name, fact in near if last.startswith(name))
        return found

    def under(self, path: str) -> tuple[tuple[F, ...], str]:
        """Return the facts of the longest prefix of ``path`` that has any, and the rest of ``path`` below it."""
        end = len(path)
        while end > 0:
            found = self.get(path[:end])
            if found:
                return found, path[end:].lstrip(".")
            if path[:end].endswith("()"):
                end -= 2
            else:
                end = path.rfind(".", 0, end)
        return (), ""

    def unknown(self, path: str) -> tuple[F, ...]:
        """Return the facts of ``*.suffix`` where ``path`` ends in ``suffix``: nothing is known of the receiver."""
        if not self.wild:
            return ()
        found: tuple[F, ...] = self.wild.get(path, ())
        start = path.find(".")
        while start != -1:
            found += self.wild.get(path[start + 1 :], ())
            start = path.find(".", start + 1)
        return found


class Lazy(Generic[F]):
    """A table of an index of models, built when it is first used: a scan without Python needs none, one file needs few."""

    def __init__(self, group: str, field: str) -> None:
        self._group, self._field = group, field

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, index: Any, owner: type) -> Table[F]:
        table: Table[F] = Table((index.key(path), fact) for path, fact in paths(index.models, self._group, self._field))
        index.__dict__[self._name] = table  # found there from now on, without coming here
        return table


def aliases_of(models: Sequence[Model]) -> dict[str, str]:
    """Return all aliases; of two models that give one name, the later wins."""
    return {old: new for model in models for old, new in model.aliases.items() if old != new}


def families_of(aliases: dict[str, str]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Return the aliases that end in ``*`` (or ``*()``) by what stands before the last name: prefix, ``()`` or not, target."""
    found: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for old, new in aliases.items():
        parent, _, last = old.rpartition(".")
        if "*" in last:
            prefix, _, made = last.partition("*")
            found[parent] = (*found.get(parent, ()), (prefix, made, new))
    return found


def root_of(path: str) -> str:
    """Return the first part of a dotted path, without ``()``."""
    root = path.partition(".")[0]
    return root.removesuffix("()")


def prefix_ends(path: str) -> Iterator[int]:
    """Yield where dotted prefixes end, longest first: ``a.B().c`` has ``a.B().c``, ``a.B()``, ``a.B`` and ``a``."""
    end = len(path)
    while end > 0:
        yield end
        end = end - 2 if path.endswith("()", 0, end) else path.rfind(".", 0, end)


def paths(models: Sequence[Model], group: str, field: str) -> Iterator[tuple[str, Any]]:
    """Yield path and fact of each fact in ``group`` whose ``field`` is given."""
    for model in models:
        for fact in getattr(model, group):
            path = getattr(fact, field)
            if path:
                yield path, fact


def by_name(models: Sequence[Model], group: str, field: str) -> dict[str, tuple[Any, ...]]:
    """Return the facts of ``group`` by a plain name in ``field``."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, fact in paths(models, group, field):
        found[name] = (*found.get(name, ()), fact)
    return found


_GROUPS: tuple[str, ...] = tuple(
    name
    for name in Model.__struct_fields__
    if name not in ("package", "imports", "checked", "approval", "advice", "aliases", "expect")
)


def all_paths(model: Model, fields: tuple[str, ...]) -> Iterator[str]:
    """Yield every path that stands in one of ``fields`` of a fact."""
    for group in _GROUPS:
        for fact in getattr(model, group):
            for field in fields:
                path = getattr(fact, field, "")
                if path:
                    yield path


def offered_by(models: Sequence[Model]) -> dict[str, frozenset[str]]:
    """Return, by package, the names that models expect it to offer at its top."""
    offered: dict[str, set[str]] = {}
    for model in models:
        for path in all_paths(model, ("call", "decorator", "base")):
            root, _, rest = path.partition(".")
            name = rest.partition(".")[0].removesuffix("()")
            if name:
                offered.setdefault(root, set()).add(name)
    return {root: frozenset(names) for root, names in offered.items()}
