"""Which product reads a configuration file, by its path."""

from __future__ import annotations

_BY_PART = (
    (".claude/", "claude-code"), (".claude-plugin/", "claude-code"), (".cursor/", "cursor"), (".vscode/", "vscode"),
    (".devcontainer", "vscode"), (".roo/", "roo"), (".gemini/", "gemini"), (".codex", "codex"), (".opencode/",
    "opencode"),
    ("opencode.json", "opencode"), (".continue/", "continue"), (".kiro/", "kiro"), (".amazonq/", "amazon-q"),
    (".zed/", "zed"),
    (".junie/", "junie"), (".windsurf", "windsurf"), ("windsurf/", "windsurf"), (".trae/", "trae"), (".agents/",
    "agents"),
    ("claude_desktop_config", "claude-desktop"), ("cline_mcp_settings", "cline"), (".cline", "cline"), (".github/",
    "copilot"),
    ("gemini-extension", "gemini"), ("mcp_config.json", "windsurf"), (".copilot/", "copilot"), (".code-workspace",
    "vscode"),
    (".aider", "aider"), (".goose", "goose"), (".roomodes", "roo"), ("claude.md", "claude-code"), ("gemini.md",
    "gemini"),
)  # fmt: skip


def client_of(path: str, kind: str = "") -> str:
    """Return the product that reads ``path`` (relative, with ``/``); ``generic`` when the name says nothing."""
    lower = f"/{path.lower()}"
    for part, client in _BY_PART:
        if part in lower:
            return client
    name = lower.rsplit("/", 1)[-1]
    if name == ".mcp.json":
        return "claude-code"
    return "vscode" if kind == "editor-settings" else "generic"
