"""Baselines survive what does not change a finding, and notice what does."""

from __future__ import annotations

import json

import pytest

from agentlint.core.errors import UsageError
from agentlint.core.finding import Finding
from agentlint.core.fingerprint import assign
from agentlint.core.place import Span
from agentlint.engine.baseline import compare, load, render


def found(source, *lines, path="a.py", rule="AL411"):
    findings = [Finding(rule=rule, path=path, span=Span(line, 1, line, 5), message="m") for line in lines]
    return assign(findings, lambda _: source)


def entries(tmp_path, findings):
    file = tmp_path / "baseline.json"
    file.write_text(render(findings, "agentlint 0.1.0"), encoding="utf-8")
    return load(file)


def test_known_findings_are_not_new(tmp_path):
    findings = found("run(a)\nrun(b)\n", 1, 2)
    compared = compare(findings, entries(tmp_path, findings))
    assert (compared.new, compared.known, compared.fixed) == ((), 2, 0)


def test_moved_lines_are_known(tmp_path):
    known = entries(tmp_path, found("run(a)\n", 1))
    compared = compare(found("import os\n\n\nrun(a)\n", 4), known)
    assert (compared.new, compared.known) == ((), 1)


def test_a_second_equal_line_is_new(tmp_path):
    known = entries(tmp_path, found("run(a)\n", 1))
    compared = compare(found("run(a)\nrun(a)\n", 1, 2), known)
    assert len(compared.new) == 1
    assert compared.known == 1


def test_another_symbol_name_is_known_by_its_line_of_code(tmp_path):
    old = assign([Finding(rule="AL411", path="a.py", span=Span(1, 1, 1, 5), message="m", symbol="f")], lambda _: "run(a)\n")
    new = assign(
        [Finding(rule="AL411", path="a.py", span=Span(9, 1, 9, 5), message="m", symbol="g")], lambda _: "\n" * 8 + "run(a)\n"
    )
    compared = compare(new, entries(tmp_path, old))
    assert (compared.new, compared.known) == ((), 1)


def test_changed_code_is_new_and_the_old_entry_fixed(tmp_path):
    known = entries(tmp_path, found("run(a)\n", 1))
    compared = compare(found("run(evil)\n", 1), known)
    assert (len(compared.new), compared.known, compared.fixed) == (1, 0, 1)


def test_other_files_and_rules_do_not_match(tmp_path):
    known = entries(tmp_path, found("run(a)\n", 1))
    assert len(compare(found("run(a)\n", 1, path="b.py"), known).new) == 1
    assert len(compare(found("run(a)\n", 1, rule="AL410"), known).new) == 1


def test_the_file_holds_no_source_and_does_not_depend_on_order():
    findings = found('key = "hunter2hunter2"\nrun(a)\n', 1, 2)
    text = render(findings, "agentlint 0.1.0")
    assert "hunter2" not in text
    assert text == render(tuple(reversed(findings)), "agentlint 0.1.0")
    assert json.loads(text)["findings"][0].keys() >= {"rule", "path", "fingerprint", "line"}


@pytest.mark.parametrize(
    "content", ["", "[]", '{"version": "1"}', '{"version": "9", "findings": []}', '{"findings": 3}', "[" * 5000]
)
def test_other_files_are_refused_with_the_next_step(tmp_path, content):
    file = tmp_path / "baseline.json"
    file.write_text(content)
    with pytest.raises(UsageError, match="agentlint baseline -o FILE"):
        load(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.json: cannot read the baseline"):
        load(tmp_path / "none.json")
