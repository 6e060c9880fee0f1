"""``agentlint controls``: what a repository shows of each recommendation of the guide."""

from __future__ import annotations

import importlib
from datetime import datetime, timezone
from typing import Any

import click

from agentlint.cli import EXIT_CLEAN, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.cli.options import scan_options

_FORMATS = ("text", "json", "markdown", "html")


@click.command("controls")
@scan_options
@click.option("-f", "--format", "form", type=click.Choice(_FORMATS), default="text", help="[default: text]")
@click.option("-o", "--output", "target", default=output.STDOUT, metavar="FILE", help="Where it goes; - is standard output.")
@click.option("--no-color", is_flag=True, help="No colours (also: NO_COLOR).")
def command(**options: Any) -> int:
    """Show how PATH stands to each of the guide's 84 recommendations, with evidence.

    Exits 0 whatever the state is, 2 if something could not be checked. Recommendations that no scan can see are attested
    in the configuration, under attest.

    \b
    Examples:
      agentlint controls .
      agentlint controls -f html -o controls.html .
    """  # noqa: D301 - click reads the control character
    from agentlint.engine.controls import assess

    bar = progress(quiet=options["quiet"])
    today = datetime.now(timezone.utc).date()
    try:
        assessment, notifications = assess(roots(options["paths"]), settings(options), today, bar)
    finally:
        if bar is not None:
            bar.close()
    renderer = importlib.import_module(f"agentlint.report.controls_{options['form']}")
    color = output.colored(options["target"], no_color=options["no_color"])
    output.write(renderer.render(assessment, color=color, width=output.width()), options["target"])
    problems = [note for note in notifications if note.level == "error"]
    output.problems(problems)
    if not options["quiet"]:
        for note in notifications:
            if note.level == "warning" and note.kind == "config":
                output.note(f"warning: {note.path}:{note.line}: {note.message}")
    return EXIT_PROBLEM if problems else EXIT_CLEAN
