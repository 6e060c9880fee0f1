"""Exit codes, streams and files of ``agentlint scan``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest


def rules_of(text):
    return [finding["rule"] for finding in json.loads(text)["findings"]]


@pytest.mark.parametrize("arguments", [(), (".",), ("scan",), ("scan", "."), ("-f", "text")])
def test_scan_is_the_default_command(agentlint, arguments):
    done = agentlint(*arguments)
    assert done.returncode == 1, done.stderr
    assert "ACME001" in done.stdout


def test_exit_codes(agentlint, repo):
    assert agentlint("--fail-on", "high").returncode == 0
    assert agentlint("--fail-on", "medium").returncode == 1
    assert agentlint("--fail-on", "never").returncode == 0
    assert agentlint("--exit-zero").returncode == 0
    (repo / "bad.py").write_text("def f(:\n")
    assert agentlint().returncode == 2, "problems win over findings"
    assert agentlint("--exit-zero").returncode == 2, "a scan that is not complete is never reported as clean"


def test_findings_on_stdout_and_the_rest_on_stderr(agentlint, repo):
    (repo / "bad.py").write_text("def f(:\n")
    done = agentlint("-f", "json", "--stats")
    assert rules_of(done.stdout) == ["ACME001"]
    assert "error: bad.py:1:" in done.stderr
    assert "files: " in done.stderr


def test_problems_are_in_the_report(agentlint, repo):
    (repo / "bad.py").write_text("def f(:\n")
    (note,) = json.loads(agentlint("-f", "json").stdout)["notifications"]
    assert (note["kind"], note["path"], note["line"]) == ("parse-error", "bad.py", 1)


def test_several_reports_at_once(agentlint, repo):
    done = agentlint("-f", "text", "-f", "json=out.json", "-f", "sarif=out.sarif")
    assert "ACME001" in done.stdout
    assert rules_of((repo / "out.json").read_text()) == ["ACME001"]
    assert json.loads((repo / "out.sarif").read_text())["version"] == "2.1.0"


def test_output_file_and_dash(agentlint, repo):
    assert agentlint("-f", "json", "-o", "out.json").stdout == ""
    assert rules_of((repo / "out.json").read_text()) == ["ACME001"]
    assert rules_of(agentlint("-f", "json", "-o", "-").stdout) == ["ACME001"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), ["nowhere", "no such file"]),
        (("-f", "jsn"), ["'jsn'", "did you mean json?"]),
        (("-f", "json", "-f", "sarif"), ["standard output"]),
        (("-f", "json=a", "-o", "b"), ["--output"]),
        (("-o", "none/out.txt"), ["none/out.txt", "directory"]),
        (("--select", "AL40x1"), ["select", "AL40x1"]),
        (("--select", "danger-onn"), ["did you mean 'danger-on'?"]),
        (("--fail-on", "hgih"), ["--fail-on", "high"]),
        (("--nonsense",), ["--nonsense", "--help"]),
        (("--baseline", "none.json"), ["none.json", "agentlint baseline -o FILE"]),
        (("--config", "none.toml"), ["none.toml"]),
        (("--jobs", "0"), ["--jobs"]),
    ],
)
def test_wrong_usage_says_what_and_ends_with_two(agentlint, arguments, words):
    done = agentlint(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
    for word in words:
        assert word in done.stderr


def test_configuration_errors_name_file_and_line(agentlint, repo):
    (repo / "agentlint.toml").write_text('rules = ["own"]\nselct = []\npersona = "x"\n')
    done = agentlint()
    assert done.returncode == 2
    assert "agentlint.toml:2: unknown key 'selct'; did you mean 'select'?" in done.stderr
    assert "agentlint.toml:3: persona" in done.stderr


def test_rule_file_with_mistakes(agentlint, repo):
    (repo / "own" / "ACME001.yaml").write_text("id: ACME001\nnmae: x\n")
    done = agentlint()
    assert done.returncode == 2
    assert "ACME001.yaml:2" in done.stderr


def test_isolated_reads_no_configuration_and_no_ignores(agentlint, repo):
    (repo / "agentlint.toml").write_text("nonsense = 1\n")
    assert agentlint("--isolated").returncode == 0


def test_unexpected_errors_are_short(agentlint, repo, environment):
    (repo / "sitecustomize.py").write_text(
        "import agentlint.engine.config as c\n"
        "def settings_for(*a): raise ZeroDivisionError('boom')\n"
        "c.settings_for = settings_for\n"
    )
    env = {**environment, "PYTHONPATH": str(repo)}
    done = agentlint(env=env)
    assert done.returncode == 2
    assert "ZeroDivisionError" in done.stderr
    assert "report it" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in agentlint("-v", env=env).stderr


def test_standard_input(agentlint):
    done = agentlint("--stdin-filename", "x/y.yaml", "-f", "json", input=b"danger: 1\n")
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["path"], finding["line"]) == ("x/y.yaml", 1)


def test_output_is_the_same_in_every_run(agentlint, repo):
    for number in range(5):
        (repo / f"c{number}.yaml").write_text("danger: 1\n")
    for form in ("text", "json", "sarif", "markdown"):
        texts = {agentlint("-f", form, *jobs).stdout for jobs in (("--jobs", 1), ("--jobs", 2), ("--no-cache",))}
        assert len(texts) == 1, form


def test_characters_outside_the_console_encoding(agentlint, repo):
    (repo / "ü€.yaml").write_text("danger: 1\n", encoding="utf-8")
    done = agentlint("-f", "json", "--no-cache")
    assert {finding["path"] for finding in json.loads(done.stdout)["findings"]} == {"a.yaml", "ü€.yaml"}


def test_no_colours_without_a_terminal(agentlint):
    assert "\x1b" not in agentlint().stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_closed_pipe_is_quiet(repo, environment):
    for number in range(400):
        (repo / f"c{number}.yaml").write_text("danger: 1\n" * 20)
    command = f"'{sys.executable}' -m agentlint --no-cache -f text | head -n 1"
    done = subprocess.run(command, shell=True, cwd=repo, env=environment, capture_output=True, timeout=120, check=False)
    assert done.stdout
    assert done.stderr == b""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_ends_with_130_and_without_a_traceback(repo, environment, jobs):
    body = "\n".join(f"def f{n}(a, b):\n    return [a + b + {n}, {{'x': a}}]" for n in range(400))
    for number in range(600):
        (repo / f"m{number}.py").write_text(f"x = {number}\n{body}\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "agentlint", "--no-cache", "--jobs", jobs],
        cwd=repo,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(2.5)
    assert process.poll() is None, "the scan must still run for this test to mean anything"
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err
