"""The command line as its users meet it: a process with streams and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

RULE = """\
id: ACME001
name: danger-on
category: agent-config
severity: medium
confidence: high
summary: A danger is configured.
kinds: [cfg]
status: {stable: "0.1"}
match:
  - file: [json, yaml]
    at: [danger]
message: the danger is on
docs: |
  ## What it does
  Looks for the key.
  ## Why is this bad?
  It is dangerous.
  ## Example
  `danger: true`
  ## Use instead
  Nothing.
  ## How it decides
  By the key.
  ## References
  - none
"""


@pytest.fixture
def environment(tmp_path):
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {
        **kept,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "LOCALAPPDATA": str(tmp_path / "cache"),
        "PYTHONIOENCODING": "ascii",
    }


@pytest.fixture
def repo(tmp_path):
    """A repository with one rule of its own, one dangerous file and one good one."""
    root = tmp_path / "repo"
    (root / "own").mkdir(parents=True)
    (root / "own" / "ACME001.yaml").write_text(RULE)
    (root / "agentlint.toml").write_text('rules = ["own"]\n')
    (root / "a.yaml").write_text("safe: 1\ndanger: 1\n")
    (root / "b.json").write_text("{}\n")
    return root


@pytest.fixture
def agentlint(repo, environment):
    """Run agentlint in the repository: ``agentlint("scan", ".")`` gives the finished process."""

    def run(*arguments, **more):
        options = {"cwd": repo, "env": environment, "capture_output": True, "timeout": 120, **more}
        done = subprocess.run([sys.executable, "-m", "agentlint", *map(str, arguments)], check=False, **options)
        return subprocess.CompletedProcess(
            done.args, done.returncode, (done.stdout or b"").decode("utf-8"), (done.stderr or b"").decode("utf-8")
        )

    return run
