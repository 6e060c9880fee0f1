"""The catalogue of recommendations: complete, and checked when it is read."""

from __future__ import annotations

import shutil

import pytest

from agentlint.core.errors import RulebookError
from agentlint.rulebook.controls import FRAMEWORKS, IDS, load_controls, shipped_controls
from agentlint.rulebook.own import shipped
from conftest import ROOT

HOME = ROOT / "rules" / "controls"


@pytest.fixture
def catalogue(tmp_path):
    """A copy of the catalogue, and a way to change one of its files and read it again."""
    home = tmp_path / "controls"
    shutil.copytree(HOME, home)

    def change(name: str, old: str, new: str):
        text = (home / name).read_text()
        assert old in text
        (home / name).write_text(text.replace(old, new, 1))
        return load_controls(home)

    return change


def test_all_84_in_order_with_frameworks():
    controls = shipped_controls().controls
    assert [control.id for control in controls] == list(IDS)
    assert len({control.title for control in controls}) == 84
    assert all(tuple(control.frameworks) == FRAMEWORKS and control.applies for control in controls)
    assert all(control.frameworks["nist_ai_rmf"] for control in controls)


def test_rules_name_only_recommendations_that_exist():
    assert {name for rule in shipped().rules for name in rule.controls} <= set(IDS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: R09", "id: R08", "R08 is described 2 times"),
        ("id: R09", "id: R99", "no such recommendation"),
        ("applies: [agentcore]", "applies: [agentcorr]", "`agentcorr` is no subject"),
        ("rules: [AL111]", "rules: [AL11]", "`AL11` is no rule id"),
        ("ASI03", "ASI13", "`ASI13` is no entry of owasp"),
        ("node: {type: [auth]}", "node: {type: [aut]}", "does not exist"),
        ("mode: static", "mode: sometimes", "Invalid enum value"),
        ('say: "callers are authenticated by `{what}`", node', "node", "does not say"),
        ("node: {type: [auth]}", "node: {type: [auth]}, imports: [x]", "has 2 forms, not one"),
        ('matches: "(?i)oauth|oidc', 'matches: "(a+)+b|oidc', "exponential time"),
    ],
)
def test_mistakes_are_found(catalogue, old, new, message):
    with pytest.raises(RulebookError) as caught:
        catalogue("01-agent-identity.yaml", old, new)
    assert message.lower() in str(caught.value).lower()


def test_a_detector_of_a_subject_is_checked(catalogue):
    with pytest.raises(RulebookError, match="does not exist"):
        catalogue("subjects.yaml", "type: [memory]", "type: [memories]")
