"""Commands that a coding agent or an editor starts by itself: hooks, helper commands, tasks, dev container commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentlint.facts.commands import effects_of
from agentlint.facts.hosts import host_of, scope_of
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.document import Node

_HELPERS = (
    ("apiKeyHelper",), ("awsAuthRefresh",), ("awsCredentialExport",), ("gcpAuthRefresh",), ("otelHeadersHelper",),
    ("statusLine", "command"),
    ("subagentStatusLine", "command"), ("fileSuggestion", "command"), ("tools", "discoveryCommand"), ("tools",
    "callCommand"),
    ("mcp", "serverCommand"), ("toolDiscoveryCommand",), ("toolCallCommand",), ("mcpServerCommand",), ("notify",),
)  # fmt: skip
_COMMAND_KEYS = ("command", "bash", "powershell", "run", "cmd")
_HOST_COMMANDS = ("initializeCommand",)
_CONTAINER_COMMANDS = (
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
)
_SESSION = frozenset(
    {"sessionstart", "setup", "agentspawn", "instructionsloaded", "beforesessionstart", "startup", "session_start"}
)
_PROMPT = frozenset({"userpromptsubmit", "beforesubmitprompt", "beforeagent", "userpromptsubmitted"})
_FOLDER = frozenset({"folderopen", "worktreecreated"})
_MAX_HOOKS = 300


@dataclass(frozen=True, slots=True)
class _Hook:
    event: str
    when: str
    node: Node
    command: str
    url: str = ""
    hidden: bool = False


def hooks_of(path: str, kind: str, client: str, root: Node) -> Iterator[NodeFact]:
    """Yield a ``hook`` node for each command that runs without being asked for.

    Attributes: ``event``, ``when`` (session-start, prompt, tool, helper, folder-open, host, container), ``command``
    (cut), and
    the effects of the command.
    """
    for count, hook in enumerate(_found(kind, root)):
        if count >= _MAX_HOOKS:
            return
        attrs: dict[str, Any] = {
            "client": client,
            "event": hook.event,
            "when": hook.when,
            "command": hook.command[:300],
            "hidden": hook.hidden,
        }
        attrs.update(effects_of(hook.command).attrs())
        host = host_of(hook.url)
        if host and scope_of(host) == "public":
            attrs.update(sends=True, sends_to=host)
        span = hook.node.span
        ident = f"hook:{path}#{span.line}:{span.column}"
        yield NodeFact("hook", ident, hook.event, span, client, attrs, {"command": span})


def _found(kind: str, root: Node) -> Iterator[_Hook]:
    yield from _events(root.get("hooks"))
    if kind in ("instructions", "skill"):
        return
    for keys in _HELPERS:
        node = root.at(*keys)
        if node is not None and _line(node):
            yield _Hook(".".join(keys), "helper", node, _line(node))
    for group in (root, root.get("tasks")):
        tasks = group.get("tasks") if group is not None else None
        for task in tasks.items if tasks is not None else ():
            yield from _task(task)
    for names, when in ((_HOST_COMMANDS, "host"), (_CONTAINER_COMMANDS, "container")):
        for name in names:
            node = root.get(name)
            if node is not None:
                yield from (_Hook(name, when, one, _line(one)) for one in _alternatives(node))
    then = root.get("then")
    if then is not None and root.get("when") is not None and then.get("command") is not None:
        command = then.get("command")
        assert command is not None
        yield _Hook("when", "tool", command, _line(command))


def _events(hooks: Node | None) -> Iterator[_Hook]:
    if hooks is None:
        return
    for member in hooks.members:
        for group in _items(member.value):
            inner = group.get("hooks")
            for entry in _items(inner) if inner is not None else (group,):
                yield from _entry(member.key, entry)


def _items(node: Node) -> list[Node]:
    return node.items if node.kind == "seq" else [node]


def _entry(event: str, entry: Node) -> Iterator[_Hook]:
    if entry.kind == "str":
        yield _Hook(event, _when(event), entry, entry.text)
        return
    url = entry.get("url")
    if url is not None and url.text:
        yield _Hook(event, _when(event), url, "", url.text)
    arguments = entry.get("args")
    for key in _COMMAND_KEYS:
        node = entry.get(key)
        if node is not None and _line(node):
            yield _Hook(event, _when(event), node, _line(node, arguments))


def _when(event: str) -> str:
    name = event.lower()
    if name in _SESSION:
        return "session-start"
    return "prompt" if name in _PROMPT else "tool"


def _task(task: Node) -> Iterator[_Hook]:
    run_on = task.at("runOptions", "runOn")
    if run_on is None or run_on.text.lower() not in _FOLDER:
        return
    reveal = task.at("presentation", "reveal")
    hidden = (reveal is not None and reveal.text in ("never", "silent")) or getattr(task.get("hide"), "scalar", None) is True
    for holder in (task, task.get("osx"), task.get("linux"), task.get("windows")):
        command = holder.get("command") if holder is not None else None
        if holder is not None and command is not None and _line(command):
            yield _Hook(run_on.text, "folder-open", command, _line(command, holder.get("args")), hidden=hidden)
    script = task.get("script")
    if script is not None and script.text:
        yield _Hook(run_on.text, "folder-open", script, f"npm run {script.text}", hidden=hidden)


def _alternatives(node: Node) -> Iterator[Node]:
    if node.kind == "map":
        yield from (member.value for member in node.members if _line(member.value))
    elif _line(node):
        yield node


def _line(node: Node, arguments: Node | None = None) -> str:
    """Return the command line of a string or a list of words, with the words of ``arguments`` behind it."""
    if node.kind == "map":
        value = node.get("value")
        return value.text if value is not None else ""
    words = [item.text for item in node.items] if node.kind == "seq" else [node.text]
    if arguments is not None and words[0:1] != [""]:
        words += [item.text or getattr(item.get("value"), "text", "") for item in arguments.items]
    return " ".join(f'"{word}"' if " " in word and len(words) > 1 and '"' not in word else word for word in words if word)
