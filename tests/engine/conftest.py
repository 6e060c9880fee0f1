"""Small repositories and rules of their own, so that these tests do not depend on the rules that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentlint.engine.run import scan
from agentlint.engine.settings import Settings

RULE = """\
id: {id}
name: {name}
category: {category}
severity: high
confidence: high
summary: A danger is configured.
kinds: [cfg]
status: {{stable: "0.1"}}
match:
  - file: [json, yaml]
    at: ["{key}"]
message: the danger is on
docs: |
  ## What it does
  Looks for the key.
  ## Why is this bad?
  It is dangerous.
  ## Example
  `{key}: true`
  ## Use instead
  Nothing.
  ## How it decides
  By the key.
  ## References
  - none
"""


def _write_rule(
    directory: Path, id: str = "ACME001", name: str = "danger-on", key: str = "danger", category: str = "agent-config"
):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{id}.yaml").write_text(RULE.format(id=id, name=name, key=key, category=category), encoding="utf-8")


@pytest.fixture
def write_rule():
    return _write_rule


@pytest.fixture
def rules(tmp_path):
    """A directory with one rule that reports the key ``danger`` in JSON and YAML files."""
    _write_rule(tmp_path / "rules")
    return tmp_path / "rules"


@pytest.fixture
def run(tmp_path, rules):
    """Write files below a fresh directory and scan it: ``run({"a.json": "{}"}, use_cache=False)``."""

    def run(files: dict[str, str | bytes], **options):
        root = tmp_path / "repo"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        defaults = {"rule_dirs": (str(rules),), "cache_dir": str(tmp_path / "cache"), "use_cache": False, "jobs": 1}
        return scan([root], Settings(**{**defaults, **options}))

    return run
