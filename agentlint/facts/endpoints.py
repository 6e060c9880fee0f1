"""Settings that decide where an agent's prompts, key and traffic go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.facts.hosts import CLEARTEXT_SCHEMES, host_of, scheme_of, scope_of, without_credentials
from agentlint.facts.resources_data import EndpointTable, endpoint_table
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentlint.parse.document import Member, Node


def endpoint_node(path: str, client: str, keys: Sequence[str], member: Member, node: Node) -> NodeFact | None:
    """Return a ``setting`` of kind ``endpoint`` when the key redirects traffic to a named host, ``None`` otherwise.

    Attributes: ``role`` (``model``, ``proxy``, ``telemetry``), ``host``, ``host_scope``, ``standing`` (``own``: the vendor,
    ``known``: a vendor or gateway in general use, ``foreign``), ``cleartext``.
    """
    role = _role(keys, member.key, endpoint_table())
    if not role or not node.text:
        return None
    url = node.text if "://" in node.text else f"//{node.text}" if role == "proxy" else node.text
    host = host_of(url)
    scope = scope_of(host)
    if not host or scope in ("unknown", "local"):
        return None
    attrs: dict[str, Any] = {
        "kind": "endpoint", "client": client, "key": member.key, "role": role, "host": host, "host_scope": scope,
        "url": without_credentials(url), "standing": _standing(host, endpoint_table()),
        "cleartext": scheme_of(url) in CLEARTEXT_SCHEMES,
    }  # fmt: skip
    dotted = ".".join(keys)
    return NodeFact("setting", f"setting:{path}#{dotted}:endpoint", dotted, node.span, client, attrs, {"value": node.span})


def _role(keys: Sequence[str], key: str, table: EndpointTable) -> str:
    if key in table.keys:
        return "model"
    if key in table.addresses and any(part.lower() in table.vendors for part in keys[:-1]):
        return "model"
    if key in table.proxies:
        return "proxy"
    return "telemetry" if key in table.telemetry else ""


def _standing(host: str, table: EndpointTable) -> str:
    if _ends(host, table.own):
        return "own"
    return "known" if _ends(host, table.known) else "foreign"


def _ends(host: str, names: frozenset[str]) -> bool:
    parts = host.split(".")
    return any(".".join(parts[start:]) in names for start in range(len(parts)))
