from __future__ import annotations

import os
import socket
import sys

import pytest

from agentlint.core.errors import UsageError
from agentlint.discover import walk
from agentlint.discover.walk import DiscoverOptions, discover

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def make(root, *paths, text="x = 1\n"):
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def paths(root, **options):
    return [candidate.path for candidate in discover([root], DiscoverOptions(**options)).candidates]


def notes(root, **options):
    return [(note.path, note.kind, note.level) for note in discover([root], DiscoverOptions(**options)).notifications]


def test_files_are_sorted_and_relative(tmp_path):
    make(tmp_path, "b.py", "a/c.py", "a.py", ".mcp.json")
    found = discover([tmp_path], DiscoverOptions())
    assert [(candidate.path, candidate.kind) for candidate in found.candidates] == [
        (".mcp.json", "mcp-client"), ("a.py", "python"), ("a/c.py", "python"), ("b.py", "python"),
    ]  # fmt: skip
    assert found.candidates[1].size == 6
    assert found.candidates[1].absolute == tmp_path / "a.py"


def test_content_refines_the_kind(tmp_path):
    make(tmp_path, "conf.json", text='{"mcpServers": {"a": {"command": "npx"}}}')
    assert discover([tmp_path], DiscoverOptions()).candidates[0].kind == "mcp-client"


def test_directories_of_others_are_skipped(tmp_path):
    make(
        tmp_path, "a.py", "node_modules/x.py", ".git/x.py", "env/lib/x.py", "x-1.0.dist-info/a.py", ".terraform/m.tf", "cdk.out/t.json",
        "lib/site-packages/y.py", "__pycache__/z.py", "environments/keep.py", ".venv/b.py",
    )  # fmt: skip
    make(tmp_path, "env/pyvenv.cfg", ".venv/pyvenv.cfg")
    assert paths(tmp_path) == ["a.py", "environments/keep.py"]


def test_gitignore_at_every_level(tmp_path):
    make(
        tmp_path,
        "a.py",
        "b.py",
        "keep/b.py",
        "build/x.py",
        "sub/build/x.py",
        "sub/c.py",
        "sub/d.py",
        "other/c.py",
        "log/x.py",
        "deep/log/keep.py",
    )
    (tmp_path / ".gitignore").write_text("b.py\n/build/\nlog/*\n# note\n!\n[z\n")
    (tmp_path / "keep" / ".gitignore").write_text("!b.py\n")
    (tmp_path / "sub" / ".gitignore").write_text("/c.py\nbuild\n")
    assert paths(tmp_path) == ["a.py", "deep/log/keep.py", "keep/b.py", "other/c.py", "sub/d.py"]
    assert "b.py" in paths(tmp_path, use_gitignore=False)


def test_exclude_file_of_the_repository(tmp_path):
    make(tmp_path, "a.py", "secret.py", ".git/info/x")
    (tmp_path / ".git" / "info" / "exclude").write_text("secret.py\n")
    assert paths(tmp_path) == ["a.py"]


def test_a_repository_inside_starts_afresh(tmp_path):
    make(tmp_path, "a.py", "x.py", "inner/x.py", "inner/y.py", "inner/.git/HEAD")
    (tmp_path / ".gitignore").write_text("x.py\ny.py\n")
    (tmp_path / "inner" / ".gitignore").write_text("y.py\n")
    assert paths(tmp_path) == ["a.py", "inner/x.py"]


def test_patterns_above_the_root_hold(tmp_path):
    make(tmp_path, "sub/a.py", "sub/b.py", "sub/deep/c.py", ".git/HEAD", "ignored/a.py")
    (tmp_path / ".gitignore").write_text("b.py\n/sub/deep/\nignored/\n")
    assert paths(tmp_path / "sub") == ["a.py"]
    assert paths(tmp_path / "ignored") == ["a.py"]


def test_exclude_option(tmp_path):
    make(tmp_path, "a.py", "vendor/b.py", "x/vendor/c.py", "x/d.py")
    assert paths(tmp_path, exclude=("/vendor/", "**/d.py")) == ["a.py", "x/vendor/c.py"]


def test_named_files_are_scanned_even_if_ignored(tmp_path, monkeypatch):
    make(tmp_path, "a.py", "data.bin", ".claude/settings.json")
    (tmp_path / ".gitignore").write_text("*\n")
    monkeypatch.chdir(tmp_path)
    roots = [tmp_path / "a.py", tmp_path / "data.bin", tmp_path / ".claude" / "settings.json"]
    found = discover(roots, DiscoverOptions())
    assert [(candidate.path, candidate.kind) for candidate in found.candidates] == [
        (".claude/settings.json", "agent-settings"), ("a.py", "python"), ("data.bin", "text"),
    ]  # fmt: skip


def test_a_hidden_root_keeps_its_meaning(tmp_path):
    make(tmp_path, ".github/workflows/ci.yml")
    assert discover([tmp_path / ".github"], DiscoverOptions()).candidates[0].kind == "workflow"
    assert discover([tmp_path / ".github" / "workflows"], DiscoverOptions()).candidates[0].kind == "workflow"


def test_several_roots(tmp_path, monkeypatch):
    make(tmp_path, "a/x.py", "b/x.py")
    monkeypatch.chdir(tmp_path)
    found = discover([tmp_path / "a", tmp_path / "b", tmp_path], DiscoverOptions())
    assert [candidate.path for candidate in found.candidates] == ["a/x.py", "b/x.py"]
    assert [c.path for c in discover([tmp_path / "a", tmp_path / "b"], DiscoverOptions()).candidates] == ["a/x.py", "b/x.py"]


def test_a_missing_root_is_wrong_use(tmp_path):
    with pytest.raises(UsageError):
        discover([tmp_path / "nothing"], DiscoverOptions())


def test_large_files_are_reported(tmp_path):
    make(tmp_path, "a.py", "big.py", "data.json")
    with (tmp_path / "big.py").open("wb") as file:
        file.truncate(50_000_000)
    with (tmp_path / "data.json").open("wb") as file:
        file.truncate(50_000_000)
    assert paths(tmp_path) == ["a.py"]
    assert notes(tmp_path) == [("big.py", "cap", "error"), ("data.json", "cap", "warning")]


def test_too_many_files_are_reported(tmp_path):
    make(tmp_path, *(f"{i}.py" for i in range(9)))
    assert len(paths(tmp_path, max_files=5)) == 5
    assert [kind for _, kind, _ in notes(tmp_path, max_files=5)] == ["cap"]


def test_unreadable_directories_are_reported(tmp_path, monkeypatch):
    make(tmp_path, "a.py", "closed/b.py")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(walk.os, "scandir", scandir)
    found = discover([tmp_path], DiscoverOptions())
    assert [candidate.path for candidate in found.candidates] == ["a.py"]
    assert [(note.path, note.kind, note.level) for note in found.notifications] == [("closed", "read-error", "error")]


@POSIX
def test_links(tmp_path):
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    make(outside, "secret.py")
    make(root, "a.py", "guide.txt", "node_modules/hidden.md", "pkg/b.py")
    (root / "again.py").symlink_to(root / "a.py")
    (root / "loop").symlink_to(root)
    (root / "pkg" / "self").symlink_to("self")
    (root / "out.py").symlink_to(outside / "secret.py")
    (root / "outdir").symlink_to(outside)
    (root / "broken").symlink_to(root / "nothing")
    (root / "AGENTS.md").symlink_to(root / "guide.txt")
    (root / "CLAUDE.md").symlink_to(root / "node_modules" / "hidden.md")
    found = discover([root], DiscoverOptions())
    kinds = {candidate.path: candidate.kind for candidate in found.candidates}
    assert kinds == {
        "a.py": "python",
        "guide.txt": "text",
        "pkg/b.py": "python",
        "AGENTS.md": "instructions",
        "CLAUDE.md": "instructions",
    }
    assert [(note.path, note.level) for note in found.notifications] == [("out.py", "note"), ("outdir", "note")]


@POSIX
def test_a_linked_root_is_followed(tmp_path):
    make(tmp_path, "real/a.py")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert paths(tmp_path / "link") == ["a.py"]


@POSIX
def test_special_files_are_not_opened(tmp_path):
    make(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / ".gitignore")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(tmp_path)
        try:
            server.bind("s.py")
        finally:
            os.chdir(here)
        assert paths(tmp_path) == ["a.py"]
        assert [(path, level) for path, _, level in notes(tmp_path)] == [
            (".gitignore", "note"),
            ("pipe.json", "note"),
            ("s.py", "note"),
        ]


@POSIX
def test_names_that_are_no_utf8(tmp_path):
    with open(os.fsencode(tmp_path) + b"/caf\xe9.py", "w") as file:
        file.write("x = 1\n")
    candidate = discover([tmp_path], DiscoverOptions()).candidates[0]
    assert candidate.path == "caf\\xe9.py"
    assert candidate.absolute.read_text() == "x = 1\n"


def test_very_deep_directories_are_reported(tmp_path):
    deep = tmp_path
    for _ in range(130):
        deep = deep / "d"
    deep.mkdir(parents=True)
    make(tmp_path, "a.py")
    assert paths(tmp_path) == ["a.py"]
    assert [kind for _, kind, _ in notes(tmp_path)] == ["cap"]


def test_costly_patterns_are_not_applied(tmp_path):
    make(tmp_path, "a" * 200 + ".py")
    (tmp_path / ".gitignore").write_text("*a" * 20 + "b\n" + "**/a/" * 10 + "b\n")
    found = discover([tmp_path], DiscoverOptions())
    assert len(found.candidates) == 1
    assert [(note.kind, note.level) for note in found.notifications] == [("cap", "warning")]
