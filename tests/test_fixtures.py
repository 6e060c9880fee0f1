"""Every fixture is scanned with all rules: what it expects must be found, and nothing else.

`expect` findings must be there; so must those of `expect-pedantic`, and be hidden from the regular persona (a good fixture may have
them of its own rule). `expect-miss` (a known miss) and `expect-false` (a known false alarm) fail when they stop being true.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import secretgen
from agentlint.engine.fixtures import differences, expected, files
from conftest import ROOT, scan_directory

FIXTURES = ROOT / "fixtures"
CASES = sorted(path for path in FIXTURES.glob("AL[0-9][0-9][0-9]-*/*") if path.name.startswith(("bad_", "good_")))
CODE = r"AL\d{3}"


def case_id(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


def copied(case: Path, to: Path) -> Path:
    """Copy a case into a directory of its own and make up the secrets that it asks for."""
    root = to / "repo"
    if case.is_dir():
        shutil.copytree(case, root, symlinks=True)
    else:
        root.mkdir()
        shutil.copy2(case, root / case.name)
    for path in files(root):
        data = path.read_bytes()
        if b"@@SECRET:" in data:
            path.write_bytes(secretgen.fill(data.decode()).encode())
    return root


def test_there_are_fixtures():
    assert CASES


def test_names_are_known():
    stray = [p for p in FIXTURES.glob("AL*/*") if not p.name.startswith(("bad_", "good_"))]
    assert not stray, "fixtures are called bad_… or good_…"
    assert all(re.match(rf"{CODE}-", p.name) for p in FIXTURES.iterdir() if p.is_dir() and p.name != "matrix")


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_fixture(case: Path, tmp_path: Path):
    root = copied(case, tmp_path)
    want = expected(root)
    own = case.parent.name[:5]
    if case.name.startswith("bad_"):
        assert any(code == own for _, _, code in want.expect), f"a bad fixture expects {own} at least once"
    else:
        assert not any(code == own for _, _, code in want.expect), f"a good fixture expects no {own}"
    result = scan_directory(root)
    problems = [n for n in result.notifications if n.kind in ("rule-crash", "parse-error")]
    assert not problems, problems
    lines = differences(result, want)
    assert not lines, "\n" + "\n".join(lines)
