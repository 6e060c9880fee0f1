"""Whether a package's name is nearly that of a well-known server."""

from __future__ import annotations

import re
from functools import lru_cache

from agentlint.facts.launchers import LAUNCHERS
from agentlint.facts.lookalike import to_latin
from agentlint.facts.resources_data import server_table

_SEPARATORS = re.compile(r"[-_.]+")
_SHORTEST = 8
"""Shorter names are one edit from too many others."""


def lookalike_of(launcher: str, package: str) -> str:
    """Return the well-known package that the name in ``package`` resembles without being it; empty when none.

    A name resembles one by an edit (a letter more, less, other, or two swapped), by letters of another alphabet, by another
    scope of the same look, or by a scope written into the name.
    """
    kind = _KIND.get(launcher, "")
    name = bare_name(kind, package)
    known = _known().get(kind)
    if known is None or not name or _plain(name) in known or name in server_table().others:
        return ""
    folded = _plain(to_latin(name))
    if folded != _plain(name) and folded in known:
        return known[folded]
    return _nearest(folded, known)


def bare_name(kind: str, package: str) -> str:
    """Return the name without version, extras and tag; empty for what is no plain name of a registry."""
    if "://" in package or package.startswith((".", "/", "~", "$", "git+")) or kind not in ("npm", "python"):
        return ""
    if kind == "npm":
        at = package.find("@", 1)
        return (package if at < 0 else package[:at]).lower()
    return re.split(r"[\[<>=!~;@ ]", package, maxsplit=1)[0].lower()


def _plain(name: str) -> str:
    return _SEPARATORS.sub("-", name.lower())


def _nearest(name: str, known: dict[str, str]) -> str:
    if len(name) < _SHORTEST:
        return ""
    if name.startswith("@"):
        scope, _, rest = name.partition("/")
        for plain, shown in known.items():
            other, _, tail = plain.partition("/")
            if plain.startswith("@") and tail == rest and one_edit(scope, other):
                return shown
    for plain, shown in known.items():
        if one_edit(name, plain) or (plain.startswith("@") and name == plain[1:].replace("/", "-")):
            return shown
    return ""


def one_edit(one: str, other: str) -> bool:
    """Return whether two different names are one letter apart, or two swapped neighbours; digits at the end do not count."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < _SHORTEST:
        return False
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(other)) - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    left, right = one[head : len(one) - tail], other[head : len(other) - tail]
    if len(left) == 2 and left == right[::-1]:
        return True
    return len(left) <= 1 and len(right) <= 1 and not (left + right).isdigit()


_KIND = {launcher.name: launcher.kind for group in LAUNCHERS.values() for launcher in group}


@lru_cache(maxsize=1)
def _known() -> dict[str, dict[str, str]]:
    """Return plain name to the name as published, by kind of registry."""
    table = server_table()
    return {"npm": {_plain(n): n for n in table.npm}, "python": {_plain(n): n for n in table.python}}
