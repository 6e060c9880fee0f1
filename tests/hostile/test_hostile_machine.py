"""A machine that fails: broken caches, full disks, closed pipes, interrupts, killed processes."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hostile.cases import put

from agentlint.engine import cache, pool, worker

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX processes")
COMMAND = [sys.executable, "-m", "agentlint", "scan"]


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """The place of a cache that only this test uses; it does not exist yet."""
    home = tmp_path / "cache-home"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setenv("LOCALAPPDATA", str(home))
    return cache.default_directory()


def entries(directory):
    return [path for path in directory.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff" * 100, b"\x81\xa5facts\xc0", b"\x80", b"\x93\x90\x90\x80", b"\xdd\xff\xff\xff\xff", b"\x91" * 5_000]
)
def test_corrupt_entries(root, scan, own_cache, garbage):
    put(root, {"bad.py": "def f(:\n"})
    cold = scan("--cache")
    assert entries(own_cache)
    for file in entries(own_cache):
        file.write_bytes(garbage)
    again = scan("--cache")
    assert again.bytes == cold.bytes
    assert scan("--cache", "--jobs", 2).bytes == cold.bytes


def test_entries_cut_short(root, scan, own_cache):
    cold = scan("--cache")
    for file in entries(own_cache):
        file.write_bytes(file.read_bytes()[:-7])
    assert scan("--cache").bytes == cold.bytes


def test_entries_of_another_file(root, scan, own_cache):
    """A cache that somebody mixed up must not move findings to other files."""
    cold = scan("--cache")
    files = sorted(entries(own_cache))
    contents = [file.read_bytes() for file in files]
    for file, content in zip(files, [*contents[1:], contents[0]], strict=True):
        file.write_bytes(content)
    assert scan("--cache").bytes == cold.bytes


@POSIX
@pytest.mark.parametrize("how", ["file", "file in place of a shard", "loop", "no place for directories", "fifo"])
def test_a_cache_that_cannot_be_written(root, scan, own_cache, monkeypatch, how):
    own_cache.parent.mkdir(parents=True, exist_ok=True)
    if how == "file":
        own_cache.write_text("not a directory")
    elif how == "file in place of a shard":
        own_cache.mkdir()
        (own_cache / "v1").write_text("not a directory")
    elif how == "loop":
        own_cache.symlink_to(own_cache.name)
    elif how == "fifo":
        os.mkfifo(own_cache)
    else:
        if not os.path.isdir("/proc"):
            pytest.skip("needs /proc")
        monkeypatch.setenv("XDG_CACHE_HOME", "/proc/self/task")
    for jobs in (1, 2):
        outcome = scan("--cache", "--jobs", jobs)
        assert outcome.code == 1
        (note,) = outcome.report["notifications"]
        assert (note["level"], note["kind"]) == ("note", "config")
        assert "cannot be written" in note["message"]
        assert "going on without it" in note["message"]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("place", ["open", "replace"])
def test_a_full_disk_for_the_cache(root, scan, own_cache, monkeypatch, error, place):
    real = getattr(os, place)

    def fail(path, *rest, **more):
        if str(path).startswith(str(own_cache)):
            raise OSError(error, os.strerror(error))
        return real(path, *rest, **more)

    monkeypatch.setattr(cache.os, place, fail)
    outcome = scan("--cache", "--jobs", 2)
    assert outcome.code == 1
    (note,) = outcome.report["notifications"]
    assert os.strerror(error) in note["message"]
    assert not [path for path in entries(own_cache) if path.suffix == ".tmp"]


@POSIX
def test_limits_of_the_system(root, tmp_path, own_cache):
    """No file may grow: neither the cache nor the report can be written, and both are said without a trace."""
    import resource

    def no_growth():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    target = tmp_path / "report.json"
    target.write_text("the report of yesterday")
    done = subprocess.run(
        [*COMMAND, str(root), "-f", f"json={target}", "-f", "text"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=no_growth,
    )
    assert done.returncode == 2
    assert "AL411" in done.stdout
    assert f"error: {target}: cannot write the report" in done.stderr
    assert "cannot be written" in " ".join(done.stderr.split()), "notes are wrapped; where depends on the length of the paths"
    assert "Traceback" not in done.stderr
    assert target.read_text() == "the report of yesterday", "whole or not at all"
    assert [path.name for path in tmp_path.glob(".*.tmp")] == []


@pytest.mark.parametrize("where", ["missing/out.json", "known", "known/app.py/out.json"])
def test_a_report_that_cannot_be_written(root, scan, where):
    outcome = scan("-f", f"markdown={root / where}", check=False)
    assert outcome.code == 2
    assert where in outcome.err
    assert "failed unexpectedly" not in outcome.err
    assert (root / "known" / "app.py").is_file()


@POSIX
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    "redirect", [">/dev/full", ">&-", "2>/dev/full", "2>&-", "<&-", "| head -n 1", "2>&1 >/dev/null | head -c 0", "| true"]
)
def test_streams_that_end(root, redirect):
    put(root, {"bad.py": "def f(:\n", **{f"m{n}/.mcp.json": (root / "known/.mcp.json").read_bytes() for n in range(150)}})
    code = '; echo "code ${PIPESTATUS[0]}" >"$CODE"' if "|" in redirect else '; echo "code $?" >"$CODE"'
    file = root.parent / "code"
    command = f"'{sys.executable}' -m agentlint scan --no-cache . {redirect}{code}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=root,
        env={**os.environ, "CODE": str(file)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert file.read_text() == "code 2\n"
    for word in ("Traceback", "Exception ignored", "failed unexpectedly"):
        assert word not in done.stdout + done.stderr
    if redirect == ">/dev/full":
        assert "standard output: cannot write" in done.stderr
    if "2>" not in redirect:
        assert "bad.py:1" in done.stderr


def kill_on(monkeypatch, names, action):
    from agentlint.facts import extract

    real = extract.extract

    def fail(path, *rest, **options):
        if path in names:
            action()
        return real(path, *rest, **options)

    monkeypatch.setattr(extract, "extract", fail)


@POSIX
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, "exit"])
def test_a_worker_that_is_killed(root, scan, monkeypatch, how):
    if pool._context().get_start_method() != "fork":
        pytest.skip("the patched function does not reach spawned processes")
    put(root, {"deadly.py": "x = 1\n", **{f"m{n}.py": "def f(:\n" for n in range(40)}})
    kill_on(monkeypatch, {"deadly.py"}, lambda: os._exit(0) if how == "exit" else os.kill(os.getpid(), how))
    outcome = scan("--jobs", 2)
    assert outcome.notes("error")[0] == ("deadly.py", "rule-crash", 0)
    assert len(outcome.notes("error")) == 41
    assert "died" in outcome.message("deadly.py")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError, "cap"),
        (RecursionError, "cap"),
        (KeyError, "rule-crash"),
        (UnicodeDecodeError, "rule-crash"),
        (AssertionError, "rule-crash"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_reader_that_fails(root, scan, monkeypatch, error, kind, jobs):
    def fail():
        raise error("utf-8", b"", 0, 1, "x") if error is UnicodeDecodeError else error("x")

    put(root, {"h.py": "x = 1\n"})
    kill_on(monkeypatch, {"h.py"}, fail)
    outcome = scan("--jobs", jobs)
    assert outcome.notes("error") == [("h.py", kind, 0)]
    assert ("report it" in outcome.message("h.py")) == (kind == "rule-crash")


def test_a_failure_is_not_kept_in_the_cache(root, scan, own_cache, monkeypatch):
    put(root, {"h.py": "x = 1\n"})
    with monkeypatch.context() as patch:
        kill_on(patch, {"h.py"}, lambda: (_ for _ in ()).throw(KeyError("x")))
        assert scan("--cache").notes("error") == [("h.py", "rule-crash", 0)]
    assert scan("--cache").notes("error") == []


def test_a_lack_of_memory_is_not_kept_in_the_cache(root, scan, own_cache, monkeypatch):
    put(root, {"h.py": "x = 1\n"})
    with monkeypatch.context() as patch:
        kill_on(patch, {"h.py"}, lambda: (_ for _ in ()).throw(MemoryError))
        assert scan("--cache").notes("error") == [("h.py", "cap", 0)]
    assert scan("--cache").notes("error") == []


def test_a_file_that_can_be_read_again_is_no_longer_told(root, scan, own_cache, monkeypatch):
    put(root, {"h.py": "x = 1\n"})
    real = worker.os.open

    def refuse(path, *rest, **more):
        if str(path).endswith("h.py"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(worker.os, "open", refuse)
        assert scan("--cache").notes("error") == [("h.py", "read-error", 0)]
        assert scan("--cache").notes("error") == [("h.py", "read-error", 0)]
    assert scan("--cache").notes("error") == []


@POSIX
def test_interrupt_while_workers_run(root):
    body = "\n".join(f"def f{n}(a, b):\n    return [a + b + {n}, {{'x': a}}]" for n in range(400))
    for number in range(500):
        (root / f"m{number}.py").write_text(f"x = {number}\n{body}\n")
    process = subprocess.Popen(
        [*COMMAND, ".", "--no-cache", "--jobs", "2", "-f", "json"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    end = time.monotonic() + 30
    while not children(process.pid) and time.monotonic() < end:
        assert process.poll() is None, "the scan must still run for this test to mean anything"
        time.sleep(0.02)
    workers = children(process.pid)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, b"Traceback" in err) == (b"", False)
    for _ in range(100):
        alive = [pid for pid in workers if os.path.exists(f"/proc/{pid}")]
        if not alive:
            break
        time.sleep(0.05)
    assert not alive, "no process outlives the scan"


def children(pid: int) -> list[int]:
    if not os.path.isdir("/proc/self"):
        pytest.skip("needs /proc")
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += [int(word) for word in file.read().split()]
    return found


def test_standard_input_is_capped(root):
    put(root, {"agentlint.toml": "max-file-size = 1000\n"})
    done = subprocess.run(
        [*COMMAND, "--stdin-filename", "x.py", "-f", "json"],
        input=b"#" * 5_000,
        cwd=root,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    (note,) = json.loads(done.stdout)["notifications"]
    assert (note["path"], note["kind"]) == ("x.py", "cap")
