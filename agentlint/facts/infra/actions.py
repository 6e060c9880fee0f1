"""What is known of IAM actions: which accept a resource, and which matter to an agent."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from agentlint.core.errors import RulebookError
from agentlint.facts.resources_data import iam_table

_PACKAGE = Path(__file__).resolve().parents[2]
_HOMES = (_PACKAGE / "_rules" / "tables", _PACKAGE.parent / "rules" / "tables")
_FILE = "iam_resource_level.json"
MAX_PATTERN = 200


@lru_cache(maxsize=1)
def _services() -> dict[str, list[str]]:
    import json

    for home in _HOMES:
        if (home / _FILE).is_file():
            services: dict[str, list[str]] = json.loads((home / _FILE).read_bytes())["services"]
            return services
    raise RulebookError(f"rules/tables/{_FILE} is missing from this installation; install the package again")


@lru_cache(maxsize=64)
def _names(service: str) -> tuple[frozenset[str], frozenset[str]] | None:
    found = _services().get(service)
    return None if found is None else (frozenset(plain_names(found[0])), frozenset(plain_names(found[1])))


def actions_of(service: str) -> frozenset[str]:
    """Return the actions of a service, in lower case; empty when it is not known."""
    known = _names(service)
    return frozenset() if known is None else known[0] | known[1]


def expanded(action: str) -> frozenset[str]:
    """Return the known actions that a pattern such as ``s3:Get*`` grants, each with its service; of ``*`` none."""
    service, _, name = action.lower().partition(":")
    if not name or len(name) > MAX_PATTERN:
        return frozenset()
    wild = "*" in name or "?" in name
    return frozenset(f"{service}:{one}" for one in actions_of(service) if (globbed(name, one) if wild else name == one))


def plain_names(coded: str) -> list[str]:
    """Return the names of a front-coded text: a letter says how many characters each shares with the one before."""
    words = coded.split(" ") if coded else []
    return list(accumulate(words, lambda before, word: before[: ord(word[0]) - 65] + word[1:], initial=""))[1:]


@lru_cache(maxsize=4096)
def needs_every_resource(action: str) -> bool:
    """Whether no action that the pattern grants accepts a resource other than ``*``; false for unknown services."""
    service, _, name = action.lower().partition(":")
    known = _names(service) if name else None
    if known is None:
        return service in iam_table().no_resource_level
    none, some = known
    if "*" not in name and "?" not in name:
        return name in none
    return any(globbed(name, one) for one in none) and not any(globbed(name, one) for one in some)


def globbed(pattern: str, text: str) -> bool:
    """Whether ``text`` fits a pattern of ``*`` and ``?``; linear but for what it goes back to the last star."""
    p = t = 0
    star, mark = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] in (text[t], "?"):
            p, t = p + 1, t + 1
        elif p < len(pattern) and pattern[p] == "*":
            star, mark, p = p, t, p + 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return all(char == "*" for char in pattern[p:])


def groups_of(action: str) -> list[str]:
    """Return the groups of ``rules/tables/iam_actions.yaml`` of which an action (or pattern) grants a member."""
    spelt = action.lower()
    if len(spelt) > 200:
        return []
    wild = "*" in spelt or "?" in spelt
    return [
        name
        for name, members in iam_table().groups.items()
        if (any(globbed(spelt, member) for member in members) if wild else spelt in members)
    ]
