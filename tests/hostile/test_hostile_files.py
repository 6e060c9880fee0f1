"""A file that cannot be read costs itself and nothing else, and the scan says so."""

from __future__ import annotations

import pytest
from hostile.cases import CANARY, CASES, put

SLOW = {"100,000 lines", "400,001 values", "50 MB", "one line of 4 MB", "5 MB of minified script"}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file(root, scan, tmp_path, monkeypatch, name):
    case = CASES[name]
    monkeypatch.chdir(tmp_path)
    put(root, {case.path: case.make()})
    outcome = scan()
    errors = outcome.notes("error")
    if case.kind:
        assert {(path, kind) for path, kind, _ in errors} == {(case.path, case.kind)}, outcome.report["notifications"]
        assert case.line is None or case.line in {line for _, _, line in errors}
        assert case.words in outcome.message(case.path)
    else:
        assert errors == [], outcome.report["notifications"]
    if case.finds:
        rule, line = case.finds
        assert (rule, case.path, line) in outcome.findings
    assert not list(tmp_path.rglob(CANARY)), "nothing of the scanned tree may run"


def test_results_do_not_depend_on_processes(root, scan):
    """All hostile files in one tree: the same bytes with one process and with two, and each is told as it is alone."""
    cases = {f"c{number:03}/{case.path}": case for number, (name, case) in enumerate(CASES.items()) if name not in SLOW}
    put(root, {path: case.make() for path, case in cases.items()})
    serial, parallel = scan("--jobs", 1), scan("--jobs", 2)
    assert serial.bytes == parallel.bytes
    assert serial.out == parallel.out
    told = {path for path, _, _ in serial.notes("error")}
    assert told == {path for path, case in cases.items() if case.kind}
