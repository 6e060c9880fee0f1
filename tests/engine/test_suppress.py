"""Inline ignores: what they cover, and what is said about them."""

from __future__ import annotations

from agentlint.core.finding import Finding
from agentlint.core.levels import Confidence, Severity
from agentlint.core.place import Span
from agentlint.core.result import RuleInfo
from agentlint.engine.suppress import apply
from agentlint.facts.ignores import ignores_in

RULES = {
    code: RuleInfo(id=code, name=name, category="code-exec", severity=Severity.HIGH, confidence=Confidence.HIGH)
    for code, name in {"AL401": "first", "AL402": "second", "AL900": "ignore-without-reason", "AL901": "unused-ignore"}.items()
}


def outcome(source, *findings, judged=lambda path, rule: True):
    ignores = {"a.py": ignores_in(source, "python")}
    split = apply([Finding(rule=r, path="a.py", span=Span(*s), message="m") for r, *s in findings], ignores, RULES, judged)
    return [(f.rule, f.span.line) for f in split.active], [(f.rule, f.suppressed) for f in split.suppressed]


def test_on_the_line():
    assert outcome("x()  # agentlint: ignore[AL401] fine\n", ("AL401", 1)) == ([], [("AL401", "fine")])


def test_by_name_and_in_lists():
    source = "x()  # agentlint: ignore[second, first] fine\n"
    assert outcome(source, ("AL401", 1), ("AL402", 1)) == ([], [("AL401", "fine"), ("AL402", "fine")])


def test_on_the_last_line_of_the_statement():
    assert outcome("x(\n  1,\n)  # agentlint: ignore[AL401] fine\n", ("AL401", 1, 1, 3, 2))[0] == []


def test_other_lines_and_rules_stay_and_the_ignore_is_unused():
    source = "x()\ny()  # agentlint: ignore[AL401] fine\n"
    assert outcome(source, ("AL401", 1), ("AL402", 2))[0] == [("AL401", 1), ("AL402", 2), ("AL901", 2)]


def test_whole_file():
    assert outcome("# agentlint: ignore-file[AL401] generated\n\nx()\n", ("AL401", 3)) == ([], [("AL401", "generated")])


def test_without_a_reason_nothing_is_suppressed():
    assert outcome("x()  # agentlint: ignore[AL401]\n", ("AL401", 1))[0] == [("AL401", 1), ("AL900", 1)]


def test_without_rules_nothing_is_suppressed():
    assert outcome("x()  # agentlint: ignore because I say so\n", ("AL401", 1))[0] == [("AL401", 1), ("AL900", 1)]


def test_each_unused_code_of_a_list_is_told():
    source = "x()  # agentlint: ignore[AL401, AL402] fine\n"
    assert outcome(source, ("AL401", 1))[0] == [("AL901", 1)]


def test_unknown_rules_are_told_even_where_nothing_is_judged():
    source = "x()  # agentlint: ignore[frist] fine\n"
    assert outcome(source, judged=lambda path, rule: False)[0] == [("AL901", 1)]


def test_nothing_is_said_where_the_rule_could_not_look_everywhere():
    source = "x()  # agentlint: ignore[AL401] fine\n"
    assert outcome(source, judged=lambda path, rule: False)[0] == []


def test_remarks_can_be_ignored_themselves():
    source = "# agentlint: ignore-file[AL901] kept for the next release\nx()  # agentlint: ignore[AL401] fine\n"
    assert outcome(source)[0] == []
