"""A cache that is broken, full or read-only costs time and nothing else."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from agentlint.engine.cache import Cache, base_key, content_key, run_key

KEY = "ab" + "0" * 38


def test_round_trip(tmp_path):
    cache = Cache(tmp_path)
    assert cache.get(KEY) is None
    cache.put(KEY, b"data")
    assert Cache(tmp_path).get(KEY) == b"data"
    assert not list(tmp_path.rglob("*.tmp"))


def test_everything_that_matters_changes_the_key():
    base = base_key("digest", {"a": 1})
    keys = {
        content_key(base, "a.py", "python", b"x"),
        content_key(base, "b.py", "python", b"x"),
        content_key(base, "a.py", "text", b"x"),
        content_key(base, "a.py", "python", b"y"),
        content_key(base_key("digest2", {"a": 1}), "a.py", "python", b"x"),
        content_key(base_key("digest", {"a": 2}), "a.py", "python", b"x"),
    }
    assert len(keys) == 6
    assert run_key(base, [("a", "1"), ("b", "2")]) != run_key(base, [("b", "2"), ("a", "1")])


def test_full_disk_is_told_once_and_ends_writing(tmp_path, monkeypatch):
    cache = Cache(tmp_path)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.put(KEY, b"data")
    assert "No space left on device" in cache.problem
    monkeypatch.undo()
    cache.put(KEY, b"data")
    assert cache.get(KEY) is None
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind here")
def test_read_only_directory(tmp_path):
    tmp_path.chmod(0o500)
    cache = Cache(tmp_path / "sub")
    cache.put(KEY, b"data")
    tmp_path.chmod(0o700)
    assert cache.problem


def test_a_file_in_the_way_is_a_problem_not_a_crash(tmp_path):
    (tmp_path / "cache").write_text("not a directory")
    cache = Cache(tmp_path / "cache")
    assert cache.get(KEY) is None
    cache.put(KEY, b"data")
    assert "cannot be written" in cache.problem


def test_oldest_entries_go_first(tmp_path):
    cache = Cache(tmp_path)
    keys = [f"{number:02x}" + "0" * 38 for number in range(4)]
    for age, key in enumerate(keys):
        cache.put(key, b"x" * 100)
        os.utime(cache._file(key), (1_000_000 + age, 1_000_000 + age))
    cache.evict(limit=250, every=0)
    assert [cache.get(key) is not None for key in keys] == [False, False, True, True]


def test_the_size_is_looked_at_only_now_and_then(tmp_path):
    cache = Cache(tmp_path)
    cache.put(KEY, b"x" * 100)
    cache.evict(limit=1_000)
    cache.put("cd" + KEY[2:], b"x" * 100)
    cache.evict(limit=10)
    assert cache.get(KEY) is not None
    cache.evict(limit=10, every=0)
    assert cache.get(KEY) is None
