from __future__ import annotations

import json

import pytest

from agentlint.discover.classify import kind_of, refine


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/b.py", "python"), ("n.ipynb", "notebook"), (".mcp.json", "mcp-client"), ("sub/.mcp.json", "mcp-client"),
        (".cUrSoR/mcp.json", "mcp-client"), (".vscode/mcp.json", "mcp-client"), (".roo/mcp.json", "mcp-client"), ("mcp.json", "mcp-client"),
        ("claude_desktop_config.json", "mcp-client"), (".codex/config.toml", "mcp-client"), (".kiro/settings/mcp.json", "mcp-client"),
        (".continue/mcpServers/x.yaml", "mcp-client"), (".junie/mcp/mcp.json", "mcp-client"), (".amazonq/mcp.json", "mcp-client"),
        (".claude/settings.json", "agent-settings"), ("x/.claude/settings.local.json", "agent-settings"), (".gemini/settings.json", "agent-settings"),
        ("opencode.jsonc", "agent-settings"), (".cursor/hooks.json", "agent-settings"), (".github/hooks/a.json", "agent-settings"),
        (".amazonq/cli-agents/a.json", "agent-settings"), (".zed/settings.json", "agent-settings"), ("hooks/hooks.json", "agent-settings"),
        (".cursor/permissions.json", "agent-settings"), (".claude-plugin/plugin.json", "agent-settings"),
        (".vscode/settings.json", "editor-settings"), (".vscode/tasks.json", "editor-settings"), ("x.code-workspace", "editor-settings"),
        (".devcontainer/devcontainer.json", "editor-settings"), (".devcontainer/gpu/devcontainer.json", "editor-settings"),
        ("AGENTS.md", "instructions"), ("pkg/agents.md", "instructions"), ("CLAUDE.local.md", "instructions"), (".cursorrules", "instructions"),
        (".cursor/rules/a.mdc", "instructions"), (".claude/commands/x/y.md", "instructions"), (".claude/agents/a.md", "instructions"),
        (".github/copilot-instructions.md", "instructions"), (".github/prompts/a.prompt.md", "instructions"),
        (".kiro/steering/a.md", "instructions"), ("llms.txt", "instructions"), (".clinerules/x.md", "instructions"),
        (".claude/skills/a/SKILL.md", "skill"), ("skills/pdf/SKILL.md", "skill"), (".claude/skills/a/reference.md", "instructions"),
        (".claude/agents/AGENTS.md", "instructions"),
        ("prompts/system.md", "prompt"), ("src/prompts/a.txt", "prompt"), ("system_prompt.txt", "prompt"), ("a.prompty", "prompt"), ("x/prompt.j2", "prompt"),
        (".github/workflows/ci.yml", "workflow"), (".gitlab-ci.yml", "gitlab-ci"), ("Dockerfile", "dockerfile"), ("Dockerfile.dev", "dockerfile"),
        ("api.Dockerfile", "dockerfile"), ("Containerfile", "dockerfile"), ("compose.prod.yml", "compose"), ("docker-compose.yaml", "compose"),
        ("main.tf", "terraform"), ("prod.tfvars", "terraform"), ("main.bicep", "bicep"), ("langgraph.json", "langgraph"), (".well-known/agent-card.json", "agent-card"),
        ("smithery.yaml", "mcp-server"), (".env", "dotenv"), (".env.example", "dotenv"), ("prod.env", "dotenv"), ("run.sh", "shell"),
        ("a.tsx", "javascript"), ("README.md", "markdown"), ("docs/prompts/README.md", "markdown"), ("a.json", "json"), ("pyproject.toml", "toml"),
        ("values.yaml.j2", "text"), ("notes.txt", "text"),
    ],
)  # fmt: skip
def test_names(path, kind):
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    "path",
    [
        "a.png",
        "package-lock.json",
        "uv.lock",
        "yarn.lock",
        "x.min.js",
        "a.pyc",
        "model.safetensors",
        "x.so",
        "a.zip",
        "noextension",
        "a.pb",
        "x_pb2.py",
        "a.csv",
    ],
)
def test_what_no_rule_reads(path):
    assert kind_of(path) is None


@pytest.mark.parametrize(
    "path",
    ["environment.py", "dockerfile.py", "Dockerfile.md", "compose.py", "env.ts", ".env.ts", "mcp.py", "agents.py", "claude.py"],
)
def test_source_code_stays_source_code(path):
    assert kind_of(path) in ("python", "markdown", "javascript")


CARD = {
    "name": "a",
    "description": "d",
    "version": "1",
    "url": "u",
    "capabilities": {},
    "skills": [],
    "defaultInputModes": ["text"],
}


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        ("conf/tools.json", {"mcpServers": {"a": {"command": "npx"}}}, "mcp-client"),
        ("conf/mcp.prod.json", {"servers": {"a": {"type": "http", "url": "http://x"}}}, "mcp-client"),
        ("conf/hosts.json", {"servers": {"a": {"url": "http://x"}}}, "json"),
        ("openapi.json", {"openapi": "3.0.0", "servers": [{"url": "http://x"}], "paths": {}}, "json"),
        ("agent.json", CARD, "agent-card"),
        ("package.json", {"name": "mcp", "description": "d", "version": "1", "mcpServers": {"a": {"command": "x"}}}, "json"),
        ("schema.json", {"$schema": "https://json-schema.org/draft-07/schema", "properties": {"mcpServers": {"command": "x"}}}, "json"),
        ("locales/en.json", {"name": "Name", "description": "Text", "version": "v", "url": "URL", "skills": "Skills"}, "json"),
        ("manifest.json", {"manifest_version": "0.3", "server": {"type": "node", "entry_point": "x", "mcp_config": {}}}, "mcp-server"),
        ("manifest.json", {"manifest_version": 3, "name": "extension", "background": {}}, "json"),
        ("manifest.json", {"short_name": "app", "icons": [], "start_url": "."}, "json"),
        ("server.json", {"$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json", "name": "a/b"}, "mcp-server"),
        ("server.json", {"port": 80}, "json"),
        ("t.json", {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}, "cloudformation"),
        ("t.json", {"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}, "cloudformation"),
        ("k.json", {"apiVersion": "v1", "kind": "Pod"}, "kubernetes"),
        ("data.json", [{"command": "x", "url": "y"}], "json"),
    ],
)  # fmt: skip
def test_json_content(path, value, kind):
    for indent in (None, 2):
        assert refine("json", path, json.dumps(value, indent=indent).encode()) == kind


@pytest.mark.parametrize(
    ("path", "source", "kind"),
    [
        ("t.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", "cloudformation"),
        ("t.yaml", "Transform: AWS::Serverless-2016-10-31\n", "cloudformation"),
        ("t.yaml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n", "cloudformation"),
        ("k.yaml", "# c\napiVersion: apps/v1\nkind: Deployment\n", "kubernetes"),
        ("k.yaml", "a: 1\n---\napiVersion: kagent.dev/v1alpha2\nkind: Agent\n", "kubernetes"),
        ("values.yaml", "kind: thing\nreplicas: 1\n", "yaml"),
        ("stack.yaml", "services:\n  web:\n    image: x\n", "compose"),
        ("svc.yaml", "services:\n  - a\n  - b\n", "yaml"),
        ("ci.yaml", "on: push\njobs:\n  a:\n    services:\n      db:\n        image: x\n", "yaml"),
        ("config/agents.yaml", "a:\n  role: >\n    x\n  goal: >\n    y\n  backstory: z\n", "crewai-agents"),
        ("config/tasks.yaml", "a:\n  description: x\n  expected_output: y\n  agent: a\n", "crewai-tasks"),
        ("tasks.yaml", "- name: install\n  description: x\n", "yaml"),
        ("mcp.yaml", "mcpServers:\n  - name: a\n    command: npx\n", "mcp-client"),
        ("openapi.yaml", "openapi: 3.0.0\nservers:\n  - url: http://x\n", "yaml"),
    ],
)  # fmt: skip
def test_yaml_content(path, source, kind):
    assert refine("yaml", path, source.encode()) == kind


def test_other_content():
    assert refine("toml", "config.toml", b'[mcp_servers.a]\ncommand = "x"\n') == "mcp-client"
    assert refine("toml", "pyproject.toml", b'[project]\nname = "x"\n') == "toml"
    assert refine("prompt", "prompts/a.yaml", b"system_prompt: x\n") == "prompt"
    assert refine("prompt", "prompts/a.yaml", b"version: 1\nfiles: []\n") == "yaml"
    assert refine("mcp-client", "assets/mcp.json", b'{"title": "MCP"}') == "json"
    assert refine("mcp-client", ".cursor/mcp.json", b'{"mcpServers": {}}') == "mcp-client"
    assert refine("python", "a.py", b"mcpServers = {'command': 1}") == "python"


@pytest.mark.parametrize(
    "piece",
    [
        b"{ ",
        b"\n",
        b"services:\n",
        b" " * 50 + b"\n",
        b'"name": {',
        b"Transform: ",
        b"apiVersion: ",
        b'"servers": {',
        b"mcpServers: ",
    ],
)
def test_hostile_content_takes_linear_time(piece):
    data = piece * (200_000 // len(piece))
    for kind, path in (
        ("json", "a.json"),
        ("yaml", "a.yaml"),
        ("toml", "a.toml"),
        ("yaml", "agents.yaml"),
        ("yaml", "tasks.yaml"),
    ):
        refine(kind, path, data)
