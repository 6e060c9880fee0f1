"""``agentlint scan``, the default command: what it is told. ``perform`` is what it does."""

from __future__ import annotations

from typing import Any

import click

from agentlint.cli.options import LEVELS, scan_options
from agentlint.cli.perform import FORMATS, run


@click.command("scan")
@scan_options
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help=f"{', '.join(FORMATS)}; repeatable as FORMAT=FILE.",
)
@click.option("-o", "--output", "target", metavar="FILE", help="Where the report goes; - is standard output.")
@click.option("--fail-on", type=click.Choice((*LEVELS, "never")), help="Exit 1 for findings at or above this.  [default: low]")
@click.option("--baseline", metavar="FILE", help="Report only what this file does not hold.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when there are findings.")
@click.option("--include-suppressed", is_flag=True, help="Also report what inline ignores suppress.")
@click.option("--stdin-filename", metavar="NAME", help="Read one file from standard input, as if it had this name.")
@click.option("--explain-flow", metavar="RULE:PATH:LINE", help="Say why a flow was or was not reported there.")
@click.option("--no-color", is_flag=True, help="No colours (also: NO_COLOR).")
@click.option("--stats", is_flag=True, help="Print counts and times on standard error.")
def command(**options: Any) -> int:
    """Find security problems in PATH (default: this directory).

    \b
    Examples:
      agentlint scan .
      agentlint scan --select AL4 --fail-on high src
      agentlint scan -f text -f sarif=agentlint.sarif
    """  # noqa: D301 - click reads the control character
    return run(options)
