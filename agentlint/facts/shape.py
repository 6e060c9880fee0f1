"""Configuration of servers that its client will not read as written: a wrapper or a key that is nearly right."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.document import Member, Node

_WRAPPER = {"vscode": "servers", "codex": "mcp_servers", "zed": "context_servers", "opencode": "mcp"}
_OTHERS = frozenset({"mcpServers", "mcp_servers", "mcp-servers", "context_servers", "servers", "mcp", "mcp.servers"})
_ENTRY = ("command", "url", "httpUrl", "serverUrl", "args", "type", "env", "headers")
_STARTS = frozenset({"command", "cmd", "url", "httpUrl", "serverUrl", "uri", "endpoint", "transport", "disabled", "enabled"})
_FILES = frozenset({"mcp.json", ".mcp.json", "mcp_config.json", "cline_mcp_settings.json"})
_LONGEST_KEY = 60
_MAX_NOTES = 20

Note = tuple[int, str]


def wrong_shape(client: str, name: str, root: Node) -> Iterator[Note]:
    """Yield (line, message) for what the client of the file ``name`` (last part, lower case) will not find.

    Only files that exist for nothing else are judged: their wrapper is known, each entry starts a program or has an address.
    """
    wanted = _WRAPPER.get(client, "mcpServers")
    if (
        root.kind != "map"
        or client == "generic"
        or name not in ("mcp.json", ".mcp.json", "mcp_config.json", "cline_mcp_settings.json")
    ):
        return
    found = root.member(wanted)
    if found is None:
        yield from _wrapper(client, wanted, root)
    elif found.value.kind == "map":
        for count, entry in enumerate(found.value.members):
            if count >= _MAX_NOTES:
                return
            yield from _entry(entry)


def _wrapper(client: str, wanted: str, root: Node) -> Iterator[Note]:
    """A top-level key that was probably meant as the wrapper; a flat map of servers is a shape of its own."""
    for member in root.members[:_MAX_NOTES]:
        key = member.key[:_LONGEST_KEY]
        if member.value.kind not in ("map", "seq") or _starts(member.value):
            continue
        other = key in _OTHERS and client == "vscode" and any(_starts(m.value) for m in member.value.members)
        if other or (key not in _OTHERS and get_close_matches(key.lower(), [wanted.lower()], 1, 0.75)):
            yield (
                member.key_span.line,
                f"`{key}` is not a key that {client} reads; did you mean `{wanted}`? Its servers do not start",
            )
            return


def _entry(entry: Member) -> Iterator[Note]:
    node = entry.value
    if node.kind != "map" or not node.members or _starts(node):
        return
    for member in node.members[:_MAX_NOTES]:
        near = get_close_matches(member.key[:_LONGEST_KEY].lower(), _ENTRY, 1, 0.75)
        if near and member.key not in _ENTRY:
            name, key = entry.key[:_LONGEST_KEY], member.key[:_LONGEST_KEY]
            yield member.key_span.line, f"server `{name}` has neither command nor url; `{key}`: did you mean `{near[0]}`?"
            return
    yield entry.key_span.line, f"server `{entry.key[:_LONGEST_KEY]}` has neither command nor url, so nothing starts"


def _starts(node: Node) -> bool:
    return node.kind == "map" and any(member.key in _STARTS for member in node.members)
