"""Settings of coding agents and editors: allow rules, hooks, keys that widen trust, credentials."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from agentlint.core.mask import mask
from agentlint.facts.clients import client_of
from agentlint.facts.endpoints import endpoint_node
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.hooks import hooks_of
from agentlint.facts.permissions import parse_rule
from agentlint.facts.types import NodeFact
from agentlint.facts.values import is_credential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.document import Node

_SERVER_KEYS = frozenset({"mcpServers", "mcp_servers", "mcp-servers", "context_servers", "servers", "mcp"})
_WATCHED = frozenset({
    "permissions.defaultMode", "permissions.disableBypassPermissionsMode", "skipDangerousModePermissionPrompt",
    "enableAllProjectMcpServers",
    "sandbox.enabled", "allowUnsandboxedCommands", "disableAllHooks", "disableSkillShellExecution", "apiKeyHelper",
    "general.defaultApprovalMode", "tools.autoAccept", "tools.sandbox", "security.folderTrust.enabled", "trust", "yolo",
    "approval_policy", "sandbox_mode", "model_provider", "openai_base_url", "permission", "permissionMode",
    "default_permission_mode",
    "chat.tools.autoApprove", "chat.tools.global.autoApprove", "chat.tools.terminal.ignoreDefaultAutoApproveRules",
    "chat.mcp.autostart", "chat.mcp.discovery.enabled", "chat.tools.terminal.sandbox.enabled",
    "task.allowAutomaticTasks",
    "security.workspace.trust.enabled", "agent.always_allow_tool_actions", "yes-always", "env.ANTHROPIC_BASE_URL",
})  # fmt: skip
_MAX_LEAVES = 20_000
_MAX_RULES = 500


def contribute(inp: FileInput) -> Contribution:
    """Return ``permission``, ``hook``, ``setting`` and ``secret`` nodes of a settings file or of front matter."""
    if inp.document is None:
        return Contribution()
    client = client_of(inp.path, inp.kind)
    nodes: list[NodeFact] = []
    for root in inp.document.roots:
        nodes.extend(_permissions(inp.path, inp.kind, client, root))
        nodes.extend(hooks_of(inp.path, inp.kind, client, root))
        if inp.kind in ("agent-settings", "editor-settings", "mcp-client"):
            nodes.extend(_leaves(inp.path, client, root))
    return Contribution(tuple(nodes))


def _permissions(path: str, kind: str, client: str, root: Node) -> Iterator[NodeFact]:
    for effect, rule, node in islice(_rules(kind, root), _MAX_RULES):
        allowed = parse_rule(rule)
        attrs = {
            "client": client,
            "effect": effect,
            "while_loaded": kind in ("instructions", "skill"),
            **allowed.attrs(),
        }
        attrs["wildcard"] = effect == "allow" and attrs["wildcard"]
        where = f"{path}#{node.span.line}:{node.span.column}"
        yield NodeFact("permission", f"permission:{where}", allowed.rule, node.span, client, attrs, {"rule": node.span})


def _rules(kind: str, root: Node) -> Iterator[tuple[str, str, Node]]:
    if kind in ("instructions", "skill"):
        yield from (("allow", rule, node) for rule, node in _tool_list(root.get("allowed-tools") or root.get("allowedTools")))
        return
    permissions = root.get("permissions")
    if permissions is not None:
        for effect in ("allow", "deny", "ask"):
            yield from ((effect, rule, node) for rule, node in _tool_list(permissions.get(effect)))
    for keys in (("allowedTools",), ("tools", "allowed")):
        yield from (("allow", rule, node) for rule, node in _tool_list(root.at(*keys)))
    for key, tool in (("terminalAllowlist", "Shell"), ("mcpAllowlist", "Mcp")):
        yield from (("allow", f"{tool}({rule})", node) for rule, node in _tool_list(root.get(key)))
    yield from _opencode(root)


def _opencode(root: Node) -> Iterator[tuple[str, str, Node]]:
    holders = [root]
    for key in ("agent", "mode"):
        group = root.get(key)
        holders.extend(member.value for member in group.members if group) if group is not None else None
    for holder in holders:
        permission = holder.get("permission")
        if permission is None:
            continue
        if permission.text == "allow":
            yield "allow", "*", permission
        for member in permission.members:
            if member.value.text:
                yield member.value.text, member.key, member.value
            for pattern in member.value.members:
                yield pattern.value.text or "ask", f"{member.key}({pattern.key})", pattern.value


def _tool_list(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield the entries of a list of tools, or of a string that separates them by commas or blanks."""
    if node is None:
        return
    if node.kind == "seq":
        yield from ((item.text, item) for item in node.items if item.text)
        return
    depth, word = 0, ""
    for char in f"{node.text[:5000]},":
        depth += (char == "(") - (char == ")")
        if depth <= 0 and (char == "," or char.isspace()):
            if word:
                yield word, node
            word, depth = "", 0
        else:
            word += char


def _leaves(path: str, client: str, root: Node) -> Iterator[NodeFact]:
    """Yield a ``setting`` for each watched key and a ``secret`` for each credential outside of server entries."""
    for count, (keys, member, node) in enumerate(root.walk()):
        if count > _MAX_LEAVES:
            return
        if member is None or node.kind in ("map", "seq"):
            continue
        dotted = ".".join(str(key) for key in keys)
        ident = f"{path}#{dotted}"
        endpoint = endpoint_node(path, client, [str(key) for key in keys], member, node)
        if endpoint is not None:
            yield endpoint
        if dotted in _WATCHED or member.key in _WATCHED:
            attrs = {
                "client": client,
                "key": dotted,
                "value": node.scalar if not isinstance(node.scalar, str) else node.scalar[:300],
            }
            yield NodeFact(
                "setting",
                f"setting:{ident}",
                dotted,
                member.key_span.to(node.span),
                client,
                attrs,
                {"value": node.span},
            )
        elif node.text and not _SERVER_KEYS.intersection(map(str, keys)) and is_credential(member.key, node.text):
            attrs = {
                "holder": "agent-settings",
                "client": client,
                "owner": dotted,
                "key": member.key,
                "where": "settings",
                "masked": mask(node.text),
            }
            yield NodeFact("secret", f"secret:{ident}", member.key, node.span, client, attrs)
