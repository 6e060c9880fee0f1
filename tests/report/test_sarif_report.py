from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from agentlint.core.finding import Related, Step
from agentlint.core.fingerprint import line_hash
from agentlint.core.levels import Confidence, Severity
from agentlint.core.place import Span
from agentlint.report import sarif
from agentlint.report.options import ReportOptions
from agentlint.report.sarif_results import uri_of
from report_samples import NASTY_PATH, SOURCES, empty, finding, hostile, ordinary, rule

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "schemas"


def log(result, **options):
    text = sarif.render(result, ReportOptions(**options))
    assert text.isascii() and text.endswith("}\n")
    return json.loads(text)


def run(result, **options):
    (only,) = log(result, **options)["runs"]
    return only


def result_of(run_, rule_id):
    return next(r for r in run_["results"] if r["ruleId"] == rule_id)


def with_findings(*findings, **values):
    return msgspec.structs.replace(empty(), findings=findings, **values)


@pytest.fixture(scope="module", params=["sarif-2.1.0.json", "sarif-2.1.0.schemastore.json"])
def validator(request):
    path = SCHEMAS / request.param
    if not path.is_file():
        pytest.skip(f"the SARIF schema is not at {path}")
    schema = json.loads(path.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


@pytest.mark.parametrize("make", [ordinary, hostile, empty])
@pytest.mark.parametrize("options", [{}, {"include_suppressed": True}, {"root": "/srv/repo"}, {"root": "services/bot"}])
def test_log_is_valid(validator, make, options):
    validator.validate(log(make(), **options))


def test_run_has_what_code_scanning_reads():
    data = log(ordinary())
    assert list(data) == ["$schema", "version", "runs"] and data["version"] == "2.1.0"
    only = data["runs"][0]
    driver = only["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("agentlint", "1.2.3")
    assert only["automationDetails"]["id"] == "agentlint/" and only["columnKind"] == "unicodeCodePoints"
    assert "originalUriBaseIds" not in only


@pytest.mark.parametrize(
    ("version", "semantic"), [("1.2.3", "1.2.3"), ("0.1.0.dev4", "0.1.0-dev4"), ("1.0rc1", "1.0.0-rc1"), ("", None)]
)
def test_semantic_version(version, semantic):
    driver = run(msgspec.structs.replace(empty(), version=version))["tool"]["driver"]
    assert driver.get("semanticVersion") == semantic


def test_all_known_rules_are_described_and_indices_point_at_them():
    only = run(ordinary())
    rules = only["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == ["AL101", "AL207", "AL301", "AL410", "AL999"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in only["results"])
    for described in rules:
        assert described["shortDescription"]["text"] and described["fullDescription"]["text"]
        assert "```" in described["help"]["markdown"] and "```" not in described["help"]["text"]
        assert described["properties"]["precision"] == "high"
        assert described["properties"]["tags"] == [
            "security",
            "external/cwe/cwe-078",
            "external/owasp/asi05",
            "external/owasp/llm05",
            "command-injection",
        ]


def test_a_rule_nobody_described_gets_a_stand_in():
    rules = run(with_findings(finding(rule="XX123", name="own-rule")))["tool"]["driver"]["rules"]
    assert [(r["id"], r["shortDescription"]["text"]) for r in rules] == [("XX123", "Own rule")]


@pytest.mark.parametrize(
    ("severity", "level", "problem", "low", "high"),
    [
        (Severity.CRITICAL, "error", "error", 9.0, 10.0),
        (Severity.HIGH, "error", "error", 7.0, 8.9),
        (Severity.MEDIUM, "warning", "warning", 4.0, 6.9),
        (Severity.LOW, "note", "recommendation", 0.1, 3.9),
        (Severity.INFO, "note", "recommendation", 0.1, 3.9),
    ],
)
def test_severity_lands_in_the_band_code_scanning_gives_that_name(severity, level, problem, low, high):
    only = run(with_findings(finding(severity=severity), rules={"AL410": rule("AL410", severity=severity)}))
    described = only["tool"]["driver"]["rules"][0]
    assert only["results"][0]["level"] == described["defaultConfiguration"]["level"] == level
    assert described["properties"]["problem.severity"] == problem
    assert isinstance(described["properties"]["security-severity"], str)
    assert low <= float(described["properties"]["security-severity"]) <= high


def test_tags_and_descriptions_stay_under_the_limits():
    long = rule(
        "AL410",
        cwe=tuple(range(1, 30)),
        owasp=tuple(f"ASI{n:02}" for n in range(20)),
        summary="word " * 900,
        docs="## What it does\n" + "long " * 900,
        name="n" * 400,
    )
    described = run(with_findings(rules={"AL410": long}))["tool"]["driver"]["rules"][0]
    assert len(described["properties"]["tags"]) <= 10 and described["properties"]["tags"][0] == "security"
    assert all(len(described[key]["text"]) <= 1024 for key in ("shortDescription", "fullDescription"))
    assert len(described["name"]) <= 255


def test_place_flow_related_and_fingerprints_of_a_result():
    only = run(ordinary())
    found = result_of(only, "AL410")
    (place,) = found["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "app/agent.py"}
    assert place["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 16, "endLine": 7, "endColumn": 54}
    (flow,) = found["codeFlows"][0]["threadFlows"]
    assert [step["location"]["message"]["text"] for step in flow["locations"]][0::3] == [
        "the question enters",
        "runs as a shell command",
    ]
    assert [(r["id"], r["message"]["text"]) for r in found["relatedLocations"]] == [(1, "the role it runs as")]
    assert "[the role it runs as](1)" in found["message"]["text"]
    assert found["partialFingerprints"]["primaryLocationLineHash"] == line_hash(SOURCES["app/agent.py"], 7)
    assert len(found["partialFingerprints"]["agentlint/v1"]) == 32


def test_fix_without_edits_is_told_not_claimed():
    found = result_of(run(ordinary()), "AL410")
    assert "fixes" not in found
    assert found["properties"]["fix"] == "Pass a list of arguments." and "Pass a list" in found["message"]["markdown"]


def test_line_hash_is_left_out_when_the_text_is_gone():
    (found,) = run(with_findings(finding()))["results"]
    assert set(found["partialFingerprints"]) == {"agentlint/v1"}


def test_suppressions_are_on_none_or_on_all():
    assert all("suppressions" not in r for r in run(ordinary())["results"])
    assert all("suppressions" not in r for r in run(with_findings(finding()), include_suppressed=True)["results"])
    results = run(ordinary(), include_suppressed=True)["results"]
    assert len(results) == 5 and all("suppressions" in r for r in results)
    (ignored,) = [r["suppressions"] for r in results if r["suppressions"]]
    assert ignored == [{"kind": "inSource", "justification": "reviewed in May", "status": "accepted"}]


def test_problems_become_notifications():
    (call,) = run(ordinary())["invocations"]
    assert call["executionSuccessful"] is False
    levels = [(note["level"], note["descriptor"]["id"]) for note in call["toolExecutionNotifications"]]
    assert levels == [("error", "parse-error"), ("warning", "cap")]
    assert call["toolExecutionNotifications"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    only_warnings = run(msgspec.structs.replace(ordinary(), notifications=ordinary().notifications[1:]))
    assert only_warnings["invocations"][0]["executionSuccessful"] is True


def test_results_are_there_even_when_empty():
    assert run(empty())["results"] == []


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü#?%.py", "a%20b/%C3%BC%23%3F%25.py"),
        ("./x.py", "x.py"),
        ("c:d.py", "c%3Ad.py"),
        ("/abs/x.py", "file:///abs/x.py"),
        ("a\udcff.py", "a%EF%BF%BD.py"),
    ],
)
def test_uris_are_percent_encoded(path, uri):
    assert uri_of(path) == uri


def test_root_is_a_base_when_absolute_and_a_prefix_when_relative():
    based = run(ordinary(), root="/srv/my repo")
    assert based["originalUriBaseIds"] == {"%SRCROOT%": {"uri": "file:///srv/my%20repo/"}}
    location = result_of(based, "AL410")["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "app/agent.py", "uriBaseId": "%SRCROOT%"}
    prefixed = result_of(run(ordinary(), root="services/bot/"), "AL410")
    assert prefixed["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "services/bot/app/agent.py"}


def test_scanned_text_cannot_make_links_or_terminal_escapes():
    (found,) = run(hostile())["results"]
    messages = [
        found["message"]["text"],
        *(s["location"]["message"]["text"] for s in found["codeFlows"][0]["threadFlows"][0]["locations"]),
    ]
    assert all("](http" not in text for text in messages)
    everything = json.dumps(found, ensure_ascii=False)
    assert "\\u001b" not in everything and "\u202e" not in everything
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == uri_of(NASTY_PATH) and uri.isascii() and "<" not in uri


def test_regions_are_valid_even_for_spans_that_are_not():
    (found,) = run(with_findings(finding(span=Span(0, 0, 0, 0))))["results"]
    assert found["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 1,
        "endLine": 1,
        "endColumn": 1,
    }


def test_over_the_limit_the_most_severe_stay_in_order_and_it_says_so(monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    severities = [Severity.LOW, Severity.CRITICAL, Severity.INFO, Severity.HIGH, Severity.LOW]
    found = [finding(severity=s, span=Span(n, 1, n, 2)) for n, s in enumerate(severities, 1)]
    found[4] = msgspec.structs.replace(found[4], confidence=Confidence.LOW)
    only = run(with_findings(*found))
    assert [r["properties"]["severity"] for r in only["results"]] == ["low", "critical", "high"]
    (note,) = only["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "warning" and note["message"]["text"].startswith("2 of 5 results are left out")


def test_over_the_size_results_are_cut_until_it_fits(monkeypatch):
    monkeypatch.setattr(sarif, "MAX_GZIP_BYTES", 6_000)
    import hashlib

    found = [
        finding(message=hashlib.sha256(bytes([n])).hexdigest(), span=Span(n + 1, 1, n + 1, 2), severity=Severity(n % 5))
        for n in range(200)
    ]
    text = sarif.render(with_findings(*found), ReportOptions())
    only = json.loads(text)["runs"][0]
    assert sarif._upload_size(text) <= 6_000
    kept = [result["properties"]["severity"] for result in only["results"]]
    assert 40 < len(kept) < 200 and kept.count("critical") == 40 and "info" not in kept
    assert "left out" in only["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_long_flows_and_many_related_places_are_cut_and_it_says_so(validator):
    steps = tuple(Step("a.py", Span(n + 1, 1, n + 1, 2), f"step {n}", "step") for n in range(10_050))
    related = tuple(Related("a.py", Span(n + 1, 1, n + 1, 2), f"place {n}") for n in range(150))
    data = log(with_findings(finding(flow=steps, related=related)))
    (found,) = data["runs"][0]["results"]
    kept = found["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(kept) == 10_000 and kept[-1]["location"]["message"]["text"] == "step 10049"
    assert len(found["relatedLocations"]) == 100
    assert len(data["runs"][0]["invocations"][0]["toolExecutionNotifications"]) == 2
