"""A2A agent cards, in the shapes of protocol versions 0.2, 0.3 and 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.facts.card_weak import weakness_nodes, weaknesses
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.hosts import CLEARTEXT_SCHEMES, host_of, scheme_of, scope_of, without_credentials
from agentlint.facts.scopes import scope_nodes
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Node

_V1 = "1.0"
_SCHEME_MEMBERS = {
    "apiKeySecurityScheme": "apiKey",
    "httpAuthSecurityScheme": "http",
    "oauth2SecurityScheme": "oauth2",
    "openIdConnectSecurityScheme": "openIdConnect",
    "mtlsSecurityScheme": "mutualTLS",
}
_MAX_CARDS = 50


def contribute(inp: FileInput) -> Contribution:
    """Return an ``agent_card`` node for each card in the file.

    Attributes: ``version``, ``url``, ``urls``, ``host_scope``, ``cleartext``, ``transports``, ``schemes`` (types),
    ``has_schemes``,
    ``has_requirements``, ``has_security`` (both), ``skills``, ``push``, ``extended``, ``signed``.
    """
    if inp.document is None:
        return Contribution()
    nodes: list[NodeFact] = []
    for root in inp.document.roots:
        for card in (root, *root.items, *(m.value for m in root.members if m.value.kind == "map"))[:_MAX_CARDS]:
            if is_card(card):
                nodes.extend(card_nodes(inp.path, card, len(nodes)))
    return Contribution(tuple(nodes), traits=("agent-card",) if nodes else ())


def card_nodes(path: str, card: Node, number: int) -> list[NodeFact]:
    """Return the ``agent_card`` node of ``card`` and a ``setting`` node for each weakness of what it declares."""
    fact = _card(path, card, number)
    hosts = frozenset(filter(None, (host_of(url) for url in fact.attrs["urls"])))
    ident = f"{path}#{number}"
    weak = weakness_nodes(ident, fact.name, fact.attrs["version"], weaknesses(card, hosts))
    return [fact, *weak, *_scopes(ident, fact.name, card)]


def _scopes(ident: str, name: str, card: Node) -> Iterator[NodeFact]:
    """Yield the broad scopes that the card's flows offer or its requirements ask for."""
    schemes = card.get("securitySchemes")
    for scheme in schemes.members[:_MAX_CARDS] if schemes is not None else ():
        inner = next((m.value for m in scheme.value.members if m.key in _SCHEME_MEMBERS), scheme.value)
        flows = inner.get("flows")
        for flow in flows.members[:_MAX_CARDS] if flows is not None else ():
            yield from scope_nodes(ident, name, "a2a", flow.value)


def is_card(node: Node) -> bool:
    """Return whether ``node`` has the shape of an agent card of any version."""
    if node.kind != "map" or node.get("name") is None or node.get("skills") is None:
        return False
    return any(node.get(key) is not None for key in ("url", "supportedInterfaces", "capabilities", "protocolVersion"))


def version_of(card: Node) -> str:
    """Return the protocol version whose shape ``card`` has: 1.0, 0.3, 0.2.5 or 0.2."""
    if card.get("supportedInterfaces") is not None or card.get("securityRequirements") is not None:
        return _V1
    declared = card.get("protocolVersion")
    text = str(declared.scalar) if declared is not None else ""
    if text.startswith("1."):
        return _V1
    if text.startswith("0.3") or card.get("signatures") is not None:
        return "0.3"
    return "0.2.5" if text.startswith("0.2") or card.get("preferredTransport") is not None else "0.2"


def _card(path: str, card: Node, number: int) -> NodeFact:
    version = version_of(card)
    name = card.get("name")
    title = name.text if name is not None else ""
    addresses = _addresses(card, version)
    attrs: dict[str, Any] = {"version": version, "urls": [without_credentials(url) for url, _, _ in addresses]}
    spans: dict[str, Span] = {"name": name.span if name is not None else card.span}
    unknown: list[str] = []
    attrs["transports"] = [transport for _, transport, _ in addresses if transport]
    if addresses:
        _address(addresses, attrs, spans, unknown)
    if not _opaque(card):
        _security(card, version, attrs, spans)
    else:
        unknown.extend(("schemes", "has_schemes", "has_requirements", "has_security", "skill_requirements"))
    _abilities(card, version, attrs, spans)
    span = spans["name"]
    return NodeFact("agent_card", f"agent_card:{path}#{number}", title, span, "a2a", attrs, spans, tuple(unknown))


def _addresses(card: Node, version: str) -> list[tuple[str, str, Span]]:
    """Return (url, transport, place) of every interface, the preferred one first."""
    found = []
    url = card.get("url")
    if url is not None and url.text:
        transport = card.get("preferredTransport")
        found.append((url.text, transport.text if transport is not None else "JSONRPC", url.span))
    interfaces = card.get("supportedInterfaces" if version == _V1 else "additionalInterfaces")
    for item in interfaces.items[:100] if interfaces is not None else ():
        address = item.get("url")
        binding = item.get("protocolBinding") or item.get("transport")
        if address is not None and address.text:
            found.append((address.text, binding.text if binding is not None else "", address.span))
    return found


def _address(addresses: list[tuple[str, str, Span]], attrs: dict[str, Any], spans: dict[str, Span], unknown: list[str]) -> None:
    attrs["url"], spans["url"] = without_credentials(addresses[0][0]), addresses[0][2]
    scopes = [scope_of(host_of(url)) for url, _, _ in addresses]
    attrs["host_scope"] = "public" if "public" in scopes else scopes[0]
    attrs["cleartext"] = False
    for (url, _, span), scope in zip(addresses, scopes, strict=True):
        if scheme_of(url) in CLEARTEXT_SCHEMES and scope != "local":
            if scope == "unknown":
                unknown.append("cleartext")
                continue
            attrs.update(cleartext=True, url=without_credentials(url), host=host_of(url), cleartext_scope=scope)
            spans["cleartext"] = span
            return


def _opaque(card: Node) -> bool:
    """Return whether only running the code that builds the card tells its schemes or requirements."""
    values = [card.get(key) for key in ("securitySchemes", "security", "securityRequirements")]
    return any(value is not None and value.kind == "expr" for value in values)


def _security(card: Node, version: str, attrs: dict[str, Any], spans: dict[str, Span]) -> None:
    schemes = card.member("securitySchemes")
    types = [_scheme_type(member.value) for member in schemes.value.members] if schemes is not None else []
    if card.get("authentication") is not None and version == "0.2":  # the shape of the first drafts
        listed = card.at("authentication", "schemes")
        types += [item.text for item in listed.items] if listed is not None else []
    names = ("securityRequirements", "security") if version == _V1 else ("security",)
    requirements = next((found for key in names if (found := card.member(key)) is not None), None)
    required = requirements is not None and any(item.members for item in requirements.value.items)
    optional = requirements is not None and any(not item.members for item in requirements.value.items)
    if card.get("authentication") is not None and types:
        required = True
    attrs.update(schemes=types, has_schemes=bool(types), has_requirements=required, optional_security=required and optional)
    attrs["has_security"] = bool(types) and required
    attrs["skill_requirements"] = _skill_requirements(card)
    attrs["has_security"] = attrs["has_security"] or (bool(types) and attrs["skill_requirements"])
    for name, member in (("schemes", schemes), ("requirements", requirements)):
        if member is not None:
            spans[name] = member.key_span


def _scheme_type(scheme: Node) -> str:
    declared = scheme.get("type")
    if declared is not None and declared.text:
        return declared.text
    return next((_SCHEME_MEMBERS[m.key] for m in scheme.members if m.key in _SCHEME_MEMBERS), "unknown")


def _skill_requirements(card: Node) -> bool:
    skills = card.get("skills")
    items = skills.items if skills is not None else []
    needs = [skill.get("security") or skill.get("securityRequirements") for skill in items]
    return bool(needs) and all(need is not None and bool(need.items) for need in needs)


def _abilities(card: Node, version: str, attrs: dict[str, Any], spans: dict[str, Span]) -> None:
    skills = card.get("skills")
    attrs["skills"] = [_text(item.get("name") or item.get("id")) for item in skills.items[:100]] if skills is not None else []
    push = card.at("capabilities", "pushNotifications")
    attrs["push"] = push is not None and push.scalar is True
    extended = card.at("capabilities", "extendedAgentCard") if version == _V1 else card.get("supportsAuthenticatedExtendedCard")
    attrs["extended"] = extended is not None and extended.scalar is True
    attrs["signed"] = bool(card.get("signatures"))
    for name, node in (("push", push), ("extended", extended)):
        if node is not None:
            spans[name] = node.span


def _text(node: Node | None) -> str:
    return node.text if node is not None else ""
