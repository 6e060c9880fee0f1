"""Refresh or verify the JavaScript library that ``agentlint graph -f html`` puts into its page.

``python scripts/vendor_assets.py --check`` compares the files with their recorded digests, without a network.
``python scripts/vendor_assets.py [--version X]`` fetches the package with ``npm pack``, verifies the registry's integrity
value and writes the files and their digests anew.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).resolve().parent.parent / "agentlint" / "report" / "assets"
RECORD = ASSETS / "vendored.json"
PACKAGE = "@dagrejs/dagre"
FILES = {
    "dagre.min.js": "package/dist/dagre.min.js",
    "dagre.LICENSE.txt": "package/LICENSE",
    "dagre.LEGAL.txt": "package/dist/dagre.min.js.LEGAL.txt",
}


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def mistakes() -> list[str]:
    """Return what differs between the files and their record, one line each."""
    recorded: dict[str, str] = json.loads(RECORD.read_text(encoding="utf-8"))["files"]
    found = []
    for name in FILES:
        path = ASSETS / name
        if not path.is_file():
            found.append(f"{name}: missing")
        elif digest(path.read_bytes()) != recorded.get(name):
            found.append(f"{name}: its content is not what vendored.json records")
    return found


def refresh(version: str) -> dict[str, Any]:
    """Fetch ``version`` of the package, write its files and their record, and return the record.

    Raises ``CalledProcessError`` when npm fails and ``ValueError`` when the archive is not what the registry lists.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = _npm("pack", "--json", "--ignore-scripts", f"{PACKAGE}@{version}", folder=folder)[0]
        archive = next(Path(folder).glob("*.tgz")).read_bytes()
        own = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
        listed = _npm("view", "--json", f"{PACKAGE}@{told['version']}", "dist", folder=folder)["integrity"]
        if own != listed:
            raise ValueError(f"the archive's digest is {own}, the registry lists {listed}")
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as tar:
            contents = {name: _content(tar, member) for name, member in FILES.items()}
    for name, data in contents.items():
        (ASSETS / name).write_bytes(data)
    record = {
        "package": PACKAGE,
        "version": told["version"],
        "license": "MIT",
        "integrity": own,
        "files": {name: digest(data) for name, data in contents.items()},
    }
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record


def _content(tar: tarfile.TarFile, member: str) -> bytes:
    stream = tar.extractfile(member)
    if stream is None:
        raise ValueError(f"{member} is not a file in the archive")
    return stream.read()


def _npm(*arguments: str, folder: str) -> Any:
    done = subprocess.run(["npm", *arguments], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return json.loads(done.stdout)


def main() -> int:
    """Run as a script; exit 1 when ``--check`` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the recorded digests, change nothing")
    parser.add_argument("--version", default="latest", help="which version to fetch")
    options = parser.parse_args()
    if not options.check:
        record = refresh(options.version)
        print(f"{record['package']} {record['version']} written to {ASSETS}")
        return 0
    found = mistakes()
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
