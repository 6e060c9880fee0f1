"""What files are for, and that absence in examples and the like is told to careful readers only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentlint.core.levels import Persona
from conftest import scan_directory

BODY = '''import smtplib

from agents import Agent, Runner, function_tool


@function_tool
def send_offer(to: str, text: str) -> str:
    """Send an offer."""
    smtplib.SMTP("mail.acme-tools.dev").sendmail("desk@acme-tools.dev", to, text)
    return "sent"


agent = Agent(name="desk", tools=[send_offer])
'''
ASKS = BODY + "\n\ndef main(question: str):\n    return Runner.run_sync(agent, question)\n"
SHOWS = BODY + '\n\nif __name__ == "__main__":\n    print(Runner.run_sync(agent, "Send Ada our offer").final_output)\n'
TALKS = BODY + '\n\nif __name__ == "__main__":\n    print(Runner.run_sync(agent, input("> ")).final_output)\n'
TESTS = "import pytest\n" + BODY + "\n\ndef test_offer():\n    assert Runner.run_sync(agent, 'hello')\n"
MEASURES = "from deepeval import evaluate\n" + BODY
ASSERTS = TALKS + "    assert agent.name\n" * 4
RAISES = "\n\ndef check(n):\n    raise ValueError(n)\n"


def _persona(folder: Path, name: str, text: str) -> Persona:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    [finding] = [f for f in scan_directory(folder).findings if f.rule == "AL301"]
    return Persona(finding.persona)


@pytest.mark.parametrize(
    ("name", "text"),
    [("desk.py", ASKS), ("desk.py", TALKS), ("desk.py", BODY + RAISES), ("examples_of_ours.py", ASKS), ("tutor/desk.py", ASKS)],
)
def test_programs_are_judged_for_everybody(tmp_path: Path, name: str, text: str) -> None:
    assert _persona(tmp_path, name, text) == Persona.REGULAR


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("desk.py", SHOWS),
        ("desk.py", MEASURES),
        ("checks.py", TESTS),
        ("desk.py", ASSERTS),
        ("examples/desk.py", ASKS),
        ("01-tutorials/desk.py", ASKS),
    ],
)
def test_demonstrations_are_for_careful_readers(tmp_path: Path, name: str, text: str) -> None:
    assert _persona(tmp_path, name, text) == Persona.PEDANTIC


def test_a_notebook_is_for_careful_readers(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ASKS, "metadata": {}, "outputs": [], "execution_count": None}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert _persona(tmp_path, "desk.ipynb", text) == Persona.PEDANTIC


def test_what_another_module_imports_is_no_demonstration(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text("from desk import agent\n\n\ndef answer():\n    return agent\n", encoding="utf-8")
    assert _persona(tmp_path, "desk.py", SHOWS) == Persona.REGULAR


def test_what_only_a_notebook_imports_is_a_demonstration(tmp_path: Path) -> None:
    code = "from tools import send_offer\nfrom agents import Agent\nAgent(name='a', tools=[send_offer])"
    cell = {"cell_type": "code", "source": code, "metadata": {}, "outputs": [], "execution_count": None}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (tmp_path / "lesson.ipynb").write_text(text, encoding="utf-8")
    assert _persona(tmp_path, "tools.py", BODY.partition("agent = ")[0]) == Persona.PEDANTIC


def test_what_code_switches_off_itself_stays_for_everybody(tmp_path: Path) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    text = (
        "from claude_agent_sdk import ClaudeAgentOptions\n\noptions = ClaudeAgentOptions(permission_mode='bypassPermissions')\n"
    )
    (folder / "desk.py").write_text(text, encoding="utf-8")
    assert [f.persona for f in scan_directory(tmp_path).findings if f.rule == "AL302"] == [Persona.REGULAR]
