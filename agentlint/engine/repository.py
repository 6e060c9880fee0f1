"""From paths to files, and from the facts of all files to the repository that rules are asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.finding import Notification
from agentlint.discover.classify import kind_of, refine
from agentlint.discover.walk import DiscoverOptions, discover
from agentlint.engine.worker import Task, read
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import decode
from agentlint.rulebook import own

if TYPE_CHECKING:
    from agentlint.engine.settings import Settings
    from agentlint.facts.types import FileFacts
    from agentlint.rulebook.book import Rulebook
    from agentlint.sdk import RepoContext


class Tree(msgspec.Struct, frozen=True):
    """The files to scan, in order; what could not be looked at; how many files no rule reads."""

    tasks: tuple[Task, ...]
    notifications: tuple[Notification, ...] = ()
    skipped: int = 0


@cache
def _shipped() -> Rulebook:
    return own.shipped()


def rulebook(settings: Settings) -> Rulebook:
    """Return the rulebook with the user's own rules and models; raise ``RulebookError`` with all mistakes."""
    book = _shipped()
    if settings.rule_dirs or settings.model_dirs:
        from agentlint.rulebook import load

        book = load.with_user_rules(book, [Path(d) for d in settings.rule_dirs], [Path(d) for d in settings.model_dirs])
    return book


def tree(roots: Sequence[Path], settings: Settings, stdin: bytes | None = None) -> Tree:
    """Return what there is to scan below ``roots``, or the one file whose content is ``stdin``."""
    if stdin is not None:
        name = settings.stdin_filename.replace("\\", "/").lstrip("/") or "stdin"
        kind = kind_of(name)
        kind = refine(kind, name, stdin) if kind is not None else "text"
        return Tree((Task(name, "", kind, len(stdin), stdin),))
    options = DiscoverOptions(
        exclude=settings.exclude,
        max_file_size=settings.max_file_size,
        include_tests=settings.include_tests,
        use_gitignore=not settings.isolated,
    )
    found = discover(roots, options)
    tasks = tuple(Task(c.path, str(c.absolute), c.kind, c.size) for c in found.candidates)
    return Tree(tasks, tuple(found.notifications), found.skipped)


def repository(
    facts: Sequence[FileFacts], book: Rulebook, settings: Settings, source: Callable[[str], str | None] = lambda _path: None
) -> RepoContext:
    """Link the facts of all files and build the graph."""
    from agentlint.sdk import RepoContext

    return RepoContext.of(facts, book, settings, source)


def sources(tasks: Sequence[Task], settings: Settings) -> Callable[[str], str | None]:
    """Return the function that gives the text of a scanned file by its path, ``None`` for one that cannot be read."""
    by_path = {task.path: task for task in tasks}

    @lru_cache(maxsize=64)
    def source(path: str) -> str | None:
        task = by_path.get(path)
        data = read(task, settings.max_file_size) if task is not None else b""
        if task is None or not isinstance(data, bytes):
            return None
        text = decode(data, python=task.kind == "python")
        return None if isinstance(text, ParseProblem) else text.data

    return source
