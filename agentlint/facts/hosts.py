"""Where a URL points: this machine, a private network, the internet; and whether the traffic is encrypted."""

from __future__ import annotations

import ipaddress
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from agentlint.core import lazy

Scope = Literal["local", "internal", "public", "unknown"]

CLEARTEXT_SCHEMES = frozenset({"http", "ws"})
_LOCAL_NAMES = frozenset(
    {
        "localhost",
        "host.docker.internal",
        "gateway.docker.internal",
        "host.containers.internal",
        "kubernetes.docker.internal",
    }
)
_INTERNAL_SUFFIXES = (
    ".local",
    ".internal",
    ".lan",
    ".intranet",
    ".corp",
    ".home",
    ".svc",
    ".cluster.local",
    ".home.arpa",
    ".private",
)
_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fe80::/10",
    )
)
_VARIABLE = lazy.pattern(r"[${}<>%]|\{\{|__")


def scheme_of(url: str) -> str:
    """Return the scheme of ``url`` in lower case; empty when there is none."""
    head, found, _ = url.strip()[:200].partition("://")
    return head.lower() if found else ""


def host_of(url: str) -> str:
    """Return the host of ``url`` in lower case; empty when it has none or cannot be read."""
    try:
        return (urlsplit(url.strip()[:2000]).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def scope_of(host: str) -> Scope:
    """Return where ``host`` is.

    Names without a dot are those of a container network or an office; variables are unknown.
    """
    if not host or _VARIABLE.search(host):
        return "unknown"
    if host in _LOCAL_NAMES or host.endswith(".localhost"):
        return "local"
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "internal" if "." not in host or host.endswith(_INTERNAL_SUFFIXES) else "public"
    if address.is_loopback or address.is_unspecified:
        return "local"
    return "internal" if any(address.version == net.version and address in net for net in _PRIVATE) else "public"


def credential_parts(url: str) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of ``url`` that could be credentials: its password and its query."""
    try:
        parts = urlsplit(url.strip()[:4000])
        pairs = [("password", parts.password)] if parts.password else []
        return [*pairs, *parse_qsl(parts.query, max_num_fields=100)]
    except ValueError:
        return []


def without_credentials(url: str) -> str:
    """Return scheme, host, port and path of ``url``: what may be shown and stored."""
    try:
        parts = urlsplit(url.strip()[:2000])
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if not parts.scheme:
        return url.strip()[:200].partition("?")[0]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
