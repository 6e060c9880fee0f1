"""Three-valued tests: present, absent and unknown values."""

from __future__ import annotations

import msgspec
import pytest

from agentlint.core.errors import RulebookError
from agentlint.engine.forms.predicates import MISSING, UNKNOWN, compile_test
from agentlint.rulebook.rules import Test as RuleTest


def holds(value, maybe=False, **fields):
    return compile_test(msgspec.convert(fields, RuleTest)).holds(value, maybe=maybe)


EVERY_TEST = [
    {"equals": True}, {"in": ["a"]}, {"matches": "."}, {"not_matches": "x"}, {"contains": "a"}, {"present": True},
    {"present": False}, {"truthy": True}, {"truthy": False}, {"greater": 1}, {"not_in": ["a"]}, {"type": "str"},
]  # fmt: skip


@pytest.mark.parametrize("fields", EVERY_TEST)
def test_an_unknown_value_satisfies_nothing_but_its_own_test(fields):
    assert not holds(UNKNOWN, **fields)
    assert holds(UNKNOWN, maybe=True, **fields)
    assert holds(UNKNOWN, unknown=True)
    assert not holds("known", unknown=True)


@pytest.mark.parametrize("fields", EVERY_TEST)
def test_a_missing_value_satisfies_only_tests_of_absence(fields):
    assert holds(MISSING, **fields) == (fields in ({"present": False}, {"truthy": False}))


@pytest.mark.parametrize(
    ("value", "fields", "expected"),
    [
        (True, {"equals": True}, True),
        (1, {"equals": True}, False),
        (True, {"equals": 1}, False),
        ("true", {"equals": True}, True),
        ("truely", {"equals": True}, False),
        (None, {"equals": None}, True),
        ("b", {"in": ["a", "b"]}, True),
        ("c", {"not_in": ["a", "b"]}, True),
        ("a", {"not_in": ["a", "b"]}, False),
        ("abc", {"matches": "^ab"}, True),
        (["x", "abc"], {"matches": "^ab"}, True),
        (["x", "y"], {"not_matches": "^ab"}, True),
        (["x", "abc"], {"not_matches": "^ab"}, False),
        (12, {"matches": "^12$"}, True),
        ({"a": 1}, {"contains": "a"}, True),
        (["a"], {"contains": "b"}, False),
        ("cat", {"contains": "a"}, True),
        ("false", {"truthy": False}, True),
        ([], {"truthy": True}, False),
        (5, {"greater": 4}, True),
        (True, {"greater": 0}, False),
        ("5", {"greater": 4}, False),
        (True, {"type": "bool"}, True),
        (True, {"type": "int"}, False),
        ({}, {"type": "map"}, True),
        (3, {"equals": 3, "greater": 5}, False),
    ],
)
def test_known_values(value, fields, expected):
    assert holds(value, **fields) is expected


def test_a_long_value_is_cut_before_a_regular_expression_reads_it():
    assert not holds("a" * 30_000 + "needle", matches="needle")


def test_a_wrong_regular_expression_names_its_rule():
    with pytest.raises(RulebookError, match="AL999"):
        compile_test(msgspec.convert({"matches": "("}, RuleTest), "AL999")
