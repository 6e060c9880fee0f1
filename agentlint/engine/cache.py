"""Results of earlier scans by content, in the user's own cache directory. A broken cache costs time, never a result."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from agentlint import __version__
from agentlint.core.digest import blake2b

MAX_BYTES = 256 * 1024 * 1024
_MAX_ENTRY = 32 * 1024 * 1024
_CHECK_EVERY = 3600.0


def default_directory() -> Path:
    """Return the user's cache directory for this program."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("agentlint", appauthor=False))


def base_key(rulebook_digest: str, settings: object) -> bytes:
    """Return what all keys of a scan share: versions, rulebook, and the settings that decide what files give."""
    parts = [__version__, f"{sys.version_info[0]}.{sys.version_info[1]}", rulebook_digest, settings]
    return blake2b(msgspec.msgpack.encode(parts), digest_size=16).digest()


def content_key(base: bytes, path: str, kind: str, data: bytes) -> str:
    """Return the key of one file: hexadecimal, of its content, path and kind."""
    head = msgspec.msgpack.encode([path.encode("utf-8", "surrogatepass"), kind])
    return blake2b(data, digest_size=20, key=blake2b(base + head, digest_size=32).digest()).hexdigest()


def run_key(base: bytes, keys: Iterable[tuple[str, str]]) -> str:
    """Return the key of a whole scan from the path and key of each file."""
    digest = blake2b(base, digest_size=20, person=b"agentlint-run")
    for path, key in keys:
        digest.update(path.encode("utf-8", "surrogatepass") + b"\0" + key.encode() + b"\n")
    return digest.hexdigest()


class Cache:
    """Entries of bytes by key. ``problem`` says why the cache stopped working; afterwards every look-up is a miss."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problem = ""
        self.wrote = False

    def get(self, key: str) -> bytes | None:
        """Return the entry of ``key``, or ``None``."""
        try:
            with self._file(key).open("rb") as file:
                data = file.read(_MAX_ENTRY + 1)
        except OSError:
            return None
        return data if len(data) <= _MAX_ENTRY else None

    def put(self, key: str, data: bytes) -> None:
        """Store an entry, whole or not at all. The first failure sets ``problem`` and ends all writing."""
        if self.problem or len(data) > _MAX_ENTRY:
            return
        target = self._file(key)
        temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            _write(temporary, data)
            os.replace(temporary, target)  # noqa: PTH105 - a test replaces it to stand for a full disk
            self.wrote = True
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            self.problem = f"the cache at {self.directory} cannot be written ({error.strerror or error}); going on without it"

    def evict(self, limit: int = MAX_BYTES, every: float = _CHECK_EVERY) -> None:
        """Delete the oldest entries beyond ``limit`` bytes; looks once in ``every`` seconds, only after a write."""
        stamp = self.directory / "checked"
        try:
            if not self.wrote or time.time() - (stamp.stat().st_mtime if stamp.exists() else 0.0) < every:
                return
            stamp.touch()
            entries = sorted(_entries(self.directory))
        except OSError:
            return
        excess = sum(size for _, size, _ in entries) - limit
        for _, size, name in entries:
            if excess <= 0:
                return
            with contextlib.suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - names come from scandir
                excess -= size

    def _file(self, key: str) -> Path:
        return self.directory / "v1" / key[:2] / key[2:]


def _write(path: Path, data: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _entries(directory: Path) -> Iterable[tuple[float, int, str]]:
    for shard in os.scandir(directory / "v1"):
        if shard.is_dir(follow_symlinks=False):
            for entry in os.scandir(shard.path):
                status = entry.stat(follow_symlinks=False)
                yield status.st_mtime, status.st_size, entry.path
