"""Two places under tests that exclude each other: where a value comes from and where it is used."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.facts.python.ir import Function, Op

MAX_DEPTH = 6
_OPPOSITE = {"!=": "==", "not in": "in", "is not": "is"}
_PURE_METHODS = frozenset({"startswith", "endswith", "lower", "upper", "strip", "casefold", "get", "isdigit"})
_PURE_CALLS = frozenset({"isinstance", "len", "bool", "str"})


def excluded(found: Function, origin: int, use: int, join: int) -> bool:
    """Return whether block ``use`` runs only if a test came out other than it must for block ``origin`` to run.

    Only tests worked out before value ``join``, where the ways meet, can be the same at both places; loops around both are no
    matter, as each pass makes its own values.
    """
    needed = list(_tests(found, origin))
    if not needed:
        return False
    for test, outcome in _tests(found, use):
        plain, positive = _plain(found, test)
        for other, wanted in needed:
            same, unchanged = _plain(found, other)
            if other < join and (positive == outcome) != (unchanged == wanted) and _same(found, plain, same, 0):
                return True
    return False


def _tests(found: Function, block: int) -> Iterator[tuple[int, bool]]:
    while block >= 0:
        entry = found.blocks[block]
        if entry.test >= 0:
            yield entry.test, entry.outcome
        block = entry.parent


def _plain(found: Function, test: int) -> tuple[int, bool]:
    """A test without its ``not``, and whether it still means the same."""
    positive = True
    value = found.values[test]
    while value.op is Op.OP and value.text == "not":
        test, positive = value.args[0], not positive
        value = found.values[test]
    return test, positive != (value.op is Op.OP and value.text in _OPPOSITE)


def _same(found: Function, one: int, other: int, depth: int) -> bool:
    """Whether two expressions are written alike over the same values, and cannot have changed in between."""
    if one == other:
        return True
    a, b = found.values[one], found.values[other]
    if a.op is not b.op or len(a.args) != len(b.args) or a.keys != b.keys or depth > MAX_DEPTH:
        return False
    text, other_text = (_OPPOSITE.get(v.text, v.text) if v.op is Op.OP else v.text for v in (a, b))
    if text != other_text or a.op in (Op.PARAM, Op.PHI, Op.UPDATE, Op.MUTATE, Op.ELEM, Op.EXCEPT):
        return False
    if a.op is Op.CALL:
        callee = found.values[a.args[0]]
        known = _PURE_METHODS if callee.op is Op.ATTR else _PURE_CALLS if callee.op is Op.NAME else frozenset()
        if callee.text not in known:
            return False
    return all(_same(found, x, y, depth + 1) for x, y in zip(a.args, b.args, strict=True))
