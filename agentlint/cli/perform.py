"""A scan from the command line: settings, scan, reports, remarks, exit code. Without click, which most scans do not need."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentlint.cli import EXIT_CLEAN, EXIT_FINDINGS, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentlint.core.finding import Notification
    from agentlint.core.result import ScanResult
    from agentlint.engine.settings import Settings
    from agentlint.report.options import ReportOptions

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown", "html")


def run(options: dict[str, Any]) -> int:
    """Scan as the ``options`` of ``agentlint scan`` say and return the exit code.

    Raises ``UsageError`` or ``RulebookError`` for what the user has to change.
    """
    reports = output.targets(options["formats"], options["target"], FORMATS, "text")
    chosen = settings(options)
    if options.get("explain_flow"):
        return _explain(options, chosen)
    result = _scan(options, chosen)
    wishes = _wishes(chosen, options)
    failures = _print(result, wishes, reports, no_color=options["no_color"])
    _remarks(result, options, wishes if ("text", output.STDOUT) in reports else None)
    if failures:
        raise UsageError("\n".join(failures))
    return exit_code(result, chosen, exit_zero=options["exit_zero"])


def _explain(options: dict[str, Any], chosen: Settings) -> int:
    from agentlint.core.escape import for_terminal
    from agentlint.engine.explain_flow import explain_flow

    answer = explain_flow(roots(options["paths"]), chosen, options["explain_flow"])
    output.write("".join(for_terminal(line) + "\n" for line in answer), output.STDOUT)
    return EXIT_CLEAN


def exit_code(result: ScanResult, chosen: Settings, *, exit_zero: bool) -> int:
    """Return the exit code of a scan: problems win over findings."""
    if any(notification.level == "error" for notification in result.notifications):
        return EXIT_PROBLEM
    failing = chosen.fail_on is not None and any(
        finding.severity is None or finding.severity >= chosen.fail_on for finding in result.findings
    )
    return EXIT_FINDINGS if failing and not exit_zero else EXIT_CLEAN


def _scan(options: dict[str, Any], chosen: Settings) -> ScanResult:
    from agentlint.engine.run import scan

    stdin = sys.stdin.buffer.read(chosen.max_file_size + 1) if chosen.stdin_filename else None
    if options["verbose"]:
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s: %(message)s")
    bar = progress(quiet=options["quiet"])
    try:
        return scan(roots(options["paths"]), chosen, bar, stdin=stdin)
    finally:
        if bar is not None:
            bar.close()


def _wishes(chosen: Settings, options: dict[str, Any]) -> ReportOptions:
    from agentlint.report.options import ReportOptions

    return ReportOptions(
        width=output.width(),
        fail_on="never" if chosen.fail_on is None else chosen.fail_on.label,
        include_suppressed=chosen.include_suppressed,
        verbose=options["verbose"],
        root=root_of(roots(options["paths"])),
    )


def _print(result: ScanResult, wishes: ReportOptions, reports: list[tuple[str, str]], *, no_color: bool) -> list[str]:
    """Write every report; return why some could not be written."""
    from msgspec.structs import replace

    from agentlint.report.registry import render

    failures = []
    for name, file in reports:
        color = output.colored(file, no_color=no_color)
        # Findings go to standard output, everything else to standard error; a file holds both.
        text = render(name, result, replace(wishes, color=color, notes=file != output.STDOUT))
        try:
            output.write(text, file)
        except UsageError as error:
            failures.append(str(error))
    return failures


def root_of(paths: tuple[Path, ...]) -> str:
    """Return where the scanned root is: relative to the working directory if it is in it, else absolute."""
    here = Path.cwd().resolve()
    first = paths[0].resolve()
    if len(paths) > 1 or first.is_file():
        inside = all(path.resolve().is_relative_to(here) for path in paths)
        return "" if inside or len(paths) > 1 else str(first.parent)
    if first.is_relative_to(here):
        relative = first.relative_to(here).as_posix()
        return "" if relative == "." else relative
    return str(first)


def _remarks(result: ScanResult, options: dict[str, Any], wishes: ReportOptions | None) -> None:
    """Write to standard error what people want to know besides the findings.

    ``wishes`` are those of the report that people read on standard output, ``None`` when a program reads that.
    """
    problems = [note for note in result.notifications if note.level == "error"]
    if wishes is not None:
        _notes(problems if options["quiet"] else result.notifications, wishes, no_color=options["no_color"])
    elif problems:
        output.problems(problems)
    if wishes is not None and not options["quiet"]:
        if result.stats.hidden:
            output.note(f"{result.stats.hidden} in tests and fixtures not shown; --include-tests shows them")
        if result.stats.fixed:
            output.note(f"{result.stats.fixed} entries of the baseline are gone; write it again")
    if options["stats"]:
        for line in statistics(result):
            output.note(line)


def _notes(notes: Sequence[Notification], wishes: ReportOptions, *, no_color: bool) -> None:
    from msgspec.structs import replace

    from agentlint.report import text

    color = output.colored(output.STDERR, no_color=no_color)
    told = text.notes(notes, replace(wishes, color=color))
    if told:
        output.note(told.rstrip("\n"))


def statistics(result: ScanResult) -> list[str]:
    """Return the lines of ``--stats``."""
    stats = result.stats
    lines = [
        f"files: {stats.files_scanned} scanned, {stats.files_skipped} skipped, {stats.cache_hits} from the cache",
        f"findings: {len(result.findings)} reported, {stats.suppressed} suppressed, {stats.baselined} in the baseline",
        f"findings in tests: {stats.hidden} not shown",
    ]
    lines += [f"{kind}: {count}" for kind, count in sorted(stats.files_by_kind.items())]
    lines += [f"{phase}: {seconds:.2f} s" for phase, seconds in stats.seconds_by_phase.items()]
    return lines
