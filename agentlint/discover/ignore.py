"""Ignore files: which paths the repository itself leaves out."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_MAX_BYTES = 1_000_000
_MAX_PATTERNS = 5_000
_MAX_PATTERN = 500
# Matching time grows with (length of the name) ** (number of stars): a hostile pattern with more would stop the scan.
_MAX_STARS = 3
_MAX_DEEP = 2
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class Patterns(msgspec.Struct, frozen=True):
    """Patterns for paths below ``base`` (relative, empty or with a final ``/``); ``dropped`` were too costly.

    ``spec`` is that of pathspec, ``None`` when there are no patterns.
    """

    spec: Any
    base: str = ""
    dropped: tuple[str, ...] = ()

    def verdict(self, path: str) -> bool | None:
        """Return whether ``path`` (a directory ends with ``/``) is ignored; ``None`` when no pattern says."""
        if self.spec is None or not path.startswith(self.base):
            return None
        result: bool | None = self.spec.check_file(path[len(self.base) :]).include
        return result


def compile_patterns(lines: Iterable[str], base: str = "") -> Patterns:
    """Compile lines in the format of ``.gitignore``; lines that are no valid pattern are passed over, as git does."""
    kept: list[str] = []
    dropped: list[str] = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        if len(kept) >= _MAX_PATTERNS or _costly(line):
            dropped.append(line[:80])
        elif _valid(line):
            kept.append(line)
    return Patterns(_spec(kept) if kept else None, base, tuple(dropped))


def _spec(lines: list[str]) -> Any:
    from pathspec import GitIgnoreSpec  # most small scans have no patterns

    return GitIgnoreSpec.from_lines(lines)


def _costly(line: str) -> bool:
    if len(line) > _MAX_PATTERN:
        return True
    parts = line.split("/")
    if sum(part == "**" for part in parts[1:-1]) > _MAX_DEEP:
        return True
    return any(len(re.findall(r"\*+", part)) > _MAX_STARS for part in parts)


def _valid(line: str) -> bool:
    try:
        _spec([line])
    except (ValueError, re.error):
        return False
    return True


def read_patterns(path: Path, base: str = "") -> Patterns | None:
    """Return the patterns of an ignore file; ``None`` if there is none or it is no regular file that can be read."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except (OSError, ValueError):
        return None
    try:
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = file.read(_MAX_BYTES)
    except OSError:
        return None
    lines = data.decode("utf-8-sig", "surrogateescape").splitlines()
    patterns = compile_patterns(lines, base)
    return patterns if lines else None


def ignored(stack: Sequence[Patterns], path: str) -> bool:
    """Return whether ``path`` is ignored; the patterns of deeper directories come last in ``stack`` and win."""
    for patterns in reversed(stack):
        verdict = patterns.verdict(path)
        if verdict is not None:
            return verdict
    return False


def above(root: Path) -> list[Patterns]:
    """Return the patterns of the directories above ``root`` up to the top of its repository, if it lies in one."""
    if (root / ".git").exists():
        return []
    parents = list(root.parents)
    top = next((at for at, parent in enumerate(parents) if (parent / ".git").exists()), None)
    if top is None:
        return []
    found: list[_Shifted] = []
    for directory in reversed(parents[: top + 1]):
        files = [directory / ".git" / "info" / "exclude"] if directory == parents[top] else []
        for file in (*files, directory / ".gitignore"):
            patterns = read_patterns(file)
            if patterns is not None and patterns.spec is not None:
                found.append(_Shifted(patterns.spec, "", patterns.dropped, root.relative_to(directory).as_posix()))
    if any(item.spec.check_file(f"{item.inside}/").include for item in found):
        return []  # the root itself is ignored and was named all the same
    return [*found]


class _Shifted(Patterns, frozen=True):
    """Patterns of a directory above the root, which is ``inside`` it."""

    inside: str = ""

    def verdict(self, path: str) -> bool | None:
        result: bool | None = self.spec.check_file(f"{self.inside}/{path}").include
        return result
