"""Speed of the search for credentials, beside one compiled alternation of all literals over the same bytes.

    python benchmarks/secrets_speed.py TREE...

Reads the Python files of the trees, leaves out those that hold a credential, and measures CPU time (medians of interleaved rounds):
the literal prefilter over bytes, all formats (``SecretScanner.scan``), and the alternation ``b"lit1|lit2|…"``. With ``--types`` prints
the formats beside those of detect-secrets and, from a checkout's ``gitleaks.toml``, of gitleaks.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from agentlint.facts import literals
from agentlint.facts.secrets import SecretScanner
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text, decode
from agentlint.rulebook.load import shipped

MAX_BYTES = 1_000_000


def files(trees: list[Path], scanner: SecretScanner) -> list[tuple[bytes, Text]]:
    """Return bytes and text of the Python files that hold no credential."""
    found = []
    for tree in trees:
        for path in sorted(tree.rglob("*.py")):
            if not path.is_file() or path.stat().st_size > MAX_BYTES:
                continue
            data = path.read_bytes()
            text = decode(data)
            if not isinstance(text, ParseProblem) and not scanner.scan(data, text):
                found.append((data, text))
    return found


def cpu(run: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def measure(trees: list[Path], rounds: int) -> None:
    """Print megabytes per CPU second of each step, and ratios to the alternation."""
    scanner = SecretScanner(shipped().secrets)
    given = files(trees, scanner)
    size = sum(len(data) for data, _ in given) / 1e6
    words = sorted({literal for kind in shipped().secrets for literal in kind.literals})
    alternation = re.compile("|".join(map(re.escape, words)).encode())
    steps: dict[str, Callable[[], object]] = {
        "one alternation, search": lambda: [alternation.search(data) for data, _ in given],
        "one alternation, all matches": lambda: [sum(1 for _ in alternation.finditer(data)) for data, _ in given],
        "prefilter of formats": lambda: [scanner.may_match(data) for data, _ in given],
        "all formats": lambda: [scanner.scan(data, text) for data, text in given],
        "addresses with credentials": lambda: [literals.in_urls(data, text) for data, text in given],
        "lines with names of literals": lambda: [literals.hot_lines(text) for _, text in given],
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            seconds[name].append(cpu(step))
    base = statistics.median(seconds["one alternation, all matches"])
    print(f"{len(given)} files without a credential, {size:.1f} MB, {rounds} rounds")
    for name, spent in seconds.items():
        median = statistics.median(spent)
        print(f"| {name} | {size / median:.1f} MB/s | {median / base:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trees", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    measure(options.trees, options.rounds)


if __name__ == "__main__":
    main()
