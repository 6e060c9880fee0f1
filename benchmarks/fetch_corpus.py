"""Bring the packages that the benchmarks scan: pinned wheels, downloaded by pip and unpacked, never installed or built.

python benchmarks/fetch_corpus.py DIRECTORY

leaves the wheels in DIRECTORY/wheels and one folder for each package in DIRECTORY/src.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import zipfile
from pathlib import Path

PINS = {
    "agno": "3.1.10",
    "autogen-agentchat": "0.7.5",
    "crewai": "1.15.30",
    "langchain-community": "0.4.2",
    "litellm": "1.109.1",
    "openai-agents": "0.24.0",
    "smolagents": "1.26.0",
}


def _find(wheels: Path, name: str, version: str) -> Path | None:
    return next(wheels.glob(f"{name.replace('-', '_')}-{version}-*.whl"), None)


def _download(wheels: Path, name: str, version: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "--dest", str(wheels), f"{name}=={version}"], check=True)
    wheel = _find(wheels, name, version)
    if wheel is None:
        raise SystemExit(f"pip left no wheel for {name} {version} in {wheels}")
    return wheel


def _unpack(wheel: Path, folder: Path) -> None:
    if folder.is_dir():
        return
    part = folder.with_name(folder.name + ".part")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(part)  # extractall drops absolute paths and "..": https://docs.python.org/3/library/zipfile.html
    part.rename(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args().directory
    wheels, source = directory / "wheels", directory / "src"
    wheels.mkdir(parents=True, exist_ok=True)
    source.mkdir(exist_ok=True)
    for name, version in PINS.items():
        wheel = _find(wheels, name, version) or _download(wheels, name, version)
        _unpack(wheel, source / name)
        files = sum(1 for file in (source / name).rglob("*.py") if file.is_file())
        print(f"{name} {version}: {files} Python files in {source / name}")


if __name__ == "__main__":
    main()
