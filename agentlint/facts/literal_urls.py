"""Credentials in addresses: before the host (``scheme://user:password@host``) and in the query (``?api_key=…``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from agentlint.core import lazy
from agentlint.facts.hosts import host_of, scope_of
from agentlint.facts.literal_names import name_class
from agentlint.facts.literal_values import shape_of

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_MAX_FACTS = 200
_USERINFO = lazy.pattern(
    r"([a-z][a-z0-9+.-]{1,30})://([^\s/\"'`@:<>{}$%\[\]]{0,64}):([^\s/\"'`@<>{}$\[\]]{3,128})@([\w.-]{1,200}|\[[0-9a-f:]{2,40}\])"
)
_QUERY = lazy.pattern(
    r"[?&](key|[\w-]{0,40}(?:key|token|secret|password|passwd|pwd|auth|sig))=(\{[\w.\[\]\"'()]{1,80}\}|[\w.%~+/=-]{8,400})",
)
_SCHEME_START = 30
_WEB = frozenset({"http", "https", "ws", "wss", "ftp", "ftps", "git", "git+https", "git+http"})
_SAMPLE_HOSTS = ("example.", ".example", "yourdomain", "your-", "domain.com", "myhost", "hostname", ".invalid", ".test")
_SAMPLE_HOST_NAMES = frozenset({"host", "hostname", "server", "proxy", "user", "db", "ip", "address", "domain", "endpoint"})


class UrlCandidate(NamedTuple):
    """``use``: ``userinfo``, ``connection`` (of a database or queue), ``query``, ``query-variable`` (a template fills it in)."""

    name: str
    use: str
    text: str
    start: int
    end: int
    shape: str
    quiet: bool


def candidates(data: bytes, text: Text) -> Iterator[UrlCandidate]:
    """Yield the credentials in the addresses of a file; patterns start at literals, so time is linear."""
    if b"://" not in data:
        return
    count = 0
    source = text.data
    at = source.find("://")
    while at >= 0 and count < _MAX_FACTS:
        found = _userinfo(source, at)
        if found is not None:
            count += 1
            yield found
        at = source.find("://", at + 3)
    if "=" in source and "?" in source:
        for match in _QUERY.finditer(source):
            found = _query(source, match.start(), match[1], match[2], match.start(2))
            if found is not None and count < _MAX_FACTS:
                count += 1
                yield found


def _userinfo(source: str, at: int) -> UrlCandidate | None:
    if source.find("@", at + 3, at + 200) < 0:
        return None
    start = at
    while start > 0 and at - start < _SCHEME_START and (source[start - 1].isalnum() or source[start - 1] in "+.-"):
        start -= 1
    match = _USERINFO.match(source, start, at + 500)
    if match is None:
        return None
    scheme, user, password, host = match.groups()
    scope = scope_of(host.strip("[]"))
    lowered = host.lower()
    if lowered in _SAMPLE_HOST_NAMES or any(part in lowered for part in _SAMPLE_HOSTS) or password.lower() == user.lower():
        return None
    shape = shape_of("password", password)
    if shape not in ("random", "chosen"):
        return None
    use = "userinfo" if scheme in _WEB else "connection"
    quiet = scope != "public" or (shape == "chosen" and _is_common(password))
    return UrlCandidate(f"{scheme}://{user}", use, password, match.start(3), match.end(3), shape, quiet)


def _is_common(password: str) -> bool:
    lowered = password.lower()
    return any(word in lowered for word in ("pass", "secret", "test", "admin", "postgres", "123"))


def _query(source: str, at: int, name: str, value: str, start: int) -> UrlCandidate | None:
    line = source.rfind("\n", max(0, at - 400), at) + 1 or max(0, at - 400)
    begin = source.rfind("://", line, at)
    if begin < 0 or any(char in " \"'`<>" for char in source[begin:at]):
        return None
    if value.startswith("{"):
        inside = value.strip("{}").rpartition(".")[2]
        secret = name_class(inside) != "" or name_class(name) != ""
        return UrlCandidate(name, "query-variable", value, start, start + len(value), "random", quiet=True) if secret else None
    scheme = source.rfind("\n", max(0, begin - 8), begin)
    host = host_of(source[max(scheme + 1, begin - 5) : at].lstrip("\"'`(=, "))
    if scope_of(host) == "local" or "example." in host:
        return None
    named = name_class(name) != "" or name.lower() in ("key", "sig", "auth")
    if not named or len(value) < 16 or shape_of(name, value) != "random":
        return None
    return UrlCandidate(name, "query", value, start, start + len(value), "random", quiet=name.lower() == "sig")
