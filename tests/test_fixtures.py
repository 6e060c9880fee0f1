"""Every fixture is scanned with all rules: what it expects must be found, and nothing else.

`expect` findings must be there; so must those of `expect-pedantic`, and be hidden from the regular persona (a good fixture may have
them of its own rule). `expect-miss` (a known miss) and `expect-false` (a known false alarm) fail when they stop being true.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import secretgen
from agentlint.core.levels import Persona
from conftest import ROOT, scan_directory

FIXTURES = ROOT / "fixtures"
CASES = sorted(path for path in FIXTURES.glob("AL[0-9][0-9][0-9]-*/*") if path.name.startswith(("bad_", "good_")))
CODE = r"AL\d{3}"
COMMENT = re.compile(rf"(?:#|//|<!--|;|\{{#|/\*|--)\s*(expect(?:-miss|-false|-pedantic)?):\s*({CODE}(?:[,\s]+{CODE})*)")
LINE = re.compile(rf"(?:(expect(?:-miss|-false|-pedantic)?):?\s+)?(\S+):(\d+)\s+({CODE}(?:[,\s]+{CODE})*)(?:\s.*)?")


@dataclass
class Expected:
    """Places are (path, line, rule)."""

    expect: set[tuple[str, int, str]] = field(default_factory=set)
    miss: set[tuple[str, int, str]] = field(default_factory=set)
    false: set[tuple[str, int, str]] = field(default_factory=set)
    pedantic: set[tuple[str, int, str]] = field(default_factory=set)

    def add(self, word: str, path: str, line: int, codes: str) -> None:
        places = {
            "expect": self.expect, "expect-miss": self.miss, "expect-false": self.false, "expect-pedantic": self.pedantic,
        }  # fmt: skip
        places[word].update((path, line, code) for code in re.findall(CODE, codes))


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


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def expected(root: Path) -> Expected:
    found = Expected()
    for path in files(root):
        if path.name == "EXPECT" and path.parent == root:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if line.strip() and not line.startswith("#"):
                    match = LINE.fullmatch(line.strip())
                    assert match, f"EXPECT:{number}: not `path:line RULE`: {line}"
                    assert (root / match[2]).is_file(), f"EXPECT:{number}: there is no file {match[2]}"
                    found.add(match[1] or "expect", match[2], int(match[3]), match[4])
            continue
        name = path.relative_to(root).as_posix()
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
            for match in COMMENT.finditer(line):
                found.add(match[1], name, number, match[2])
    return found


def test_there_are_fixtures():
    assert CASES


def test_names_are_known():
    stray = [p for p in FIXTURES.glob("*/*") if not p.name.startswith(("bad_", "good_"))]
    assert not stray, "fixtures are called bad_… or good_…"
    assert all(re.match(rf"{CODE}-", p.name) for p in FIXTURES.iterdir() if p.is_dir())


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
    got = {(f.path, f.span.line, f.rule) for f in result.findings}
    loud = {(f.path, f.span.line, f.rule) for f in result.findings if f.persona is Persona.REGULAR}
    lines = [
        *(f"unexpected {place}: {_message(result, place)}" for place in sorted(got - want.expect - want.false - want.pedantic)),
        *(f"missing {place}" for place in sorted((want.expect | want.pedantic) - got)),
        *(f"not pedantic but regular: {place}" for place in sorted(want.pedantic & loud)),
        *(f"known false alarm is gone, drop its line: {place}" for place in sorted(want.false - got)),
        *(f"known miss is found now, make it `expect`: {place}" for place in sorted(want.miss & got)),
    ]
    assert not lines, "\n" + "\n".join(lines)


def _message(result, place) -> str:
    return next(f.message for f in result.findings if (f.path, f.span.line, f.rule) == place)
