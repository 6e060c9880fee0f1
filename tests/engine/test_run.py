"""A whole scan: what it finds, what it says when something fails, and what the cache and the number of processes change (nothing)."""

from __future__ import annotations

import errno
import json
import os
import sys

import msgspec
import pytest

from agentlint.core.errors import RulebookError, UsageError
from agentlint.core.finding import Finding
from agentlint.core.levels import Persona, Severity
from agentlint.core.place import Span
from agentlint.engine import dispatch, pool, worker
from agentlint.engine.baseline import render
from agentlint.engine.run import scan
from agentlint.engine.settings import Settings
from secretgen import secret

DANGER = '{\n  "danger": true\n}\n'


def own(result):
    return [(f.rule, f.path, f.span.line) for f in result.findings if f.rule.startswith("ACME")]


def problems(result):
    return [(n.path, n.kind) for n in result.notifications if n.level == "error"]


def test_findings_are_complete(run):
    result = run({"conf/a.json": DANGER})
    (finding,) = [f for f in result.findings if f.rule == "ACME001"]
    assert (finding.path, finding.span.line, finding.name, finding.category) == ("conf/a.json", 2, "danger-on", "agent-config")
    assert finding.severity is Severity.HIGH
    assert finding.snippet == '"danger": true'
    assert finding.fingerprint
    assert result.rules["ACME001"].summary == "A danger is configured."
    assert result.stats.files_scanned == 1
    assert result.source("conf/a.json") == DANGER


def test_empty_repository(run):
    result = run({})
    assert (result.findings, result.notifications, result.stats.files_scanned) == ((), (), 0)


def test_missing_path(tmp_path):
    with pytest.raises(UsageError, match="none: no such file"):
        scan([tmp_path / "none"], Settings(use_cache=False))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("bad.py", b"def f(:\n", "parse-error"),
        ("bad.py", b"x = '\xff'\n", "parse-error"),
        ("bad.py", b"x = 1\0\n", "parse-error"),
        ("bad.json", b'{"a": ', "parse-error"),
        ("bad.json", b"[" * 100_000, "cap"),
        ("bad.py", b"x = " + b"(" * 5000 + b"1" + b")" * 5000 + b"\n", None),
        ("bad.yaml", b"a: " * 3 + b"\n", "parse-error"),
    ],
)
def test_a_file_that_cannot_be_checked_is_told_and_the_others_are_scanned(run, name, content, kind):
    result = run({name: content, "good.json": DANGER})
    assert own(result) == [("ACME001", "good.json", 2)]
    ((path, told),) = problems(result)
    assert path == name
    assert told == kind or (kind is None and told in ("cap", "parse-error"))


def test_oversize_file(run):
    result = run({"big.py": "x = 1\n" * 5000, "good.json": DANGER}, max_file_size=1000)
    assert own(result) == [("ACME001", "good.json", 2)]
    assert problems(result) == [("big.py", "cap")]


def test_a_file_that_grew_after_it_was_found(run, monkeypatch):
    monkeypatch.setattr(worker.os, "fstat", lambda descriptor: os.stat_result((0o100644, *[0] * 5, 10**9, *[0] * 3)))
    assert problems(run({"good.json": DANGER})) == [("good.json", "cap")]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_unreadable_file(run, tmp_path, monkeypatch):
    real = os.open

    def refuse(path, *rest, **more):
        if str(path).endswith("secret.json"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(worker.os, "open", refuse)
    result = run({"secret.json": DANGER, "good.json": DANGER})
    assert own(result) == [("ACME001", "good.json", 2)]
    assert problems(result) == [("secret.json", "read-error")]
    assert "Permission denied" in next(n.message for n in result.notifications if n.path == "secret.json")


def test_a_rule_that_crashes_is_named_and_the_others_go_on(run, rules, write_rule, monkeypatch):
    write_rule(rules, "ACME002", "other", "other")
    real = dispatch.MatchForms.run

    def crash(self, context):
        for finding in real(self, context):
            if finding.rule == "ACME002":
                raise ZeroDivisionError
            yield finding

    monkeypatch.setattr(dispatch.MatchForms, "run", crash)
    result = run({"a.json": '{"other": 1,\n"danger": 2}'})
    assert own(result) == [("ACME001", "a.json", 2)]
    (note,) = [n for n in result.notifications if n.level == "error"]
    assert note.kind == "rule-crash"
    for word in ("ACME002", "a.json", "ZeroDivisionError"):
        assert word in note.message


def test_a_reader_that_crashes_costs_its_file_only(run, monkeypatch):
    from agentlint.facts import extract

    real = extract.extract

    def crash(path, *rest, **options):
        if path == "bad.json":
            raise KeyError("x")
        return real(path, *rest, **options)

    monkeypatch.setattr(extract, "extract", crash)
    result = run({"bad.json": "{}", "good.json": DANGER})
    assert own(result) == [("ACME001", "good.json", 2)]
    assert problems(result) == [("bad.json", "rule-crash")]


def test_a_graph_that_crashes_leaves_the_findings_in_files(run, monkeypatch):
    from agentlint.engine import run as module

    def crash(*_):
        raise AttributeError

    monkeypatch.setattr(module, "repository", crash)
    result = run({"good.json": DANGER})
    assert own(result) == [("ACME001", "good.json", 2)]
    assert problems(result) == [("", "rule-crash")]


def test_rule_files_with_mistakes_are_all_named(run, rules):
    (rules / "ACME002.yaml").write_text("id: ACME002\nnme: x\n")
    (rules / "ACME003.yaml").write_text("id: [\n")
    with pytest.raises(RulebookError) as error:
        run({})
    assert "ACME002.yaml:2" in str(error.value)
    assert "ACME003.yaml:" in str(error.value)


def test_unknown_rule_in_select(run):
    with pytest.raises(UsageError, match="did you mean 'danger-on'"):
        run({}, select=("danger-onn",))


def test_select_ignore_severity_and_per_file(run):
    files = {"a.json": DANGER, "b/a.json": DANGER}
    assert own(run(files, select=("AL9",))) == []
    assert own(run(files, ignore=("danger-on",))) == []
    assert own(run(files, per_file_ignores={"b/": ("ACME",)})) == [("ACME001", "a.json", 2)]
    result = run(files, severity={"ACME001": Severity.LOW})
    assert {f.severity for f in result.findings} == {Severity.LOW}


def test_tests_are_hidden_and_counted_unless_asked_for(run, rules, write_rule):
    write_rule(rules, "ACME002", "key-in-file", "key", "hardcoded-secret")
    files = {"tests/a.json": '{"danger": 1,\n"key": 2}'}
    result = run(files)
    assert own(result) == [("ACME002", "tests/a.json", 2)]
    assert result.stats.hidden == 1
    assert len(own(run(files, include_tests=True))) == 2


def test_code_of_tests_is_read_for_credentials_only(run):
    code = (
        "import subprocess\nfrom agents import Agent, function_tool\nKEY = '" + secret("github-token") + "'\n"
        "@function_tool\ndef go(command: str) -> str:\n    return subprocess.run(command, shell=True)\nagent = Agent(tools=[go])\n"
    )
    seen = {finding.rule for finding in run({"tests/test_a.py": code}, persona=Persona.PEDANTIC).findings}
    assert seen == {"AL101"}
    assert "AL411" in {finding.rule for finding in run({"tests/test_a.py": code}, include_tests=True).findings}


def test_ignores_in_a_scan(run):
    files = {"a.yaml": "danger: 1  # agentlint: ignore[ACME001] accepted by the owner\n"}
    result = run(files)
    assert own(result) == []
    assert [(f.rule, f.suppressed) for f in result.suppressed] == [("ACME001", "accepted by the owner")]
    assert result.stats.suppressed == 1
    for option in ("no_ignores", "isolated"):
        assert own(run(files, **{option: True})) == [("ACME001", "a.yaml", 1)]


def test_unused_ignores_in_a_scan(run):
    result = run({"a.yaml": "safe: 1  # agentlint: ignore[ACME001] accepted\n"})
    assert [f.rule for f in result.findings] == ["AL901"]
    assert result.findings[0].severity is Severity.INFO
    assert run({"a.yaml": "safe: 1  # agentlint: ignore[ACME001] accepted\n"}, no_ignores=True).findings == ()


def test_an_ignore_of_a_rule_that_is_not_selected_is_not_unused(run):
    files = {"a.yaml": "danger: 1  # agentlint: ignore[ACME001] accepted\n"}
    assert run(files, select=("AL9",)).findings == ()


def test_baseline_survives_moved_lines(run, tmp_path):
    first = run({"a.yaml": "danger: 1\n"})
    (tmp_path / "known.json").write_text(render(first.findings, "agentlint"), encoding="utf-8")
    moved = {"a.yaml": "# comment\n\nsafe: 1\ndanger: 1\n", "b.yaml": "danger: 1\n"}
    result = run(moved, baseline=str(tmp_path / "known.json"))
    assert own(result) == [("ACME001", "b.yaml", 1)]
    assert (result.stats.baselined, result.stats.fixed) == (1, 0)
    gone = run({"a.yaml": "safe: 1\n"}, baseline=str(tmp_path / "known.json"), per_file_ignores={"b.yaml": ("ACME",)})
    assert gone.stats.fixed == 1


def test_warm_scan_is_the_same_and_reads_the_cache(run):
    files = {"a.json": DANGER, "b.py": "x = 1\n", "bad.py": "def f(:\n"}
    cold = run(files, use_cache=True)
    warm = run(files, use_cache=True)
    assert warm.findings == cold.findings
    assert warm.notifications == cold.notifications
    assert (cold.stats.cache_hits, warm.stats.cache_hits) == (0, 3)


def test_a_changed_file_is_scanned_again_and_the_others_are_not(run, monkeypatch):
    run({"a.json": DANGER, "b.json": "{}"}, use_cache=True)
    result = run({"b.json": DANGER}, use_cache=True)
    assert own(result) == [("ACME001", "a.json", 2), ("ACME001", "b.json", 2)]
    assert result.stats.cache_hits == 1


def test_the_cache_does_not_hide_another_selection(run):
    assert own(run({"a.json": DANGER}, use_cache=True, select=("AL9",))) == []
    assert own(run({"a.json": DANGER}, use_cache=True)) == [("ACME001", "a.json", 2)]


def test_corrupt_cache_entries_are_misses(run, tmp_path):
    cold = run({"a.json": DANGER}, use_cache=True)
    entries = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert entries
    for garbage in (b"", b"\xff\xff garbage", msgspec.msgpack.encode({"facts": 3})):
        for entry in entries:
            entry.write_bytes(garbage)
        assert run({"a.json": DANGER}, use_cache=True).findings == cold.findings


def test_a_full_disk_costs_a_note(run, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    result = run({"a.json": DANGER, "b.json": "{}"}, use_cache=True)
    assert own(result) == [("ACME001", "a.json", 2)]
    (note,) = result.notifications
    assert note.level == "note"
    assert "No space left on device" in note.message


def test_results_do_not_depend_on_the_number_of_processes(run, monkeypatch):
    monkeypatch.setattr(pool, "POOL_FILES", 2)
    files = {f"d{n % 7}/{n}.json": DANGER for n in range(80)} | {"bad.py": "def f(:\n", "x.py": "import os\n"}
    one, two = run(files, jobs=1), run(files, jobs=2)
    assert one.findings == two.findings
    assert one.notifications == two.notifications
    assert len(own(two)) == 80


def test_a_worker_that_dies_becomes_a_notification(run, monkeypatch):
    monkeypatch.setattr(pool, "POOL_FILES", 2)
    if pool._context().get_start_method() != "fork":
        pytest.skip("the patched function does not reach spawned processes")
    from agentlint.facts import extract

    real = extract.extract

    def die(path, *rest, **options):
        if path == "deadly.json":
            os._exit(9)
        return real(path, *rest, **options)

    monkeypatch.setattr(extract, "extract", die)
    result = run({"deadly.json": "{}", **{f"{n}.json": DANGER for n in range(5)}}, jobs=2)
    assert len(own(result)) == 5
    assert problems(result) == [("deadly.json", "rule-crash")]


def test_standard_input_has_the_name_it_is_given(rules):
    settings = Settings(rule_dirs=(str(rules),), use_cache=False, stdin_filename="conf/x.json")
    result = scan([], settings, stdin=DANGER.encode())
    assert own(result) == [("ACME001", "conf/x.json", 2)]
    assert result.source("conf/x.json") == DANGER


def test_notebooks_have_places_in_the_file_and_in_the_cell(run):
    from agentlint.engine.complete import in_file
    from agentlint.facts.types import Marker

    markers = {"n.ipynb": (Marker(10, 6, 1, 1), Marker(11, 6, 1, 2), Marker(20, 6, 2, 1))}
    finding = Finding(rule="AL401", path="n.ipynb", span=Span(3, 5, 3, 9), message="m")
    placed = in_file(finding, markers)
    assert placed.span == Span(20, 10, 20, 14)
    assert (placed.cell.number, placed.cell.line) == (2, 1)


def test_ignores_in_notebooks(run):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cell["source"] = ["x = 1\n", "y = 2  # agentlint: ignore[ACME001] nothing here\n", "z = 3  # agentlint: ignore[ACME001]"]
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(notebook, indent=1)
    result = run({"n.ipynb": text})
    lines = text.split("\n")
    assert [f.rule for f in result.findings] == ["AL901", "AL900"]
    assert all("agentlint" in lines[f.span.line - 1] for f in result.findings)
