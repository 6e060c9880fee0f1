"""A scan from beginning to end. This is the only file that knows the order of its steps."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint import __version__
from agentlint.core import fingerprint
from agentlint.core.finding import Finding, Notification
from agentlint.core.result import Remembered, RuleInfo, ScanResult, ScanStats
from agentlint.engine import baseline, complete, files, fixing, suppress
from agentlint.engine.cache import Cache, base_key, default_directory, run_key
from agentlint.engine.progress import Progress, Silent
from agentlint.engine.repository import Tree, repository, rulebook, sources, tree
from agentlint.engine.select import keeps, selection
from agentlint.engine.settings import Settings, file_phase, honours_ignores
from agentlint.engine.worker import transient
from agentlint.facts.types import FileResult, IgnoreComment
from agentlint.rulebook.book import Rulebook, info

if TYPE_CHECKING:
    from agentlint.engine.select import Selection
    from agentlint.graph.model import RepoGraph
    from agentlint.sdk import RepoContext

Source = Callable[[str], str | None]


class Gathered(msgspec.Struct, frozen=True):
    """All that the rules say of a tree, whatever the user selects. Places are in files, fingerprints are assigned."""

    findings: tuple[Finding, ...]
    notifications: tuple[Notification, ...]
    ignores: dict[str, tuple[IgnoreComment, ...]]
    remembered: tuple[Remembered, ...] = ()


class Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time of the block."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin


def scan(
    roots: Sequence[Path],
    settings: Settings,
    progress: Progress | None = None,
    *,
    stdin: bytes | None = None,
    watch: Callable[[RepoContext], None] | None = None,
) -> ScanResult:
    """Scan ``roots`` (or the one file whose content is ``stdin``) and return what is to be reported.

    ``watch`` is called with what rules about the whole repository are asked on, unless that could not be built.
    Raises ``UsageError`` or ``RulebookError`` for wrong settings; trouble with single files or rules is a notification.
    """
    bar, clock = progress or Silent(), Clock()
    with clock.phase("rules"):
        book = rulebook(settings)
        rules = {rule.id: info(rule, book.models) for rule in book.rules}
        choice = selection(settings, rules)
        known = baseline.load(Path(settings.baseline)) if settings.baseline else None
    with _without_collector():
        with clock.phase("discover"):
            bar.phase("looking for files")
            found = tree(roots, settings, stdin)
        source = sources(found.tasks, settings)
        gathered, hits = _gather(found, book, rules, settings, source=source, bar=bar, clock=clock, watch=watch)
        with clock.phase("select"):
            whole = stdin is None and all(root.is_dir() for root in roots)
            judged = _judge(gathered, book, whole)
            result = _finish(gathered, rules, choice, settings, source=source, known=known, judged=judged)
    stats = msgspec.structs.replace(
        result.stats,
        files_scanned=len(found.tasks),
        files_skipped=found.skipped,
        files_by_kind=dict(sorted(Counter(task.kind for task in found.tasks).items())),
        seconds_by_phase=clock.seconds,
        cache_hits=hits,
    )
    notifications = tuple(sorted({*found.notifications, *result.notifications}))
    return msgspec.structs.replace(
        result, stats=stats, notifications=notifications, fixes=fixing.fixes(found.tasks, book, settings)
    )


def repository_graph(
    roots: Sequence[Path], settings: Settings, progress: Progress | None = None
) -> tuple[RepoGraph, tuple[Notification, ...]]:
    """Return the graph of the repository, and what could not be looked at."""
    context, notifications = _linked(roots, settings, progress)
    return context.graph, notifications


def repository_context(roots: Sequence[Path], settings: Settings) -> RepoContext:
    """Return what rules about the whole repository are asked on."""
    return _linked(roots, settings, None)[0]


def _linked(roots: Sequence[Path], settings: Settings, progress: Progress | None) -> tuple[RepoContext, tuple[Notification, ...]]:
    book = rulebook(settings)
    with _without_collector():
        found = tree(roots, settings)
        base = base_key(book.digest, file_phase(settings))
        setup = files.Setup(book, settings, _cache(settings), base)
        phase = files.scan_files(files.listed(found.tasks, base, settings), setup, progress or Silent())
        context = repository([result.facts for result in phase.results], book, settings)
    notes = {note for result in phase.results for note in result.notifications}
    return context, tuple(sorted({*found.notifications, *notes}))


def _gather(
    found: Tree,
    book: Rulebook,
    rules: Mapping[str, RuleInfo],
    settings: Settings,
    *,
    source: Source,
    bar: Progress,
    clock: Clock,
    watch: Callable[[RepoContext], None] | None = None,
) -> tuple[Gathered, int]:
    """Return what the rules say, from the cache if nothing has changed, and how many files were in the cache."""
    base = base_key(book.digest, file_phase(settings))
    cache = _cache(settings)
    with clock.phase("read"):
        listed = files.listed(found.tasks, base, settings)
    key = run_key(base, ((file.task.path, file.key) for file in listed))
    earlier = _earlier(cache, key) if watch is None else None
    if earlier is not None:
        return earlier, len(listed)
    with clock.phase("files"):
        phase = files.scan_files(listed, files.Setup(book, settings, cache, base), bar)
    with clock.phase("graph"):
        bar.phase("graph and flows")
        gathered = _over_all(phase.results, book, rules, settings, source=source, watch=watch)
    problem = phase.cache_problem
    if cache is not None and not transient(gathered.notifications):
        cache.put(key, _packed(gathered))
        cache.evict()
        problem = problem or cache.problem
    if problem:
        note = Notification("", 0, "config", problem, "note")
        gathered = msgspec.structs.replace(gathered, notifications=(*gathered.notifications, note))
    return gathered, phase.hits


def _over_all(
    results: Sequence[FileResult],
    book: Rulebook,
    rules: Mapping[str, RuleInfo],
    settings: Settings,
    *,
    source: Source,
    watch: Callable[[RepoContext], None] | None = None,
) -> Gathered:
    """Run the rules over the repository and complete all findings."""
    from agentlint.engine.dispatch import run_repo, trace

    notifications = {note for result in results for note in result.notifications}
    findings: list[Finding] = []
    trusted: tuple[Remembered, ...] = ()
    try:
        repo = repository([result.facts for result in results], book, settings, source)
    except Exception as error:  # noqa: BLE001 - what was found in single files must still be reported
        trace(error)
        name = type(error).__name__
        text = f"the graph of the repository could not be built ({name}), so rules about it did not run: please report it"
        notifications.add(Notification("", 0, "rule-crash", text))
    else:
        if watch is not None:
            watch(repo)
        findings, crashes = run_repo(book, repo)
        notifications.update(crashes)
        trusted = repo.remembered()
    # What workers find in a notebook stands in its file already; the program's places count lines of its joined cells.
    markers = {result.facts.path: result.facts.markers for result in results if result.facts.markers}
    findings = [complete.in_file(finding, markers) for finding in findings]
    findings += [finding for result in results for finding in result.findings]
    placed = [complete.complete(finding, rules[finding.rule]) for finding in complete.distinct(findings)]
    ignores = {result.facts.path: result.facts.ignores for result in results if result.facts.ignores}
    done = tuple(complete.readable(finding) for finding in fingerprint.assign(placed, source))
    return Gathered(done, tuple(sorted(notifications)), ignores, trusted)


def _finish(
    gathered: Gathered,
    rules: Mapping[str, RuleInfo],
    choice: Selection,
    settings: Settings,
    *,
    source: Source,
    known: baseline.Known | None,
    judged: Callable[[str, str], bool],
) -> ScanResult:
    """Apply what the user wants: ignores, tests, selection, severity, baseline."""
    ignores = gathered.ignores if honours_ignores(settings) else {}
    changed = baseline.changes(known, gathered.remembered) if known is not None else []
    split = suppress.apply((*gathered.findings, *changed), ignores, rules, judged)
    keep = keeps(choice, rules)

    def wanted(found: Sequence[Finding]) -> list[Finding]:
        bare = [complete.complete(f, rules[f.rule]) for f in found if not f.fingerprint]
        full = [*(f for f in found if f.fingerprint), *(complete.readable(f) for f in fingerprint.assign(bare, source))]
        return [f for f in (_own_severity(f, choice) for f in full) if keep(f)]

    active, suppressed = wanted(complete.united(split.active)), wanted(split.suppressed)
    shown = active if settings.include_tests else [f for f in active if not complete.hidden_as_test(f)]
    compared = baseline.compare(shown, known) if known is not None else baseline.Compared(tuple(shown), 0, 0)
    stats = ScanStats(suppressed=len(suppressed), baselined=compared.known, fixed=compared.fixed, hidden=len(active) - len(shown))
    return ScanResult(
        version=__version__,
        findings=tuple(sorted(compared.new, key=lambda finding: finding.order)),
        notifications=gathered.notifications,
        suppressed=tuple(sorted(suppressed, key=lambda finding: finding.order)),
        rules=rules,
        stats=stats,
        remembered=gathered.remembered,
        source=source,
    )


def _own_severity(finding: Finding, choice: Selection) -> Finding:
    own = choice.severity.get(finding.rule)
    return finding if own is None else msgspec.structs.replace(finding, severity=own)


def _judge(gathered: Gathered, book: Rulebook, whole: bool) -> Callable[[str, str], bool]:
    """Return whether all that a rule finds in a file was found: nothing failed, other files known if it needs them."""
    broken = {note.path for note in gathered.notifications if note.level == "error"}
    in_file = {
        rule.id
        for rule in book.rules
        if rule.match and not (rule.flow or rule.node or rule.absent or rule.resource or rule.check)
    }

    def judged(path: str, rule: str) -> bool:
        return path not in broken and (rule in in_file or (whole and "" not in broken))

    return judged


def _cache(settings: Settings) -> Cache | None:
    if not settings.use_cache:
        return None
    return Cache(Path(settings.cache_dir) if settings.cache_dir else default_directory())


def _earlier(cache: Cache | None, key: str) -> Gathered | None:
    packed = cache.get(key) if cache is not None else None
    try:
        return msgspec.msgpack.decode(packed, type=Gathered) if packed is not None else None
    except (ValueError, RecursionError):
        return None


def _packed(gathered: Gathered) -> bytes:
    try:
        return msgspec.msgpack.encode(gathered)
    except (UnicodeError, ValueError):
        return b""


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the garbage collector off: facts hold no cycles, and its passes cost a third of a scan."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
