"""What would mend the findings of a scan: worked out when a report or ``agentlint fix`` asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.finding import Finding
from agentlint.core.fix import Fix, Refusal
from agentlint.engine.worker import Task, read

if TYPE_CHECKING:
    from agentlint.core.result import ScanResult
    from agentlint.engine.settings import Settings
    from agentlint.fix.planner import Fixer
    from agentlint.fix.source import SourceFile
    from agentlint.rulebook.book import Rulebook


class Files:
    """The files of a scan as they are now, each read once; lock files are read too, though no rule looks at them."""

    def __init__(self, tasks: Sequence[Task], settings: Settings) -> None:
        self._tasks = {task.path: task for task in tasks}
        self._limit = settings.max_file_size
        self._known: dict[str, SourceFile | None] = {}
        first = tasks[0] if tasks else None
        under = first is not None and first.absolute.replace("\\", "/").endswith("/" + first.path)
        self._base = first.absolute[: -len(first.path)] if first is not None and under else ""

    def file(self, path: str) -> SourceFile | None:
        """Return a scanned file, ``None`` when it cannot be read."""
        if path not in self._known:
            from agentlint.fix.source import SourceFile

            task = self._tasks.get(path)
            data = read(task, self._limit) if task is not None else None
            found = SourceFile(path, task.absolute, task.kind, data) if task is not None and isinstance(data, bytes) else None
            self._known[path] = found
        return self._known[path]

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file of the tree, ``None`` when there is none that may be read."""
        place = Path(self._base + path)
        if not self._base or place.is_symlink() or not place.is_file():
            return None
        data = read(Task(path, str(place), "text"), self._limit)
        return data if isinstance(data, bytes) else None


def fixes(tasks: Sequence[Task], book: Rulebook, settings: Settings) -> Callable[[Finding], Fix | Refusal | None]:
    """Return the function that works out what would mend a finding; nothing is read before it is first called."""
    made: list[Fixer] = []

    def answer(finding: Finding) -> Fix | Refusal | None:
        if not made:
            from agentlint.fix.planner import Fixer

            files = Files(tasks, settings)
            made.append(Fixer(book.rules, files.file, files.read))
        return made[0].fix(finding)

    return answer


class Change(msgspec.Struct, frozen=True):
    """New content of one file, and the findings that it mends."""

    file: SourceFile
    new: bytes
    fixed: tuple[tuple[Finding, Fix], ...]


class Plan(msgspec.Struct, frozen=True):
    """What can be done about the findings of a scan.

    ``unsafe`` holds what only ``--unsafe`` would do, ``refused`` pairs of finding and reason, ``other`` what no fix exists for.
    """

    result: ScanResult
    changes: tuple[Change, ...]
    unsafe: tuple[tuple[Finding, Fix], ...]
    refused: tuple[tuple[Finding, str], ...]
    other: tuple[Finding, ...]


def plan(result: ScanResult, seen: Seen, *, unsafe: bool) -> Plan:
    """Return what to change. Files that are not as they were when the scan began are left alone."""
    by_file: dict[str, list[tuple[Finding, Fix]]] = {}
    later: list[tuple[Finding, Fix]] = []
    refused: list[tuple[Finding, str]] = []
    other: list[Finding] = []
    for finding in (one for found in result.findings for one in (found, *_elsewhere(found))):
        made = result.fixes(finding)
        if made is None:
            other.append(finding)
        elif isinstance(made, Refusal):
            refused.append((finding, made.reason))
        elif made.unsafe and not unsafe:
            later.append((finding, made))
        else:
            by_file.setdefault(finding.path, []).append((finding, made))
    changes = []
    for path, wanted in by_file.items():
        change, left = _change(seen, path, wanted)
        refused += left
        if change is not None:
            changes.append(change)
    return Plan(result, tuple(changes), tuple(later), tuple(refused), tuple(other))


def _elsewhere(finding: Finding) -> list[Finding]:
    """Return one finding for each other file that holds the same secret: a scan reports it once."""
    if finding.category != "hardcoded-secret":
        return []
    paths = dict.fromkeys(place.path for place in finding.related if place.path != finding.path)
    copies = []
    for path in paths:
        first, *others = [place for place in finding.related if place.path == path]
        copies.append(msgspec.structs.replace(finding, path=path, span=first.span, related=tuple(others)))
    return copies


def _change(seen: Seen, path: str, wanted: Sequence[tuple[Finding, Fix]]) -> tuple[Change | None, list[tuple[Finding, str]]]:
    from agentlint.fix.planner import chosen
    from agentlint.fix.source import apply

    file = seen.files.file(path)
    if file is None or seen.digests.get(path) != digest(file.data):
        return None, [(finding, "the file changed since the scan; run the command again") for finding, _ in wanted]
    kept, late = chosen(wanted, lambda edit: file.offsets(edit.span))
    left = [(wanted[index][0], "its fix overlaps another one; run the command again") for index in late]
    fixed = tuple(wanted[index] for index in kept)
    new = apply(file, [edit for _, fix in fixed for edit in fix.edits])
    if new is None:
        return None, [(finding, "the file would not be well-formed any more") for finding, _ in wanted]
    return Change(file, new, fixed), left


def digest(data: bytes) -> bytes:
    """Return the hash that names the content of a file."""
    from agentlint.core.digest import blake2b

    return blake2b(data, digest_size=20).digest()


class Seen:
    """The files below ``roots`` and the hashes of their contents, taken before a scan reads them."""

    def __init__(self, roots: Sequence[Path], settings: Settings) -> None:
        from agentlint.engine.repository import tree

        self.roots = tuple(roots)
        tasks = tree(roots, settings).tasks
        self.digests = {
            task.path: digest(data) for task in tasks if isinstance(data := read(task, settings.max_file_size), bytes)
        }
        self.files = Files(tasks, settings)


def write(change: Change, roots: Sequence[Path]) -> str:
    """Write one changed file; return why it could not be written, empty when it was."""
    from agentlint.fix.source import SourceFile, parses
    from agentlint.fix.write import NotWrittenError, replace

    file = change.file
    assert isinstance(file, SourceFile)
    try:
        replace(Path(file.absolute), file.data, change.new, roots)
        if not parses(file.path, file.kind, Path(file.absolute).read_bytes()):
            replace(Path(file.absolute), change.new, file.data, roots)
            return "it did not parse any more and was put back"
    except NotWrittenError as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)
    return ""
