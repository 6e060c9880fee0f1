"""The ``node`` form: nodes of the repository graph, by their attributes and edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from agentlint.core.finding import Finding, Related
from agentlint.engine.forms.message import fill, levels, show
from agentlint.engine.forms.predicates import MISSING, UNKNOWN, Predicate, compile_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agentlint.core.place import Span
    from agentlint.graph.model import GraphNode, RepoGraph
    from agentlint.rulebook.rules import EdgeTest, NodeForm, Rule, Test

_FIELDS = ("name", "path", "framework", "id", "type", "symbol")
_LISTED = 3
_MAX_RELATED = 20


class _Hit(msgspec.Struct, frozen=True):
    order: int
    form: NodeForm
    node: GraphNode


def run(rule: Rule, graph: RepoGraph, finding: Callable[..., Finding]) -> Iterator[Finding]:
    """Yield the findings of the ``node`` forms of ``rule``.

    ``finding`` is called as ``finding(rule id, path, span, message, **fields of Finding)``. A node is reported once,
    by the
    first form that it satisfies; nodes of forms with ``once`` are gathered by file or repository into one finding on
    the
    first node of the earliest form, the others become related places.
    """
    hits: dict[str, _Hit] = {}
    for order, form in enumerate(rule.node):
        for node in graph.of_type(*form.type):
            if node.id not in hits and satisfies(node, form, graph):
                hits[node.id] = _Hit(order, form, node)
    beside = {hit.order: _beside(hit.form, graph) for hit in hits.values() if hit.form.also}
    for order, others in beside.items():
        for other in others:
            if other.id in hits and hits[other.id].order > order:
                del hits[other.id]
    groups: dict[tuple[str, str], list[_Hit]] = {}
    for hit in hits.values():
        key = {"": hit.node.id, "file": hit.node.path, "repo": ""}[hit.form.once]
        groups.setdefault((hit.form.once, key), []).append(hit)
    for group in groups.values():
        hits_of_group = sorted(group, key=lambda hit: hit.order)
        yield _finding(rule, hits_of_group, finding, beside.get(hits_of_group[0].order, []))


def _beside(form: NodeForm, graph: RepoGraph) -> list[GraphNode]:
    """Return the nodes that the ``also`` of a form that holds is about."""
    found = {node.id: node for also in form.also for node in graph.of_type(*also.type) if satisfies(node, also, graph)}
    return list(found.values())


def satisfies(node: GraphNode, form: NodeForm, graph: RepoGraph, *, maybe: bool = False) -> bool:
    """Return whether ``node`` satisfies ``form``; with ``maybe`` an attribute that is not known satisfies any test."""
    if node.type not in form.type or not _attributes(node, form.where, form.any_of, maybe=maybe):
        return False
    if not all(_has_edge(node, edge, graph) for edge in form.edges):
        return False
    if any(_has_edge(node, edge, graph, maybe=not maybe) for edge in form.unless):
        return False
    if any(satisfies(other, never, graph) for never in form.never for other in graph.of_type(*never.type)):
        return False
    return all(any(satisfies(other, also, graph) for other in graph.of_type(*also.type)) for also in form.also)


def value_of(node: GraphNode, key: str) -> Any:
    """Return the attribute ``key`` (dotted for nested maps), else a field of the node itself, else ``MISSING``.

    An attribute the front end could not decide is ``UNKNOWN``.
    """
    if key in node.unknown or key.partition(".")[0] in node.unknown:
        return UNKNOWN
    if key in node.attrs:
        return node.attrs[key]
    head, _, rest = key.partition(".")
    value = node.attrs.get(head, MISSING)
    while rest and isinstance(value, dict):
        if rest in value:
            return value[rest]
        head, _, rest = rest.partition(".")
        value = value.get(head, MISSING)
    if value is not MISSING and not rest:
        return value
    return getattr(node, key) if key in _FIELDS else MISSING


def _attributes(node: GraphNode, where: Sequence[Test], any_of: Sequence[Test], *, maybe: bool) -> bool:
    def holds(test: Test) -> bool:
        return compiled(test).holds(value_of(node, test.key), maybe=maybe)

    return all(map(holds, where)) and (not any_of or any(map(holds, any_of)))


_cache: dict[int, tuple[Test, Predicate]] = {}


def compiled(test: Test) -> Predicate:
    """Return the compiled test; kept by identity, because a test may hold values that cannot be hashed."""
    known = _cache.get(id(test))
    if known is None or known[0] is not test:
        known = _cache[id(test)] = (test, compile_test(test))
    return known[1]


def _has_edge(node: GraphNode, edge: EdgeTest, graph: RepoGraph, *, maybe: bool = False) -> bool:
    return any(
        (not edge.to or other.type in edge.to) and _attributes(other, edge.where, (), maybe=maybe)
        for other in _neighbours(node, edge, graph)
    )


def _neighbours(node: GraphNode, edge: EdgeTest, graph: RepoGraph) -> Iterator[GraphNode]:
    """Yield the nodes at the other end; a label that ends in ``+`` is followed over any number of edges."""
    label = edge.edge.rstrip("+")
    step = graph.sources if edge.incoming else graph.targets
    pending = step(node.id, label)
    seen = {node.id}
    while pending:
        following: list[GraphNode] = []
        for other in pending:
            if other.id not in seen:
                seen.add(other.id)
                yield other
                if edge.edge.endswith("+"):
                    following.extend(step(other.id, label))
        pending = following


def _finding(rule: Rule, group: Sequence[_Hit], finding: Callable[..., Finding], beside: Sequence[GraphNode] = ()) -> Finding:
    head = group[0]
    node, form = head.node, head.form
    names = list(dict.fromkeys(hit.node.name for hit in group))

    def look(name: str) -> Any:
        if name == "count":
            return len(group)
        if name == "names":
            more = len(names) - _LISTED
            return ", ".join(show(one) for one in names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
        value = value_of(node, name)
        return None if value is MISSING or value is UNKNOWN else value

    extra = levels(form)
    related = tuple(Related(hit.node.path, _place(hit), show(hit.node.name)) for hit in group[1 : _MAX_RELATED + 1])
    related += tuple(Related(other.path, other.span, show(other.name)) for other in beside[:_MAX_RELATED] if other is not node)
    if related:
        extra["related"] = related
    message = fill(form.message or rule.message, look)
    return finding(rule.id, node.path, _place(head), message, symbol=node.symbol, subject=node.name, **extra)


def _place(hit: _Hit) -> Span:
    return hit.node.spans.get(hit.form.at, hit.node.span)
