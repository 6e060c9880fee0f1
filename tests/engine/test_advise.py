"""Findings say how the framework at hand mends them."""

from __future__ import annotations

from pathlib import Path

from conftest import scan_directory

LOOP = """
def solve(question):
    while True:
        answer = {run}
        if "DONE" in answer:
            return answer
"""
PYDANTIC = 'from pydantic_ai import Agent\n\nagent = Agent("openai:gpt-5")\n' + LOOP.format(run="agent.run_sync(question).output")
OPENAI = "from openai import OpenAI\n\nclient = OpenAI()\n" + LOOP.format(
    run='client.responses.create(model="gpt-5", input=question).output_text'
)


def fixes(folder: Path, rule: str, **files: str) -> list[str]:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return [finding.fix or "" for finding in scan_directory(folder).findings if finding.rule == rule]


def test_the_framework_of_the_file_decides(tmp_path: Path):
    (pydantic, openai) = fixes(tmp_path / "a", "AL801", a=PYDANTIC, b=OPENAI)
    assert "With pydantic-ai: pass `usage_limits=" in pydantic
    assert "With openai: count the rounds" in openai


def test_imports_decide_where_nothing_is_made(tmp_path: Path):
    (fix,) = fixes(tmp_path / "a", "AL702", a='import os\nimport langchain\n\nos.environ["LANGSMITH_TRACING"] = "false"\n')
    assert "With langchain: set `LANGSMITH_TRACING`" in fix


def test_an_unknown_framework_leaves_the_finding_as_it_is(tmp_path: Path):
    code = "import httpx\n\n\ndef act(): ...\n" + LOOP.format(run="ask(question)")
    assert not any("With " in fix for fix in fixes(tmp_path / "a", "AL801", a=code))


def test_sarif_help_has_every_framework(tmp_path: Path):
    (tmp_path / "a.py").write_text(PYDANTIC, encoding="utf-8")
    result = scan_directory(tmp_path)
    rule = result.rules["AL801"]
    assert "## In each framework" in rule.docs
    assert "- `langchain`: " in rule.docs
