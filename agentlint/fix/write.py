"""Changed files, written so that no other file, link or half-written content can result."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path


class NotWrittenError(Exception):
    """The file was left as it was; the text says why."""


def inside(path: Path, roots: Sequence[Path]) -> bool:
    """Return whether ``path``, all links resolved, is one of ``roots`` or below one."""
    real = path.parent.resolve() / path.name
    return any(real == root.resolve() or real.is_relative_to(root.resolve()) for root in roots)


def replace(path: Path, old: bytes, new: bytes, roots: Sequence[Path]) -> None:
    """Put ``new`` in the place of ``old`` in a regular file below ``roots``; mode and owner stay.

    Raises:
        NotWrittenError: It is a link, is elsewhere, is read-only, does not hold ``old`` any more, or cannot be written.
    """
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise NotWrittenError("it is no regular file (a link, perhaps)")
        if not inside(path, roots):
            raise NotWrittenError("it is outside the given paths")
        if found.st_nlink > 1:
            raise NotWrittenError("the file has several names (hard links)")
        if not found.st_mode & 0o222 or not os.access(path, os.W_OK):
            raise NotWrittenError("it is read-only")
        _swap(path, old, new, found)
    except OSError as error:
        raise NotWrittenError(error.strerror or str(error)) from error


def _swap(path: Path, old: bytes, new: bytes, found: os.stat_result) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(new)
            stream.flush()
            os.fsync(stream.fileno())
        if hasattr(os, "chown") and (temporary.stat().st_uid, temporary.stat().st_gid) != (found.st_uid, found.st_gid):
            os.chown(temporary, found.st_uid, found.st_gid)
        temporary.chmod(stat.S_IMODE(found.st_mode))
        if path.lstat().st_ino != found.st_ino or path.read_bytes() != old:
            raise NotWrittenError("it changed since the scan; run the command again")
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def add_variables(root: Path, names: Sequence[str], name: str = ".env.example") -> list[str]:
    """Add ``NAME=`` for each of ``names`` that ``.env.example`` in ``root`` lacks; return those that were added.

    Raises:
        NotWrittenError: The file is no regular file, is read-only, or cannot be written.
    """
    path = root / name
    try:
        if not path.is_symlink() and not path.exists():
            with path.open("xb") as stream:
                stream.write("".join(f"{variable}=\n" for variable in names).encode())
            return list(names)
        if path.is_symlink() or not path.is_file():
            raise NotWrittenError("it is no regular file (a link, perhaps)")
        old = path.read_bytes()
    except OSError as error:
        raise NotWrittenError(error.strerror or str(error)) from error
    added = missing(old, names)
    if added:
        newline = b"\r\n" if b"\r\n" in old else b"\n"
        gap = b"" if not old or old.endswith(b"\n") else newline
        replace(path, old, old + gap + b"".join(variable.encode() + b"=" + newline for variable in added), [root])
    return added


def missing(content: bytes, names: Sequence[str]) -> list[str]:
    """Return those of ``names`` for which the dotenv file ``content`` has no line."""
    lines = {line.strip().removeprefix(b"export ").partition(b"=")[0].strip() for line in content.splitlines() if b"=" in line}
    return [name for name in names if name.encode() not in lines]
