"""Many files on many processors. Everything about processes is here; results do not depend on their number."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

# Measured with two processors: two workers are slower than one process below 2 MB of Python, as fast at 2.5 MB, and at
# 4.6 MB take 10 to 25 % less time for a third more work. Other files cost a tenth of that.
POOL_FILES = 2_500
POOL_PYTHON_BYTES = 5_000_000
_CHUNK_FILES = 32
_CHUNK_BYTES = 200_000
_MAX_DEATHS = 20

Call = Callable[[Any], Any]


class Work(msgspec.Struct, frozen=True):
    """What workers do: ``start(*arguments)`` makes, once in each process, the function that turns a task into a result.

    All parts must be importable or picklable: where processes cannot be forked they are sent.
    """

    start: Callable[..., Call]
    arguments: tuple[Any, ...]


class Died(msgspec.Struct, frozen=True):
    """The result of a task whose worker process ended without an answer."""


def worker_count(jobs: int, files: int) -> int:
    """Return how many processes to use for ``files`` files when the user asked for ``jobs`` (0: as many as useful)."""
    return max(1, min(jobs or os.cpu_count() or 1, files))


def run_serial(work: Work, tasks: Sequence[Any], done: Callable[[int], None]) -> list[Any]:
    """Return the result of each task, in order, computed in this process with the garbage collector off."""
    call = work.start(*work.arguments)
    results = []
    enabled = gc.isenabled()
    gc.disable()
    try:
        for task in tasks:
            results.append(call(task))
            done(1)
    finally:
        if enabled:
            gc.enable()
    return results


def run_pool(work: Work, tasks: Sequence[Any], sizes: Sequence[int], workers: int, done: Callable[[int], None]) -> list[Any]:
    """Return the result of each task, in order, computed by ``workers`` processes; ``Died`` if that killed it.

    ``sizes`` are the bytes of each task's file. An interrupt ends the workers at once and is passed on.
    """
    results: dict[int, Any] = {}
    for number, result in _first_pass(work, tasks, list(_chunks(sizes)), workers):
        results[number] = result
        done(1)
    deaths = 0
    for number in range(len(tasks)):
        if number not in results:
            results[number] = Died() if deaths >= _MAX_DEATHS else _alone(work, tasks[number])
            deaths += isinstance(results[number], Died)
            done(1)
    return [results[number] for number in range(len(tasks))]


def _first_pass(work: Work, tasks: Sequence[Any], chunks: list[range], workers: int) -> Iterator[tuple[int, Any]]:
    """Yield number and result of tasks; those that were waiting when a worker died are missing."""
    from concurrent.futures import as_completed
    from concurrent.futures.process import BrokenProcessPool

    with _Processes(work, min(workers, len(chunks))) as executor:
        futures = {}
        try:
            for chunk in chunks:
                futures[executor.submit(_run_chunk, [tasks[number] for number in chunk])] = chunk
        except BrokenProcessPool:
            pass
        for future in as_completed(futures):
            try:
                answers = future.result()
            except BrokenProcessPool:
                continue
            yield from zip(futures[future], answers, strict=True)


def _alone(work: Work, task: Any) -> Any:
    """Return the result of one task in a process of its own, so that it can only kill that one."""
    from concurrent.futures.process import BrokenProcessPool

    with _Processes(work, 1) as executor:
        try:
            return executor.submit(_run_chunk, [task]).result()[0]
        except BrokenProcessPool:
            return Died()


class _Processes:
    """An executor whose processes end at once when its block is left by an error."""

    def __init__(self, work: Work, workers: int) -> None:
        from concurrent.futures import ProcessPoolExecutor

        context = _context()
        forked = context.get_start_method() == "fork"
        if forked:
            _call[:] = [work.start(*work.arguments)]  # once for all: forked processes find it in their memory
        self._executor = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_begin, initargs=(None if forked else work,)
        )
        self._others: set[BaseProcess] = set()

    def __enter__(self) -> ProcessPoolExecutor:
        import multiprocessing

        self._others = set(multiprocessing.active_children())
        gc.freeze()
        return self._executor

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        import multiprocessing

        gc.unfreeze()
        _call.clear()
        if kind is None:
            self._executor.shutdown()
            return
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - self._others:
            process.terminate()


def _context() -> BaseContext:
    """Return the cheapest way to start processes that is safe here: forking is not where other threads run."""
    import multiprocessing
    import threading

    fork = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if fork else "spawn")


def _chunks(sizes: Sequence[int]) -> Iterator[range]:
    start, total = 0, 0
    for number, size in enumerate(sizes):
        if number > start and (number - start >= _CHUNK_FILES or total + size > _CHUNK_BYTES):
            yield range(start, number)
            start, total = number, 0
        total += size
    if sizes:
        yield range(start, len(sizes))


_call: list[Call] = []


def _begin(work: Work | None) -> None:
    """Prepare a new process; ``work`` is ``None`` where the parent has started it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    if work is not None:
        _call[:] = [work.start(*work.arguments)]


def _run_chunk(tasks: list[Any]) -> list[Any]:
    answers = [_call[0](task) for task in tasks]
    gc.collect(0)
    return answers
