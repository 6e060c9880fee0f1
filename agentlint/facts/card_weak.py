"""What an agent card declares that protects less than it seems to: flows, keys, addresses, signatures, requirements."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, NamedTuple

from agentlint.facts.hosts import CLEARTEXT_SCHEMES, host_of, scheme_of, scope_of, without_credentials
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Member, Node

_ENDPOINTS = frozenset({
    "authorizationUrl", "tokenUrl", "refreshUrl", "openIdConnectUrl", "oauth2MetadataUrl", "deviceAuthorizationUrl", "jwksUrl",
})  # fmt: skip
_MAX_SCHEMES = 50
_MAX_HEADER = 8_000


class Weakness(NamedTuple):
    """``kind`` is what rules ask for, ``say`` what the card does, ``scope`` where a named host is."""

    kind: str
    say: str
    span: Span
    scope: str = ""


def weaknesses(card: Node, hosts: frozenset[str]) -> Iterator[Weakness]:
    """Yield what is weak in ``card``; ``hosts`` are those of its own addresses."""
    schemes = card.get("securitySchemes")
    declared = schemes.members[:_MAX_SCHEMES] if schemes is not None else []
    for member in declared:
        yield from _scheme(member)
    yield from _requirements(card, {member.key for member in declared}, opaque=schemes is not None and schemes.kind == "expr")
    signatures = card.get("signatures")
    for signature in signatures.items[:_MAX_SCHEMES] if signatures is not None else ():
        yield from _signature(signature, hosts)


def weakness_nodes(ident: str, name: str, version: str, found: Iterator[Weakness]) -> Iterator[NodeFact]:
    """Return a ``setting`` node of kind ``card-weakness`` for each, with ``weak``, ``say``, ``scope`` and ``version``."""
    for number, weak in enumerate(found):
        attrs = {
            "kind": "card-weakness",
            "weak": weak.kind,
            "say": weak.say,
            "scope": weak.scope,
            "version": version,
            "card": name,
        }
        yield NodeFact("setting", f"setting:{ident}/{weak.kind}/{number}", name, weak.span, "a2a", attrs)


def _scheme(member: Member) -> Iterator[Weakness]:
    """What is weak about one scheme, in the flat shape of 0.x or the wrapped one of 1.0."""
    inner = [m for m in member.value.members if m.key.endswith("SecurityScheme") and m.value.kind == "map"]
    holder = inner[0].value if inner else member.value
    place = holder.member("in") or holder.member("location")
    if place is not None and place.value.text.lower() == "query":
        yield Weakness("key-in-query", f"takes the key of `{member.key}` in the address", place.value.span)
    scheme = holder.member("scheme")
    if scheme is not None and scheme.value.text.lower() == "basic":
        yield Weakness("basic", f"takes name and password with every request (`{member.key}`)", scheme.value.span)
    for flow in _flows(holder):
        if flow.key in ("implicit", "password"):
            yield Weakness("flow", f"offers the {flow.key} flow of OAuth (`{member.key}`)", flow.key_span)
        pkce = flow.value.member("pkceRequired")
        if pkce is not None and pkce.value.scalar is False:
            yield Weakness("pkce", f"does not ask for PKCE (`{member.key}`)", pkce.value.span)
        yield from _addresses(flow.value)
    yield from _addresses(holder)


def _flows(holder: Node) -> list[Member]:
    flows = holder.get("flows")
    return flows.members[:_MAX_SCHEMES] if flows is not None else []


def _addresses(node: Node) -> Iterator[Weakness]:
    for member in node.members[:_MAX_SCHEMES]:
        if member.key in _ENDPOINTS and scheme_of(member.value.text) in CLEARTEXT_SCHEMES:
            scope = scope_of(host_of(member.value.text))
            if scope not in ("local", "unknown"):
                url = without_credentials(member.value.text)
                yield Weakness("cleartext", f"sends clients to {url} to authenticate", member.value.span, scope)


def _requirements(card: Node, declared: set[str], *, opaque: bool) -> Iterator[Weakness]:
    required = next((m for key in ("securityRequirements", "security") if (m := card.member(key)) is not None), None)
    items = required.value.items[:_MAX_SCHEMES] if required is not None else []
    for item in items:
        if item.kind != "map":
            continue
        wrapped = item.get("schemes")
        names = wrapped.members if wrapped is not None and wrapped.kind == "map" else item.members
        if not names and len(items) > 1:
            yield Weakness("optional", "accepts requests without any credential: one requirement is empty", item.span)
        for name in names:
            if name.key not in declared and not opaque:
                yield Weakness("undeclared", f"requires `{name.key}`, which it does not declare", name.key_span)


def _signature(signature: Node, hosts: frozenset[str]) -> Iterator[Weakness]:
    protected = signature.get("protected")
    if protected is None or not protected.text:
        return
    header = _header(protected.text)
    algorithm = str(header.get("alg", "")).upper()
    if algorithm == "NONE":
        yield Weakness("signature", "carries a signature that signs nothing (`alg: none`)", protected.span)
    elif algorithm.startswith("HS"):
        yield Weakness(
            "signature", f"is signed with a shared secret ({algorithm}), which every reader would need", protected.span
        )
    address = header.get("jku")
    if isinstance(address, str):
        host = host_of(address)
        scope = scope_of(host)
        if scheme_of(address) in CLEARTEXT_SCHEMES and scope not in ("local", "unknown"):
            yield Weakness("signature", f"names its keys at {without_credentials(address)}, without encryption", protected.span)
        elif hosts and scope == "public" and not any(_same_site(host, own) for own in hosts):
            yield Weakness("foreign-keys", f"names its keys at another host ({host})", protected.span, scope)


def _header(text: str) -> dict[str, object]:
    """Return the protected header of a signature, empty when it cannot be read."""
    try:
        raw = base64.urlsafe_b64decode(text[:_MAX_HEADER] + "=" * (-len(text[:_MAX_HEADER]) % 4))
        decoded = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _same_site(one: str, other: str) -> bool:
    return one.split(".")[-2:] == other.split(".")[-2:]
