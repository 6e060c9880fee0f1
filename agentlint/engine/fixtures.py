"""Fixtures: small repositories whose comments say which findings belong where.

``# expect: CODE`` (also in ``//``, ``<!-- -->``, ``;``, ``{# #}``, ``/* */`` and ``--`` comments) stands on a finding's line.
``expect-pedantic`` must be found and stay hidden from the regular persona; ``expect-miss`` (a known miss) and ``expect-false``
(a known false alarm) fail when they stop being true. Where a format has no comments, a file ``EXPECT`` beside it holds lines
``path:line CODE``.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.errors import UsageError
from agentlint.core.levels import Persona

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agentlint.core.result import ScanResult
    from agentlint.engine.settings import Settings

CODE = r"[A-Z][A-Z0-9]{1,9}\d{3}"
_WORDS = r"expect(?:-miss|-false|-pedantic)?"
_CODES = rf"{CODE}(?:[,\s]+{CODE})*"
COMMENT = re.compile(rf"(?:#|//|<!--|;|\{{#|/\*|--)\s{{0,20}}({_WORDS}):\s{{0,20}}({_CODES})")
LINE = re.compile(rf"(?:({_WORDS}):?\s+)?(\S+):(\d+)\s+({_CODES})(?:\s.*)?")
_MAX_BYTES = 1_000_000
_MAX_FILES = 2_000
Where = tuple[str, int, str]


@dataclass
class Expected:
    """Places are (path, line, rule)."""

    expect: set[Where] = field(default_factory=set)
    miss: set[Where] = field(default_factory=set)
    false: set[Where] = field(default_factory=set)
    pedantic: set[Where] = field(default_factory=set)

    def add(self, word: str, path: str, line: int, codes: str) -> None:
        """Add the places that a mark names."""
        places = {
            "expect": self.expect, "expect-miss": self.miss, "expect-false": self.false, "expect-pedantic": self.pedantic,
        }  # fmt: skip
        places[word].update((path, line, code) for code in re.findall(CODE, codes))


def files(root: Path) -> list[Path]:
    """Return the plain files of a fixture, sorted; links are not followed."""
    if root.is_file():
        return [root]
    found = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(found)[:_MAX_FILES]


def expected(root: Path) -> Expected:
    """Return what a fixture (a file or a directory) expects; raise ``UsageError`` for a line of EXPECT that is none."""
    found = Expected()
    base = root.parent if root.is_file() else root
    for path in files(root):
        if path.name == "EXPECT" and path.parent == root:
            _listed(path, found)
            continue
        name = path.relative_to(base).as_posix()
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8", "replace")
        for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
            for match in COMMENT.finditer(line):
                found.add(match[1], name, number, match[2])
    return found


def _listed(path: Path, found: Expected) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line.strip())
        if match is None:
            raise UsageError(f"{path}:{number}: not `path:line RULE`: {line[:80]}")
        if not (path.parent / match[2]).is_file():
            raise UsageError(f"{path}:{number}: there is no file {match[2][:80]}")
        found.add(match[1] or "expect", match[2], int(match[3]), match[4])


def differences(result: ScanResult, want: Expected) -> list[str]:
    """Return one line for each difference between what was found and what a fixture expects."""
    got = {(finding.path, finding.span.line, finding.rule) for finding in result.findings}
    loud = {(f.path, f.span.line, f.rule) for f in result.findings if f.persona is Persona.REGULAR}
    said = {(f.path, f.span.line, f.rule): f.message for f in result.findings}
    return [
        *(f"unexpected {_show(place)}: {said[place]}" for place in sorted(got - want.expect - want.false - want.pedantic)),
        *(f"missing {_show(place)}" for place in sorted((want.expect | want.pedantic) - got)),
        *(f"not pedantic but regular: {_show(place)}" for place in sorted(want.pedantic & loud)),
        *(f"known false alarm is gone, drop its line: {_show(place)}" for place in sorted(want.false - got)),
        *(f"known miss is found now, make it `expect`: {_show(place)}" for place in sorted(want.miss & got)),
    ]


def _show(place: Where) -> str:
    return f"{place[0]}:{place[1]} {place[2]}"


class Case(msgspec.Struct, frozen=True):
    """A fixture and what is wrong with it; ``name`` is its path below the directory of fixtures."""

    name: str
    problems: tuple[str, ...] = ()


def run_cases(rule_dirs: Iterable[Path], settings: Settings, own: Sequence[str]) -> list[Case]:
    """Scan every ``fixtures/CODE-name/{bad,good}_*`` beside the rules in ``rule_dirs`` with the rules ``own``.

    A rule without a ``bad_`` fixture that expects it is a case that fails, as nothing shows that it works.

    Raises:
        UsageError: A fixture's EXPECT file cannot be read.
        RulebookError: A rule is wrong.
    """
    from agentlint.engine.run import scan

    settings = msgspec.structs.replace(
        settings, select=tuple(own), ignore=(), per_file_ignores={}, exclude=(), persona=Persona.AUDITOR, preview=True,
        include_tests=True, use_cache=False, baseline="", severity={}, jobs=1,
    )  # fmt: skip
    cases: list[Case] = []
    shown: set[str] = set()
    for folder in sorted(path for rules in rule_dirs for path in (rules / "fixtures").glob("*") if path.is_dir()):
        code = folder.name.partition("-")[0]
        for path in sorted(folder.iterdir()):
            if not path.name.startswith(("bad_", "good_")):
                continue
            want = expected(path)
            result = _alone(path, lambda root: scan([root], settings))
            problems = [*_misplaced(path.name, code, want, own), *differences(result, want)]
            problems += [f"{note.path}:{note.line}: {note.message}" for note in result.notifications if note.level == "error"]
            shown |= {one[2] for one in want.expect if path.name.startswith("bad_")}
            cases.append(Case(f"{folder.name}/{path.name}", tuple(problems)))
    missing = [Case(code, (f"no fixture fixtures/{code}-…/bad_… expects {code}",)) for code in own if code not in shown]
    return [*cases, *missing]


def _alone(path: Path, look: Callable[[Path], ScanResult]) -> ScanResult:
    """Return what ``look`` says of a fixture in a tree of its own: a folder as it is, a file in an empty one.

    Where a file lies would count otherwise: what stands below ``fixtures`` is taken for a test.
    """
    if path.is_dir():
        return look(path)
    with tempfile.TemporaryDirectory(prefix="agentlint-fixture-") as folder:
        shutil.copyfile(path, Path(folder) / path.name, follow_symlinks=False)
        return look(Path(folder))


def _misplaced(name: str, code: str, want: Expected, own: Sequence[str]) -> list[str]:
    if code not in own:
        return [f"the folder's name begins with {code[:20]!r}, which is no rule of yours"]
    expects = any(place[2] == code for place in want.expect)
    if name.startswith("bad_") and not (expects or any(place[2] == code for place in want.miss | want.pedantic)):
        return [f"a bad fixture expects {code} at least once"]
    return [f"a good fixture expects no {code}"] if name.startswith("good_") and expects else []
