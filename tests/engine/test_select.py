"""Which findings a user sees."""

from __future__ import annotations

import pytest

from agentlint.core.errors import UsageError
from agentlint.core.finding import Finding
from agentlint.core.levels import Confidence, Persona, Severity
from agentlint.core.place import Span
from agentlint.core.result import RuleInfo
from agentlint.engine.select import keeps, resolve, selection
from agentlint.engine.settings import Settings


def rule(code, name, persona=Persona.REGULAR, preview=False):
    return RuleInfo(
        id=code,
        name=name,
        category="code-exec",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        persona=persona,
        preview=preview,
    )


RULES = {
    r.id: r
    for r in (
        rule("AL401", "untrusted-system-prompt"),
        rule("AL402", "unmarked-untrusted-context", Persona.PEDANTIC),
        rule("AL410", "model-output-executed"),
        rule("AL499", "new-idea", preview=True),
        rule("AL601", "exposed-server-without-auth"),
        rule("ACME001", "own-rule"),
    )
}


def shown(settings, *findings):
    keep = keeps(selection(settings, RULES), RULES)
    return [finding.rule for finding in findings if keep(finding)]


def finding(code, path="a.py", severity=Severity.HIGH, persona=None):
    persona = RULES[code].persona if persona is None else persona
    return Finding(rule=code, path=path, span=Span(), message="m", severity=severity, persona=persona)


EVERY = [finding(code) for code in RULES]


def test_codes_are_ids_prefixes_and_names():
    assert resolve("AL401", RULES) == {"AL401"}
    assert resolve("al40", RULES) == {"AL401", "AL402"}
    assert resolve("model-output-executed", RULES) == {"AL410"}
    assert resolve("ACME", RULES) == {"ACME001"}
    assert resolve("AL7", RULES) == frozenset()


def test_defaults_show_regular_rules_only():
    assert shown(Settings(), *EVERY) == ["AL401", "AL410", "AL601", "ACME001"]


def test_select_and_ignore():
    assert shown(Settings(select=("AL4",), ignore=("AL410",)), *EVERY) == ["AL401"]


def test_persona_and_preview_widen():
    assert shown(Settings(persona=Persona.PEDANTIC, preview=True), *EVERY) == list(RULES)


def test_a_rule_asked_for_by_name_is_shown_whatever_its_persona():
    assert shown(Settings(select=("AL402", "new-idea")), *EVERY) == ["AL402", "AL499"]
    auditor = finding("AL402", persona=Persona.AUDITOR)
    assert shown(Settings(select=("AL402",)), auditor) == []


def test_min_severity():
    low = finding("AL401", severity=Severity.LOW)
    assert shown(Settings(min_severity=Severity.MEDIUM), low, finding("AL410")) == ["AL410"]


def test_per_file_ignores_are_globs_from_the_root():
    settings = Settings(per_file_ignores={"examples/**": ("AL4",)})
    assert shown(settings, finding("AL401", "examples/a/b.py"), finding("AL401", "src/a.py")) == ["AL401"]
    assert shown(settings, finding("AL601", "examples/a/b.py")) == ["AL601"]


def test_unknown_codes_are_all_named_with_suggestions():
    with pytest.raises(UsageError) as error:
        selection(Settings(select=("untrusted-systm-prompt", "AL9")), RULES)
    text = str(error.value)
    assert "'untrusted-systm-prompt'; did you mean 'untrusted-system-prompt'?" in text
    assert "'AL9'" in text
