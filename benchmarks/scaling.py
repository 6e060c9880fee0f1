"""Measure how CPU time grows with the size of a repository, phase by phase.

    python benchmarks/scaling.py corpus/src/* [--lines 10000,30000,100000,300000,1000000] [--json FILE]

For each size a folder is filled with whole packages, one after another, over and over under other names, until it holds so many
lines of Python; then it is scanned by one process without a cache. The slope is that of the logarithms (least squares): 1 means
that twice the code costs twice the time. Copies of one package are the worst case for what is looked up by name.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from measure import FLOOR, cost

# Phases are timed by wall clock in reports; a busy machine needs CPU time.
SCAN = """
import sys, time
time.perf_counter = time.process_time
from agentlint.engine.run import scan
from agentlint.engine.settings import Settings
from pathlib import Path
import json, resource
result = scan([Path(sys.argv[1])], Settings(use_cache=False, isolated=True, jobs=1, include_tests=True))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({**result.stats.seconds_by_phase, "all": time.process_time(), "peak": peak / 1024, "found": len(result.findings)}))
"""


def packages(trees: list[Path]) -> Iterator[tuple[Path, int]]:
    """Yield the folders to copy and their lines, again and again."""
    units = [folder for tree in trees for folder in sorted(tree.iterdir()) if folder.is_dir()]
    sizes = {unit: sum(file.read_bytes().count(b"\n") for file in unit.rglob("*.py")) for unit in units}
    yield from cycle((unit, size) for unit, size in sizes.items() if size)


def fill(target: Path, trees: list[Path], wanted: int) -> int:
    """Copy packages into ``target`` until it holds about ``wanted`` lines; files of the last one only as far as they fit."""
    lines = 0
    for number, (unit, size) in enumerate(packages(trees)):
        place = target / f"project{number}" / unit.name
        if lines + size <= wanted:
            shutil.copytree(unit, place)
            lines += size
            continue
        for file in sorted(unit.rglob("*.py")):
            if lines >= wanted:
                return lines
            copy = place / file.relative_to(unit)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            lines += file.read_bytes().count(b"\n")
    return lines


def measure(trees: list[Path], wanted: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        lines = fill(Path(folder), trees, wanted)
        floor = cost([sys.executable, "-c", FLOOR, folder]).cpu
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", SCAN, folder], capture_output=True, text=True, check=True, env={**os.environ}
        )
        figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {"lines": lines, "floor": floor, **figures, "wall": time.perf_counter() - began}


def slope(rows: list[dict[str, float]], name: str) -> float:
    """Return the exponent of growth of a column with the lines; rows that cost next to nothing say nothing."""
    points = [(math.log(row["lines"]), math.log(row[name])) for row in rows if row.get(name, 0) > 0.02]
    if len(points) < 2:
        return math.nan
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    over = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return over / sum((x - mean_x) ** 2 for x, _ in points)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    parser.add_argument("--lines", default="10000,30000,100000,300000,1000000,2000000")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    columns = ("floor", "discover", "files", "graph", "all")
    print(f"| lines | {' | '.join(columns)} | all ÷ floor | peak MiB |\n|{'---|' * (len(columns) + 3)}")
    rows = []
    for wanted in map(int, options.lines.split(",")):
        rows.append(row := measure(options.trees, wanted))
        spent = " | ".join(f"{row.get(name, 0):.2f}" for name in columns)
        print(f"| {row['lines']:,.0f} | {spent} | {row['all'] / row['floor']:.1f} | {row['peak']:.0f} |", flush=True)
    print(f"| slope | {' | '.join(f'{slope(rows, name):.2f}' for name in columns)} | | |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
