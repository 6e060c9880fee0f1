"""Credentials written into the entry of a configured server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.hosts import credential_parts, host_of, scope_of
from agentlint.facts.values import classify, is_credential, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentlint.core.place import Span
    from agentlint.parse.document import Node

_PLACES = (
    ("env", "env"), ("environment", "env"), ("headers", "headers"), ("http_headers", "headers"), ("httpHeaders",
    "headers"),
)  # fmt: skip
_TOP_KEYS = (
    "apiKey",
    "api_key",
    "token",
    "bearer_token",
    "bearerToken",
    "authToken",
    "password",
    "secret",
    "authorization",
)
_MIN_PASSWORD = 6
_HEADER = lazy.pattern(r"^([A-Za-z][\w-]{1,60}):[ \t]*(.{8,2000})$")
_URL = lazy.pattern(r"[a-z][a-z0-9+.-]{1,20}://\S{4,2000}")


@dataclass(frozen=True, slots=True)
class Secret:
    """A literal credential: the key that holds it, the part of the entry it stands in, the value and its place."""

    name: str
    where: str
    value: str
    span: Span


def secrets_of(node: Node, words: Sequence[tuple[str, Span]], url: Node | None) -> Iterator[Secret]:
    """Yield the literal credentials of a server entry: in its environment, headers, arguments and address."""
    seen: set[Span] = set()
    for secret in _candidates(node, words, url):
        if secret.span not in seen:
            seen.add(secret.span)
            yield secret


def _candidates(node: Node, words: Sequence[tuple[str, Span]], url: Node | None) -> Iterator[Secret]:
    for key, where in _PLACES:
        yield from _in_map(node.get(key), where)
    options = node.get("requestOptions")
    yield from _in_map(options.get("headers") if options is not None else None, "headers")
    transport = node.get("transport")
    if transport is not None and transport.kind == "map":
        yield from _in_map(transport.get("env"), "env")
        yield from _in_map(transport.get("headers"), "headers")
    for key in _TOP_KEYS:
        value = node.get(key)
        if value is not None and is_credential("token", value.text):
            yield Secret(key, "entry", value.text, value.span)
    if url is not None:
        yield from _in_url(url.text, "url", url.span)
    yield from _in_words(words)


def _in_map(node: Node | None, where: str) -> Iterator[Secret]:
    if node is None:
        return
    for member in node.members:
        text = member.value.text
        if is_credential(member.key, text):
            yield Secret(member.key, where, text, member.value.span)
        elif "://" in text:
            yield from (Secret(member.key, where, s.value, s.span) for s in _in_url(text, where, member.value.span))


def _in_url(url: str, where: str, span: Span) -> Iterator[Secret]:
    local = scope_of(host_of(url)) == "local"
    for name, value in credential_parts(url):
        if name == "password":
            if not local and len(value) >= _MIN_PASSWORD and classify(value) == "literal":
                yield Secret("password", where, value, span)
        elif is_credential(name, value) or (
            name.lower() in ("key", "apikey", "api_key", "token") and is_credential("token", value)
        ):
            yield Secret(name, where, value, span)


def _in_words(words: Sequence[tuple[str, Span]]) -> Iterator[Secret]:
    previous = ""
    for word, span in words:
        name, equals, value = word.partition("=")
        header = _HEADER.match(word)
        if header and is_credential(header[1], header[2]):
            yield Secret(header[1], "args", header[2], span)
        elif equals and is_credential(name, value):
            yield Secret(name.lstrip("-"), "args", value, span)
        elif previous.startswith("-") and is_secret_name(previous) and is_credential(previous, word):
            yield Secret(previous.lstrip("-"), "args", word, span)
        elif _URL.match(word):
            yield from _in_url(word, "args", span)
        elif is_credential("", word):
            yield Secret("argument", "args", word, span)
        previous = word
