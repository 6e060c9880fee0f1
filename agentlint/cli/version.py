"""``agentlint version``."""

from __future__ import annotations

import platform

import click

from agentlint import __version__
from agentlint.cli.output import to_stdout


@click.command("version", epilog="Example: agentlint version -v")
@click.option("-v", "--verbose", is_flag=True, help="Also show Python, the platform and the rulebook.")
def command(verbose: bool) -> None:
    """Show the version."""
    to_stdout(f"agentlint {__version__}\n")
    if verbose:
        from agentlint.rulebook.own import shipped

        book = shipped()
        to_stdout(
            f"Python {platform.python_version()} on {platform.system()}\n"
            f"rulebook {book.digest[:12]}: {len(book.rules)} rules, {len(book.models)} models\n"
        )
