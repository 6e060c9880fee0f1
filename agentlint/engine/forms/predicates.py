"""Three-valued tests of values: a value can be present, absent, or not known from the tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from agentlint.core.absent import MISSING, UNKNOWN
from agentlint.core.errors import RulebookError
from agentlint.core.limits import MAX_LINE_FOR_REGEX

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentlint.rulebook.rules import Test


__all__ = ["MISSING", "UNKNOWN", "Predicate", "all_and_any", "compile_test"]

_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (float,),
    "number": (int, float),
    "list": (list, tuple),
    "seq": (list, tuple),
    "map": (dict,),
    "null": (type(None),),
}


class Predicate(msgspec.Struct, frozen=True):
    """A compiled test; ``source`` is the test as the rule writes it."""

    source: Test
    matches: re.Pattern[str] | None
    not_matches: re.Pattern[str] | None

    def holds(self, value: Any, *, maybe: bool = False) -> bool:
        """Return whether ``value`` satisfies every part of the test.

        A value that is not known satisfies nothing but ``unknown: true``; with ``maybe`` it satisfies everything,
        which is
        the right reading when the answer "yes" would keep a rule silent.
        """
        test = self.source
        if value is UNKNOWN:
            return test.unknown is True or (maybe and test.unknown is None)
        if test.unknown is True:
            return False
        if value is MISSING:
            return self._holds_for_missing()
        return self._holds_for_value(value)

    def _holds_for_missing(self) -> bool:
        test = self.source
        if test.present is not False and test.truthy is not False:
            return False
        return test.present is not True and test.truthy is not True and not self._asks_for_value()

    def _asks_for_value(self) -> bool:
        test = self.source
        return bool(
            test.equals is not msgspec.UNSET
            or test.contains is not msgspec.UNSET
            or test.one_of
            or test.not_in
            or test.type
            or test.greater is not None
            or self.matches
            or self.not_matches
        )

    def _holds_for_value(self, value: Any) -> bool:
        test = self.source
        if test.present is False:
            return False
        if test.type and not _is_type(value, test.type):
            return False
        if test.truthy is not None and _truth(value) is not test.truthy:
            return False
        if test.equals is not msgspec.UNSET and not _same(value, test.equals):
            return False
        if test.contains is not msgspec.UNSET and not _contains(value, test.contains):
            return False
        if test.one_of and not any(_same(value, wanted) for wanted in test.one_of):
            return False
        if test.not_in and any(_same(value, other) for other in test.not_in):
            return False
        if test.greater is not None and not _greater(value, test.greater):
            return False
        if self.matches is not None and not _found(self.matches, value):
            return False
        return self.not_matches is None or not _found(self.not_matches, value)


def compile_test(test: Test, rule: str = "") -> Predicate:
    """Compile ``test``; a wrong regular expression raises ``RulebookError`` that names ``rule``."""
    return Predicate(test, _pattern(test.matches, rule), _pattern(test.not_matches, rule))


def all_and_any(where: tuple[Predicate, ...], any_of: tuple[Predicate, ...], look: Callable[[Predicate], bool]) -> bool:
    """Return whether ``look`` holds for all of ``where`` and, when ``any_of`` is given, for one of it."""
    return all(look(test) for test in where) and (not any_of or any(look(test) for test in any_of))


def _pattern(source: str, rule: str) -> re.Pattern[str] | None:
    if not source:
        return None
    try:
        return re.compile(source)
    except re.error as error:
        raise RulebookError(f"{rule or 'rule'}: wrong regular expression {source!r}: {error}") from error


def _is_type(value: Any, name: str) -> bool:
    types = _TYPES.get(name, ())
    if isinstance(value, bool) and name != "bool":
        return False
    return isinstance(value, types)


def _truth(value: Any) -> bool:
    """Return the truth of ``value``; the quoted words that configuration readers take for false are false."""
    if isinstance(value, str):
        return value.strip().lower() not in {"", "false", "no", "off", "0", "null", "none"}
    return bool(value)


def _same(value: Any, wanted: Any) -> bool:
    """Compare like a reader of configuration: ``true`` is not ``1``, and the quoted ``"true"`` counts as ``true``."""
    if isinstance(wanted, bool):
        return value is wanted or (isinstance(value, str) and value.strip().lower() == str(wanted).lower())
    if isinstance(value, bool):
        return False
    return bool(value == wanted)


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted in value
    if isinstance(value, (list, tuple)):
        return any(_same(item, wanted) for item in value)
    return isinstance(value, dict) and wanted in value


def _greater(value: Any, bound: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value > bound


def _found(pattern: re.Pattern[str], value: Any) -> bool:
    """Return whether ``pattern`` is found in a string, in a number's digits, or in any string of a list."""
    if isinstance(value, (list, tuple)):
        return any(isinstance(item, str) and _found(pattern, item) for item in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    return isinstance(value, str) and pattern.search(value[:MAX_LINE_FOR_REGEX]) is not None
