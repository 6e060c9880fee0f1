"""``agentlint graph``: what the scanner believes about a repository."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentlint import __version__
from agentlint.cli import EXIT_CLEAN, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.cli.options import scan_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentlint.core.finding import Notification
    from agentlint.engine.progress import Progress

FORMATS = ("json", "dot", "mermaid", "html")


@click.command("graph")
@scan_options
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), default="json", help="[default: json]")
@click.option("-o", "--output", "target", default=output.STDOUT, metavar="FILE", help="Where it goes; - is standard output.")
def command(**options: Any) -> int:
    """Show the agents, tools, prompts, servers and resources of PATH and how they connect.

    The html page also holds the findings; it opens without a network, and its links lead to the files from where it lies.

    \b
    Examples:
      agentlint graph -f html -o agents.html .
      agentlint graph -f mermaid .
      agentlint graph -f dot . | dot -Tsvg -o agents.svg
    """  # noqa: D301 - click reads the control character
    bar = progress(quiet=options["quiet"])
    try:
        text, notifications = (_page if options["form"] == "html" else _plain)(options, bar)
    finally:
        if bar is not None:
            bar.close()
    output.write(text, options["target"])
    problems = [note for note in notifications if note.level == "error"]
    output.problems(problems)
    return EXIT_PROBLEM if problems else EXIT_CLEAN


def _plain(options: dict[str, Any], bar: Progress | None) -> tuple[str, Sequence[Notification]]:
    from agentlint.engine.run import repository_graph
    from agentlint.report.graph_data import graph_data

    graph, notifications = repository_graph(roots(options["paths"]), settings(options), bar)
    renderer = importlib.import_module(f"agentlint.report.graph_{options['form']}")
    return renderer.render(graph_data(graph, __version__)), notifications


def _page(options: dict[str, Any], bar: Progress | None) -> tuple[str, Sequence[Notification]]:
    """Return the page, for which the rules run too, and what could not be looked at."""
    from agentlint.engine.run import scan
    from agentlint.graph.model import RepoGraph
    from agentlint.report import graph_html
    from agentlint.report.graph_data import graph_data
    from agentlint.report.graph_view import graph_view
    from agentlint.sdk import RepoContext

    seen: list[RepoContext] = []
    result = scan(roots(options["paths"]), settings(options), bar, watch=seen.append)
    graph = seen[0].graph if seen else RepoGraph()
    project = seen[0].projects.root if seen else lambda _path: ""
    effects = seen[0].book.kinds["effects"] if seen else {}
    data = graph_data(graph, __version__)
    view = graph_view(data, result.findings, project, effects, _links(options))
    return graph_html.render(view, __version__), result.notifications


def _links(options: dict[str, Any]) -> Callable[[str, int], str]:
    """Return the function that makes the address of a line, relative to the folder the page is written to.

    A page on standard output is taken to end up at the scanned root.
    """
    import os
    from urllib.parse import quote

    from agentlint.cli.perform import root_of

    prefix = "."
    if options["target"] != output.STDOUT:
        root = Path(root_of(roots(options["paths"]))).resolve()
        try:
            prefix = Path(os.path.relpath(root, Path(options["target"]).resolve().parent)).as_posix()
        except ValueError:  # another drive
            prefix = "."

    def link(path: str, line: int) -> str:
        return quote(f"{prefix}/{path}", errors="replace") + (f"#L{line}" if line > 0 else "")

    return link
