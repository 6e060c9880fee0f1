"""Options that several commands share; ``given`` says what they mean for a scan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

LEVELS = ("info", "low", "medium", "high", "critical")
PERSONAS = ("regular", "pedantic", "auditor")
Function = TypeVar("Function", bound=Callable[..., Any])

_SCAN_OPTIONS = (
    click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path)),
    click.option("--select", multiple=True, metavar="CODES", help="Only these rules: AL4, AL401 or a name; commas, repeatable."),
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
