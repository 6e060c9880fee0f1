"""Make ``rules/tables/iam_resource_level.json`` from cfn-lint's policy data (MIT-0).

    python scripts/iam_resource_level.py PATH/TO/cfn-lint COMMIT

For each service the actions that accept no resource but ``*`` (``none``) and those that accept one (``some``), lower case,
front-coded: a capital letter before each name says how many characters it shares with the one before (``A``: none).
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

SOURCE = "src/cfnlint/data/AdditionalSpecs/Policies.json"
TARGET = Path(__file__).resolve().parent.parent / "rules" / "tables" / "iam_resource_level.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("commit")
    options = parser.parse_args()
    read = ["git", "-C", str(options.repository), "show", f"{options.commit}:{SOURCE}"]
    data = json.loads(subprocess.run(read, check=True, capture_output=True).stdout)  # noqa: S603 - a fixed program
    services = {name: _service(entry["Actions"]) for name, entry in sorted(data.items())}
    table = {
        "source": "https://github.com/aws-cloudformation/cfn-lint",
        "licence": "MIT-0",
        "commit": options.commit,
        "services": services,
    }
    TARGET.write_text(json.dumps(table, separators=(",", ":")) + "\n")


def _service(actions: dict[str, dict[str, object]]) -> list[str]:
    none = sorted(name for name, entry in actions.items() if not entry.get("Resources"))
    some = sorted(name for name, entry in actions.items() if entry.get("Resources"))
    return [front_coded(none), front_coded(some)]


def front_coded(names: list[str]) -> str:
    """Return sorted names as one text, ``<letter of the shared length><rest>`` separated by spaces."""
    parts: list[str] = []
    before = ""
    for name in names:
        shared = next((i for i, (a, b) in enumerate(zip(before, name, strict=False)) if a != b), min(len(before), len(name)))
        shared = min(shared, 25)
        parts.append(f"{chr(ord('A') + shared)}{name[shared:]}")
        before = name
    return " ".join(parts)


if __name__ == "__main__":
    main()
