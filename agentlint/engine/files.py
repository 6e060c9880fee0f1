"""The phase that looks at each file: from the cache, in this process, or in several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.finding import Notification
from agentlint.engine import pool, worker
from agentlint.engine.cache import Cache, content_key
from agentlint.engine.settings import Settings
from agentlint.engine.worker import Task
from agentlint.facts.types import FileResult
from agentlint.rulebook.book import Rulebook

if TYPE_CHECKING:
    from agentlint.engine.progress import Progress


class Listed(msgspec.Struct, frozen=True):
    """A task with the key of its content; ``key`` begins with ``!`` when the content cannot be read."""

    task: Task
    key: str = ""


class Setup(msgspec.Struct, frozen=True):
    """What is the same for all files of a scan; ``base`` is the part of the key that they share."""

    book: Rulebook
    settings: Settings
    cache: Cache | None
    base: bytes


class FilePhase(msgspec.Struct, frozen=True):
    """One result for each file, in order; ``hits`` came from the cache."""

    results: list[FileResult]
    hits: int = 0
    cache_problem: str = ""


def listed(tasks: Sequence[Task], base: bytes, settings: Settings) -> list[Listed]:
    """Return ``tasks`` with the keys of their contents (without, when there is no cache to look in)."""
    if not settings.use_cache:
        return [Listed(task) for task in tasks]
    found = []
    for task in tasks:
        data = worker.read(task, settings.max_file_size)
        if isinstance(data, FileResult):
            found.append(Listed(task, "!" + data.notifications[0].message))
        else:
            found.append(Listed(task, content_key(base, task.path, task.kind, data)))
    return found


def scan_files(files: Sequence[Listed], setup: Setup, progress: Progress) -> FilePhase:
    """Return the result of each file. What is not in the cache is scanned, by several processes if that pays."""
    progress.phase("files", len(files))
    known: dict[int, FileResult] = {}
    for number, file in enumerate(files):
        result = _cached(file, setup.cache)
        if result is not None:
            known[number] = result
            progress.advance()
    missing = [number for number in range(len(files)) if number not in known]
    answers = _scan([files[number] for number in missing], setup, progress)
    problem = ""
    for number, answer in zip(missing, answers, strict=True):
        if isinstance(answer, pool.Died):
            known[number] = worker.failed(files[number].task, _death())
        else:
            known[number] = answer.unpack()
            problem = problem or answer.cache_problem
    if setup.cache is not None and missing:
        setup.cache.wrote = True
    return FilePhase([known[number] for number in range(len(files))], len(files) - len(missing), problem)


def _cached(file: Listed, cache: Cache | None) -> FileResult | None:
    packed = cache.get(file.key) if cache is not None and file.key and not file.key.startswith("!") else None
    if packed is None:
        return None
    try:
        result = worker.unpacked(packed)
    except (ValueError, RecursionError):
        return None
    return result if result.facts.path == file.task.path else None


def _scan(files: list[Listed], setup: Setup, progress: Progress) -> list[worker.Answer | pool.Died]:
    workers = pool.worker_count(setup.settings.jobs, len(files))
    python = sum(file.task.size for file in files if file.task.kind in ("python", "notebook"))
    parallel = workers > 1 and (len(files) >= pool.POOL_FILES or python >= pool.POOL_PYTHON_BYTES)
    directory = str(setup.cache.directory) if setup.cache is not None else ""
    work = pool.Work(worker.start, (setup.book, setup.settings, directory, setup.base, parallel))
    tasks = [file.task for file in files]
    if parallel:
        return pool.run_pool(work, tasks, [task.size for task in tasks], workers, progress.advance)
    return pool.run_serial(work, tasks, progress.advance) if tasks else []


def _death() -> Notification:
    text = "the process reading this file died (out of memory, or a crash of Python); leave it out with `exclude`"
    return Notification("", 0, "rule-crash", text)
