"""What code needs of AWS: ``rules/tables/aws_calls.yaml``, ``aws_libraries.yaml`` and ``aws_operations.json``."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

import msgspec

from agentlint.core.errors import RulebookError
from agentlint.facts.infra.actions import globbed, plain_names
from agentlint.facts.resources_data import load_table

_PACKAGE = Path(__file__).resolve().parents[2]
_HOMES = (_PACKAGE / "_rules" / "tables", _PACKAGE.parent / "rules" / "tables")
_OPERATIONS = "aws_operations.json"
EVERY = "*"
_TAGS = ("tag", "untag")


class CallTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words are lower case and without underscores; services are what their actions begin with.

    ``alongside``: what calls of a service may do at others, if one of the words stands in the code (none: always).
    ``needs``, ``excuses`` and ``indirect`` name actions as IAM spells them; ``indirect`` ones need no client of their service.
    """

    clients: dict[str, str]
    alongside: dict[str, dict[str, tuple[str, ...]]]
    needs: dict[str, tuple[str, ...]]
    excuses: dict[str, tuple[str, ...]]
    indirect: dict[str, tuple[str, ...]]
    runtime: tuple[str, ...]
    destinations: frozenset[str]
    layers: frozenset[str]
    plain_resources: frozenset[str]
    opaque: frozenset[str]
    runs_programs: frozenset[str]
    program_calls: frozenset[str]
    runs_code: frozenset[str]
    separate: frozenset[str]
    reads: tuple[str, ...]
    deletes: tuple[str, ...]


class LibraryTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``quiet`` libraries do nothing at AWS; ``services`` says what others may do, by the beginning of what is imported."""

    quiet: frozenset[str]
    services: dict[str, tuple[str, ...]]


class PresetTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Actions that policy templates of SAM and grant methods of the CDK stand for."""

    templates: dict[str, tuple[str, ...]]
    grants: dict[str, tuple[str, ...]]


def call_table() -> CallTable:
    """Return ``rules/tables/aws_calls.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("aws_calls", CallTable)


def preset_table() -> PresetTable:
    """Return ``rules/tables/aws_presets.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("aws_presets", PresetTable)


@lru_cache(maxsize=4)
def _words(kind: str) -> dict[str, tuple[str, ...]]:
    """Return, by actions in lower case, the words of one of the three parts of the table."""
    part: dict[str, tuple[str, ...]] = getattr(call_table(), kind)
    return {action.lower(): words for action, words in part.items()}


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    table = call_table()
    return {action.lower(): action for part in (table.needs, table.excuses, table.indirect) for action in part}


def _libraries() -> LibraryTable:
    return load_table("aws_libraries", LibraryTable)


@lru_cache(maxsize=1)
def _permissions() -> dict[str, frozenset[str]]:
    import json

    for home in _HOMES:
        if (home / _OPERATIONS).is_file():
            coded: dict[str, str] = json.loads((home / _OPERATIONS).read_bytes())["permissions"]
            return {prefix: frozenset(plain_names(names)) for prefix, names in coded.items()}
    raise RulebookError(f"rules/tables/{_OPERATIONS} is missing from this installation; install the package again")


def word_of(name: str) -> str:
    """Return the one spelling of ``put_item``, ``putItem`` and ``PutItem``."""
    return name.replace("_", "").lower()


def library_services(dotted: str) -> tuple[str, ...] | None:
    """Return the services that an imported library may use by itself, ``None`` when nothing is known of it."""
    table = _libraries()
    parts = dotted.split(".")[:6]
    for size in range(len(parts), 0, -1):
        found = table.services.get(".".join(parts[:size]))
        if found is not None:
            return found
    root = parts[0]
    if root in sys.stdlib_module_names or root in table.quiet:
        return ()
    return () if any(one.endswith("*") and root.startswith(one[:-1]) for one in table.quiet) else None


def is_needed(action: str, words: frozenset[str]) -> bool:
    """Whether code with these words, and a client of its service, calls what needs an action."""
    return action.partition(":")[2] in words or _any("needs", action, words)


def is_used(action: str, words: frozenset[str]) -> bool | None:
    """Whether such code needs an action or has an excuse for it; ``None``: names do not tell."""
    if is_needed(action, words) or _any("excuses", action, words):
        return True
    service, _, name = action.partition(":")
    if name.startswith(_TAGS):
        return None  # an option of calls that make things
    if action in _words("needs") or action in _words("excuses"):
        return False
    only = _permissions().get(service)
    return None if only is None or name in only else False


def is_indirect(action: str, words: frozenset[str]) -> bool:
    """Whether code uses an action of a service that it has no client of."""
    return _any("indirect", action, words)


def _any(kind: str, action: str, words: frozenset[str]) -> bool:
    return any(mentioned(word, words) for word in _words(kind).get(action, ()))


def spelt(action: str, words: dict[str, str]) -> str:
    """Return an action as IAM spells it, as far as that is known: from the table, or from the operation in the code."""
    known = _spellings().get(action)
    if known is not None:
        return known
    service, _, name = action.partition(":")
    written = words.get(name, name)
    return f"{service}:{''.join(part[:1].upper() + part[1:] for part in written.split('_'))}"


def mentioned(pattern: str, words: frozenset[str]) -> bool:
    """Whether a word, or one that fits a pattern of ``*``, is among the words."""
    if "*" not in pattern:
        return pattern in words
    return pattern == EVERY or any(globbed(pattern, word) for word in words)


@lru_cache(maxsize=4096)
def is_runtime(action: str) -> bool:
    """Whether the platform uses an action by itself."""
    return any(globbed(one, action) for one in call_table().runtime)


def access_of(action: str) -> str:
    """Return ``read``, ``delete`` or ``write``: what an action does, by the first word of its name."""
    name = action.partition(":")[2].lower()
    table = call_table()
    if name.startswith(table.deletes):
        return "delete"
    return "read" if name.startswith(table.reads) else "write"
