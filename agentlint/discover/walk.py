"""Walking the scanned tree: what to scan, what is left out, what could not be looked at.

Nothing here runs git: the configuration of a hostile repository can name programs to run.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.errors import UsageError
from agentlint.core.finding import Notification
from agentlint.core.limits import MAX_FILE_BYTES, MAX_FILES
from agentlint.discover import names
from agentlint.discover.classify import GENERIC, REFINABLE, kind_of, refine
from agentlint.discover.ignore import Patterns, above, compile_patterns, ignored, read_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

# Paths are strings here: a Path for each entry would double the time of a walk.
# ruff: noqa: PTH100, PTH109, PTH112, PTH113, PTH116, PTH118, PTH120, PTH110
_MAX_DIRECTORIES = 120
_HEAD = 200_000
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class DiscoverOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``exclude``: patterns in the format of ``.gitignore``, relative to each root.

    ``include_tests`` changes nothing here: rules judge tests by their path.
    """

    exclude: tuple[str, ...] = ()
    max_file_size: int = MAX_FILE_BYTES
    max_files: int = MAX_FILES
    include_tests: bool = False
    use_gitignore: bool = True


class Candidate(msgspec.Struct, frozen=True, order=True):
    """A file to scan; ``path`` is relative to the scanned root with ``/``, ``size`` in bytes."""

    path: str
    absolute: Path
    kind: str
    size: int


class Discovery(msgspec.Struct, frozen=True):
    """``skipped`` counts the files that were seen and left out (ignored, or nothing that a rule reads)."""

    candidates: tuple[Candidate, ...]
    notifications: tuple[Notification, ...] = ()
    skipped: int = 0


def discover(roots: Sequence[Path], options: DiscoverOptions) -> Discovery:
    """Return the files to scan below ``roots``, sorted by path; a root may be a file, which is scanned even if ignored.

    With one directory, paths are relative to it; with several roots, or files, to the current directory if all are
    below it, else to the directory they share.
    Raises ``UsageError`` for a root that does not exist.
    """
    for root in roots:
        if not os.path.exists(root):  # also False for what is no path at all; Path.exists raises there
            raise UsageError(f"{root}: no such file or directory")
    walk = _Walk(options, _base(roots))
    for root in roots:
        if root.is_dir():
            walk.directory(root.absolute())
        else:
            walk.named(root.absolute())
    walk.links()
    found = sorted(walk.found.values(), key=lambda candidate: candidate.path)
    if len(found) > options.max_files:
        walk.note(found[options.max_files].path, "cap", f"more than {options.max_files} files; the rest was not scanned")
        found = found[: options.max_files]
    return Discovery(tuple(found), tuple(sorted(set(walk.notes))), walk.skipped)


def shown(path: str) -> str:
    r"""Return ``path`` as text; bytes of a name that are not UTF-8 become ``\xNN``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _base(roots: Sequence[Path]) -> str:
    """Return the directory that paths are relative to."""
    if len(roots) == 1 and roots[0].is_dir():
        return os.path.abspath(roots[0])
    here = os.getcwd()
    places = [os.path.abspath(root) for root in roots]
    if all(_below(place, here) for place in places):
        return here
    try:
        common = os.path.commonpath(places) if places else here
    except ValueError:  # different drives
        return os.path.dirname(places[0])
    return common if os.path.isdir(common) else os.path.dirname(common)


def _below(place: str, directory: str) -> bool:
    return place == directory or place.startswith(directory.rstrip(os.sep) + os.sep)


class _Walk:
    def __init__(self, options: DiscoverOptions, base: str) -> None:
        self.options = options
        self.base = base
        self.found: dict[str, Candidate] = {}
        self.notes: list[Notification] = []
        self.linked: list[tuple[str, str]] = []  # absolute path of the link, its target
        self.skipped = 0
        self.full = False
        self.exclude = compile_patterns(options.exclude)

    def note(self, path: str, kind: str, message: str, level: str = "error") -> None:
        self.notes.append(msgspec.convert([shown(path), 0, kind, message, level], Notification))

    def relative(self, absolute: str) -> str:
        """Return ``absolute`` relative to the base, with ``/``."""
        if _below(absolute, self.base) and absolute != self.base:
            path = absolute[len(self.base.rstrip(os.sep)) + 1 :]
        else:
            path = os.path.relpath(absolute, self.base)
        return path.replace(os.sep, "/")

    def named(self, file: Path) -> None:
        """Take a file from the command line."""
        absolute = os.path.normpath(file)
        try:
            status = os.stat(absolute)
        except OSError as error:
            self.unreadable(absolute, error)
            return
        context = "/".join(Path(absolute).parts[-4:]).replace(os.sep, "/")
        self.take(absolute, status, context, explicit=True)

    def directory(self, root: Path) -> None:
        """Walk one root with a stack of (directory, its path from the root, the ignore patterns that hold in it)."""
        top = os.path.normpath(root)
        real = os.path.realpath(top)
        context = _context(top)
        outer = above(Path(real)) if self.options.use_gitignore else []
        stack: list[tuple[str, str, list[Patterns]]] = [(top, "", outer)]
        while stack and not self.full:
            directory, inside, patterns = stack.pop()
            entries = self.entries(directory)
            if self.options.use_gitignore:
                patterns = self.patterns(directory, inside, entries, patterns)
            for entry in entries:
                path = inside + entry.name
                try:
                    self.entry(entry, path, real, context, patterns, stack)
                except OSError as error:
                    self.unreadable(entry.path, error)

    def entries(self, directory: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(directory) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.unreadable(directory, error)
            return []

    def unreadable(self, absolute: str, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        self.note(self.relative(absolute), "read-error", f"cannot be read: {reason}")

    def patterns(self, directory: str, inside: str, entries: list[os.DirEntry[str]], outer: list[Patterns]) -> list[Patterns]:
        """Return the patterns for ``directory``; a repository inside another starts with its own alone."""
        here = {entry.name for entry in entries}
        files = [".gitignore"] if ".gitignore" in here else []
        result = outer
        if ".git" in here:
            result = [] if inside else outer
            files.insert(0, os.path.join(".git", "info", "exclude"))
        for file in files:
            read = read_patterns(Path(directory, file), inside)
            if read is None:
                continue
            result = [*result, read]
            if read.dropped:
                message = f"{len(read.dropped)} patterns are too costly to match and were not applied"
                self.note(self.relative(os.path.join(directory, file)), "cap", message, "warning")
        return result

    def entry(
        self, entry: os.DirEntry[str], path: str, real: str, context: str, patterns: list[Patterns],
        stack: list[tuple[str, str, list[Patterns]]],
    ) -> None:  # fmt: skip
        """Look at one entry of a directory; ``path`` is relative to the root."""
        if entry.is_symlink() or _is_junction(entry):
            if not self.left_out(path, patterns):
                self.link(entry, real)
        elif entry.is_dir(follow_symlinks=False):
            if _is_skipped(entry) or self.left_out(f"{path}/", patterns):
                return
            if path.count("/") >= _MAX_DIRECTORIES:
                self.note(self.relative(entry.path), "cap", f"directories nested deeper than {_MAX_DIRECTORIES} levels")
                return
            stack.append((entry.path, f"{path}/", patterns))
        elif self.left_out(path, patterns):
            self.skipped += 1
        else:
            self.take(entry.path, entry.stat(follow_symlinks=False), context + path)

    def left_out(self, path: str, patterns: list[Patterns]) -> bool:
        return bool(self.exclude.verdict(path)) or ignored(patterns, path)

    def take(self, absolute: str, status: os.stat_result, context: str, *, explicit: bool = False) -> None:
        """Add a file if a rule may read it; ``context`` is the path that its kind is judged by."""
        if absolute in self.found:
            return
        path = self.relative(absolute)
        if not stat.S_ISREG(status.st_mode):
            self.note(path, "incomplete", f"{_special(status.st_mode)}: not read", "note")
            return
        kind = kind_of(context.replace(os.sep, "/"))
        if kind is None and explicit:
            kind = "text"
        if kind is None:
            self.skipped += 1
            return
        if status.st_size > self.options.max_file_size:
            self.too_large(path, kind, status.st_size)
            return
        if kind in REFINABLE:
            kind = refine(kind, context, _head(absolute))
        self.found[absolute] = Candidate(shown(path), Path(absolute), kind, status.st_size)
        self.full = len(self.found) > self.options.max_files

    def too_large(self, path: str, kind: str, size: int) -> None:
        message = f"{size} bytes are more than the limit of {self.options.max_file_size} (max-file-size); not scanned"
        self.note(path, "cap", message, "warning" if kind in GENERIC else "error")
        self.skipped += 1

    def link(self, entry: os.DirEntry[str], real: str) -> None:
        target = os.path.realpath(entry.path)
        if not _below(target, real):
            message = "link to a place outside the scanned tree: not followed"
            self.note(self.relative(entry.path), "incomplete", message, "note")
        elif os.path.isfile(target):
            self.linked.append((entry.path, target))

    def links(self) -> None:
        """Scan the linked files that are scanned under no other name, or under one that hides what they are read as."""
        reached = {os.path.realpath(absolute): candidate.kind for absolute, candidate in self.found.items()}
        for absolute, target in self.linked:
            kind = kind_of(self.relative(absolute))
            known = reached.get(target)
            if kind is not None and (known is None or (known in GENERIC and kind not in GENERIC)):
                reached[target] = kind
                self.take(absolute, os.stat(target), self.relative(absolute))


def _context(top: str) -> str:
    """Return the hidden directory that the root is, or is in, as a prefix: ``.github/`` when ``.github`` is scanned."""
    parts = Path(top).parts[-3:]
    for at, part in enumerate(parts):
        if part.startswith(".") and part.strip("."):
            return "/".join(parts[at:]) + "/"
    return ""


def _is_skipped(entry: os.DirEntry[str]) -> bool:
    name = entry.name.lower()
    if name in names.SKIPPED_DIRECTORIES or name.endswith(names.SKIPPED_SUFFIXES):
        return True
    return "env" in name and os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def _is_junction(entry: os.DirEntry[str]) -> bool:
    check = getattr(entry, "is_junction", None)  # Windows, Python 3.12 and later
    return bool(check is not None and check())


def _special(mode: int) -> str:
    names_of = {stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "device"}
    return names_of.get(stat.S_IFMT(mode), "no regular file")


def _head(absolute: str) -> bytes:
    """Return the start of a file; nothing when it cannot be read (the worker will say so)."""
    try:
        with os.fdopen(os.open(absolute, _OPEN_FLAGS), "rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""
