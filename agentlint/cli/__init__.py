"""The command line. Importing this package costs nothing: click comes when there is something to parse."""

from __future__ import annotations

import gc
import sys

from agentlint import __version__

TYPE_CHECKING = False  # that of typing would cost more than `agentlint --version` does
if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_PROBLEM = 2
EXIT_INTERRUPTED = 130
COMMANDS = {
    "scan": "Find security problems (the default command).",
    "explain": "Show what a rule means and how to fix what it finds.",
    "rules": "List the rules.",
    "baseline": "Write today's findings to a file, to report only new ones.",
    "init": "Write a commented configuration.",
    "fix": "Mend what can be mended without asking anybody.",
    "graph": "Show agents, tools, servers and how they connect.",
    "controls": "Show how the guide's recommendations are met, with evidence.",
    "bom": "Write a bill of materials of agents, models, tools and servers.",
    "test": "Run your own rules against their fixtures.",
    "version": "Show the version.",
}


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line with ``args`` (default: those of the process) and exit with its code."""
    own_process = args is None
    if own_process:
        gc.disable()  # a run is short and makes few cycles; passes over all it holds cost a tenth of a small scan
    _utf8()
    arguments = list(sys.argv[1:] if args is None else args)
    try:
        code = _run(arguments)
        _flush()
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        _silence()
        code = 0
    except Exception as error:  # noqa: BLE001 - the last resort: every error becomes a message and an exit code
        from agentlint.cli.errors import report

        report(error, verbose=any(option in ("-v", "--verbose") for option in arguments))
        code = EXIT_PROBLEM
        if isinstance(error, OSError):
            _silence()
    if own_process:
        gc.freeze()  # or the interpreter looks for cycles in all of it before it exits
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    if arguments == ["--version"]:
        sys.stdout.write(f"agentlint {__version__}\n")
        return 0
    from agentlint.cli import plain

    options = plain.parse(arguments)
    if options is not None:
        from agentlint.cli.perform import run

        return run(options)
    import click

    from agentlint.cli.app import app

    try:
        code = app.main(args=arguments, prog_name="agentlint", standalone_mode=False)
    except click.exceptions.Abort:
        return EXIT_INTERRUPTED
    except click.exceptions.Exit as error:
        return error.exit_code
    return code if isinstance(code, int) else 0


def _utf8() -> None:
    """Make the streams write UTF-8 whatever the console's code page, and never fail on a character."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _reopen()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _reopen() -> None:
    """Put the null device where a stream was closed: files that are opened later must not get its number."""
    import os

    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115, PTH123 - lives on


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()


def _silence() -> None:
    """Send what is still buffered for a closed pipe nowhere, or the interpreter complains while it exits."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
