"""The command line. Importing this package imports click and nothing heavy; each command is imported when it is run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from agentlint import __version__
from agentlint.cli.errors import EXIT_INTERRUPTED, EXIT_PROBLEM, report

COMMANDS = {
    "scan": "Find security problems (the default command).",
    "explain": "Show what a rule means and how to fix what it finds.",
    "rules": "List the rules.",
    "baseline": "Write today's findings to a file, to report only new ones.",
    "init": "Write a commented configuration.",
    "graph": "Show agents, tools, servers and how they connect.",
    "version": "Show the version.",
}
_GROUP_OPTIONS = frozenset({"--version", "--help", "-h"})


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for; without a command it scans."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        import importlib

        command: click.Command = importlib.import_module(f"agentlint.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in COMMANDS and args[0] not in _GROUP_OPTIONS):
            args = ["scan", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 nothing to report; 1 findings; 2 something could not be checked, or wrong usage.",
)
@click.version_option(__version__, prog_name="agentlint", message="%(prog)s %(version)s")
def app() -> None:
    """Find security problems in repositories that build or configure AI agents.

    Reads files only: nothing of the scanned tree is run, and nothing is sent anywhere.

    \b
    Examples:
      agentlint .                     scan this directory
      agentlint explain AL411         what a rule means
      agentlint scan -f sarif -o agentlint.sarif .
    """  # noqa: D301 - click reads the control character


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line with ``args`` (default: those of the process) and exit with its code."""
    _utf8()
    arguments = list(sys.argv[1:] if args is None else args)
    try:
        code = app.main(args=arguments, prog_name="agentlint", standalone_mode=False)
        _flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
    except click.exceptions.Exit as error:
        code = error.exit_code
    except BrokenPipeError:
        _silence()
        code = 0
    except Exception as error:  # noqa: BLE001 - the last resort: every error becomes a message and an exit code
        report(error, verbose=any(option in ("-v", "--verbose") for option in arguments))
        code = EXIT_PROBLEM
        if isinstance(error, OSError):
            _silence()
    sys.exit(code if isinstance(code, int) else 0)


def _utf8() -> None:
    """Make the streams write UTF-8 whatever the console's code page, and never fail on a character."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()


def _silence() -> None:
    """Send what is still buffered for a closed pipe nowhere, or the interpreter complains while it exits."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
