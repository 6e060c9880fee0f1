"""``langgraph.json``: the graphs that a deployment serves, and whether it authenticates its callers."""

from __future__ import annotations

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.types import EdgeFact, NodeFact

_FRAMEWORK = "langgraph"
_MAX_GRAPHS = 500


def contribute(inp: FileInput) -> Contribution:
    """Return an ``endpoint`` node for the deployment and an ``agent`` node for each graph.

    ``target`` of a graph is ``./file.py:name``. Attributes of the endpoint: ``auth`` (bool), ``auth_path``, ``app``
    (own HTTP routes), ``store``, ``checkpointer``, ``graphs``. Trait ``langgraph-auth`` when callers are authenticated.
    """
    if inp.document is None or inp.document.root.kind != "map":
        return Contribution()
    root = inp.document.root
    auth = root.at("auth", "path")
    app = root.at("http", "app")
    graphs = root.get("graphs")
    members = graphs.members[:_MAX_GRAPHS] if graphs is not None else []
    server = f"endpoint:{inp.path}"
    attrs = {
        "auth": auth is not None and bool(auth.text),
        "auth_path": auth.text if auth is not None else "",
        "app": app.text if app is not None else "",
        "store": root.get("store") is not None,
        "checkpointer": root.get("checkpointer") is not None,
        "graphs": [member.key for member in members],
        "transport": "http",
    }
    spans = {name: node.span for name, node in (("auth", auth), ("app", app), ("graphs", graphs)) if node is not None}
    nodes = [NodeFact("endpoint", server, "langgraph deployment", root.span, _FRAMEWORK, attrs, spans)]
    edges = []
    for member in members:
        target = member.value.text or getattr(member.value.get("path"), "text", "")
        ident = f"agent:{inp.path}#{member.key}"
        file, _, symbol = target.rpartition(":")
        found = {"target": target, "file": file, "symbol": symbol}
        nodes.append(NodeFact("agent", ident, member.key, member.key_span, _FRAMEWORK, found, {"target": member.value.span}))
        edges.append(EdgeFact(server, "serves", ident))
    return Contribution(tuple(nodes), tuple(edges), ("langgraph-auth",) if attrs["auth"] else ())
