"""Scopes of OAuth that configuration asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.facts.resources_data import scope_table
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Node

_KEYS = ("scopes", "scope")
_MAX = 200


def judged(scope: str) -> dict[str, Any] | None:
    """Return what is known of a broad scope: ``grants``, ``narrower`` and whether it is ``omnibus``; ``None`` for others."""
    table = scope_table()
    for omnibus, group in ((True, table.omnibus), (False, table.common)):
        for known in group:
            if scope == known.scope or scope.rstrip("/") == known.scope.rstrip("/"):
                return {"scope": scope, "grants": known.grants, "narrower": known.narrower, "omnibus": omnibus}
    return None


def scope_nodes(ident: str, owner: str, framework: str, node: Node) -> Iterator[NodeFact]:
    """Yield a ``permission`` of kind ``oauth-scope`` for each broad scope that a map asks for, in it or in its ``oauth``."""
    for holder in (node, node.get("oauth")):
        for key in _KEYS:
            found = holder.get(key) if holder is not None and holder.kind == "map" else None
            if found is not None:
                yield from _listed(ident, owner, framework, found)


def _listed(ident: str, owner: str, framework: str, found: Node) -> Iterator[NodeFact]:
    places: list[tuple[str, Span]] = [(item.text, item.span) for item in found.items[:_MAX]]
    places += [(member.key, member.key_span) for member in found.members[:_MAX]]
    places += [(word, found.span) for word in found.text[:5_000].split()[:_MAX]]
    for scope, span in places:
        yield from scope_node(ident, owner, framework, scope, span)


def scope_node(ident: str, owner: str, framework: str, scope: str, span: Span) -> Iterator[NodeFact]:
    """Yield the node of one scope if it is a broad one."""
    known = judged(scope)
    if known is not None:
        attrs = {"kind": "oauth-scope", "owner": owner, "effect": "oauth", "wildcard": False, **known}
        where = f"{ident}/{scope}:{span.line}:{span.column}"
        yield NodeFact("permission", f"permission:{where}", scope, span, framework, attrs)
