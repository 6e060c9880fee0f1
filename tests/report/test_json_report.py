from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from agentlint.report.options import ReportOptions
from agentlint.report.registry import render
from report_samples import NASTY, empty, hostile, ordinary

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "report.schema.json").read_text(encoding="utf-8"))
KEYS = "rule name severity confidence persona category message path line column end_line end_column snippet symbol fingerprint flow related cwe owasp controls fix suppressed"


def report(result, **options):
    text = render("json", result, ReportOptions(**options))
    assert text.endswith("}\n") and text.isascii()
    data = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    return data


def test_schema_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_keys_come_in_the_order_of_the_contract():
    data = report(ordinary())
    assert list(data) == ["version", "tool", "summary", "findings", "notifications"]
    assert list(data["summary"]) == [
        "files_scanned",
        "files_skipped",
        "findings",
        "suppressed",
        "baselined",
        "by_severity",
        "by_rule",
    ]
    assert list(data["findings"][0]) == KEYS.split()
    assert list(data["notifications"][0]) == ["level", "kind", "path", "line", "message"]


def test_values_of_a_finding():
    found = next(f for f in report(ordinary())["findings"] if f["rule"] == "AL410")
    assert (found["severity"], found["confidence"], found["persona"], found["line"]) == (
        "critical",
        "high",
        "regular",
        7,
    )
    assert [step["kind"] for step in found["flow"]] == ["source", "step", "step", "sink"]
    assert found["related"][0]["message"] == "the role it runs as"
    assert (found["cwe"], found["owasp"], found["controls"], found["suppressed"]) == ([78], ["ASI05"], ["R45"], None)


def test_only_notebook_findings_have_a_cell():
    cells = {f["path"]: f.get("cell") for f in report(ordinary())["findings"]}
    assert cells["demo.ipynb"] == {"number": 3, "line": 5}
    assert [path for path, cell in cells.items() if cell is not None] == ["demo.ipynb"]


def test_summary_counts_what_is_reported_only():
    summary = report(ordinary(), include_suppressed=True)["summary"]
    assert (summary["findings"], summary["suppressed"]) == (4, 1)
    assert summary["by_severity"] == {"critical": 1, "high": 1, "medium": 1, "low": 1}
    assert summary["by_rule"] == {"AL101": 1, "AL207": 1, "AL301": 1, "AL410": 1}


def test_suppressed_findings_come_only_when_asked_for():
    assert all(f["suppressed"] is None for f in report(ordinary())["findings"])
    reasons = [f["suppressed"] for f in report(ordinary(), include_suppressed=True)["findings"]]
    assert reasons.count("reviewed in May") == 1 and len(reasons) == 5


def test_hostile_text_survives_as_data_and_lone_surrogates_are_replaced():
    (found,) = report(hostile())["findings"]
    assert found["message"] == NASTY.replace("\udce9", "\ufffd")


def test_nothing_found():
    data = report(empty())
    assert (data["findings"], data["notifications"], data["summary"]["by_rule"]) == ([], [], {})


@pytest.mark.parametrize("name", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown", "html"])
def test_every_format_is_the_same_twice_and_encodes_as_utf8(name):
    for result in (ordinary(), hostile(), empty()):
        options = ReportOptions(include_suppressed=True)
        text = render(name, result, options)
        assert text == render(name, result, options)
        assert text.encode("utf-8")


@pytest.mark.parametrize("name", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown", "html"])
def test_no_format_shows_a_secret(name):
    from report_samples import KEY

    text = render(name, ordinary(), ReportOptions(verbose=True))
    assert KEY not in text and KEY[8:-2] not in text


@pytest.mark.parametrize("name", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown", "html"])
def test_every_format_says_what_could_not_be_checked(name):
    text = render(name, empty(notifications=ordinary().notifications), ReportOptions())
    assert "parse-error" in text and "old.py" in text and "invalid syntax" in text


def test_unknown_format_names_those_there_are():
    from agentlint.core.errors import UsageError

    with pytest.raises(UsageError, match="sarif"):
        render("pdf", ordinary(), ReportOptions())
