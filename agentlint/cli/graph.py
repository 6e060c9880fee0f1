"""``agentlint graph``: what the scanner believes about a repository."""

from __future__ import annotations

import importlib
from typing import Any

import click

from agentlint import __version__
from agentlint.cli import EXIT_CLEAN, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.cli.options import scan_options


@click.command("graph")
@scan_options
@click.option("-f", "--format", "form", type=click.Choice(["json", "dot", "mermaid"]), default="json", help="[default: json]")
@click.option("-o", "--output", "target", default=output.STDOUT, metavar="FILE", help="Where it goes; - is standard output.")
def command(**options: Any) -> int:
    """Show the agents, tools, prompts, servers and resources of PATH and how they connect.

    \b
    Examples:
      agentlint graph -f mermaid .
      agentlint graph -f dot . | dot -Tsvg -o agents.svg
    """  # noqa: D301 - click reads the control character
    from agentlint.engine.run import repository_graph
    from agentlint.report.graph_data import graph_data

    bar = progress(quiet=options["quiet"])
    try:
        graph, notifications = repository_graph(roots(options["paths"]), settings(options), bar)
    finally:
        if bar is not None:
            bar.close()
    renderer = importlib.import_module(f"agentlint.report.graph_{options['form']}")
    output.write(renderer.render(graph_data(graph, __version__)), options["target"])
    problems = [note for note in notifications if note.level == "error"]
    output.problems(problems)
    return EXIT_PROBLEM if problems else EXIT_CLEAN
