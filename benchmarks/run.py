"""Measure agentlint against the floor, against itself warm, and against other scanners, all in one run.

    python benchmarks/run.py TREE [TREE...] [--repeat 5] [--bandit bandit] [--agent-audit agent-audit] [--json FILE]

Only ratios of one run mean anything: each round runs every command once, and medians of CPU time are compared. The floor is a
process that reads and parses the same Python files with the garbage collector off and does nothing else. A scanner that is
not there is left out with a note. Posix only (peak memory comes from wait4).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measure import FLOOR, Cost, cost, interleaved

BAD_TOOL = '''
@function_tool
def run_{0}(command: str) -> str:
    """Run a command."""
    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout
'''
HEAD = "import subprocess\n\nfrom agents import function_tool\n"


def size(trees: list[Path]) -> str:
    files = [file for tree in trees for file in tree.rglob("*.py") if file.is_file()]
    data = [file.read_bytes() for file in files]
    return f"{len(files):,} Python files, {sum(d.count(10) for d in data):,} lines, {sum(map(len, data)) / 1e6:.1f} MB"


def row(name: str, spent: Cost, base: Cost | None) -> dict[str, object]:
    ratio = round(spent.cpu / base.cpu, 3) if base else None
    return {
        "run": name,
        "cpu_s": round(spent.cpu, 3),
        "wall_s": round(spent.wall, 3),
        "peak_mib": round(spent.memory, 1),
        "ratio": ratio,
        "exit": spent.code,
    }


def show(title: str, rows: list[dict[str, object]], ratio: str) -> None:
    print(f"\n### {title}\n\n| run | CPU s | wall s | peak MiB | {ratio} | exit |\n|---|---|---|---|---|---|")
    for r in rows:
        print(
            f"| {r['run']} | {r['cpu_s']} | {r['wall_s']} | {r['peak_mib']} | {r['ratio'] or ''} | {r['exit']} |",
            flush=True,
        )
    for r in rows:
        if str(r["run"]).startswith(("agentlint", "one file")) and r["exit"] != 0:
            print(f"\nnote: {r['run']} ended with exit code {r['exit']}: not everything was checked, that row does not count")


def scan(agentlint: list[str], trees: list[Path], *more: str) -> list[str]:
    return [*agentlint, "scan", *map(str, trees), "--isolated", "--exit-zero", "-f", "json", "-o", os.devnull, *more]


def peers(options: argparse.Namespace, trees: list[Path]) -> dict[str, Callable[[], Cost]]:
    found: dict[str, Callable[[], Cost]] = {}
    for name, command, arguments in (
        ("bandit", options.bandit, ["-r", "-q", "-f", "json", "-o", os.devnull]),
        ("agent-audit", options.agent_audit, ["scan", "--format", "json", "--output", os.devnull]),
    ):
        program = shlex.split(command)
        if not shutil.which(program[0]):
            print(f"note: {name} left out, {program[0]!r} is not there")
            continue
        if name == "agent-audit" and len(trees) > 1:
            found[name] = partial(several, [[*program, *arguments[:1], str(tree), *arguments[1:]] for tree in trees])
        elif name == "agent-audit":
            found[name] = partial(cost, [*program, *arguments[:1], str(trees[0]), *arguments[1:]])
        else:
            found[name] = partial(cost, [*program, *arguments, *map(str, trees)])
    return found


def several(commands: list[list[str]]) -> Cost:
    costs = [cost(command) for command in commands]
    return Cost(sum(c.cpu for c in costs), sum(c.wall for c in costs), max(c.memory for c in costs), max(c.code for c in costs))


def cold_and_warm(options: argparse.Namespace, agentlint: list[str], trees: list[Path]) -> dict[str, list[dict[str, object]]]:
    floor = partial(cost, [sys.executable, "-c", FLOOR, *map(str, trees)])
    jobs = ["--jobs", "1"] if options.one_job else []
    with tempfile.TemporaryDirectory() as folder:
        env = {"XDG_CACHE_HOME": folder, "HOME": folder}
        cost(scan(agentlint, trees, *jobs), env)  # fills the cache
        runs = {
            "floor: ast.parse, no gc": floor,
            "agentlint, cold": partial(cost, scan(agentlint, trees, "--no-cache", *jobs)),
            "agentlint, warm": partial(cost, scan(agentlint, trees, *jobs), env),
            **peers(options, trees),
        }
        spent = interleaved(runs, options.repeat)
    base, cold = spent["floor: ast.parse, no gc"], spent["agentlint, cold"]
    by_floor = [row(name, c, base) for name, c in spent.items()]
    show("A whole tree", by_floor, "CPU ÷ floor")
    by_cold = [row(name, c, cold) for name, c in spent.items() if name != "floor: ast.parse, no gc"]
    show("The same, against a cold scan", by_cold, "CPU ÷ cold")
    return {"tree": by_floor, "against cold": by_cold}


def start_up(options: argparse.Namespace, agentlint: list[str]) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "tool.py"
        one.write_text(HEAD + BAD_TOOL.format(1))
        spent = interleaved(
            {
                "python -c pass": partial(cost, [sys.executable, "-c", "pass"]),
                "agentlint --version": partial(cost, [*agentlint, "--version"]),
                "one file": partial(cost, scan(agentlint, [one], "--no-cache")),
            },
            4 * options.repeat,
        )
    rows = [row(name, c, spent["python -c pass"]) for name, c in spent.items()]
    show("Start-up", rows, "CPU ÷ python")
    return rows


def sarif_scale() -> object:
    script = Path(__file__).with_name("sarif_scale.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    print(f"\n### SARIF at scale\n\n{done.stdout or done.stderr}")
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    parser.add_argument("--agentlint", default=f"{sys.executable} -m agentlint", help="default: this Python's agentlint")
    parser.add_argument("--bandit", default="bandit")
    parser.add_argument("--agent-audit", default="agent-audit")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--one-job", action="store_true", help="keep agentlint to one process")
    parser.add_argument("--no-sarif", action="store_true", help="leave the SARIF part out")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    agentlint = shlex.split(options.agentlint)
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, median of {options.repeat}; {size(options.trees)}")
    figures: dict[str, object] = {
        "start-up": start_up(options, agentlint),
        **cold_and_warm(options, agentlint, options.trees),
    }
    if not options.no_sarif:
        figures["sarif"] = sarif_scale()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
