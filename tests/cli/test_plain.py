"""Plain command lines are read without click, and mean what click says they mean."""

from __future__ import annotations

import click
import pytest

from agentlint.cli import COMMANDS, plain
from agentlint.cli.app import app
from agentlint.cli.scan import command

PLAIN = [
    [],
    ["."],
    ["scan"],
    ["scan", "a", "b/c"],
    ["a", "scan", "explain"],
    ["scan", "explain"],
    ["--no-cache", "x.py"],
    ["x.py", "-q", "-v", "--stats", "--no-color"],
    ["-f", "json", "-o", "-", "src"],
    ["--format", "json", "--format=sarif=out.sarif", "src"],
    ["--format=json=a=b"],
    ["--output=x", "--output", "y"],
    ["--select", "AL4,AL5", "--select=AL1", "--ignore", "AL9"],
    ["--select="],
    ["--baseline", "known.json", "--exit-zero", "--isolated", "--include-tests"],
    ["--no-ignores", "--preview", "--include-suppressed"],
]
LEFT_TO_CLICK = [
    ["--help"],
    ["scan", "-h"],
    ["explain", "AL401"],
    ["--version", "."],
    ["-qv"],
    ["-fjson"],
    ["-f=json"],
    ["--quiet=1"],
    ["--nonsense"],
    ["--fail-on", "high"],
    ["--jobs", "2"],
    ["--no-cach"],
    ["-f"],
    ["-o", "-q"],
    ["--", "-x"],
    ["-"],
]


@pytest.mark.parametrize("arguments", PLAIN)
def test_both_readers_agree(arguments):
    rest = arguments[1:] if arguments[:1] == ["scan"] else arguments
    assert plain.parse(arguments) == command.make_context("scan", list(rest)).params


@pytest.mark.parametrize("arguments", [*LEFT_TO_CLICK, *([name, "."] for name in COMMANDS if name != "scan")])
def test_the_rest_is_left_to_click(arguments):
    assert plain.parse(arguments) is None


def test_completion_is_left_to_click(monkeypatch):
    monkeypatch.setenv("_AGENTLINT_COMPLETE", "bash_source")
    assert plain.parse(["."]) is None


def test_every_option_of_a_scan_has_a_default_in_both():
    assert set(plain.parse([])) == {parameter.name for parameter in command.params}
    assert isinstance(app, click.Group)
