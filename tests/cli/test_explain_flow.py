"""``agentlint scan --explain-flow``: what was searched, and what stopped it."""

from __future__ import annotations

import pytest

TOOLS = """\
import os
import shlex

from agents import function_tool

ALLOWED = {"ls", "date"}


@function_tool
def run(command: str) -> None:
    os.system(command)


@function_tool
def checked(command: str) -> None:
    if command not in ALLOWED:
        raise ValueError(command)
    os.system(command)


@function_tool
def quoted(name: str) -> None:
    os.system("ls " + shlex.quote(name))


def fixed() -> None:
    os.system(f"ls {' '.join(sorted(ALLOWED))}")
"""


@pytest.fixture
def explain(agentlint, repo):
    (repo / "tools.py").write_text(TOOLS)
    return lambda question: agentlint("--explain-flow", question)


def test_a_reported_flow_shows_its_source_and_the_form(explain):
    done = explain("AL411:tools.py:11")
    assert done.returncode == 0
    assert "source  tools.py:10  parameter `command` of tool `run`" in done.stdout
    assert "reported by tool-argument" in done.stdout


@pytest.mark.parametrize(
    ("line", "reason"),
    [(18, "a test or check before its use makes it safe for `shell`"), (23, "`shlex.quote` holds nothing of its arguments")],
)
def test_a_flow_that_is_not_reported_says_what_stopped_it(explain, line, reason):
    done = explain(f"AL411:tools.py:{line}")
    assert reason in done.stdout
    assert "source" not in done.stdout


def test_a_place_without_a_sink_says_so(explain):
    assert "no call on this line is known to act" in explain("AL411:tools.py:1").stdout
    assert "no Python of that name" in explain("AL411:nothing.py:1").stdout


@pytest.mark.parametrize("question", ["AL411", "AL411:tools.py", "AL411:tools.py:x", "AL101:tools.py:1", "AL999:tools.py:1"])
def test_a_wrong_question_is_a_usage_error(explain, question):
    done = explain(question)
    assert done.returncode == 2
    assert "error:" in done.stderr
