from __future__ import annotations

import re
import subprocess
import sys

import msgspec
import pytest

from agentlint.core.finding import Step
from agentlint.core.levels import Severity
from agentlint.core.place import Span
from agentlint.report.cells import cell_width, wrap
from agentlint.report.options import ReportOptions
from agentlint.report.registry import render
from report_samples import empty, finding, hostile, ordinary

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def text(result, **options):
    return render("text", result, ReportOptions(**options))


def with_source(source: str, *findings):
    return msgspec.structs.replace(empty(), findings=findings, source=lambda _path: source)


def marked(report: str) -> list[str]:
    """Return what stands above each run of carets, cut by terminal cells."""
    lines, found = report.split("\n"), []
    for above, below in zip(lines, lines[1:]):
        match = re.search(r"\^+", below)
        if match and not below[: match.start()].strip(" │|"):
            start = cell_width(below[: match.start()])
            cells = [(sum(map(cell_width, above[:i])), char) for i, char in enumerate(above)]
            found.append("".join(char for cell, char in cells if start <= cell < start + len(match[0])))
    return found


def test_header_names_place_severity_and_rule():
    assert "app/agent.py:7:16  critical AL410 model-output-executed" in text(ordinary())


def test_notebook_header_names_cell_and_line():
    assert "demo.ipynb:2:2 (cell 3, line 5)" in text(ordinary())


@pytest.mark.parametrize("options", [{}, {"unicode": False}, {"width": 200}])
def test_carets_stand_under_the_span_with_tabs_and_wide_characters(options):
    source = '\tname = "日本語"; run(x)\n'
    report = text(with_source(source, finding(span=Span(1, 16, 1, 22))), **options)
    assert marked(report) == ["run(x)"]


def test_span_of_several_lines_is_marked_on_its_first_and_cut():
    report = text(ordinary())
    assert marked(report)[-1] == "{"
    assert "3 more lines" in report


def test_long_lines_are_cut_around_the_span():
    source = "a;" * 3000 + "exec(model)" + ";b" * 3000
    report = text(with_source(source, finding(span=Span(1, 6001, 1, 6012))))
    assert marked(report) == ["exec(model)"]
    assert max(cell_width(line) for line in report.split("\n")) <= 80


@pytest.mark.parametrize("width", [20, 40, 79, 80, 100, 200, 1000])
@pytest.mark.parametrize("make", [ordinary, hostile])
def test_no_line_is_wider_than_asked(make, width):
    limit = max(40, min(width, 140))
    # Places are never broken: they must stay clickable.
    lines = [line for line in text(make(), width=width).split("\n") if ".py" not in line and ".ipynb" not in line]
    assert max(map(cell_width, lines)) <= limit


def test_flow_is_numbered_and_skips_identical_places():
    report = text(ordinary())
    steps = re.findall(r"^ +(\d)\. (\S+) +(.*)$", report, re.MULTILINE)
    assert steps == [
        ("1", "app/agent.py:5:12", "the question enters"),
        ("2", "app/agent.py:6:10", "the model answers"),
        ("3", "app/agent.py:7:16", "runs as a shell command"),
    ]


def test_sink_is_named_even_where_the_step_before_stands():
    flow = (Step("a.py", Span(1, 1, 1, 2), "passes here"), Step("a.py", Span(1, 1, 1, 2), "acts here", "sink"))
    report = text(with_source("x\n", finding(flow=flow)))
    assert "acts here" in report and "passes here" not in report


def test_long_flows_are_shortened_unless_verbose():
    flow = tuple(Step("a.py", Span(n, 1, n, 2), f"step number {n}") for n in range(1, 41))
    result = with_source("x\n", finding(flow=flow))
    assert "28 more steps" in text(result) and "step number 20" not in text(result)
    assert "step number 20" in text(result, verbose=True)


def test_related_fix_and_hint():
    report = text(ordinary())
    assert "infra/main.tf:1:1  the role it runs as" in report and "→ Pass a list of arguments." in report
    assert report.count("agentlint explain") == 1 and "agentlint explain AL410" in report


def test_summary_line():
    assert "4 findings (1 critical, 1 high, 1 medium, 1 low) in 3 files" in text(ordinary())
    assert "12 files scanned · 1 could not be checked · 1 ignored" in text(ordinary())
    assert "2 at or above high" in text(ordinary(), fail_on="high", width=200)


def test_problems_say_what_to_do_next():
    report = text(ordinary())
    assert "Could not be checked\n  old.py:3  parse-error\n    invalid syntax\n  → fix the syntax" in report
    assert "Checked only in part\n  big.json  cap" in report


def test_nothing_found_is_one_friendly_line():
    assert text(empty()) == "✓ No findings · 4 files scanned\n"
    assert text(empty(), unicode=False) == "ok: No findings - 4 files scanned\n"


def test_nothing_found_is_not_friendly_when_something_could_not_be_checked():
    report = text(msgspec.structs.replace(empty(), notifications=ordinary().notifications))
    assert "✓" not in report and "Nothing found in what could be checked" in report


def test_plain_has_no_escapes_and_colour_changes_nothing_else():
    plain, coloured = text(ordinary()), text(ordinary(), color=True)
    assert "\x1b" not in plain and "\x1b[" in coloured
    assert ANSI.sub("", coloured) == plain


@pytest.mark.parametrize("make", [ordinary, hostile])
def test_ascii_when_unicode_is_off(make):
    assert text(make(), unicode=False, include_suppressed=True).isascii()


@pytest.mark.parametrize("color", [False, True])
def test_hostile_text_cannot_act_on_the_terminal_or_the_build(color):
    report = ANSI.sub("", text(hostile(), color=color, include_suppressed=True))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\ud800-\udfff]", report)
    assert not any(line.lstrip().startswith("::") for line in report.split("\n"))
    assert "##[" not in report
    assert "\\x1b[31m" in report


def test_context_around_a_secret_is_not_shown():
    source = "-----BEGIN KEY-----\nbody\nsecond\n"
    report = text(with_source(source, finding(rule="AL107", category="hardcoded-secret", span=Span(1, 1, 1, 20))))
    assert "body" not in report


def test_ignored_findings_are_marked_with_their_reason():
    report = text(ordinary(), include_suppressed=True)
    assert "ignored: reviewed in May" in report
    assert "ignored: reviewed" not in text(ordinary())


def test_findings_without_source_still_come_out():
    report = text(with_source("", finding(span=Span(99, 1, 99, 2))))
    assert "The model's reply runs" in report and "^" not in report


@pytest.mark.parametrize(("name", "heavy"), [("text", "rich"), ("json", "sarif_om"), ("github", "rich"), ("html", "rich")])
def test_heavy_libraries_are_not_imported_where_they_are_not_needed(name, heavy):
    code = (
        "import sys; from agentlint.core.result import ScanResult; from agentlint.report.options import ReportOptions; "
        "from agentlint.report.registry import render; "
        f"render({name!r}, ScanResult(version='1', findings=()), ReportOptions()); sys.exit({heavy!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_message_keeps_its_paragraphs():
    report = text(with_source("x\n", finding(message="First.\n\nSecond.", severity=Severity.LOW)))
    assert "  First.\n  Second.\n" in report


@pytest.mark.parametrize("sample", ["", "one two three four five", "x" * 50, "日本語" * 20, "e\u0301" * 40])
def test_wrap_keeps_every_character_within_the_width(sample):
    lines = wrap(sample, 12)
    assert "".join(lines).replace(" ", "") == sample.replace(" ", "")
    assert all(cell_width(line) <= 12 for line in lines)
