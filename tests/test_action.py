"""The GitHub action, the workflow and the pre-commit hooks."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT.parent / "shared" / "schemas"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
STEPS = {step.get("name", step.get("uses", "")): step for step in ACTION["runs"]["steps"]}
ALL_STEPS = [*ACTION["runs"]["steps"], *(step for job in WORKFLOW["jobs"].values() for step in job["steps"])]
needs_bash = pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("bash") is None, reason="runs the steps of the action with a POSIX bash"
)


@pytest.mark.parametrize(
    ("schema", "document"), [("github-action.json", ACTION), ("pre-commit-hooks.json", HOOKS)], ids=["action", "hooks"]
)
def test_is_valid(schema: str, document: Any) -> None:
    file = SCHEMAS / schema
    if not file.is_file():
        pytest.skip(f"{schema} is not kept with the project; it is looked for in {SCHEMAS}")
    jsonschema.validate(document, json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("step", ALL_STEPS, ids=lambda step: step.get("name") or step.get("uses") or step["run"])
def test_steps_take_expressions_only_through_the_environment(step: dict[str, Any]) -> None:
    assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("used", [step["uses"] for step in ALL_STEPS if "uses" in step])
def test_other_actions_are_pinned_to_a_commit(used: str) -> None:
    assert used == "./" or re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}", used)


def test_every_input_is_used_and_every_used_input_is_declared() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\binputs\.([a-z-]+)", text)) == set(ACTION["inputs"])


def test_workflow_covers_the_promised_systems_and_versions() -> None:
    matrix = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]
    classifiers = re.findall(r'Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert matrix["python"] == classifiers
    assert {system.split("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_repository_hook_sees_everything_and_file_hook_the_changes() -> None:
    repository, files = HOOKS
    assert (repository["id"], files["id"]) == ("agentlint", "agentlint-files")
    assert repository["pass_filenames"] is False
    assert repository["always_run"] is True
    assert files.get("pass_filenames", True) is True
    assert files["require_serial"] is True


def scan_step(tmp_path: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the action's scan step in a workspace that holds one bad tool, with a stand-in for the action's environment."""
    workspace, runner = tmp_path / "workspace", tmp_path / "runner"
    (runner / "agentlint" / "bin").mkdir(parents=True)
    workspace.mkdir(exist_ok=True)
    for name, line in (("agentlint", '-m agentlint "$@"'), ("python", '"$@"')):
        program = runner / "agentlint" / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {line}\n')
        program.chmod(0o755)
    (workspace / "tool.py").write_text(
        "import subprocess\n\nfrom agents import function_tool\n\n\n@function_tool\ndef run(command: str) -> str:\n"
        '    """Run a command."""\n    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout\n'
    )
    (workspace / "clean.py").write_text("print('nothing to see')\n")
    expression = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
    values = {
        name: inputs.get(name.replace("-", "_"), declared.get("default", "")) for name, declared in ACTION["inputs"].items()
    }
    step = STEPS["Scan"]
    environment = {key: expression.sub(lambda match: values[match[1]], value) for key, value in step["env"].items()}
    output, summary = runner / "output", runner / "summary"
    output.touch()
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=workspace,
        env={
            **os.environ,
            **environment,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "RUNNER_TEMP": str(runner),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    text = output.read_text()
    single = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[a-z-]+=", line))
    long = re.search(r"sarif-file<<(\S+)\n(.*)\n\1\n", text)
    return done, {
        **single,
        "sarif-file": long[2] if long else "",
        "summary": summary.read_text() if summary.exists() else "",
    }


@needs_bash
def test_scan_reports_findings_without_failing_the_step(tmp_path: Path) -> None:
    done, outputs = scan_step(tmp_path)
    assert done.returncode == 0, done.stderr
    assert outputs["exit-code"] == "1"
    assert int(outputs["findings"]) >= 1
    report = json.loads((tmp_path / "workspace" / outputs["sarif-file"]).read_text(encoding="utf-8"))
    assert len(report["runs"][0]["results"]) == int(outputs["findings"])
    assert report["runs"][0]["results"][0]["ruleId"] in outputs["summary"]


@needs_bash
def test_scan_of_a_clean_file(tmp_path: Path) -> None:
    done, outputs = scan_step(tmp_path, path="clean.py\n")
    assert done.returncode == 0, done.stderr
    assert (outputs["exit-code"], outputs["findings"]) == ("0", "0")


@needs_bash
def test_inputs_are_never_read_as_shell_or_as_options(tmp_path: Path) -> None:
    done, outputs = scan_step(tmp_path, path="$(touch pwned)\n--exit-zero\n", config="`touch pwned`")
    assert done.returncode == 0, done.stderr
    assert outputs["exit-code"] == "2"
    assert not (tmp_path / "workspace" / "pwned").exists()


@needs_bash
@pytest.mark.parametrize("code", ["0", "1", "2", ""])
def test_result_step_ends_with_the_scans_code(code: str) -> None:
    step = STEPS["Result"]
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, "AGENTLINT_CODE": code, "AGENTLINT_FINDINGS": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == int(code or "2")
    assert ("::error" in done.stdout) == (code != "0")
