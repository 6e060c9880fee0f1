"""Agent cards that Python code builds: read as the document they will become."""

from __future__ import annotations

from agentlint.facts.card import card_nodes
from agentlint.facts.python.ir import Op, Value
from agentlint.facts.types import NodeFact
from agentlint.graph.arguments import constant
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program, Site
from agentlint.parse.document import Member, Node, NodeKind

_CARD = "AgentCard"
"""The name of the message in the protocol itself; every library calls its class so."""
_SCHEME = "securityscheme"
_TYPES = {
    "apikey": "apiKey", "httpauth": "http", "oauth2": "oauth2", "openidconnect": "openIdConnect", "mutualtls": "mutualTLS",
}  # fmt: skip
_RESERVED = {"in_": "in"}
_MAX_DEPTH = 8
_MAX_PARTS = 300


def card_graph_nodes(graph: RepoGraph, program: Program) -> None:
    """Add the nodes of each call of a class named ``AgentCard`` that gives a name and skills."""
    for number, site in enumerate(program.calls_named({_CARD})):
        value = program.value(site)
        if "name" not in value.keys or "**" in value.keys:
            continue
        card = _Reader(program).node(site, 0)
        if card.get("name") is None or not any(card.get(key) for key in ("url", "supportedInterfaces", "skills")):
            continue
        path = program.path(site[0])
        for fact in card_nodes(path, card, number):
            graph.add(_placed(fact, path, program.symbol(site[0])))


def _placed(fact: NodeFact, path: str, symbol: str) -> GraphNode:
    attrs, spans = dict(fact.attrs), dict(fact.spans)
    return GraphNode(fact.type, f"{path}#{fact.id}", fact.name, path, fact.span, "a2a", attrs, spans, fact.unknown, symbol)


class _Reader:
    """Turns calls with keywords, dicts and lists into a document; what only running the code tells is an ``expr``."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._parts = 0

    def node(self, site: Site, depth: int) -> Node:
        """Return the document node that the value at ``site`` becomes."""
        program = self._program
        self._parts += 1
        known = constant(program, site)
        value = program.value(site)
        if isinstance(known, bool):
            return Node("bool", value.span, known)
        if isinstance(known, str):
            return Node("str", value.span, known)
        if depth < _MAX_DEPTH and self._parts < _MAX_PARTS:
            return self._composed(site, value, depth)
        return Node("expr", value.span, "…")

    def _composed(self, site: Site, value: Value, depth: int) -> Node:
        function = site[0]
        if value.op is Op.TEXT and value.text != "%":
            parts = [constant(self._program, (function, part)) for part in value.args]
            return Node("str", value.span, "".join(p if isinstance(p, str) else "${…}" for p in parts))
        if value.op is Op.SEQ:
            return Node("seq", value.span, items=[self.node((function, arg), depth + 1) for arg in value.args])
        if value.op is Op.DICT:
            return self._map(function, value, value.args, value.keys, depth, camel=False)
        if value.op is Op.CALL:
            return self._message(site, value, depth)
        origin = self._origin(site, value)
        return self.node(origin, depth + 1) if origin is not None else Node("expr", value.span, "…")

    def _message(self, site: Site, value: Value, depth: int) -> Node:
        callee = self._program.value((site[0], value.args[0]))
        name = callee.text.rpartition(":")[2]
        if not any(value.keys[1:]):
            return Node("expr", value.span, "…")
        found = self._map(site[0], value, value.args[1:], value.keys[1:], depth, camel=True)
        root = found.get("root")
        if name.lower() == _SCHEME and root is not None:
            return root
        kind = _TYPES.get(name.lower().removesuffix(_SCHEME)) if name.lower().endswith(_SCHEME) else None
        if kind is not None and found.get("type") is None:
            found.members.append(Member("type", value.span, Node("str", value.span, kind)))
        return found

    def _map(self, function: int, value: Value, args: tuple[int, ...], keys: tuple[str, ...], depth: int, *, camel: bool) -> Node:
        members = []
        for arg, key in zip(args, keys, strict=False):
            if key and not key.startswith("*"):
                inner = self.node((function, arg), depth + 1)
                members.append(Member(_camel(key) if camel else key, inner.span, inner))
        kind: NodeKind = "map" if "**" not in keys else "expr"
        return Node(kind, value.span, members=members)

    def _origin(self, site: Site, value: Value) -> Site | None:
        if value.op is Op.NAME:
            found = self._program.definitions(site[0], value.text) or []
        elif value.op is Op.IMPORT:
            found = list(self._program.inference.imported_sites(site[0], value.text))
        else:
            return None
        same = [one for one in found if self._program.path(one[0]) == self._program.path(site[0])]
        return same[0] if len(found) == 1 and same else None


def _camel(key: str) -> str:
    if key in _RESERVED:
        return _RESERVED[key]
    head, *rest = key.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
