"""Options that several commands share, and what they mean for a scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from agentlint.engine.settings import Settings

LEVELS = ("info", "low", "medium", "high", "critical")
PERSONAS = ("regular", "pedantic", "auditor")
Function = TypeVar("Function", bound=Callable[..., Any])

_SCAN_OPTIONS = (
    click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path)),
    click.option(
        "--select", multiple=True, metavar="CODES", help="Only these rules: AL4, AL401 or a name; commas, repeatable."
    ),
    click.option("--ignore", multiple=True, metavar="CODES", help="Not these rules; same forms as --select."),
    click.option("--persona", type=click.Choice(PERSONAS), help="Who reads the findings.  [default: regular]"),
    click.option("--min-severity", type=click.Choice(LEVELS), help="Leave out findings below this."),
    click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Read this configuration."),
    click.option("--isolated", is_flag=True, help="Read no configuration and no ignores from the scanned tree."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write results of earlier scans."),
    click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Number of processes.  [default: processors]"),
    click.option("--no-ignores", is_flag=True, help="Do not honour inline ignores."),
    click.option("--preview", is_flag=True, help="Add rules that are still being tried."),
    click.option("--include-tests", is_flag=True, help="Also report findings in tests and fixtures."),
    click.option("-q", "--quiet", is_flag=True, help="No progress and no remarks on standard error."),
    click.option("-v", "--verbose", is_flag=True, help="Print more."),
)


def scan_options(function: Function) -> Function:
    """Add the options that decide what a scan finds."""
    for option in reversed(_SCAN_OPTIONS):
        function = option(function)
    return function


def codes(values: Sequence[str]) -> tuple[str, ...]:
    """Return the codes in repeated, comma separated options."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def roots(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the paths to scan, the working directory if none is given."""
    return tuple(paths) or (Path(),)


def settings(options: dict[str, Any]) -> Settings:
    """Return the settings of a scan from the ``options`` of the command line and the configuration of the first path.

    Raises ``UsageError`` with all mistakes of the configuration.
    """
    from agentlint.core.levels import Persona, Severity
    from agentlint.engine.config import settings_for

    given: dict[str, Any] = {name: codes(options[name]) for name in ("select", "ignore") if options.get(name)}
    flags = (
        "isolated",
        "no_ignores",
        "preview",
        "include_tests",
        "include_suppressed",
        "jobs",
        "stdin_filename",
        "baseline",
    )
    given |= {name: options[name] for name in flags if options.get(name)}
    if options.get("no_cache"):
        given["use_cache"] = False
    if options.get("persona"):
        given["persona"] = Persona[options["persona"].upper()]
    if options.get("min_severity"):
        given["min_severity"] = Severity[options["min_severity"].upper()]
    if options.get("fail_on"):
        given["fail_on"] = None if options["fail_on"] == "never" else Severity[options["fail_on"].upper()]
    first = roots(options["paths"])[0]
    return settings_for(Path() if options.get("stdin_filename") else first, given, options.get("config"))


def progress(*, quiet: bool) -> Any:
    """Return a bar if a person watches standard error, else ``None``."""
    import sys

    if quiet or not sys.stderr.isatty():
        return None
    from agentlint.engine.progress import TerminalProgress

    return TerminalProgress()
