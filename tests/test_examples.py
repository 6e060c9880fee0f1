"""The two example agents: what is wrong with the first is right in the second."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SHOWN_RULES = {"AL301", "AL401", "AL410", "AL411", "AL412", "AL413", "AL414", "AL601", "AL606", "AL902"}


def scan(tree: Path) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "agentlint", "scan", str(tree), "--isolated", "--no-cache", "-f", "json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_vulnerable_agent_shows_many_different_flaws() -> None:
    code, report = scan(EXAMPLES / "vulnerable-agent")
    assert report["notifications"] == []
    assert code == 1
    rules = {finding["rule"] for finding in report["findings"]}
    assert rules >= SHOWN_RULES
    assert len(rules) >= 12


def test_hardened_agent_is_clean() -> None:
    code, report = scan(EXAMPLES / "hardened-agent")
    assert report["notifications"] == []
    assert [(finding["rule"], finding["path"], finding["line"]) for finding in report["findings"]] == []
    assert code == 0


@pytest.mark.parametrize("file", sorted(EXAMPLES.rglob("*.py")), ids=lambda file: file.relative_to(EXAMPLES).as_posix())
def test_example_code_compiles(file: Path) -> None:
    compile(file.read_bytes(), str(file), "exec")
