"""``agentlint bom``: the bill of materials of a repository's agents."""

from __future__ import annotations

from typing import Any

import click

from agentlint import __version__
from agentlint.cli import EXIT_CLEAN, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.cli.options import scan_options


@click.command("bom")
@scan_options
@click.option("-o", "--output", "target", default=output.STDOUT, metavar="FILE", help="Where it goes; - is standard output.")
@click.option("--name", default="", metavar="NAME", help="What the repository is called.  [default: its directory]")
def command(**options: Any) -> int:
    """Write a bill of materials of the agents, models, tools, prompts, servers and memories of PATH.

    CycloneDX 1.6 as JSON; the same tree gives the same bytes. Prompts are named by their digest, not their text.

    \b
    Examples:
      agentlint bom .
      agentlint bom --name parcel-desk -o bom.json .
    """  # noqa: D301 - click reads the control character
    from agentlint.engine.repository import sources, tree
    from agentlint.engine.run import repository_graph
    from agentlint.report.bom import render

    bar = progress(quiet=options["quiet"])
    paths, given = roots(options["paths"]), settings(options)
    try:
        graph, notifications = repository_graph(paths, given, bar)
    finally:
        if bar is not None:
            bar.close()
    name = options["name"] or paths[0].resolve().name
    source = sources(tree(paths, given).tasks, given)
    output.write(render(graph, __version__, name, source, tests=given.include_tests), options["target"])
    problems = [note for note in notifications if note.level == "error"]
    output.problems(problems)
    return EXIT_PROBLEM if problems else EXIT_CLEAN
