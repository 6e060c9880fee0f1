"""Allow rules of coding agents: the grammar ``Tool``, ``Tool(specifier)`` and its relatives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from agentlint.core import lazy

Breadth = Literal["all", "tool", "interpreter", "narrow"]

_RULE = lazy.pattern(r"^\s*([^()\s]{1,200})\s*(?:\((.{0,2000})\))?\s*$", re.DOTALL)
_ANYTHING = frozenset({"", "*", "**", ":*", "*:*", ".*", "*.*", "**/*", "/**", "domain:*", "//**", "* *", "*, *"})
_SHELL_TOOLS = frozenset({
    "bash", "shell", "terminal", "powershell", "execute_bash", "execute_cmd", "execute_shell", "run_shell_command",
    "shelltool",
    "run_terminal_cmd", "runcommands", "run_in_terminal", "use_aws", "killshell",
})  # fmt: skip
_NET_TOOLS = frozenset({"webfetch", "web_fetch", "webfetchtool", "fetch", "url"})
_MCP_ANY = lazy.pattern(r"^(?:mcp__?(?:\*|\.\*|__\*)(?:__(?:\*|\.\*))?|@\*(?:/\*)?|mcp\*|mcp__\*__\*)$")
_MCP_CALL = frozenset({"mcp"})
_EVERY_COMMAND = frozenset({"bash", "sh", "zsh", "eval", "sudo", "env", "xargs", "powershell", "pwsh", "cmd", "exec", "nohup"})
_INTERPRETER = lazy.pattern(
    r"^(?:python[\d.]*|node|ruby|perl|php|deno|bun|npx|bunx|uvx|osascript|docker|ssh|curl|wget|rm|chmod"
    r"|kubectl|aws|gcloud|az|terraform)$"
)
_ANY_ARGUMENTS = lazy.pattern(r"^([\w./+-]{1,80})(?:\s-[a-zA-Z]{0,3}c)?(?::\*{1,2}|\s\*{1,2}|\*{1,2})$")
_FIRST_WORD = lazy.pattern(r"^([\w./+-]{1,80})[ :*]")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A parsed allow rule.

    ``breadth``: ``all`` tools, a whole dangerous ``tool``, any use of an ``interpreter``, or ``narrow``.
    """

    rule: str
    tool: str
    specifier: str
    breadth: Breadth

    def attrs(self) -> dict[str, Any]:
        """Return the rule as attributes of a graph node."""
        return {
            "rule": self.rule,
            "tool": self.tool,
            "specifier": self.specifier,
            "wildcard": self.breadth in ("all", "tool"),
            "breadth": self.breadth,
            "bare": not self.specifier,
        }


def parse_rule(text: str) -> Allowed:
    """Parse one allow rule; text outside of the grammar is a narrow rule of its own name."""
    rule = text.strip()[:300]
    match = _RULE.match(text[:2400])
    if match is None:
        return Allowed(rule, rule, "", "narrow")
    tool, specifier = match[1], (match[2] or "").strip()
    return Allowed(rule, tool, specifier, _breadth(tool, specifier, bare=match[2] is None))


def _breadth(tool: str, specifier: str, *, bare: bool) -> Breadth:
    name = tool.lower()
    anything = specifier in _ANYTHING
    if (tool in ("*", "**", ".*", "*:*") and (bare or anything)) or (_MCP_ANY.match(name) and anything):
        return "all"
    if name in _MCP_CALL and not bare and re.fullmatch(r"\*{1,2}(?:\s*[,:]\s*\*{1,2})?", specifier):
        return "all"
    if name in _SHELL_TOOLS:
        return "tool" if anything else _command(specifier)
    if name in _NET_TOOLS and not bare and anything:
        return "tool"
    return "narrow"


def _command(specifier: str) -> Breadth:
    """Return how much a command pattern such as ``git push:*`` or ``python *`` allows."""
    anything = _ANY_ARGUMENTS.match(specifier)
    if anything is not None and _program(anything[1]) in _EVERY_COMMAND:
        return "tool"
    first = _FIRST_WORD.match(specifier)
    if first is not None and specifier.endswith("*") and _INTERPRETER.match(_program(first[1])):
        return "interpreter"
    return "narrow"


def _program(word: str) -> str:
    return word.rsplit("/", 1)[-1].lower()
