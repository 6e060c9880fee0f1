"""Configuration before and after: the value changes, comments and layout stay."""

from __future__ import annotations

import json

import pytest

from secretgen import secret

KEY = secret("github-token", "config")
SERVERS = '{\n  // ours\n  "mcpServers": {"gh": {"command": "gh-mcp", "env": {"GITHUB_TOKEN": "%s"}}}, // last\n}\n'
CLIENTS = {
    ".mcp.json": "${GITHUB_TOKEN}",
    ".cursor/mcp.json": "${env:GITHUB_TOKEN}",
    ".roo/mcp.json": "${env:GITHUB_TOKEN}",
    ".windsurf/mcp.json": "${env:GITHUB_TOKEN}",
    ".gemini/settings.json": "${GITHUB_TOKEN}",
    ".kiro/settings/mcp.json": "${GITHUB_TOKEN}",
}


@pytest.mark.parametrize("path", CLIENTS)
def test_a_literal_becomes_the_variable_of_its_client(mended, path):
    assert mended({path: SERVERS % KEY}, "AL104") == SERVERS % CLIENTS[path]


def test_visual_studio_code_asks_for_it(mended):
    before = '{\n\t"servers": {"a": {"command": "a", "env": {"A_KEY": "%s"}}, "b": {"command": "b", "env": {"B_KEY": "%s"}}}\n}\n'
    after = mended({".vscode/mcp.json": before % (KEY, secret("openai-key", "b"))}, "AL104")
    data = json.loads(after)
    assert data["servers"]["a"]["env"] == {"A_KEY": "${input:a-key}"}
    assert sorted(entry["id"] for entry in data["inputs"]) == ["a-key", "b-key"]
    assert all(entry["password"] and entry["type"] == "promptString" for entry in data["inputs"])
    assert after.startswith('{\n\t"inputs": [')


def test_opencode_and_continue_write_theirs(mended, tmp_path):
    opencode = '{"mcp": {"gh": {"type": "local", "command": ["gh-mcp"], "environment": {"GITHUB_TOKEN": "%s"}}}}\n'
    assert mended({"opencode.json": opencode % KEY}, "AL104") == opencode % "{env:GITHUB_TOKEN}"
    yaml = "name: x\nmcpServers:\n  - name: gh  # hub\n    command: gh-mcp\n    env:\n      GITHUB_TOKEN: %s  # secret\n"
    assert mended({".continue/mcpServers/gh.yaml": yaml % KEY}, "AL104") == yaml % "${{ secrets.GITHUB_TOKEN }}"


def test_only_the_credential_of_a_longer_value_goes(mended):
    before = '{"mcpServers": {"gh": {"url": "https://x.dev/mcp?a=1&token=%s", "headers": {"Authorization": "Bearer %s"}}}}\n'
    other = secret("gitlab-token", "config")
    after = mended({".cursor/mcp.json": before % (KEY, other)}, "AL104")
    assert after == before % ("${env:GH_TOKEN}", "${env:GH_TOKEN_2}")


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        (".codex/config.toml", '[mcp_servers.gh]\ncommand = "gh-mcp"\nenv = { GITHUB_TOKEN = "%s" }\n', "env_vars"),
        ("claude_desktop_config.json", SERVERS, "expands no variables"),
        (".claude/settings.json", '{"env": {"GITHUB_TOKEN": "%s"}}\n', "where the agent starts"),
    ],
)
def test_clients_without_variables_are_refused(run, tmp_path, path, content, reason):
    content = content % KEY
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    code, out, err = run("fix", tmp_path, "--apply", "--select", "AL104")
    assert (code, out) == (1, "") and reason in err and file.read_text() == content


ALLOWED = {
    "own line": ('{"permissions": {"allow": [\n  "Bash(*)", // all\n  "Read(src/**)"\n]}}\n', '{"permissions": {"allow": [\n  "Read(src/**)"\n]}}\n'),
    "one line": ('{"permissions": {"allow": ["Bash(*)", "Read(src/**)"]}}\n', '{"permissions": {"allow": ["Read(src/**)"]}}\n'),
    "last": ('{"permissions": {"allow": ["Read(src/**)", "Bash(*)"]}}\n', '{"permissions": {"allow": ["Read(src/**)"]}}\n'),
    "alone": ('{"permissions": {"allow": ["Bash(*)",]}}\n', '{"permissions": {"allow": []}}\n'),
    "all": ('{"permissions": {"allow": ["Bash(*)", "mcp__*"]}}\n', '{"permissions": {"allow": []}}\n'),
}  # fmt: skip


@pytest.mark.parametrize("case", ALLOWED)
def test_a_wildcard_leaves_its_list(mended, case):
    before, after = ALLOWED[case]
    assert mended({".claude/settings.json": before}, "AL205") == after


def test_a_word_leaves_a_list_written_as_text(mended):
    skill = "---\nname: release\ndescription: Cuts a release when asked to.\nallowed-tools: {}\n---\nText.\n"
    path = ".claude/skills/release/SKILL.md"
    assert mended({path: skill.format("Read, Bash(*), Grep")}, "AL205") == skill.format("Read, Grep")
    assert mended({path: skill.format("Read, Bash(*)")}, "AL205") == skill.format("Read")


def test_allow_becomes_ask_where_the_default_allows(mended):
    text = '{{"permission": {{"bash": "{}", "edit": "ask"}}}}\n'
    assert mended({"opencode.json": text.format("allow")}, "AL205") == text.format("ask")


APPROVED = {
    ".claude/settings.json": ('{"enableAllProjectMcpServers": true}', '{"enableAllProjectMcpServers": false}'),
    ".roo/mcp.json": (
        '{"mcpServers": {"shop": {"command": "shop", "alwaysAllow": ["*"], "timeout": 3}}} // x\n',
        '{"mcpServers": {"shop": {"command": "shop", "alwaysAllow": [], "timeout": 3}}} // x\n',
    ),
    ".gemini/settings.json": (
        '{"mcpServers": {"shop": {"command": "shop", "trust": true}}}',
        '{"mcpServers": {"shop": {"command": "shop", "trust": false}}}',
    ),
    ".codex/config.toml": (
        '[mcp_servers.shop]  # ours\ncommand = "shop"\ndefault_tools_approval_mode = "approve"\n',
        '[mcp_servers.shop]  # ours\ncommand = "shop"\ndefault_tools_approval_mode = "prompt"\n',
    ),
}


@pytest.mark.parametrize("path", APPROVED)
def test_what_approves_in_advance_is_emptied(mended, path):
    before, after = APPROVED[path]
    assert mended({path: before}, "AL303") == after


NPM = json.dumps({"lockfileVersion": 3, "packages": {"": {}, "node_modules/@acme/files": {"version": "2.4.1"}}})
UV = 'version = 1\n\n[[package]]\nname = "search-mcp"\nversion = "0.3.1"\n'


def test_servers_get_the_versions_of_the_lock_files(mended):
    before = '{"mcpServers": {\n "a": {"command": "npx", "args": ["-y", "@acme/files%s", "."]}, // a\n "b": {"command": "uvx", "args": ["search_mcp%s"]}}}\n'
    files = {".mcp.json": before % ("@latest", ""), "package-lock.json": NPM, "uv.lock": UV}
    assert mended(files, "AL902") == before % ("@2.4.1", "==0.3.1")


def test_the_nearest_lock_file_counts_and_others_are_named(mended, run, tmp_path):
    text = '{"mcpServers": {"a": {"command": "npx", "args": ["@acme/files%s"]}, "b": {"command": "npx", "args": ["other"]}}}\n'
    files = {
        "sub/.mcp.json": text % "",
        "package-lock.json": NPM,
        "sub/package-lock.json": NPM.replace("2.4.1", "3.0.0"),
    }
    assert mended(files, "AL902", gone=False) == text % "@3.0.0"
    _, _, err = run("fix", tmp_path, "--select", "AL902")
    assert "no lock file of this tree names other" in err


@pytest.mark.parametrize(
    "lock", ["{", "[]", '{"packages": {"node_modules/@acme/files": {"version": "1; rm -rf ~"}}}', '{"packages": 3}']
)
def test_a_broken_or_hostile_lock_file_pins_nothing(run, tmp_path, lock):
    text = '{"mcpServers": {"a": {"command": "npx", "args": ["@acme/files"]}}}\n'
    (tmp_path / ".mcp.json").write_text(text)
    (tmp_path / "package-lock.json").write_text(lock)
    code, out, err = run("fix", tmp_path, "--apply", "--select", "AL902")
    assert (code, out) == (1, "") and "no lock file" in err and (tmp_path / ".mcp.json").read_text() == text


def test_an_action_gets_the_commit_that_its_lock_names(mended):
    sha = "0a1b2c3d4e" * 4
    flow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@{}\n        with: {{prompt: tidy}}\n"
    lock = json.dumps({"entries": {"anthropics/claude-code-action@beta": {"version": "beta", "sha": sha}}})
    after = mended({".github/workflows/a.yml": flow.format("beta"), ".github/aw/actions-lock.json": lock}, "AL920")
    assert after == flow.format(f"{sha}  # beta")
