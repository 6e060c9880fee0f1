"""Adds to findings how the framework at hand mends them, where the rule's own check has not said so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from agentlint.rulebook.advice import by_package
from agentlint.rulebook.table import prefix_ends

if TYPE_CHECKING:
    from agentlint.core.finding import Finding
    from agentlint.rulebook.book import Rulebook
    from agentlint.sdk import RepoContext

_TYPES = ("agent", "tool", "run", "gate", "guardrail", "memory", "mcp_server", "server", "switch")


class Frameworks:
    """Which frameworks a place belongs to: of the node on its line, else of its file or its imports, else of its project."""

    def __init__(self, repo: RepoContext, roots: Mapping[str, str]) -> None:
        """``repo`` holds the graph; ``roots`` are packages by the names that they are imported by."""
        self._program = repo.repository.program
        self._roots = roots
        self._projects = repo.projects
        self._at: dict[tuple[str, int], list[str]] = {}
        self._in: dict[str, list[str]] = {}
        self._of: dict[str, list[str]] = {}
        for node in repo.graph.of_type(*_TYPES):
            self._at.setdefault((node.path, node.span.line), []).append(node.framework)
            for table, key in ((self._in, node.path), (self._of, repo.projects.root(node.path))):
                known = table.setdefault(key, [])
                if node.framework not in known:
                    known.append(node.framework)

    def near(self, path: str, line: int) -> Iterator[str]:
        """Yield the packages that may be meant, the nearest first."""
        yield from self._at.get((path, line), ())
        yield from self._in.get(path, ())
        yield from self._imported.get(path, ())
        yield from self._of.get(self._projects.root(path), ())

    @cached_property
    def _imported(self) -> dict[str, list[str]]:
        """The packages that files import, by path."""
        found: dict[str, list[str]] = {}
        for number, function in enumerate(self._program.functions):
            for value in function.imports:
                name = function.values[value].text.partition(":")[0]
                package = next((self._roots[name[:end]] for end in prefix_ends(name) if name[:end] in self._roots), "")
                if package:
                    found.setdefault(self._program.path(number), []).append(package)
        return found


def advised(findings: Iterable[Finding], book: Rulebook, repo: RepoContext) -> list[Finding]:
    """Return ``findings`` with the advice of their framework as the fix of those that have none."""
    rules = {rule.id: (rule.fix.strip(), by_package(book.models, rule)) for rule in book.rules if rule.advice}
    frameworks: Frameworks | None = None
    done: list[Finding] = []
    for finding in findings:
        if finding.fix is None and finding.rule in rules:
            frameworks = frameworks or Frameworks(repo, {root: model.package for model in book.models for root in model.imports})
            general, said = rules[finding.rule]
            package = next((name for name in frameworks.near(finding.path, finding.span.line) if name in said), "")
            if package:
                text = f"{general} With {package}: {said[package]}.".lstrip()
                finding = msgspec.structs.replace(finding, fix=text)  # noqa: PLW2901 - the same finding, completed
        done.append(finding)
    return done
