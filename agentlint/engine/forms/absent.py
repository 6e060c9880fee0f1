"""The ``absent`` form: the repository has one thing, and nothing of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.engine.forms.message import fill, levels
from agentlint.engine.forms.node import satisfies, value_of
from agentlint.engine.forms.predicates import MISSING, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agentlint.core.finding import Finding
    from agentlint.graph.model import RepoGraph
    from agentlint.rulebook.rules import Rule


def run(rule: Rule, graph: RepoGraph, finding: Callable[..., Finding]) -> Iterator[Finding]:
    """Yield at most one finding for each ``absent`` form of ``rule``, on the first node that satisfies ``when``.

    A node whose attributes are not known may be the one that is needed, so it keeps the rule silent. ``finding`` is
    called as
    ``finding(rule id, path, span, message, **fields of Finding)``.
    """
    for form in rule.absent:
        present = [node for node in graph.of_type(*form.when.type) if satisfies(node, form.when, graph)]
        if not present or any(
            satisfies(node, need, graph, maybe=True) for need in form.need for node in graph.of_type(*need.type)
        ):
            continue
        node = present[0]

        def look(name: str, node: Any = node, count: int = len(present)) -> Any:
            value = count if name == "count" else value_of(node, name)
            return None if value is MISSING or value is UNKNOWN else value

        span = node.spans.get(form.when.at, node.span)
        message = fill(form.when.message or rule.message, look)
        yield finding(rule.id, node.path, span, message, symbol=node.symbol, subject=node.name, **levels(form.when))
