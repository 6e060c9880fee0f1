"""Instruction files and skills: who reads them, what they may use, what they pull in."""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.finding import Notification
from agentlint.core.place import Span
from agentlint.facts.clients import client_of
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from agentlint.parse.document import Node

_IMPORT = lazy.pattern(
    r"(?m)(?:^|(?<=[\s(]))(?:@|file://)((?:~/|\.{1,2}/|/)?[\w.-]{1,80}(?:/[\w.-]{1,80}){0,8}\.(?:md|mdc|txt|json|ya?ml|toml))\b"
)
_INLINE_COMMAND = lazy.pattern(r"!`([^`\n]{1,400})`")
_URL = lazy.pattern(r"https?://[^\s)>\]\"'`]{4,300}")
_FRONT = (
    "name",
    "description",
    "model",
    "permissionMode",
    "agent",
    "applyTo",
    "globs",
    "alwaysApply",
    "mode",
    "argument-hint",
)
_REMOTE_IMPORT = lazy.pattern(r"(?m)(?:^|(?<=[\s(]))@(https?://[^\s)>\]\"'`]{4,300})")
_MAX_ITEMS = 50
_MAX_IMPORTS = 500


def contribute(inp: FileInput) -> Contribution:
    """Return one ``prompt`` node for the file.

    Attributes: ``client``, ``role`` (``skill``, ``command``, ``agent``, ``rules``), the front matter's plain keys,
    ``imports``
    (``@path``), ``outside_imports``, ``commands`` (run when the file is loaded), ``comments`` (their number), ``urls``.
    """
    data = inp.text.data
    attrs: dict[str, Any] = {
        "client": client_of(inp.path, inp.kind),
        "role": _role(inp.path, inp.kind),
        "length": len(data),
    }
    spans: dict[str, Span] = {}
    front = inp.document.root if inp.document is not None and inp.document.roots else None
    if front is not None:
        _front(front, attrs, spans)
    imports = list(islice(_IMPORT.finditer(data), _MAX_IMPORTS + 1))
    remote = list(islice(_REMOTE_IMPORT.finditer(data), _MAX_ITEMS))
    commands = list(_INLINE_COMMAND.finditer(data))[:_MAX_ITEMS]
    attrs["imports"] = [match[1] for match in imports[:_MAX_IMPORTS]]
    attrs["remote_imports"] = [match[1] for match in remote]
    outside = [match for match in imports if match[0].startswith("@") and _leaves(inp.path, match[1])]
    attrs["outside_imports"] = [match[1] for match in outside]
    attrs["commands"] = [match[1] for match in commands]
    attrs["comments"] = len(comments(data))
    attrs["urls"] = sorted({match[0] for match in _URL.finditer(data)})[:_MAX_ITEMS]
    for name, found in (("imports", imports), ("remote_imports", remote), ("commands", commands), ("outside_imports", outside)):
        if found:
            spans[name] = inp.text.span(found[0].start(), found[0].end())
    name = str(attrs.get("name") or inp.path.rsplit("/", 1)[-1])
    node = NodeFact("prompt", f"prompt:{inp.path}", name, Span(), attrs["client"], attrs, spans)
    notes: tuple[Notification, ...] = ()
    if len(imports) > _MAX_IMPORTS:
        text = f"names more than {_MAX_IMPORTS} files to import; only the first {_MAX_IMPORTS} are followed"
        notes = (Notification(inp.path, 0, "cap", text),)
    return Contribution((node,), notifications=notes)


def comments(data: str) -> list[tuple[int, int]]:
    """Return the offsets of the comments (``<!-- … -->``) in ``data``; the search for an end never begins twice."""
    found = []
    start = data.find("<!--")
    while start >= 0:
        end = data.find("-->", start + 4)
        if end < 0:
            break
        found.append((start, end + 3))
        start = data.find("<!--", end + 3)
    return found


def imports_in(data: str) -> list[str]:
    """Return the files that ``@path`` in ``data`` imports, at most 500."""
    return [match[1] for match in islice(_IMPORT.finditer(data), _MAX_IMPORTS)] if "@" in data else []


def _leaves(path: str, name: str) -> bool:
    if name.startswith(("~", "/")):
        return True
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name)).startswith("..")


def _role(path: str, kind: str) -> str:
    lower = f"/{path.lower()}"
    if kind == "skill":
        return "skill"
    if "/commands/" in lower or lower.endswith(".prompt.md") or "/prompts/" in lower:
        return "command"
    return "agent" if "/agents/" in lower or lower.endswith((".agent.md", ".chatmode.md")) else "rules"


def _front(front: Node, attrs: dict[str, Any], spans: dict[str, Span]) -> None:
    for key in _FRONT:
        node = front.get(key)
        if node is not None and node.kind not in ("map", "seq", "null"):
            attrs[key] = node.text[:1000] if node.kind == "str" else node.scalar
            spans[key] = node.span
    tools = front.get("tools")
    if tools is not None:
        attrs["tools"] = [item.text for item in tools.items] or [word.strip() for word in tools.text.split(",") if word.strip()]
        spans["tools"] = tools.span
