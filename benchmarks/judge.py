"""Read findings one by one, say of each whether it is right, and count.

    python benchmarks/judge.py ask REPORT.json ROOT VERDICTS.tsv [--rule AL4] [--sample 40]   asks for a verdict on each
    python benchmarks/judge.py show REPORT.json ROOT [--rule AL4] [--sample 40]               prints findings with their code
    python benchmarks/judge.py mark REPORT.json VERDICTS.tsv FINGERPRINT right|wrong WHY      records one verdict
    python benchmarks/judge.py table VERDICTS.tsv [VERDICTS.tsv...]                           precision for each rule

REPORT.json is what ``agentlint scan ROOT -f json -o REPORT.json --exit-zero`` wrote. A sample is the same on every machine: it is
drawn by fingerprint. A finding is *right* when a reviewer of that code would act on it. Every verdict has a reason.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections import defaultdict
from pathlib import Path

FIELDS = ("tree", "rule", "severity", "path", "line", "fingerprint", "verdict", "why")
AROUND = 6


def load(report: Path, rule: str, sample: int) -> list[dict]:
    findings = [f for f in json.loads(report.read_text(encoding="utf-8"))["findings"] if f["rule"].startswith(rule)]
    if not sample or sample >= len(findings):
        return findings
    drawn = sorted(findings, key=lambda f: hashlib.sha256(f["fingerprint"].encode()).digest())[:sample]
    return sorted(drawn, key=lambda f: (f["path"], f["line"], f["rule"]))


def printable(text: str) -> str:
    """Scanned text must not drive the terminal."""
    return "".join(c if c.isprintable() or c == " " else f"\\x{ord(c):02x}" for c in text.replace("\t", "    "))


def code(root: Path, path: str, line: int, around: int = AROUND) -> str:
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        return f"    (cannot read {printable(path)})"
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    first = max(line - around, 1)
    numbered = enumerate(lines[first - 1 : line + around], first)
    return "\n".join(f"  {'>' if n == line else ' '} {n:5} {printable(text)[:180]}" for n, text in numbered)


def describe(finding: dict, root: Path) -> str:
    parts = [
        f"\n{'=' * 100}\n{finding['rule']} {finding['name']} {finding['severity']}/{finding['confidence']} [{finding['fingerprint']}]",
        f"{printable(finding['path'])}:{finding['line']}:{finding['column']} {printable(finding['message'])}",
        code(root, finding["path"], finding["line"]),
    ]
    for step in finding.get("flow") or ():
        parts.append(f"  {step['kind']}: {printable(step['path'])}:{step['line']} {printable(step['message'])}")
        if step["path"] != finding["path"] or abs(step["line"] - finding["line"]) > AROUND:
            parts.append(code(root, step["path"], step["line"], 1))
    return "\n".join(parts)


def read(files: list[Path]) -> list[dict[str, str]]:
    rows = []
    for file in files:
        if file.is_file():
            with file.open(encoding="utf-8", newline="") as stream:
                rows += csv.DictReader(stream, delimiter="\t")
    return rows


def record(file: Path, tree: str, finding: dict, verdict: str, why: str) -> None:
    new = not file.is_file()
    with file.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS, delimiter="\t", lineterminator="\n", extrasaction="ignore")
        if new:
            writer.writeheader()
        words = " ".join(why.split())
        writer.writerow({**finding, "path": printable(finding["path"]), "tree": tree, "verdict": verdict, "why": words})


def ask(options: argparse.Namespace) -> None:
    done = {(row["tree"], row["fingerprint"]) for row in read([options.verdicts])}
    tree = options.root.resolve().name
    for finding in load(options.report, options.rule, options.sample):
        if (tree, finding["fingerprint"]) in done:
            continue
        print(describe(finding, options.root))
        while True:
            verdict, _, why = input("r(ight)/w(rong) and why, s(kip), q(uit): ").strip().partition(" ")
            if verdict == "q":
                return
            if verdict == "s":
                break
            if verdict in ("r", "w", "right", "wrong") and why:
                record(options.verdicts, tree, finding, "right" if verdict.startswith("r") else "wrong", why)
                break


def show(options: argparse.Namespace) -> None:
    for finding in load(options.report, options.rule, options.sample):
        print(describe(finding, options.root))


def mark(options: argparse.Namespace) -> None:
    finding = next((f for f in load(options.report, "", 0) if f["fingerprint"].startswith(options.fingerprint)), None)
    if finding is None:
        raise SystemExit(f"no finding {options.fingerprint} in {options.report}")
    record(options.verdicts, options.tree or options.report.stem, finding, options.verdict, " ".join(options.why))


def table(options: argparse.Namespace) -> None:
    latest = {(row["tree"], row["fingerprint"]): row for row in read(options.verdicts)}  # a later verdict replaces an earlier one
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in latest.values():
        counts[row["rule"]][row["verdict"] != "right"] += 1
    print("| rule | read | right | wrong | precision |\n|---|---|---|---|---|")
    total = [sum(column) for column in zip(*counts.values(), strict=True)] if counts else [0, 0]
    for rule, (right, wrong) in [*sorted(counts.items()), ("all", total)]:
        print(f"| {rule} | {right + wrong} | {right} | {wrong} | {100 * right / max(right + wrong, 1):.0f} % |")
    for row in sorted(latest.values(), key=lambda r: (r["rule"], r["tree"], r["path"], int(r["line"]))):
        if row["verdict"] != "right":
            print(f"\nwrong: {row['rule']} {row['tree']} {row['path']}:{row['line']}: {row['why']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for action in (ask, show):
        command = commands.add_parser(action.__name__)
        command.add_argument("report", type=Path)
        command.add_argument("root", type=Path)
        if action is ask:
            command.add_argument("verdicts", type=Path)
        command.add_argument("--rule", default="", help="only rules whose id starts so")
        command.add_argument("--sample", type=int, default=0, help="at most so many")
        command.set_defaults(action=action)
    command = commands.add_parser("mark")
    command.add_argument("report", type=Path)
    command.add_argument("verdicts", type=Path)
    command.add_argument("fingerprint")
    command.add_argument("verdict", choices=("right", "wrong"))
    command.add_argument("why", nargs="+")
    command.add_argument("--tree", default="", help="name of the scanned tree; default: the report's file name")
    command.set_defaults(action=mark)
    command = commands.add_parser("table")
    command.add_argument("verdicts", type=Path, nargs="+")
    command.set_defaults(action=table)
    options = parser.parse_args()
    options.action(options)


if __name__ == "__main__":
    main()
