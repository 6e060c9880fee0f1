"""What is done with one file: read it, extract its facts, run the rules that look at single files."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from agentlint.core.finding import Notification
from agentlint.core.paths import is_test
from agentlint.engine.cache import Cache, content_key
from agentlint.facts.types import FileFacts, FileResult

if TYPE_CHECKING:
    from agentlint.engine.settings import Settings
    from agentlint.rulebook.book import Rulebook

_EXHAUSTED = "too large or too deeply nested to be read"
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Task(msgspec.Struct, frozen=True):
    """A file: its path in reports, its place, its kind; ``size`` is in bytes, ``data`` its content if not on disk."""

    path: str
    absolute: str
    kind: str
    size: int = 0
    data: bytes | None = None


class Answer(msgspec.Struct, frozen=True):
    """A ``FileResult`` (as msgpack if it has to travel) and why the cache could not be written, if so."""

    result: FileResult | None = None
    packed: bytes = b""
    cache_problem: str = ""

    def unpack(self) -> FileResult:
        """Return the result."""
        return self.result if self.result is not None else unpacked(self.packed)


class Worker:
    """All that is needed to scan files one after another; made once in each process."""

    def __init__(self, book: Rulebook, settings: Settings, cache: Cache | None, base: bytes) -> None:
        from agentlint.engine.dispatch import FileRules
        from agentlint.engine.settings import honours_ignores
        from agentlint.facts.secrets import SecretScanner

        self.rules = FileRules(book, settings)
        self.scanner = SecretScanner(book.secrets, pragmas=honours_ignores(settings))
        self.limit = settings.max_file_size
        self.tests = settings.include_tests
        self.cache = cache
        self.base = base

    def scan_file(self, task: Task) -> FileResult:
        """Return facts, findings and notifications of a file. Never raises: what fails becomes a notification."""
        data = read(task, self.limit)
        return data if isinstance(data, FileResult) else self.scan_data(task, data)

    def scan_data(self, task: Task, data: bytes) -> FileResult:
        """Return the result for a file whose content is known."""
        from agentlint.facts.extract import extract

        try:
            aside = not self.tests and is_test(task.path)
            extracted = extract(task.path, task.kind, data, self.scanner, self.rules.trees, aside=aside)
        except Exception as error:  # noqa: BLE001 - a bug in a reader must not end the scan of all other files
            from agentlint.engine.dispatch import trace

            trace(error)
            return failed(task, _failure(error))
        findings, crashes = self.rules.run(extracted)
        return FileResult(
            facts=extracted.facts,
            findings=tuple(sorted(findings, key=lambda finding: finding.order)),
            notifications=tuple(sorted({*extracted.notifications, *crashes})),
        )


def start(book: Rulebook, settings: Settings, cache_directory: str, base: bytes, travels: bool) -> Callable[[Any], Answer]:
    """Return the function that scans one task; ``travels`` says whether answers are sent to another process."""
    cache = Cache(Path(cache_directory)) if cache_directory else None
    worker = Worker(book, settings, cache, base)

    def answer(task: Task) -> Answer:
        data = read(task, worker.limit)
        if isinstance(data, FileResult):
            return Answer(result=data)
        result = worker.scan_data(task, data)
        packed = packed_or_empty(result) if travels or cache is not None else b""
        if cache is not None and packed and not transient(result.notifications):
            cache.put(content_key(base, task.path, task.kind, data), packed)
        problem = cache.problem if cache is not None else ""
        return Answer(packed=packed, cache_problem=problem) if travels and packed else Answer(result, b"", problem)

    return answer


def read(task: Task, limit: int) -> bytes | FileResult:
    """Return the content of a regular file of at most ``limit`` bytes, else a result that says why not."""
    if task.data is not None:
        return task.data if len(task.data) <= limit else failed(task, _too_large(limit))
    try:
        descriptor = os.open(task.absolute, _OPEN_FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return failed(task, Notification(task.path, 0, "read-error", "not a regular file; it was not read"))
            data = file.read(limit + 1) if status.st_size <= limit else b"\0" * (limit + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        text = f"cannot be read ({reason}); check permissions, or leave it out with `exclude`"
        return failed(task, Notification(task.path, 0, "read-error", text))
    return data if len(data) <= limit else failed(task, _too_large(limit))


def failed(task: Task, notification: Notification) -> FileResult:
    """Return the result of a file that gave nothing but ``notification``."""
    placed = Notification(task.path, notification.line, notification.kind, notification.message, notification.level)
    return FileResult(facts=FileFacts(path=task.path, kind=task.kind), notifications=(placed,))


def packed_or_empty(result: FileResult) -> bytes:
    """Return ``result`` as msgpack, empty if it holds what msgpack cannot carry (text with lone surrogates)."""
    try:
        return msgspec.msgpack.encode(result)
    except (UnicodeError, OverflowError, TypeError, ValueError):
        return b""


@cache
def _decoder() -> msgspec.msgpack.Decoder[FileResult]:
    return msgspec.msgpack.Decoder(FileResult)


def unpacked(data: bytes) -> FileResult:
    """Return the result in ``data``; raise ``msgspec.DecodeError`` (a ``ValueError``) for anything else."""
    return _decoder().decode(data)


def _too_large(limit: int) -> Notification:
    return Notification("", 0, "cap", f"larger than {limit} bytes; raise `max-file-size`, or leave it out with `exclude`")


def _failure(error: Exception) -> Notification:
    if isinstance(error, (MemoryError, RecursionError)):
        return Notification("", 0, "cap", f"{_EXHAUSTED} ({type(error).__name__})")
    return Notification(
        "", 0, "rule-crash", f"agentlint failed while reading this file ({type(error).__name__}); please report it"
    )


def transient(notifications: Iterable[Notification]) -> bool:
    """Return whether another run may give something else: an update may mend a crash, more memory an exhaustion."""
    return any(note.kind == "rule-crash" or note.message.startswith(_EXHAUSTED) for note in notifications)
