"""The ``match`` form over documents."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from agentlint.core.errors import RulebookError
from agentlint.core.finding import Finding
from agentlint.core.levels import Persona, Severity
from agentlint.core.place import Span
from agentlint.engine.forms.match import MatchForms
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.json import parse_json
from agentlint.parse.text import Text
from agentlint.rulebook.rules import Rule


@dataclass
class Context:
    document: Document | None
    kind: str = "agent-settings"
    path: str = "a.json"

    def finding(self, rule, span, message, **more):
        return Finding(rule=rule, path=self.path, span=span, message=message, **more)


def rule(*forms, id="AL999", message="{key}={value}"):
    return msgspec.convert(
        {
            "id": id, "name": "x", "category": "agent-config", "severity": "high", "confidence": "high", "message": message,
            "docs": "", "summary": "s", "kinds": ["cfg"], "status": {"stable": "0.1"},
            "match": [{"file": ["agent-settings"], **form} for form in forms],
        },
        Rule,
    )  # fmt: skip


def run(source, *forms, kind="agent-settings", **more):
    document = parse_json(Text(source))
    assert isinstance(document, Document)
    return list(MatchForms([rule(*forms, **more)]).run(Context(document, kind)))


def messages(*args, **more):
    return [finding.message for finding in run(*args, **more)]


DATA = '{"a": {"x": {"v": 1}, "y": {"v": 2, "w": [{"v": 3}, {"v": 4}]}}, "v": 5, "a.b": {"v": 6}}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.x.v", ["v=1"]),
        ("a.*.v", ["v=1", "v=2"]),
        ("a.y.w[].v", ["v=3", "v=4"]),
        ("**.v", ["v=1", "v=2", "v=3", "v=4", "v=5", "v=6"]),
        ("a.**.v", ["v=1", "v=2", "v=3", "v=4"]),
        ("v", ["v=5"]),
        ('"a.b".v', ["v=6"]),
        ("*.v", ["v=6"]),
        ("a[].v", []),
        ("b.v", []),
    ],
)
def test_key_paths(path, expected):
    assert messages(DATA, {"at": [path]}) == expected


def test_predicates_may_look_at_neighbours():
    source = '{"s": {"one": {"command": "npx", "trust": true}, "two": {"command": "node", "trust": true}}}'
    form = {"at": ["s.*.trust"], "where": [{"equals": True}, {"key": "../command", "equals": "npx"}]}
    assert [finding.message for finding in run(source, form, message="{../command}")] == ["npx"]
    absent = {"at": ["s.*"], "where": [{"key": "env", "present": False}]}
    assert messages(source, absent, message="{key}") == ["one", "two"]
    by_key = {"at": ["s.*"], "where": [{"key": "@", "matches": "^t"}]}
    assert messages(source, by_key, message="{key}") == ["two"]


def test_one_item_that_satisfies_the_test_is_enough():
    source = '{"tools": ["read", "*"]}'
    assert messages(source, {"at": ["tools"], "where": [{"key": "[]", "equals": "*"}]}, message="m") == ["m"]
    assert not messages(source, {"at": ["tools"], "where": [{"key": "[]", "equals": "x"}]})


def test_any_of_needs_one():
    form = {"at": ["v"], "any_of": [{"equals": 4}, {"equals": 5}]}
    assert messages(DATA, form) == ["v=5"]
    assert not messages(DATA, {"at": ["v"], "any_of": [{"equals": 4}]})


def test_places_are_those_of_key_or_value():
    source = '{"mode":\n  "open"}'
    assert run(source, {"at": ["mode"], "report": "key"})[0].span == Span(1, 2, 1, 8)
    assert run(source, {"at": ["mode"]})[0].span == Span(2, 3, 2, 9)


def test_the_first_case_that_holds_speaks_with_its_own_levels():
    worst = {"at": ["v"], "where": [{"equals": 5}], "severity": "critical", "message": "worst"}
    mild = {"at": ["v", "a.x.v"], "persona": "pedantic", "message": "mild"}
    found = {finding.message: finding for finding in run(DATA, worst, mild)}
    assert found["worst"].severity is Severity.CRITICAL
    assert found["mild"].persona is Persona.PEDANTIC
    assert len(found) == 2


def test_once_reports_the_first_and_counts_all():
    assert messages(DATA, {"at": ["a.**.v"], "once": True}, message="{count} of them") == ["4 of them"]


def test_other_kinds_and_files_without_a_document_are_left_alone():
    assert not messages(DATA, {"at": ["v"]}, kind="json")
    assert not list(MatchForms([rule({"at": ["v"]})]).run(Context(None)))


def test_an_expression_is_not_a_known_value():
    place = Span()
    source = Document([Node("map", place, members=[Member("v", place, Node("expr", place, "var.open"))])])

    def count(test):
        return len(list(MatchForms([rule({"at": ["v"], "where": [test]})]).run(Context(source))))

    assert count({"present": True}) == 1
    assert count({"equals": "var.open"}) == 0
    assert count({"not_in": ["closed"]}) == 0
    assert count({"unknown": True}) == 1


def test_a_deep_document_is_walked_without_recursion():
    node = Node("int", Span(), 1)
    for _ in range(5000):
        node = Node("map", Span(), members=[Member("a", Span(), node)])
    found = list(MatchForms([rule({"at": ["**.b"]})]).run(Context(Document([node]))))
    assert found == []


@pytest.mark.parametrize("path", ['"open', "a..b", "a."])
def test_wrong_key_paths_are_refused(path):
    with pytest.raises(RulebookError):
        messages(DATA, {"at": [path]})
