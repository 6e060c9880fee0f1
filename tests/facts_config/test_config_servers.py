"""Configured MCP servers in the dialects of the clients."""

from __future__ import annotations

import pytest
from support_config import nodes, read

from agentlint.core.place import Span
from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem

JSON = '{"%s": {"files": {"command": "npx", "args": ["-y", "files@1.2.3"]}}}'


@pytest.mark.parametrize(
    ("path", "kind", "source", "client"),
    [
        (".mcp.json", "mcp-client", JSON % "mcpServers", "claude-code"),
        (".mcp.json", "mcp-client", '{"files": {"command": "npx", "args": ["-y", "files@1.2.3"]}}', "claude-code"),
        (".cursor/mcp.json", "mcp-client", JSON % "mcpServers", "cursor"),
        (".vscode/mcp.json", "mcp-client", JSON % "servers", "vscode"),
        (".vscode/settings.json", "editor-settings", '{"mcp": %s}' % (JSON % "servers"), "vscode"),
        (".vscode/settings.json", "editor-settings", JSON % "mcp.servers", "vscode"),
        (
            ".devcontainer/devcontainer.json", "editor-settings",
            '{"customizations": {"vscode": {"mcp": %s}}}' % (JSON % "servers"), "vscode",
        ),
        (".zed/settings.json", "agent-settings", JSON % "context_servers", "zed"),
        ("opencode.json", "agent-settings", '{"mcp": {"files": {"type": "local", "command": ["npx", "-y", "files@1.2.3"]}}}', "opencode"),
        (".codex/config.toml", "mcp-client", '[mcp_servers.files]\ncommand = "npx"\nargs = ["-y", "files@1.2.3"]\n', "codex"),
        (
            ".continue/mcpServers/f.yaml", "mcp-client",
            "mcpServers:\n  - name: files\n    command: npx\n    args: [-y, files@1.2.3]\n", "continue",
        ),
        (
            "cline_mcp_settings.json", "mcp-client",
            '{"mcpServers": {"files": {"transport": {"type": "stdio", "command": "npx", "args": ["-y", "files@1.2.3"]}}}}', "cline",
        ),
        (
            ".claude/agents/a.md", "instructions",
            "---\nname: a\nmcpServers:\n  files:\n    command: npx\n    args: [-y, files@1.2.3]\n---\ntext\n", "claude-code",
        ),
    ],
)  # fmt: skip
def test_dialects(path, kind, source, client):
    (server,) = nodes("mcp_client", path, kind, source)
    wanted = {"client": client, "launcher": "npx", "package": "files@1.2.3", "package_version": "1.2.3", "pinned": True}
    assert server.name == "files"
    assert {key: server.attrs[key] for key in wanted} == wanted


def test_places_are_those_of_the_words():
    source = '{"mcpServers": {\n  "files": {\n    "command": "npx",\n    "args": ["-y", "files"], "alwaysAllow": ["*"]}}}'
    (server,) = nodes("mcp_client", ".roo/mcp.json", "mcp-client", source)
    assert server.span == Span(2, 3, 2, 10)
    assert server.spans["package"] == Span(4, 20, 4, 27)
    assert server.spans["auto_approve"].line == 4
    assert server.attrs["auto_approve_all"] is True


@pytest.mark.parametrize(
    ("url", "cleartext", "scope"),
    [
        ("https://mcp.acme-tools.dev/mcp", False, "public"),
        ("http://mcp.acme-tools.dev/mcp", True, "public"),
        ("ws://203.0.113.9/mcp", True, "public"),
        ("http://localhost:3000", False, "local"),
        ("http://[::1]:3000", False, "local"),
        ("http://host.docker.internal:3000", False, "local"),
        ("http://search:8080/mcp", True, "internal"),
        ("http://10.1.2.3/mcp", True, "internal"),
    ],
)
def test_addresses(url, cleartext, scope):
    (server,) = nodes("mcp_client", ".mcp.json", "mcp-client", '{"mcpServers": {"a": {"url": "%s"}}}' % url)
    assert (server.attrs["cleartext"], server.attrs["host_scope"]) == (cleartext, scope)


def test_an_address_with_a_variable_host_is_not_judged():
    (server,) = nodes("mcp_client", ".mcp.json", "mcp-client", '{"mcpServers": {"a": {"url": "http://${HOST}/mcp"}}}')
    assert "cleartext" in server.unknown
    assert "cleartext" not in server.attrs


KEY = "q7Rk2vXw9mZt4LpB8sNd"


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ('"env": {"FILES_API_KEY": "%s"}' % KEY, "env"),
        ('"headers": {"Authorization": "Bearer %s"}' % KEY, "headers"),
        ('"args": ["--api-key", "%s"]' % KEY, "args"),
        ('"args": ["--token=%s"]' % KEY, "args"),
        ('"args": ["-e", "FILES_TOKEN=%s"]' % KEY, "args"),
        ('"args": ["--header", "Authorization: Bearer %s"]' % KEY, "args"),
        ('"args": ["postgresql://app:%s@db.acme-tools.dev/shop"]' % KEY, "args"),
    ],
)
def test_credentials_are_found_and_never_stored(entry, where):
    source = '{"mcpServers": {"a": {"command": "a", %s}}}' % entry
    found = nodes("secret", ".mcp.json", "mcp-client", source)
    assert [node.attrs["where"] for node in found] == [where]
    assert KEY not in repr(found) + repr(nodes("mcp_client", ".mcp.json", "mcp-client", source))


@pytest.mark.parametrize(
    "value",
    [
        "${FILES_API_KEY}", "$FILES_API_KEY", "${env:FILES_API_KEY}", "${input:key}", "${{ secrets.KEY }}", "{env:KEY}", "", "<your-key>",
        "your-api-key-here", "YOUR_API_KEY", "sk-...", "xxxxxxxxxxxx", "op://team/item/key", "replace-me-please1", "/run/secrets/key1",
        "oauth2-device-flow",
    ],
)  # fmt: skip
def test_references_and_placeholders_are_no_credentials(value):
    source = '{"mcpServers": {"a": {"command": "a", "env": {"FILES_API_KEY": "%s"}}}}' % value
    assert nodes("secret", ".mcp.json", "mcp-client", source) == []


def test_names_that_only_sound_secret_are_not():
    source = '{"mcpServers": {"a": {"command": "a", "env": {"MAX_TOKENS": "a1b2c3d4e5f6g7h8", "TOKEN_URL": "a1b2c3d4e5f6g7h8"}}}}'
    assert nodes("secret", ".mcp.json", "mcp-client", source) == []


@pytest.mark.parametrize(
    ("path", "source", "line", "says"),
    [
        (".cursor/mcp.json", '{"mcpServer": {"a": {"command": "x"}}}', 1, "did you mean `mcpServers`"),
        (".vscode/mcp.json", '{\n"mcpServers": {"a": {"command": "x"}}}', 2, "did you mean `servers`"),
        (".mcp.json", '{"mcpServers": {"a": {\n"comand": "x", "args": []}}}', 2, "did you mean `command`"),
        (".roo/mcp.json", '{"mcpServers": {"a": {"note": "x"}}}', 1, "neither command nor url"),
    ],
)
def test_a_shape_that_the_client_does_not_read_is_said(path, source, line, says):
    (note,) = read(path, "mcp-client", source).notifications
    assert (note.line, note.kind) == (line, "config")
    assert says in note.message


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (".mcp.json", '{"files": {"command": "npx"}}'),
        (".mcp.json", '{"mcpServers": {}, "$schema": "x"}'),
        (".mcp.json", '{"mcpServers": {"a": {"type": "http", "url": "https://a.example/mcp"}}}'),
        (".vscode/mcp.json", '{"servers": {"a": {"command": "x"}}, "inputs": []}'),
        (".cursor/mcp.json", '{"mcpServers": {"off": {"disabled": true}}}'),
    ],
)
def test_a_shape_that_the_client_reads_is_not(path, source):
    assert not read(path, "mcp-client", source).notifications


def test_a_bundle_named_by_its_address():
    source = '{"mcpServers": {"genes": "https://tools.example/releases/latest/download/genes.mcpb"}}'
    (server,) = nodes("mcp_client", ".mcp.json", "mcp-client", source)
    assert (server.attrs["pin"], server.attrs["launcher"]) == ("moving", "bundle")


def test_more_servers_than_anybody_reads_are_said():
    servers = ", ".join(f'"s{number}": {{"command": "x{number}"}}' for number in range(5_000))
    result = read(".mcp.json", "mcp-client", f'{{"mcpServers": {{{servers}}}}}')
    assert 500 < len(result.nodes) < 600
    assert [note.kind for note in result.notifications] == ["cap"]


def test_a_description_of_megabytes_is_read_past():
    source = '{"mcpServers": {"a": {"command": "npx", "args": ["-y", "a"], "description": "%s"}}}' % ("x" * 4_000_000)
    (server,) = nodes("mcp_client", ".mcp.json", "mcp-client", source)
    assert server.attrs["package"] == "a"


@pytest.mark.parametrize(
    "data",
    [
        b'{"mcpServers": {"a\x00": {"command": "x"}}}',
        '{"mcpServers": {"a": "é'.encode() + b"\xff\xfe" + '"}}'.encode("utf-16-le"),
    ],
)
def test_bytes_that_are_no_text_are_a_problem_not_a_crash(data):
    assert isinstance(parse("mcp-client", ".mcp.json", data), ParseProblem)
