"""What the options that several commands share mean for a scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentlint.engine.settings import Settings


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
