"""The README shows what the program really does. ``UPDATE_README=1 pytest tests/test_readme.py`` writes the shown output anew."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from agentlint.rulebook.load import shipped

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
SHOWN = re.compile(r"<!-- output: (?P<command>[^\n]+) -->\n```\w*\n(?P<output>.*?)```\n", re.DOTALL)
EXIT_CODES = {"--help": 0, "--exit-zero": 0}


def run(command: str, cache: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "agentlint"
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1", "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-m", "agentlint", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    wanted = next((code for option, code in EXIT_CODES.items() if option in arguments), 1)
    assert done.returncode == wanted, done.stderr
    return done.stdout


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("match", list(SHOWN.finditer(TEXT)), ids=lambda match: match["command"])
def test_shown_output_is_what_the_command_prints(match: re.Match[str], tmp_path: Path) -> None:
    printed = run(match["command"], tmp_path)
    if os.environ.get("UPDATE_README"):
        now = README.read_text(encoding="utf-8")
        before, after = TEXT[match.start() : match.start("output")], TEXT[match.end("output") : match.end()]
        README.write_text(now.replace(match[0], before + "\n".join(lines(printed)) + "\n" + after), encoding="utf-8")
        return
    if "--help" in match["command"]:  # versions of click break lines differently
        assert match["output"].split() == printed.split()
    else:
        assert lines(match["output"]) == lines(printed)


def test_shows_the_help_and_a_scan() -> None:
    commands = [match["command"] for match in SHOWN.finditer(TEXT)]
    assert any("--help" in command for command in commands)
    assert any(command.startswith("agentlint scan examples/") for command in commands)


@pytest.mark.parametrize("marker", ["setup-user", "setup-test"])
def test_has_one_set_up_command_between_its_markers(marker: str) -> None:
    block = re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```\n<!-- /{marker} -->", TEXT, re.DOTALL)
    assert block is not None
    assert len(lines(block[1])) == 1


def test_names_only_rules_that_exist() -> None:
    known = {rule.id: rule.name for rule in shipped().rules}
    prose = SHOWN.sub("", TEXT)
    named = set(re.findall(r"\bAL\d{3}\b", prose))
    assert named
    assert named <= set(known)
    for code, name in re.findall(r"`(AL\d{3}) ([a-z-]+)`", prose):
        assert known[code] == name


def test_links_to_files_that_exist() -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", TEXT)
    assert targets
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert missing == []
