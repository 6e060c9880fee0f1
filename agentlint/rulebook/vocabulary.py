"""Every closed list of words that rules and models choose from, and which field takes which list."""

from __future__ import annotations

from collections.abc import Mapping

CATEGORIES = (
    "hardcoded-secret", "weak-identity", "overbroad-tool", "missing-hitl", "prompt-injection", "code-exec",
    "command-injection", "sql-injection", "path-traversal", "ssrf", "template-injection", "unsafe-deserialization",
    "output-handling", "memory", "missing-auth", "insecure-transport", "network-exposure", "iam-overprivilege",
    "missing-logging", "missing-guardrail", "unbounded-consumption", "sandbox", "supply-chain",
    "poisoned-instructions", "agent-config", "data-leak", "governance",
)  # fmt: skip

FILE_KINDS = (
    "python", "notebook", "mcp-client", "mcp-server", "agent-card", "agent-settings", "editor-settings",
    "instructions", "skill", "prompt", "crewai-agents", "crewai-tasks", "workflow", "gitlab-ci", "dockerfile",
    "compose", "kubernetes", "cloudformation", "terraform", "bicep", "langgraph", "agentcore", "dotenv", "json", "yaml", "toml",
    "markdown", "shell", "javascript", "text",
)  # fmt: skip

# Twins of graph.model, which this layer must not import; a test keeps them equal.
NODE_TYPES = (
    "agent", "tool", "prompt", "model", "memory", "guardrail", "gate", "mcp_server", "mcp_client", "agent_card",
    "endpoint", "workflow_job", "identity", "permission", "secret", "resource", "logger", "switch", "run", "setting",
    "hook", "hidden_text", "auth", "server", "steering", "origin_check", "entry",
)  # fmt: skip
EDGE_TYPES = (
    "uses", "instructs", "hands_off", "remembers", "guarded_by", "asks", "serves", "connects", "runs_as", "grants", "logs_to",
    "calls", "flows", "deployed_as", "contains", "runs_on",
)  # fmt: skip

# What a rule's `kinds` may name, and the file kinds each stands for (none listed: any file).
ARTEFACTS: Mapping[str, tuple[str, ...]] = {
    "all": (),
    "py": ("python", "notebook"),
    "mcp": ("mcp-client", "mcp-server"),
    "a2a": ("agent-card",),
    "instr": ("instructions", "skill", "prompt", "markdown", "crewai-agents", "crewai-tasks", "text"),
    "tf": ("terraform",),
    "cfn": ("cloudformation",),
    "k8s": ("kubernetes",),
    "docker": ("dockerfile",),
    "compose": ("compose",),
    "wf": ("workflow", "gitlab-ci"),
    "bicep": ("bicep",),
    "cfg": ("agent-settings", "editor-settings", "dotenv", "langgraph", "agentcore", "json", "yaml", "toml", "shell"),
}

STATUSES = ("preview", "stable", "deprecated", "since")
SCOPES = ("tool", "agent", "inline", "repo")
PARTS = ("", "program", "host", "folder", "added", "program-text")
FOUND = (
    "source", "sink", "sanitizer", "guard", "propagator", "tool", "agent", "run", "effect", "gate", "guardrail",
    "memory", "logger", "switch", "server", "auth", "limit", "answer", "throttle",
)  # fmt: skip

HEADINGS = ("What it does", "Why is this bad?", "Example", "Use instead", "How it decides", "References")

# Struct.field (as written in YAML) → the list its words come from.
FIELDS: Mapping[str, str] = {
    "Rule.category": "categories",
    "Rule.kinds": "artefacts",
    "FlowForm.from": "sources",
    "FlowForm.to": "sinks",
    "MatchForm.file": "files",
    "NodeForm.type": "nodes",
    "EdgeTest.edge": "edges",
    "EdgeTest.to": "nodes",
    "Source.kind": "sources",
    "Sink.kind": "sinks",
    "Sink.part": "parts",
    "Sanitizer.for": "sinks",
    "Tool.effects": "effects",
    "Agent.effects": "effects",
    "Effect.effect": "effects",
    "Gate.scope": "scopes",
    "Switch.kind": "switches",
    "Server.kind": "servers",
    "Rule.advice": "advice",
}


def words(kinds: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return every list by name: the fixed ones here and those of ``kinds.yaml``."""
    return {
        "categories": CATEGORIES,
        "artefacts": tuple(ARTEFACTS),
        "files": FILE_KINDS,
        "nodes": NODE_TYPES,
        "edges": EDGE_TYPES,
        "parts": PARTS,
        "scopes": SCOPES,
        **{name: tuple(sorted(kinds.get(name, ()))) for name in ("sources", "sinks", "effects", "switches", "servers", "advice")},
    }
