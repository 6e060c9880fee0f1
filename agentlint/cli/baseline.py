"""``agentlint baseline``: the findings of today, so that tomorrow's scan reports only new ones."""

from __future__ import annotations

from typing import Any

import click

from agentlint.cli import EXIT_CLEAN, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.cli.options import scan_options


@click.command("baseline")
@scan_options
@click.option("-o", "--output", "target", required=True, metavar="FILE", help="The file to write; - is standard output.")
def command(**options: Any) -> int:
    """Write the findings of PATH to a file; `agentlint scan --baseline FILE` then reports only what is not in it.

    The file holds rules, paths and hashes; of the commands of configured servers and the descriptions of tools also how they
    begin, with secrets masked, so that a later change under the same name is reported with old and new. Commit it.

    \b
    Example:
      agentlint baseline -o .agentlint-baseline.json .
    """  # noqa: D301 - click reads the control character
    from pathlib import Path

    import msgspec

    from agentlint.engine.baseline import render, salt_of
    from agentlint.engine.run import scan

    chosen = msgspec.structs.replace(settings(options), baseline="")
    bar = progress(quiet=options["quiet"])
    try:
        result = scan(roots(options["paths"]), chosen, bar)
    finally:
        if bar is not None:
            bar.close()
    salt = salt_of(Path(options["target"]))
    output.write(render(result.findings, f"agentlint {result.version}", result.remembered, salt), options["target"])
    problems = [note for note in result.notifications if note.level == "error"]
    output.problems(problems)
    if not options["quiet"]:
        output.note(f"{len(result.findings)} findings written to {options['target']}")
    return EXIT_PROBLEM if problems else EXIT_CLEAN
