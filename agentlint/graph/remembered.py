"""What agents trust by name, so that a baseline can tell when it changed: commands of servers, descriptions of tools."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.core.digest import blake2b
from agentlint.core.mask import mask_line
from agentlint.core.place import Span
from agentlint.core.result import Remembered
from agentlint.graph.model import GraphNode
from agentlint.graph.repository import Repository
from agentlint.graph.tool_texts import tool_texts

_SHOWN = 240
_MAX = 5_000


def remembered(repository: Repository) -> tuple[Remembered, ...]:
    """Return servers and tools of the repository that have a name, in order of path and place; at most 5,000 of each."""
    servers = [_server(node) for node in repository.graph.of_type("mcp_client") if node.name and _command(node)]
    tools = list(_tools(repository))
    return tuple(sorted([*servers[:_MAX], *tools[:_MAX]], key=lambda entry: (entry.path, entry.span, entry.kind, entry.name)))


def _command(node: GraphNode) -> list[str]:
    """The words that decide what is started or called. Front ends have masked the secrets among them."""
    attrs = node.attrs
    words = [str(attrs.get("command", "")), *map(str, attrs.get("args", ()) or ()), str(attrs.get("url", ""))]
    words += [f"{key}=" for key in sorted(attrs.get("env") or ())]
    return [word for word in words if word]


def _server(node: GraphNode) -> Remembered:
    words = _command(node)
    span = node.spans.get("command") or node.spans.get("url") or node.span
    return Remembered("server", node.path, node.name, _digest("\0".join(words)), _cut(" ".join(words)), span)


def _tools(repository: Repository) -> Iterator[Remembered]:
    """Each tool once, all parts of its description together. A text that holds a secret is not shown."""
    secret_lines = {
        (file.path, line)
        for file in repository.files
        for secret in file.secrets
        for line in range(secret.span.line, max(secret.span.end_line, secret.span.line) + 1)
    }
    texts: dict[tuple[str, str], list[str]] = {}
    spans: dict[tuple[str, str], Span] = {}
    leaks: set[tuple[str, str]] = set()
    for text in tool_texts(repository.program, repository.roles):
        key = (text.path, text.name)
        if not text.name or text.part == "parameters":
            continue
        texts.setdefault(key, []).append(text.text)
        spans.setdefault(key, Span(text.line, text.column, text.line, text.column + 1))
        if any((text.path, line) in secret_lines for line in range(text.line, min(text.end_line, text.line + 2_000) + 1)):
            leaks.add(key)
    for node in repository.graph.of_type("tool"):
        told, key = node.attrs.get("description"), (node.path, node.name)
        if isinstance(told, str) and told and node.name and key not in texts and "function" not in node.attrs:
            texts[key], spans[key] = [told], node.spans.get("description") or node.span
            if any((node.path, line) in secret_lines for line in range(spans[key].line, spans[key].end_line + 1)):
                leaks.add(key)
    for key, parts in texts.items():
        shown = "(not shown: it holds a secret)" if key in leaks else _cut(" ".join(" ".join(parts).split()))
        yield Remembered("tool", *key, _digest("\0".join(" ".join(part.split()) for part in parts)), shown, spans[key])


def _cut(text: str) -> str:
    masked = mask_line(text[: _SHOWN * 4], 1)
    return masked if len(masked) <= _SHOWN else masked[: _SHOWN - 1] + "…"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16, person=b"agentlint-trust").hexdigest()
