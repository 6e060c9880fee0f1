"""Trees that lead a walk astray: links, special files, closed directories, names, numbers of files."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import time

import pytest
from hostile.cases import put

from agentlint.cli import main
from agentlint.discover import walk
from agentlint.engine import worker

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
SECRET_MCP = '{"mcpServers": {"outside": {"command": "npx", "args": ["-y", "@acme/outside"]}}}'


def test_an_empty_repository(tmp_path, scan):
    (tmp_path / "empty").mkdir()
    outcome = scan(path=tmp_path / "empty", check=False)
    assert (outcome.code, outcome.findings, outcome.notes("error", "warning", "note")) == (0, set(), [])
    assert "No findings" in outcome.out


@pytest.mark.parametrize("name", ["nowhere", "known/app.py/inside", "\x1b[31m\n::error::x", "x" * 5_000])
def test_a_path_that_does_not_exist(root, scan, name):
    outcome = scan(path=f"{root}/{name}", check=False)
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert "Traceback" not in outcome.err
    assert "failed unexpectedly" not in outcome.err
    assert "no such file" in outcome.err


def test_a_dangling_link_as_path(root, scan):
    (root / "gone").symlink_to("nothing")
    outcome = scan(path=root / "gone", check=False)
    assert (outcome.code, "no such file" in outcome.err) == (2, True)


def test_links_that_leave_or_loop(root, scan, tmp_path):
    put(tmp_path / "outside", {".mcp.json": SECRET_MCP, "dir/app.py": "import os\n"})
    (root / ".mcp.json").symlink_to(tmp_path / "outside" / ".mcp.json")
    (root / "dir").symlink_to(tmp_path / "outside" / "dir")
    (root / "loop").symlink_to(root)
    (root / "self").symlink_to("self")
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    (root / "passwd.json").symlink_to("/etc/passwd")
    (root / "memory.json").symlink_to("/proc/self/mem")
    (root / "up").symlink_to("../../../../..")
    outcome = scan()
    assert outcome.notes("error") == []
    told = {path for path, _, _ in outcome.notes("note")}
    assert {".mcp.json", "dir", "passwd.json", "memory.json", "up"} <= told
    assert all("outside" in outcome.message(path) for path in told)
    assert "@acme/outside" not in outcome.out + json.dumps(outcome.report)


@pytest.mark.parametrize("how", ["removed", "fifo", "directory"])
def test_a_file_that_changes_after_it_was_found(root, scan, monkeypatch, how):
    put(root, {"h.py": "x = 1\n"})
    real = worker.read

    def change(task, limit):
        if task.path == "h.py" and (root / "h.py").is_file():
            (root / "h.py").unlink()
            if how == "fifo":
                os.mkfifo(root / "h.py")
            elif how == "directory":
                (root / "h.py").mkdir()
        return real(task, limit)

    monkeypatch.setattr(worker, "read", change)
    assert scan().notes("error") == [("h.py", "read-error", 0)]


def test_special_files(root, scan, tmp_path, monkeypatch):
    for name in ("pipe.py", ".gitignore", "AGENTS.md", "agentlint.toml", "pyproject.toml"):
        os.mkfifo(root / name)
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.json")
        begin = time.monotonic()
        outcome = scan("--isolated")
    assert time.monotonic() - begin < 20
    assert outcome.notes("error") == []
    assert {path for path, _, _ in outcome.notes("note")} == {
        ".gitignore",
        "AGENTS.md",
        "agentlint.toml",
        "pipe.py",
        "pyproject.toml",
        "s.json",
    }
    assert "named pipe" in outcome.message("pipe.py")
    assert "socket" in outcome.message("s.json")


def test_an_unreadable_file(root, scan, monkeypatch):
    put(root, {"h.py": "x = 1\n"})
    real = os.open

    def refuse(path, *rest, **more):
        if str(path).endswith("h.py"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(worker.os, "open", refuse)
    outcome = scan()
    assert outcome.notes("error") == [("h.py", "read-error", 0)]
    assert "Permission denied" in outcome.message("h.py")
    assert outcome.bytes == scan("--jobs", 2).bytes


def test_a_file_that_fails_while_it_is_read(root, scan, monkeypatch):
    put(root, {"h.py": "x = 1\n"})
    real = os.fstat

    def fail(descriptor):
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith("h.py"):
            raise OSError(errno.EIO, "Input/output error")
        return real(descriptor)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    monkeypatch.setattr(worker.os, "fstat", fail)
    outcome = scan()
    assert outcome.notes("error") == [("h.py", "read-error", 0)]
    assert "Input/output error" in outcome.message("h.py")


def test_a_directory_without_permission(root, scan, monkeypatch):
    put(root, {"closed/h.py": "x = 1\n"})
    real = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(walk.os, "scandir", refuse)
    outcome = scan()
    assert outcome.notes("error") == [("closed", "read-error", 0)]
    assert "Permission denied" in outcome.message("closed")


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="only root can become another user")
def test_true_permissions(root, scan, tmp_path):
    """As another user: permissions do not bind root."""
    put(root, {"closed/h.py": "x = 1\n", "h.py": "x = 1\n"})
    scan()  # the modules are loaded: the other user may not be able to read them
    (root / "closed").chmod(0)
    (root / "h.py").chmod(0)
    (tmp_path / "out").mkdir(mode=0o777)
    (tmp_path / "out").chmod(0o777)
    changed = [(path, path.stat().st_mode) for path in (root, *root.parents) if not path.stat().st_mode & 0o001]
    for path, mode in changed:
        path.chmod(mode | 0o005)
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            main(["scan", str(root), "--no-cache", "--isolated", "-f", f"json={tmp_path / 'out' / 'out.json'}"])
        except SystemExit as exit:
            os._exit(int(exit.code or 0))
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    for path, mode in [*changed, (root / "closed", 0o700)]:
        path.chmod(mode)
    assert os.waitstatus_to_exitcode(status) == 2
    report = json.loads((tmp_path / "out" / "out.json").read_bytes())
    assert {(n["path"], n["kind"]) for n in report["notifications"]} == {("closed", "read-error"), ("h.py", "read-error")}
    assert {f["rule"] for f in report["findings"]} >= {"AL411", "AL902"}


NAMES = [
    b"caf\xe9/.mcp.json", b"\xff\xfe.py", b"new\nline/.mcp.json", b"a\x1b[31mred\x1b[0m/.mcp.json", b"tab\tbell\x07/.mcp.json",
    b"::error file=x::y/.mcp.json", "\u202egpj.py".encode(), "\U0001f600/.mcp.json".encode(), b"a" * 250 + b".py", b"'quote\"/.mcp.json",
    b"<script>alert(1)/.mcp.json", b"%00%0a/.mcp.json", b" /.mcp.json", b"-rf/.mcp.json", b"a\\b/.mcp.json", b"back`tick`$(touch x)/.mcp.json",
]  # fmt: skip


def test_names(root, scan):
    for name in NAMES:
        path = os.fsencode(root) + b"/n/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"def f(:\n" if name.endswith(b".py") else SECRET_MCP.encode())
    outcome = scan()
    found = {path for rule, path, _ in outcome.findings if rule == "AL902"}
    assert len(found) == 1 + sum(name.endswith(b".json") for name in NAMES)
    assert len(outcome.notes("error")) == sum(name.endswith(b".py") for name in NAMES)
    for text in (outcome.out, outcome.err):
        assert all(char == "\n" or (char.isprintable() and char not in "\u202e") for char in text)
        assert not any(line.startswith("::") for line in text.splitlines())
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in outcome.sarif["runs"][0]["results"]}
    assert all(uri.isascii() and not set(uri) & set(' \n\t\x1b<>"`\\') for uri in uris)
    assert outcome.bytes == scan("--jobs", 2).bytes
    for form in ("github", "gitlab", "junit", "markdown", "html"):
        told = scan("-f", f"{form}={root.parent / form}")
        assert "\x1b" not in (root.parent / form).read_text(encoding="utf-8"), form
        assert told.bytes == outcome.bytes


def test_ten_thousand_tiny_files(root, scan):
    for directory in range(100):
        (root / f"d{directory}").mkdir()
        for number in range(100):
            (root / f"d{directory}" / f"m{number}.py").write_bytes(b"x = 1\n")
    put(root, {"bad.py": "def f(:\n"})
    outcome = scan("--jobs", 2)
    assert outcome.report["summary"]["files_scanned"] == 10_003
    assert outcome.notes("error") == [("bad.py", "parse-error", 1)]


def test_a_directory_nested_too_deeply(root, scan):
    deep = root
    for _ in range(150):
        deep /= "d"
    deep.mkdir(parents=True)
    outcome = scan()
    ((path, kind, _),) = outcome.notes("error")
    assert kind == "cap"
    assert path.startswith("d/d/")
    assert "levels" in outcome.message(path)
