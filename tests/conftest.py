"""What all tests share: a clean environment and a way to scan a directory."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent))

_FOREIGN = ("AGENTLINT_", "GITHUB_", "RUNNER_", "GITLAB_", "CI_")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the machine's settings, continuous integration or cache reaches a test."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name in {"CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PAGER"}:
            monkeypatch.delenv(name)
    cache = tmp_path_factory.getbasetemp() / "user-cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("LOCALAPPDATA", str(cache))
    yield


@pytest.fixture
def cache_dir(tmp_path: Path) -> Path:
    """An empty cache directory."""
    path = tmp_path / "cache"
    path.mkdir()
    return path


def scan_directory(path: Path, **changes: object):
    """Scan a directory or file with every rule and persona, without cache; `changes` are fields of `Settings`."""
    from agentlint.core.levels import Persona
    from agentlint.engine.run import scan
    from agentlint.engine.settings import Settings

    known: dict[str, object] = {
        "persona": Persona.AUDITOR,
        "use_cache": False,
        "preview": True,
        "jobs": 1,
        "include_tests": True,
    }
    return scan([path], Settings(**{**known, **changes}))


@pytest.fixture
def scan_dir() -> Callable[..., object]:
    """`scan_directory` as a fixture."""
    return scan_directory
