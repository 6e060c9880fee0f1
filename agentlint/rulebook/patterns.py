"""Which regular expressions are safe on untrusted text: no repeat that can be cut into pieces in many ways."""

from __future__ import annotations

import re
import string
from typing import Any

try:
    from re import _constants as _c  # type: ignore[attr-defined]
    from re import _parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_constants as _c
    import sre_parse as _parser

MANY = 64
_ASCII = frozenset(range(128))
_CATEGORIES = {
    _c.CATEGORY_DIGIT: frozenset(map(ord, string.digits)),
    _c.CATEGORY_WORD: frozenset(map(ord, string.ascii_letters + string.digits + "_")),
    _c.CATEGORY_SPACE: frozenset(map(ord, string.whitespace)),
}
_NEGATED = {
    _c.CATEGORY_NOT_DIGIT: _c.CATEGORY_DIGIT,
    _c.CATEGORY_NOT_WORD: _c.CATEGORY_WORD,
    _c.CATEGORY_NOT_SPACE: _c.CATEGORY_SPACE,
}


def pattern_problem(pattern: str) -> str:
    """Return why ``pattern`` must not be used on untrusted text (an empty string when it may)."""
    try:
        re.compile(pattern)
        tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"not a regular expression ({error})"
    if _ambiguous(list(tree), 0):
        return "a repeat inside a repeat can take exponential time"
    return ""


def _ambiguous(items: list[Any], depth: int) -> bool:
    """Tell whether some large repeat holds another one that no mandatory character delimits."""
    if depth > MANY:
        return True
    for operation, argument in items:
        for body in _bodies(operation, argument):
            if _ambiguous(body, depth + 1):
                return True
        if _is_large(operation, argument) and any(_undelimited(body, depth) for body in _bodies(operation, argument)):
            return True
    return False


def _undelimited(body: list[Any], depth: int) -> bool:
    inner = [(op, av) for op, av in _flat(body, depth) if _is_large(op, av)]
    if not inner:
        return False
    fixed = [_characters(op, av) for op, av in body if op in (_c.LITERAL, _c.NOT_LITERAL, _c.IN, _c.ANY)]
    for operation, argument in inner:
        repeated: frozenset[int] = frozenset()
        for part in _bodies(operation, argument):
            repeated = repeated.union(*(_characters(op, av) for op, av in _flat(part, depth)))
        if not any(chars.isdisjoint(repeated) for chars in fixed):
            return True
    return False


def _is_large(operation: Any, argument: Any) -> bool:
    return operation in (_c.MAX_REPEAT, _c.MIN_REPEAT) and int(argument[1]) > MANY


def _bodies(operation: Any, argument: Any) -> list[list[Any]]:
    """Return the sub-patterns of one operation."""
    if operation is _c.SUBPATTERN:
        return [list(argument[-1])]
    if operation is _c.BRANCH:
        return [list(branch) for branch in argument[1]]
    if operation in (_c.MAX_REPEAT, _c.MIN_REPEAT) or str(operation) == "POSSESSIVE_REPEAT":
        return [list(argument[2])]
    if operation in (_c.ASSERT, _c.ASSERT_NOT):
        return [list(argument[1])]
    if str(operation) == "ATOMIC_GROUP":
        return [list(argument)]
    if operation is _c.GROUPREF_EXISTS:
        return [list(part) for part in argument[1:] if part is not None]
    return []


def _flat(items: list[Any], depth: int) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    for operation, argument in items:
        found.append((operation, argument))
        if depth < MANY:
            for body in _bodies(operation, argument):
                found.extend(_flat(body, depth + 1))
    return found


def _characters(operation: Any, argument: Any) -> frozenset[int]:
    if operation is _c.LITERAL:
        return frozenset({argument})
    if operation is _c.NOT_LITERAL:
        return _ASCII - {argument}
    if operation is _c.ANY:
        return _ASCII - {10}
    if operation is not _c.IN:
        return frozenset()
    chars: frozenset[int] = frozenset()
    for kind, value in argument:
        if kind is _c.LITERAL:
            chars |= {value}
        elif kind is _c.RANGE:
            chars |= frozenset(range(value[0], min(value[1], 127) + 1))
        elif kind is _c.CATEGORY:
            chars |= _CATEGORIES.get(value) or _ASCII - _CATEGORIES.get(_NEGATED.get(value), _ASCII)
    return _ASCII - chars if argument and argument[0][0] is _c.NEGATE else chars
