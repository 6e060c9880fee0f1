"""Scans the programs of ``fixtures/matrix`` and writes ``docs/matrix.md``: which rule finds what in which framework.

``python scripts/build_matrix.py [--check] [--show TEXT] [FRAMEWORK…]``. How the programs are written: ``matrix_cells.py``.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from matrix_cells import WITHOUT, Cell, frameworks  # noqa: E402 - the folder of this script is no package

if TYPE_CHECKING:
    from agentlint.core.finding import Finding

PAGE = ROOT / "docs" / "matrix.md"
RULES = (
    "AL201", "AL202", "AL203", "AL206", "AL220", "AL221", "AL301", "AL302", "AL303", "AL304", "AL305", "AL420", "AL421", "AL502",
    "AL503", "AL504", "AL505", "AL601", "AL602", "AL605", "AL701", "AL702", "AL703", "AL704", "AL707", "AL801", "AL802", "AL803",
    "AL810", "AL813",
)  # fmt: skip
TITLES = {
    "good": "No finding", "bad": "Found", "off": "Found although there is a protection", "default": "Safe by itself",
    "own": "Judged by programs of its own", "miss": "Known to be missed", "none": "Not applicable",
}  # fmt: skip
NOT_APPLICABLE = "–"  # noqa: RUF001 - a dash, as tables have it
INTRO = """# Frameworks and rules

Made by `scripts/build_matrix.py` from `fixtures/matrix`; do not edit. {frameworks} frameworks, {rules} rules, {programs}
programs: each is scanned as a project of its own, and a test holds all of them. A cell says in how many programs the rule finds
what it is about, protections that are switched off included, and in how many it rightly finds nothing: those with a protection
in the framework's own words, and those without the danger. `{dash}` means that the rule cannot be about the framework, `°` that
the framework is safe by itself, `!` that there is a known miss; the reasons stand below.

The programs that are the same for every framework are in `fixtures/matrix/every.py` and counted here, but listed nowhere below.
"""
_EXPECT = re.compile(r"# expect: ((?:AL\d{3}[, ]*)+)")


def scanned(cells: list[Cell]) -> tuple[dict[str, list[Finding]], list[str]]:
    """Scan the programs of a framework, each as a project of its own; return what is found in each, and what went wrong."""
    from agentlint.core.levels import Persona
    from agentlint.engine.run import scan
    from agentlint.engine.settings import Settings

    texts = list(dict.fromkeys(cell.text for cell in cells if cell.text))
    with tempfile.TemporaryDirectory(prefix="agentlint-matrix-") as folder:
        for number, text in enumerate(texts):
            place = Path(folder, f"p{number}")
            place.mkdir()
            (place / "main.py").write_text(text, encoding="utf-8")
            (place / "requirements.txt").write_text("", encoding="utf-8")
        settings = Settings(persona=Persona.AUDITOR, use_cache=False, jobs=1, select=RULES)
        result = scan([Path(folder)], settings)
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        found[texts[int(finding.path.partition("/")[0][1:])]].append(finding)
    return found, [f"{note.path}: {note.message}" for note in result.notifications if note.level == "error"]


def judge(cells: list[Cell], found: dict[str, list[Finding]]) -> list[str]:
    """Return what is not as the cells say."""
    return [line for cell in cells for line in (*_differences(cell, found[cell.text]), *_without_advice(cell, found[cell.text]))]


def _without_advice(cell: Cell, found: list[Finding]) -> list[str]:
    """The findings of a bad program that do not say how one of the frameworks that it imports mends them."""
    from agentlint.engine.repository import rulebook
    from agentlint.engine.settings import Settings
    from agentlint.rulebook.advice import topics

    if cell.kind not in ("bad", "off"):
        return []
    book = rulebook(Settings())
    imported = re.findall(r"^(?:from|import) ([\w.]+)", cell.text, re.MULTILINE)
    models = [m for m in book.models if any(f"{name}.".startswith(f"{root}.") for name in imported for root in m.imports)]
    lines = []
    for rule in (rule for rule in book.rules if rule.id in cell.rules and rule.advice):
        said = [text for model in models for topic, text in topics(model).items() if topic in rule.advice]
        fixes = [finding.fix or "" for finding in found if finding.rule == rule.id]
        if said and fixes and not any(text in fix for text in said for fix in fixes):
            lines.append(f"{cell.framework}: {cell.kind} {cell.what}: {rule.id} does not say how to mend it: {fixes[0]}")
    return lines


def _differences(cell: Cell, found: list[Finding]) -> list[str]:
    where = f"{cell.framework}: {cell.kind} {cell.what}"
    marked = {(number, rule) for number, line in enumerate(cell.text.splitlines(), 1)
              for match in _EXPECT.finditer(line) for rule in match[1].replace(",", " ").split()}  # fmt: skip
    lines = []
    for rule in cell.rules if cell.text else ():
        got = [finding for finding in found if finding.rule == rule]
        if cell.kind == "good":
            lines += [f"{where}: {rule} on line {f.span.line}: {f.message}" for f in got]
        elif not got:
            lines.append(f"{where}: {rule} is not found")
        want = {number for number, code in marked if code == rule}
        if cell.kind != "good" and got and want and not want & {f.span.line for f in got}:
            lines.append(f"{where}: {rule} is found on {sorted({f.span.line for f in got})}, not on {sorted(want)}")
    return lines


def holes(cells: list[Cell]) -> list[str]:
    """Return the rules of which the cells of a framework say nothing, or only half."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for cell in cells:
        for rule in cell.rules:
            kinds[rule].add(cell.kind)
    lines = [f"{rule}: nothing is said of it" for rule in RULES if not kinds[rule]]
    shown = {"bad", "off", "none", "default", "miss"}
    lines += [f"{rule}: no bad program, and no reason" for rule in RULES if kinds[rule] and not kinds[rule] & shown]
    return lines + [f"{rule}: no good program" for rule in RULES if kinds[rule] & {"bad", "off"} and "good" not in kinds[rule]]


def check(cells: list[Cell]) -> list[str]:
    """Return all that is wrong with the cells of a framework."""
    found, problems = scanned(cells)
    return [*problems, *judge(cells, found), *holes(cells)]


def main() -> int:
    """Write or check the page; with names of frameworks, say what is wrong with these only."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not up to date")
    parser.add_argument("--show", metavar="TEXT", help="print the programs whose header contains TEXT")
    parser.add_argument("names", nargs="*", help="stems of files in fixtures/matrix")
    given = parser.parse_args()
    known = {name: cells for name, cells in frameworks().items() if not given.names or name in given.names}
    if given.show:
        print(*(f"# {c.kind} {c.rules} {c.what}\n{c.text}" for cells in known.values() for c in cells if given.show in c.what))
        return 0
    if given.names:
        wrong = {name: check(cells) for name, cells in known.items()}
        print(*(f"{name}: {line}" for name, lines in wrong.items() for line in lines), sep="\n")
        return any(wrong.values())
    text = page(known)
    if given.check:
        return 0 if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page(known: dict[str, list[Cell]]) -> str:
    """Return the page: a table of all cells, then what stands in them, framework by framework."""
    programs = sum(len({cell.text for cell in cells if cell.text}) for cells in known.values())
    lines = [
        INTRO.format(frameworks=len(known), rules=len(RULES), programs=programs, dash=NOT_APPLICABLE),
        "| framework | " + " | ".join(rule[2:] for rule in RULES) + " |",
        "|---|" + "--:|" * len(RULES),
    ]
    for cells in known.values():
        lines.append(f"| {cells[0].framework} | " + " | ".join(_mark(cells, rule) for rule in RULES) + " |")
    for cells in known.values():
        lines += ["", f"## {cells[0].framework}", ""]
        lines += [line for kind, title in TITLES.items() for line in _listed(cells, kind, title)]
    return "\n".join(lines) + "\n"


def _mark(cells: list[Cell], rule: str) -> str:
    kinds = [cell.kind for cell in cells if rule in cell.rules]
    if "none" in kinds:
        return NOT_APPLICABLE
    found, silent = sum(kind in ("bad", "off") for kind in kinds), kinds.count("good")
    return f"{found}/{silent}" + ("°" if "default" in kinds else "") + ("!" if "miss" in kinds else "")


def _listed(cells: list[Cell], kind: str, title: str) -> list[str]:
    """The cells of a kind, those that say the same of several rules as one."""
    own: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        if cell.kind == kind and (cell.own or kind in WITHOUT):
            own[cell.what] += [rule for rule in cell.rules if rule not in own[cell.what]]
    return [f"**{title}**", "", *(f"- {what} ({' '.join(sorted(rules))})" for what, rules in own.items()), ""] if own else []


if __name__ == "__main__":
    raise SystemExit(main())
