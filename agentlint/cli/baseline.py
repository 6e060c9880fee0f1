"""``agentlint baseline``: the findings of today, so that tomorrow's scan reports only new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from agentlint.cli import EXIT_CLEAN, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.cli.options import scan_options


@click.command("baseline")
@scan_options
@click.option(
    "--from-detect-secrets",
    "other",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Only the findings that this baseline of detect-secrets holds.",
)
@click.option("-o", "--output", "target", required=True, metavar="FILE", help="The file to write; - is standard output.")
def command(**options: Any) -> int:
    """Write the findings of PATH to a file; `agentlint scan --baseline FILE` then reports only what is not in it.

    The file holds rules, paths and hashes; of the commands of configured servers and the descriptions of tools also how they
    begin, with secrets masked, so that a later change under the same name is reported with old and new. Commit it.

    \b
    Example:
      agentlint baseline -o .agentlint-baseline.json .
      agentlint baseline --from-detect-secrets .secrets.baseline -o .agentlint-baseline.json .
    """  # noqa: D301 - click reads the control character
    from pathlib import Path

    import msgspec

    from agentlint.engine import detect_secrets
    from agentlint.engine.baseline import render, salt_of
    from agentlint.engine.run import scan

    entries = detect_secrets.load(options["other"]) if options["other"] is not None else None
    chosen = msgspec.structs.replace(settings(options), baseline="")
    bar = progress(quiet=options["quiet"])
    try:
        result = scan(roots(options["paths"]), chosen, bar)
    finally:
        if bar is not None:
            bar.close()
    findings = result.findings
    if entries is not None:
        findings = tuple(detect_secrets.accepted(findings, entries, result.source))
    salt = salt_of(Path(options["target"]))
    output.write(render(findings, f"agentlint {result.version}", result.remembered, salt), options["target"])
    problems = [note for note in result.notifications if note.level == "error"]
    output.problems(problems)
    if not options["quiet"]:
        output.note(f"{len(findings)} findings written to {options['target']}")
    return EXIT_PROBLEM if problems else EXIT_CLEAN
