"""Azure Functions: who may call a function, as ``host.json`` and ``function.json`` say."""

from __future__ import annotations

from agentlint.core.place import Span
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import from_node, resource
from agentlint.parse.document import Document, Node
from agentlint.parse.json import parse_json

_MAX_TEXT = 100_000
_FILES = {"host.json": "azure-functions/host", "function.json": "azure-functions/function"}
_SIGNS = ("webhookAuthorizationLevel", "authLevel")


def contribute(inp: FileInput) -> Contribution:
    """Return the host or the function as a resource; nothing for another file."""
    native = _FILES.get(inp.path.rsplit("/", 1)[-1])
    text = inp.text
    if native is None or len(text.data) > _MAX_TEXT or not any(sign in text.data for sign in _SIGNS):
        return Contribution()
    parsed = parse_json(text)
    if not isinstance(parsed, Document) or parsed.root.kind != "map":
        return Contribution()
    folder = inp.path.rsplit("/", 2)[-2] if "/" in inp.path else "app"
    properties = from_node(parsed.root, _plain)
    return Contribution(resources=(resource(native, folder, "azure-functions", _head(parsed.root), properties),))


def _plain(_node: Node) -> None:
    """Nothing is computed in these files."""


def _head(root: Node) -> Span:
    return root.members[0].key_span if root.members else root.span
