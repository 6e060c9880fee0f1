"""`controls`, `bom` and `test` as their users meet them."""

from __future__ import annotations

import json

import pytest


def test_controls_in_every_format(agentlint):
    data = json.loads(agentlint("controls", "-f", "json").stdout)
    assert [control["id"] for control in data["controls"]] == [f"R{n:02}" for n in range(1, 85)]
    assert "84 recommendations" in agentlint("controls").stdout
    assert agentlint("controls", "-f", "markdown").stdout.startswith("# ")
    assert agentlint("controls", "-f", "html").stdout.startswith("<!DOCTYPE html>")


def test_controls_warn_of_what_has_run_out(agentlint, repo):
    (repo / "agentlint.toml").write_text('[attest.R56]\nowner = "a"\ndate = "2020-01-01"\nexpires = "2020-02-01"\n')
    done = agentlint("controls", "-f", "json")
    assert done.returncode == 0
    assert "agentlint.toml:1: the attestation of R56 by a ended on 2020-02-01" in done.stderr


def test_bom(agentlint, repo):
    (repo / "a.py").write_text("from agents import Agent\n\nagent = Agent(name='desk')\n")
    data = json.loads(agentlint("bom").stdout)
    assert data["metadata"]["component"]["name"] == repo.name
    assert "desk" in [one["name"] for one in data["components"]]
    assert agentlint("bom", "-o", "bom.json", "--name", "x").returncode == 0
    assert json.loads((repo / "bom.json").read_text())["metadata"]["component"]["name"] == "x"


@pytest.fixture
def fixtures(repo):
    """The folder of fixtures of the repository's own rule, with a bad and a good one."""
    folder = repo / "own" / "fixtures" / "ACME001-danger-on"
    (folder / "good_tree").mkdir(parents=True)
    (folder / "bad_plain.yaml").write_text("safe: 1\ndanger: 1  # expect: ACME001\n")
    (folder / "good_tree" / "a.yaml").write_text("safe: 1\n")
    return folder


def test_own_rules_pass(agentlint, fixtures):
    done = agentlint("test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass  ACME001-danger-on/bad_plain.yaml" in done.stdout
    assert "2 passed, 0 failed" in done.stdout
    assert agentlint("test", "own").stdout == done.stdout, "a directory of rules stands for itself"


def test_what_is_not_found_fails(agentlint, fixtures):
    (fixtures / "bad_plain.yaml").write_text("safe: 1  # expect: ACME001\ndanger: 1\n")
    done = agentlint("test", "-q")
    assert done.returncode == 1
    assert "missing bad_plain.yaml:1 ACME001" in done.stdout
    assert "unexpected bad_plain.yaml:2 ACME001: the danger is on" in done.stdout
    assert "good_tree" not in done.stdout
    assert "1 passed, 1 failed" in done.stdout


def test_a_rule_that_nothing_shows_to_work_fails(agentlint, fixtures):
    (fixtures / "bad_plain.yaml").unlink()
    done = agentlint("test")
    assert done.returncode == 1
    assert "no fixture fixtures/ACME001" in done.stdout


def test_a_good_fixture_expects_nothing_of_its_rule(agentlint, fixtures):
    (fixtures / "good_tree" / "b.yaml").write_text("danger: 1  # expect: ACME001\n")
    done = agentlint("test")
    assert done.returncode == 1
    assert "a good fixture expects no ACME001" in done.stdout


def test_files_without_comments_are_listed(agentlint, fixtures):
    (fixtures / "bad_json").mkdir()
    (fixtures / "bad_json" / "a.json").write_text('{\n "danger": 1\n}\n')
    (fixtures / "bad_json" / "EXPECT").write_text("# why\na.json:2 ACME001\n")
    assert agentlint("test").returncode == 0
    (fixtures / "bad_json" / "EXPECT").write_text("a.json 2 ACME001\n")
    done = agentlint("test")
    assert done.returncode == 2
    assert "EXPECT:1: not `path:line RULE`" in done.stderr


def test_without_rules_it_says_what_to_do(agentlint, repo):
    (repo / "agentlint.toml").write_text("")
    done = agentlint("test")
    assert done.returncode == 2
    assert 'rules = ["security/rules"]' in done.stderr
    assert agentlint("test", "nowhere").returncode == 2
