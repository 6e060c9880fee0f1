"""Configured connections to MCP servers, in the dialects of all clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.finding import Notification
from agentlint.core.mask import mask
from agentlint.facts.clients import client_of
from agentlint.facts.connection import of_address, of_launch
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.hosts import scheme_of, without_credentials
from agentlint.facts.launch import split_words
from agentlint.facts.lookalike import to_latin
from agentlint.facts.manifest_secrets import Secret, secrets_of
from agentlint.facts.scopes import scope_nodes
from agentlint.facts.shape import wrong_shape
from agentlint.facts.types import NodeFact
from agentlint.facts.values import bare, classify, is_secret_name, looks_random
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span

_WRAPPERS = frozenset({"mcpServers", "mcp_servers", "mcp-servers", "context_servers", "mcp.servers"})
_URL_KEYS = ("httpUrl", "url", "serverUrl", "uri", "endpoint")
_ENTRY_KEYS = frozenset({"command", *_URL_KEYS, "transport", "cmd"})
_HEADER_KEYS = ("headers", "http_headers", "httpHeaders")
_ENV_KEYS = ("env", "environment")
_APPROVE_KEYS = (
    "autoApprove",
    "alwaysAllow",
    "auto_approve",
    "always_allow",
    "autoApprovedTools",
    "allowedToolsWithoutApproval",
)
_TRANSPORTS = {
    "streamable-http": "http",
    "streamablehttp": "http",
    "streamable_http": "http",
    "remote": "http",
    "local": "stdio",
    "websocket": "ws",
}
_BUNDLE = lazy.pattern(r"https?://[^\s]{1,1500}\.(?:mcpb|dxt)(?:[?#]|$)")
_VERSIONED = lazy.pattern(r"[/_-]v?\d+\.\d+|[0-9a-f]{40}")
"""A plugin may name a server by the address of its bundle."""
_MAX_DEPTH = 7
_MAX_SERVERS = 500
_READ = lazy.pattern(
    r"(?i)^(?:mcp__\w{1,60}__)?[a-z0-9]{0,20}?[-_.]?(?:get|list|read|search|find|fetch|query|describe|show"
    r"|view|lookup|look_up|count|"
    r"check|resolve|status|info|inspect|summarize|explain|analyze|browse|retrieve|tree|stat|diff|log|think"
    r"|sequentialthinking|help|"
    r"suggest|validate|compare|estimate|preview|ping|health|directory_tree|take_screenshot|screenshot"
    r"|snapshot)(?![a-z])"
)
_WRITE = lazy.pattern(
    r"(?i)(?:write|create|update|delete|remove|exec|execute|run|send|post|push|put|edit|modify|move|rename"
    r"|deploy|merge|install|kill|"
    r"drop|insert|upload|publish|commit|apply|set|add|start|stop|click|type|fill|navigate|evaluate|approve"
    r"|pay|transfer|refund|charge|order|buy|book|cancel|invoke|eval|import|change|replace|patch|save|store|reset|clear|format"
    r"|migrate|migration|sync|submit|schedule|assign|close|reply|forward|share|grant|revoke|rotate|terminate|reboot|scale|init)(?![a-z])"
)
_GETTER = lazy.pattern(
    r"(?i)^(?:mcp__\w{1,60}__)?(?:get|list|search|find|describe|count|fetch|lookup)[-_](?!(?:or|and)[-_])(?!.{0,60}[-_](?:or|and)[-_])"
)
_READ_CAMEL = lazy.pattern(r"^(?:get|list|read|search|find|fetch|query|describe|show|view|lookup|count|check|resolve)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One server entry: its name, the place of the name, the map that configures it, and the path of keys to it."""

    name: str
    span: Span
    node: Node
    keys: tuple[str, ...]


def contribute(inp: FileInput) -> Contribution:
    """Return an ``mcp_client`` node for each configured server and a ``secret`` node for each credential in one."""
    if inp.document is None:
        return Contribution()
    nodes: list[NodeFact] = []
    notes: list[Notification] = []
    seen: set[tuple[tuple[str, ...], str]] = set()
    client = client_of(inp.path, inp.kind)
    for root in inp.document.roots:
        shown: dict[tuple[tuple[str, ...], str], str] = {}
        for entry in entries(root, flat=inp.kind == "mcp-client"):
            other = shown.setdefault((entry.keys[:-1], to_latin(entry.name)), entry.name) if entry.keys else ""
            first = (entry.keys, entry.name) not in seen
            seen.add((entry.keys, entry.name))
            nodes.extend(_facts(inp.path, client, entry, other if other != entry.name or not first else ""))
            if len(nodes) > _MAX_SERVERS:
                text = f"more than {_MAX_SERVERS} servers; those after `{entry.name[:60]}` were not judged"
                notes.append(Notification(inp.path, entry.span.line, "cap", text))
                break
    if inp.kind == "mcp-client":
        name = inp.path.rpartition("/")[2].lower()
        wrong = [found for root in inp.document.roots for found in wrong_shape(client, name, root)]
        notes.extend(Notification(inp.path, line, "config", text, "warning") for line, text in wrong)
    return Contribution(tuple(nodes), traits=("mcp-client",) if nodes else (), notifications=tuple(notes))


def entries(root: Node, *, flat: bool) -> Iterator[Entry]:
    """Yield the server entries below the wrapper keys of the known clients or, with ``flat``, at the top."""
    found = False
    stack: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while stack:
        path, node = stack.pop()
        for member in reversed(node.members):
            keys = (*path, member.key)
            if _is_wrapper(keys, member.value):
                found = True
                yield from _wrapped(keys, member.value)
            elif member.value.kind == "map" and len(keys) < _MAX_DEPTH:
                stack.append((keys, member.value))
    if flat and not found:
        if root.members and all(_is_entry(member.value) for member in root.members):
            yield from _wrapped((), root)
        elif root.kind == "map" and _is_entry(root) and root.get("name") is not None:
            yield Entry(_word(root.get("name")) or "server", root.span, root, ())


def _is_wrapper(keys: tuple[str, ...], node: Node) -> bool:
    key = keys[-1]
    if key in _WRAPPERS:
        return node.kind in ("map", "seq")
    if key == "servers" and (len(keys) == 1 or keys[-2] in ("mcp", "mcpServers")):
        return _holds_entries(node)
    return key == "mcp" and _holds_entries(node)


def _holds_entries(node: Node) -> bool:
    if node.kind == "seq":
        return bool(node.items) and all(_is_entry(item) for item in node.items)
    return any(_is_entry(member.value) for member in node.members)


def _is_entry(node: Node) -> bool:
    return node.kind == "map" and any(member.key in _ENTRY_KEYS for member in node.members)


def _wrapped(keys: tuple[str, ...], node: Node) -> Iterator[Entry]:
    for member in node.members:
        if keys[-1:] == ("mcpServers",) and _BUNDLE.match(member.value.text[:2000]):
            bundle = Node("map", member.value.span, members=[Member("bundle", member.key_span, member.value)])
            yield Entry(member.key, member.key_span, bundle, (*keys, member.key))
        if member.value.kind == "map" and (_is_entry(member.value) or keys[-1:] != ("mcp",)):
            yield Entry(member.key, member.key_span, member.value, (*keys, member.key))
    for index, item in enumerate(node.items):
        if item.kind == "map":
            if _is_entry(item):
                name = _word(item.get("name")) or f"server {index + 1}"
                yield Entry(name, item.span, item, (*keys, str(index)))
            else:  # front matter of sub-agents lists names, or one-key maps that configure a server inline
                yield from _wrapped((*keys, str(index)), item)


def _facts(path: str, client: str, entry: Entry, shadows: str) -> Iterator[NodeFact]:
    ident = f"{path}#{'/'.join(entry.keys) or entry.name}"
    reader = _Reader(entry)
    secrets = list(secrets_of(entry.node, reader.words, reader.url))
    attrs = {"client": client, "config_path": path, **reader.attrs, "has_literal_secret": bool(secrets)}
    if shadows:
        attrs["shadows"] = shadows
    in_words = {secret.span for secret in secrets if secret.where == "args"}
    if in_words:
        shown = [mask(word) if span in in_words else _safe_word(word) for word, span in reader.words]
        attrs.update(command=shown[0], args=shown[1:])
    yield NodeFact(
        "mcp_client", f"mcp_client:{ident}", entry.name, entry.span, client, attrs, reader.spans, tuple(reader.unknown)
    )
    yield from (_secret(ident, client, entry.name, secret) for secret in secrets)
    yield from scope_nodes(ident, entry.name, client, entry.node)


def _secret(ident: str, client: str, owner: str, secret: Secret) -> NodeFact:
    attrs = {
        "holder": "mcp-client",
        "client": client,
        "owner": owner,
        "key": secret.name,
        "where": secret.where,
        "masked": mask(bare(secret.value)),
    }
    return NodeFact("secret", f"secret:{ident}/{secret.where}/{secret.name}", secret.name, secret.span, client, attrs)


class _Reader:
    """Collects the attributes of one entry, with the place of each."""

    def __init__(self, entry: Entry) -> None:
        self.attrs: dict[str, Any] = {}
        self.spans: dict[str, Span] = {}
        self.unknown: list[str] = []
        self.words: list[tuple[str, Span]] = []
        self.url: Node | None = None
        node = entry.node
        transport = node.get("transport")
        self._launch(node, transport)
        self._remote(node, transport)
        self._transport(node, transport)
        self._values("env", node, _ENV_KEYS)
        self._values("headers", node, _HEADER_KEYS)
        self._trust(node)

    def _set(self, name: str, value: Any, span: Span) -> None:
        self.attrs[name] = value
        self.spans[name] = span

    def _launch(self, node: Node, transport: Node | None) -> None:
        bundle = node.get("bundle")
        if bundle is not None and _BUNDLE.match(bundle.text[:2000]):
            self._bundle(bundle)
            return
        words = list(_words(node))
        if not words and transport is not None and transport.kind == "map":
            words = list(_words(transport))
        if not words:
            return
        self.words = words
        self._set("command", words[0][0], words[0][1])
        if len(words) > 1:
            self._set("args", [_safe_word(word) for word, _ in words[1:]], words[1][1].to(words[-1][1]))
        read = of_launch([word for word, _ in words])
        self.attrs.update(read.attrs)
        self.unknown.extend(read.unknown)
        if read.word >= 0:
            for name in ("package", "package_version", "pin", "pinned"):
                self.spans[name] = words[read.word][1]

    def _bundle(self, bundle: Node) -> None:
        """A bundle at an address that names no version is whatever stands there at the next start."""
        moving = "/latest/" in bundle.text or not _VERSIONED.search(bundle.text)
        self.attrs.update(launcher="bundle", pin="moving" if moving else "pinned", pinned=not moving)
        self._set("package", without_credentials(bundle.text), bundle.span)
        self.spans["pin"] = self.spans["pinned"] = bundle.span

    def _remote(self, node: Node, transport: Node | None) -> None:
        holders = [node, *([transport] if transport is not None and transport.kind == "map" else [])]
        for holder in holders:
            for key in _URL_KEYS:
                found = holder.get(key)
                if found is not None and found.text:
                    self._url(found)
                    return
        for word, span in self.words[1:]:  # bridges such as a remote proxy take the address as an argument
            if scheme_of(word) in ("http", "https", "ws", "wss") and self.attrs.get("package") != word:
                self._address(word, span)
                return

    def _url(self, found: Node) -> None:
        self.url = found
        self._address(found.text, found.span)

    def _address(self, url: str, span: Span) -> None:
        read = of_address(url)
        self.attrs.update(read.attrs)
        self.unknown.extend(read.unknown)
        self.spans.update(dict.fromkeys(("url", "host", "host_scope", "cleartext"), span))

    def _transport(self, node: Node, transport: Node | None) -> None:
        named = node.get("type") or node.get("transportType") or transport
        if named is not None and named.kind == "map":
            named = named.get("type")
        word = _word(named).lower()
        if not word:
            word = "stdio" if self.words else "http" if self.url is not None else ""
        if word:
            self._set("transport", _TRANSPORTS.get(word, word), named.span if named is not None else node.span)

    def _values(self, name: str, node: Node, keys: tuple[str, ...]) -> None:
        found = _first(node, keys)
        if found is not None and found.kind == "map":
            self._set(name, {member.key: classify(_word(member.value)) for member in found.members[:200]}, found.span)

    def _trust(self, node: Node) -> None:
        for key in _APPROVE_KEYS:
            member = node.member(key)
            if member is not None:
                self._approved(member)
        approval = node.member("default_tools_approval_mode")
        if approval is not None and approval.value.text in ("approve", "auto"):
            self._set("approval_mode", approval.value.text, approval.value.span)
        self.attrs["disabled"] = False
        for key, name in (("trust", "trust"), ("disabled", "disabled"), ("sandboxEnabled", "sandboxed")):
            member = node.member(key)
            if member is not None and member.value.kind == "bool":
                self._set(name, member.value.scalar, member.key_span.to(member.value.span))
        enabled = node.member("enabled")
        if enabled is not None and enabled.value.scalar is False:
            self._set("disabled", True, enabled.key_span.to(enabled.value.span))
        helper = node.member("headersHelper")
        if helper is not None:
            self._set("headers_helper", True, helper.value.span)

    def _approved(self, member: Member) -> None:
        value = member.value
        tools = [item.text for item in value.items if item.text] if value.kind == "seq" else []
        if value.scalar is True or value.text == "*":
            tools = ["*"]
        if tools:
            self._set("auto_approve", tools[:200], member.key_span.to(value.span))
            self.attrs["auto_approve_all"] = "*" in tools
            risky = [tool for tool in tools if tool != "*" and not reads_only(tool)]
            acting = any(_WRITE.search(tool[:200]) for tool in risky)  # verbs that nobody knows do not count alone
            self.attrs["auto_approve_writes"] = risky[:50] if acting else []


def reads_only(tool: str) -> bool:
    """Return whether the name of a tool says that it only reads."""
    name = tool[:200]
    if _GETTER.match(name):
        return True
    return (_READ.search(name) is not None or _READ_CAMEL.search(name) is not None) and _WRITE.search(name) is None


def _words(node: Node) -> Iterator[tuple[str, Span]]:
    """Yield the words of the command line, whatever way the entry spells it."""
    command = node.get("command") or node.get("cmd")
    if command is not None and command.kind == "map":
        yield from _words_of(command.get("path"), command.get("args"))
    else:
        yield from _words_of(command, node.get("args") or node.get("arguments"))


def _words_of(command: Node | None, args: Node | None) -> Iterator[tuple[str, Span]]:
    if command is not None and command.kind == "seq":
        yield from ((_word(item), item.span) for item in command.items)
    elif command is not None and _word(command):
        yield _word(command), command.span
    if args is not None and args.kind == "seq":
        yield from ((_word(item), item.span) for item in args.items)
    elif args is not None and args.text:
        yield from ((word, args.span) for word in split_words(args.text))


def _first(node: Node, keys: tuple[str, ...]) -> Node | None:
    for key in keys:
        found = node.get(key)
        if found is not None:
            return found
    options = node.get("requestOptions")
    return options.get(keys[0]) if options is not None else None


def _word(node: Node | None) -> str:
    if node is None or node.kind in ("map", "seq", "null"):
        return ""
    return node.scalar if isinstance(node.scalar, str) else str(node.scalar)


def _safe_word(word: str) -> str:
    """Return an argument as it may be stored: what may be the credential of an option is masked, its mode or model is not."""
    name, equals, value = word.partition("=")
    if equals and value and classify(value) == "literal" and (looks_random(value) or is_secret_name(name)):
        return f"{name}={mask(value)}"
    if "://" in word and ("?" in word or "@" in word):
        return without_credentials(word)
    return word[:300]
