"""Which package a command line fetches, and how firmly its version is fixed."""

from __future__ import annotations

import pytest

from agentlint.facts.launch import launch_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("line", "package", "pin"),
    [
        ("npx -y @acme/files", "@acme/files", "none"),
        ("npx -y @acme/files@1.2.3", "@acme/files@1.2.3", "pinned"),
        ("npx files@1.2.3-beta.1", "files@1.2.3-beta.1", "pinned"),
        ("npx files@latest", "files@latest", "moving"),
        ("npx files@^1.2.0", "files@^1.2.0", "moving"),
        ("npx files@1", "files@1", "moving"),
        ("npx -p files@1.2.3 run-files", "files@1.2.3", "pinned"),
        ("npx --package=files@1.2.3 run-files", "files@1.2.3", "pinned"),
        ("npx acme/files", "acme/files", "moving"),
        ("npx github:acme/files#" + COMMIT, "github:acme/files#" + COMMIT, "pinned"),
        ("npx ./server", "./server", "local"),
        ("npx tsx src/server.ts", "tsx", "local"),
        ("npx -y ${PACKAGE}", "${PACKAGE}", "unknown"),
        ("cmd /c npx -y files", "files", "none"),
        ("env A=1 B=2 bunx files@2.0.0", "files@2.0.0", "pinned"),
        ("npm exec -- files", "files", "none"),
        ("pnpm dlx files", "files", "none"),
        ("uvx files==1.4", "files==1.4", "pinned"),
        ("uvx files@latest", "files@latest", "moving"),
        ("uvx files>=1.4", "files>=1.4", "moving"),
        ("uvx files[http]==1.4.0", "files[http]==1.4.0", "pinned"),
        ("uvx --python 3.12 files", "files", "none"),
        ("uvx --from git+https://github.com/acme/files files", "git+https://github.com/acme/files", "moving"),
        (
            f"uvx --from git+https://github.com/acme/files@{COMMIT} files",
            f"git+https://github.com/acme/files@{COMMIT}",
            "pinned",
        ),
        ("uvx --from . files", ".", "local"),
        ("uv tool run files@1.2.3", "files@1.2.3", "pinned"),
        ("uv run --with files server.py", "files", "local"),
        ("pipx run --spec files==1.2 run-files", "files==1.2", "pinned"),
        ("docker run -i --rm -e TOKEN acme/files", "acme/files", "none"),
        ("docker run -i ghcr.io/acme/files:latest", "ghcr.io/acme/files:latest", "moving"),
        ("docker run -i ghcr.io/acme/files:v1.2.3", "ghcr.io/acme/files:v1.2.3", "pinned"),
        ("docker run localhost:5000/acme/files", "localhost:5000/acme/files", "none"),
        ("docker run acme/files@sha256:" + "a" * 64, "acme/files@sha256:" + "a" * 64, "pinned"),
        ("docker run files", "files", "unknown"),
        ("deno run -A https://files.acme.dev/mod.ts", "https://files.acme.dev/mod.ts", "moving"),
    ],
)
def test_launches(line, package, pin):
    launch = launch_of(line.split())
    assert (launch.package, launch.pin) == (package, pin)


@pytest.mark.parametrize(
    "line", ["node dist/index.js", "python -m server", "uv run server.py", "./server", "docker compose up", ""]
)
def test_commands_that_fetch_nothing(line):
    assert launch_of(line.split()).package == ""


def test_a_shell_line_is_looked_through():
    launch = launch_of(["bash", "-lc", "cd server && npx -y files@1.2.3"])
    assert (launch.package, launch.pin, launch.shell) == ("files@1.2.3", "pinned", True)


def test_hostile_nesting_ends():
    assert launch_of(["sudo"] * 5000).package == ""
