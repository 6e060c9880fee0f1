"""How an error is told: what is wrong, where, and what to do next."""

from __future__ import annotations

import errno
import sys

import click

from agentlint import __version__
from agentlint.core.errors import AgentlintError
from agentlint.core.escape import for_terminal

_MAX_LINES = 100
_MAX_LINE = 1_000


def report(error: Exception, *, verbose: bool = False) -> None:
    """Print ``error`` to standard error: expected ones as their message, others with how to report them."""
    if isinstance(error, click.ClickException):
        hint = ""
        if isinstance(error, click.UsageError) and error.ctx is not None:
            hint = f"\nTry '{error.ctx.command_path} --help'."
        click.echo(f"error: {error.format_message()}{hint}", err=True)
    elif isinstance(error, AgentlintError):
        lines = str(error).splitlines()
        for line in lines[:_MAX_LINES]:
            cut = line if len(line) <= _MAX_LINE else f"{line[: _MAX_LINE // 2]} ... {line[-_MAX_LINE // 2 :]}"
            click.echo(f"error: {for_terminal(cut)}", err=True)
        if len(lines) > _MAX_LINES:
            click.echo(f"error: and {len(lines) - _MAX_LINES} more", err=True)
    elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
        click.echo(f"error: cannot write the output ({error.strerror}); make room and run it again", err=True)
    else:
        _bug(error, verbose=verbose)


def _bug(error: Exception, *, verbose: bool) -> None:
    if verbose:
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    python = ".".join(map(str, sys.version_info[:3]))
    again = "" if verbose else "\nRun again with -v for the details."
    click.echo(
        f"error: agentlint failed unexpectedly ({type(error).__name__}: {str(error)[:300]}).{again}\n"
        "This is a bug in agentlint. Please report it to the project with this message, the command, and: "
        f"agentlint {__version__}, Python {python}, {sys.platform}.",
        err=True,
    )
