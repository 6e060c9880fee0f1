"""Every rule documents itself, is exercised for every artefact it claims, and its documentation tells the truth."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import secretgen
from agentlint.discover.classify import kind_of, refine
from agentlint.rulebook.load import load_directory, shipped
from agentlint.rulebook.vocabulary import ARTEFACTS, HEADINGS
from conftest import ROOT, scan_directory
from test_fixtures import FIXTURES, copied, files

RULES = shipped().rules
BY_ID = {rule.id: rule for rule in RULES}


def rule_id(rule) -> str:
    return rule.id


def test_the_whole_rulebook_is_valid():
    load_directory(ROOT / "rules")


def test_ids_and_names_are_unique():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_file_name_is_id_and_name(rule):
    assert (ROOT / "rules" / f"{rule.id}-{rule.name}.yaml").is_file()


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_headings_stand_in_order(rule):
    found = re.findall(r"^#+ +(.+?)\s*$|^(Use instead):?\s*$", rule.docs, re.MULTILINE)
    names = [heading or inline for heading, inline in found]
    assert [name for name in names if name in HEADINGS] == list(HEADINGS)


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_summary_is_one_sentence(rule):
    assert rule.summary.endswith(".") and "\n" not in rule.summary.strip()
    assert len(rule.summary) <= 160


def cases(rule, verdict: str) -> list[Path]:
    return sorted((FIXTURES / f"{rule.id}-{rule.name}").glob(f"{verdict}_*"))


@cache
def file_kinds(case: Path) -> frozenset[str]:
    root = case if case.is_dir() else case.parent
    found = set()
    for path in files(root) if case.is_dir() else [case]:
        name = path.relative_to(root).as_posix()
        kind = kind_of(name)
        if kind is not None:
            found.add(refine(kind, name, path.read_bytes()))
    return frozenset(found)


@pytest.mark.parametrize("verdict", ["bad", "good"])
@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_every_artefact_has_fixtures(rule, verdict):
    found = cases(rule, verdict)
    assert found, f"no {verdict}_ fixture in fixtures/{rule.id}-{rule.name}"
    for artefact in rule.kinds:
        wanted = set(ARTEFACTS[artefact])
        assert not wanted or any(file_kinds(case) & wanted for case in found), f"no {verdict}_ fixture is {artefact}"


def test_every_fixture_directory_belongs_to_a_rule():
    known = {f"{rule.id}-{rule.name}" for rule in RULES}
    assert {path.name for path in FIXTURES.iterdir()} <= {*known, "matrix"}


def blocks(rule) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return language and code of the blocks under Example, and under Use instead."""
    example, _, rest = rule.docs.partition("Example")[2].partition("Use instead")
    instead = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    fence = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return fence.findall(example), fence.findall(instead)


PYTHON = [rule for rule in RULES if any(language == "python" for language, _ in blocks(rule)[0])]


@pytest.mark.parametrize("rule", [r for r in RULES if r.kinds == ("py",)], ids=rule_id)
def test_python_rules_show_python(rule):
    assert rule in PYTHON
    assert any(language == "python" for language, _ in blocks(rule)[1])


@pytest.mark.parametrize("rule", PYTHON, ids=rule_id)
def test_the_example_is_true(rule, tmp_path):
    bad, good = blocks(rule)
    assert rule.id in found_in(bad, tmp_path / "bad"), "the example does not fire"
    assert rule.id not in found_in(good, tmp_path / "good"), "what to use instead fires"


def found_in(code: list[tuple[str, str]], root: Path) -> set[str]:
    root.mkdir()
    for number, (language, text) in enumerate(code):
        if language == "python":
            (root / f"app{number}.py").write_text(secretgen.fill_sample(text), encoding="utf-8")
    result = scan_directory(root)
    assert not result.notifications, result.notifications
    return {finding.rule for finding in result.findings}
