"""Arguments of a call: which value a model's ``arg`` means, and what is constant about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from agentlint.facts.python.ir import Op, Value
from agentlint.graph.program import Program, Site


class Path(str):
    """The path of a symbol, as opposed to a constant string."""

    __slots__ = ()


class Beginning(Path):
    """The constant text a longer string begins with; only patterns may look at it."""

    __slots__ = ()


class _Mark:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNKNOWN: Final = _Mark("UNKNOWN")
"""A value that reading the code cannot decide."""
ABSENT: Final = _Mark("ABSENT")
"""An argument that is not given."""
_WORDS = {"True": True, "False": False, "None": None, "Ellipsis": ...}


def select(program: Program, site: Site, spec: str) -> list[Site]:
    """Return the values of call ``site`` that ``spec`` means.

    ``1|input`` is one argument by position or name; ``0|src|1|dst`` two arguments (each position starts one); ``*`` all
    arguments; ``self`` the receiver; ``options.key`` the entry of an argument that is a dict, or of a dict in a list.
    """
    value = program.value(site)
    function = site[0]
    if spec == "*":
        return [(function, arg) for arg in value.args[1:]]
    if spec == "self":
        callee = program.value((function, value.args[0]))
        return [(function, callee.args[0])] if callee.op is Op.ATTR else []
    found: list[Site] = []
    for choices in _groups(spec):
        found += _choose(program, site, value, choices)
    return found


def _groups(spec: str) -> list[list[str]]:
    groups: list[list[str]] = []
    for choice in spec.split("|"):
        if not groups or (choice.isdecimal() and groups[-1]):
            groups.append([])
        groups[-1].append(choice)
    return groups


def _choose(program: Program, site: Site, value: Value, choices: list[str]) -> list[Site]:
    for choice in choices:
        if choice.isdecimal():
            found = _positional(value, int(choice))
        elif "." in choice:
            entry = _entry(program, site, choice)
            if entry:
                return entry
            continue
        else:
            found = next((a for a, k in zip(value.args, value.keys, strict=True) if k == choice), -1)
        if found >= 0:
            return [(site[0], found)]
    return _unpacked(program, site, value, choices)


def _entry(program: Program, site: Site, choice: str) -> list[Site]:
    """``options.key``: a key of an argument that is a dict display, or of a call with keywords in its place."""
    outer, _, key = choice.rpartition(".")
    for place in select(program, site, outer):
        value = program.value(place)
        holders = program.inference.containers(place) or ([place] if value.op is Op.CALL else [])
        for holder in [inner for one in holders for inner in _items(program, one)]:
            entry = program.value(holder)
            if key in entry.keys:
                return [(holder[0], entry.args[entry.keys.index(key)])]
    return []


def _items(program: Program, holder: Site) -> list[Site]:
    """A dict itself; the dicts that stand in a list that is written out."""
    value = program.value(holder)
    if value.op is not Op.SEQ:
        return [holder]
    places = [(holder[0], arg) for arg in value.args[:50]]
    return [inner for place in places for inner in program.inference.containers(place) if program.value(inner).op is Op.DICT]


def _positional(value: Value, index: int) -> int:
    seen = -1
    for arg, key in zip(value.args[1:], value.keys[1:], strict=True):
        if key == "*":
            return -1
        if key == "":
            seen += 1
            if seen == index:
                return arg
    return -1


def _unpacked(program: Program, site: Site, value: Value, choices: list[str]) -> list[Site]:
    """An argument handed over inside ``**options`` where the options are a known dict."""
    for arg, key in zip(value.args, value.keys, strict=True):
        if key != "**":
            continue
        for place in program.inference.containers((site[0], arg)):
            entry = program.value(place)
            for choice in choices:
                if choice in entry.keys:
                    return [(place[0], entry.args[entry.keys.index(choice)])]
    return []


def has_unpacking(value: Value) -> bool:
    """Whether the call hands over arguments that are not written out."""
    return "**" in value.keys or "*" in value.keys


def constant(program: Program, site: Site, depth: int = 0) -> Any:
    """Return the constant a value is, else ``UNKNOWN``. Names with one constant definition are followed."""
    value = program.value(site)
    if value.op is Op.CONST:
        return _literal(value)
    if depth > 5:
        return UNKNOWN
    if value.op is Op.SEQ and value.text != "comp":
        items = [constant(program, (site[0], arg), depth + 1) for arg in value.args]
        return items if UNKNOWN not in items and "*" not in value.keys else UNKNOWN
    if value.op is Op.NAME:
        sites = program.definitions(site[0], value.text)
        return constant(program, sites[0], depth + 1) if sites and len(sites) == 1 else UNKNOWN
    if value.op is Op.IMPORT:
        sites = program.inference.imported_sites(site[0], value.text)
        return constant(program, sites[0], depth + 1) if len(sites) == 1 else UNKNOWN
    if value.op is Op.OP and value.text == "neg":
        number = constant(program, (site[0], value.args[0]), depth + 1)
        return -number if isinstance(number, (int, float)) else UNKNOWN
    if value.op is Op.TEXT:
        parts = [constant(program, (site[0], part), depth + 1) for part in value.args]
        return "".join(map(str, parts)) if parts and all(isinstance(p, str) for p in parts) and value.text != "%" else UNKNOWN
    if value.op is Op.ATTR:
        for ref in program.inference.infer((site[0], value.args[0])):
            sites = program.inference.field_sites(ref.id, value.text) if ref.kind in ("inst", "cls") else []
            if len(sites) == 1:
                return constant(program, sites[0], depth + 1)
    return UNKNOWN


def _literal(value: Value) -> Any:
    kind = value.keys[0]
    if kind == "str":
        return value.text
    if value.text in _WORDS:
        return _WORDS[value.text]
    try:
        return int(value.text, 0) if kind == "int" else float(value.text) if kind == "float" else UNKNOWN
    except ValueError:
        return UNKNOWN


def holds(program: Program, site: Site, when: Mapping[str, Any]) -> bool:
    """Whether all conditions of a model's ``when`` hold for call ``site``.

    What is not known satisfies nothing, so a negated condition (``!name``) holds for it.
    """
    for name, wanted in when.items():
        negated = name.startswith("!")
        actual = describe(program, site, name.lstrip("!"))
        options = wanted if isinstance(wanted, (list, tuple)) else (wanted,)
        met = any(_same(program, seen, option) for seen in actual for option in options)
        if met == negated:
            return False
    return True


def describe(program: Program, site: Site, spec: str) -> list[Any]:
    """Return what is known of an argument: its constant, or the paths it may be, ``ABSENT``, or ``UNKNOWN``."""
    found = select(program, site, spec)
    if not found:
        return [UNKNOWN] if "**" in program.value(site).keys else [ABSENT]
    known = constant(program, found[0])
    if known is not UNKNOWN:
        return [known]
    start = beginning(program, found[0])
    if start:
        return [Beginning(start)]
    paths = program.inference.paths(found[0])
    return [Path(path) for path in paths] or [UNKNOWN]


def beginning(program: Program, site: Site) -> str:
    """Return what is constant of a string put together from parts; a NUL stands for each part that is not known."""
    value = program.value(site)
    if value.op is not Op.TEXT or not value.args:
        return ""
    parts = [constant(program, (site[0], part)) for part in value.args]
    known = [part if isinstance(part, str) else "\0" for part in parts]
    return "".join(known) if any(part != "\0" for part in known) else ""


def _same(program: Program, seen: Any, wanted: Any) -> bool:
    if wanted == "absent":
        return seen is ABSENT
    if seen is ABSENT or seen is UNKNOWN:
        return False
    if isinstance(seen, list):
        return wanted in ("constant", seen) or any(_same(program, item, wanted) for item in seen)
    if wanted == "constant":
        return not isinstance(seen, Path)
    if isinstance(seen, bool) or isinstance(wanted, bool):
        return seen is wanted
    if isinstance(wanted, str) and wanted.startswith("~"):
        return isinstance(seen, str) and re.search(wanted[1:], seen[:2_000]) is not None
    if isinstance(seen, Path):
        return isinstance(wanted, str) and (seen == program.index.normalise(wanted) or seen.endswith("." + wanted))
    return bool(seen == wanted)
