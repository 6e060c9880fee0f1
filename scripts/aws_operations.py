"""Make ``rules/tables/aws_operations.json`` from the service models of botocore (Apache-2.0).

    python scripts/aws_operations.py PATH/TO/UNPACKED/botocore VERSION

For each service of ``rules/tables/aws_calls.yaml`` the actions of IAM that no operation is named after: which call needs
them is not to be told from their names. All other actions are used by the operation of their name. Names are lower case and
front-coded like those of ``iam_resource_level.json``, where the actions come from.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
from iam_resource_level import front_coded

from agentlint.facts.infra.actions import actions_of

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "rules" / "tables"
TARGET = TABLES / "aws_operations.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("botocore", type=Path)
    parser.add_argument("version")
    options = parser.parse_args()
    clients: dict[str, str] = msgspec.yaml.decode((TABLES / "aws_calls.yaml").read_bytes())["clients"]
    operations: dict[str, set[str]] = {prefix: set() for prefix in clients.values()}
    for folder in sorted((options.botocore / "data").iterdir()):
        model = _model(folder)
        about = model.get("metadata", {})
        signed = clients.get(folder.name) or about.get("signingName") or about.get("endpointPrefix")
        if signed in operations:
            operations[signed] |= {name.lower() for name in model["operations"]}
    table = {
        "source": "https://github.com/boto/botocore",
        "licence": "Apache-2.0",
        "version": options.version,
        "permissions": {
            prefix: front_coded(sorted(set(actions_of(prefix)) - named)) for prefix, named in sorted(operations.items())
        },
    }
    TARGET.write_text(json.dumps(table, separators=(",", ":")) + "\n")


def _model(folder: Path) -> dict[str, Any]:
    """Return the newest model of a service, empty when the folder is none."""
    found = sorted(folder.glob("*/service-2.json*")) if folder.is_dir() else []
    if not found:
        return {}
    data = found[-1].read_bytes()
    model: dict[str, Any] = json.loads(gzip.decompress(data) if found[-1].suffix == ".gz" else data)
    return model


if __name__ == "__main__":
    main()
