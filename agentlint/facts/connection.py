"""What the command line or the address of a configured server means: the attributes that all front ends share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agentlint.facts.commands import effects_of
from agentlint.facts.hosts import CLEARTEXT_SCHEMES, host_of, scheme_of, scope_of, without_credentials
from agentlint.facts.launch import launch_of
from agentlint.facts.packages import lookalike_of

if TYPE_CHECKING:
    from collections.abc import Sequence


class Read(NamedTuple):
    """``attrs`` of an ``mcp_client`` node, the names of those that are not ``known``, and which word names the package."""

    attrs: dict[str, Any]
    unknown: tuple[str, ...]
    word: int = -1


def of_launch(words: Sequence[str]) -> Read:
    """Return what the words of a command line start.

    ``shell``, ``downloads`` (fetches and runs code itself), and for a launcher ``launcher``, ``package``,
    ``package_version``, ``pin``, ``pinned`` and ``resembles`` (the well-known package whose name this one nearly is).
    """
    launch = launch_of(words)
    attrs: dict[str, Any] = {"shell": launch.shell}
    if launch.shell and effects_of(" ".join(words)).attrs().get("downloads"):
        attrs["downloads"] = True
    if not launch.package:
        return Read(attrs, ())
    word = launch.index if 0 <= launch.index < len(words) else len(words) - 1
    attrs.update(launcher=launch.launcher, package=launch.package, package_version=launch.version)
    resembled = lookalike_of(launch.launcher, launch.package)
    if resembled:
        attrs["resembles"] = resembled
    if launch.pin == "unknown":
        return Read(attrs, ("pinned", "pin"), word)
    attrs.update(pin=launch.pin, pinned=launch.pin in ("pinned", "local"))
    return Read(attrs, (), word)


def of_address(url: str) -> Read:
    """Return where ``url`` points: ``url`` (bare), ``host``, ``host_scope``, ``cleartext``."""
    host = host_of(url)
    scope = scope_of(host)
    attrs: dict[str, Any] = {"url": without_credentials(url), "host": host, "host_scope": scope}
    cleartext = scheme_of(url) in CLEARTEXT_SCHEMES
    if cleartext and scope == "unknown":
        return Read(attrs, ("cleartext",))
    attrs["cleartext"] = cleartext and scope != "local"
    return Read(attrs, ())
