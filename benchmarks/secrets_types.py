"""Types of credentials found by agentlint, detect-secrets and the published rules of gitleaks, on values made on the spot.

    python benchmarks/secrets_types.py [gitleaks.toml]

For each format a value is generated and written as ``name = "value"``, or after the word that its format asks for. detect-secrets: any plugin that
knows a format (not those for entropy and keywords). gitleaks: any rule whose pattern Python can compile, without ``generic-api-key``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import secretgen

from agentlint.facts.secrets import SecretScanner
from agentlint.parse.text import Text
from agentlint.rulebook.load import shipped

SEEDS = ("a", "b", "c")
VAGUE = {"KeywordDetector", "HexHighEntropyString", "Base64HighEntropyString", "IPPublicDetector"}


def detectors() -> list[Any]:
    """Return the plugins of detect-secrets that know a format."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    return [kind() for kind in get_mapping_from_secret_type_to_class().values() if kind.__name__ not in VAGUE]


def rules(path: Path) -> dict[str, re.Pattern[str]]:
    """Return the patterns of a ``gitleaks.toml`` by rule, those that Python can compile."""
    import tomllib

    found = {}
    for rule in tomllib.loads(path.read_text())["rules"]:
        if "regex" in rule and rule["id"] != "generic-api-key":
            try:
                found[rule["id"]] = re.compile(_as_python(rule["regex"]))
            except re.error:
                print(f"not compiled: {rule['id']}", file=sys.stderr)
    return found


def _as_python(pattern: str) -> str:
    """Turn what Go writes differently into Python: ``\\z``, classes by name, flags in the middle of a group."""
    pattern = pattern.replace(r"\z", r"\Z").replace("[[:alnum:]]", "[0-9A-Za-z]").replace("[:alnum:]", "0-9A-Za-z")
    at = pattern.find("(?i)", 1)
    while at >= 0:
        depth, end, in_class = 0, at + 4, False
        while end < len(pattern) and depth >= 0:
            char = pattern[end]
            if char == "\\":
                end += 1
            elif in_class or char == "[":
                in_class = char != "]"
            else:
                depth += (char == "(") - (char == ")")
            end += 1
        end -= depth < 0
        pattern = f"{pattern[:at]}(?i:{pattern[at + 4 : end]}){pattern[end:]}"
        at = pattern.find("(?i)", at)
    return pattern


def main() -> None:
    plugins = detectors()
    patterns = rules(Path(sys.argv[1])) if len(sys.argv) > 1 else {}
    scanner = SecretScanner(shipped().secrets)
    rows: list[tuple[str, str, bool, bool, bool]] = []
    for kind in shipped().secrets:
        ours = theirs = leaks = False
        for seed in SEEDS:
            text = secretgen.in_context(kind.id, seed)
            line = text if "=" in text or "\n" in text else f'key = "{text}"'
            first = line.split("\n")[0]
            ours |= any(fact.type == kind.id for fact in scanner.scan(line.encode(), Text(line)))
            theirs |= any(any(True for _ in plugin.analyze_string(first)) for plugin in plugins)
            leaks |= any(pattern.search(line + "\n") for pattern in patterns.values())
        rows.append((kind.id, kind.provider, ours, theirs, leaks))
    mark = {True: "yes", False: "–"}
    print("| type | provider | agentlint | detect-secrets | gitleaks |\n|---|---|---|---|---|")
    for name, provider, *answers in sorted(rows):
        print(f"| {name} | {provider} | {' | '.join(mark[answer] for answer in answers)} |")
    sums = [sum(row[column] for row in rows) for column in (2, 3, 4)]
    print(f"| {len(rows)} types | | {sums[0]} | {sums[1]} | {sums[2]} |")


if __name__ == "__main__":
    main()
