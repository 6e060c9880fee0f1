"""Formats that build systems and code hosts read: GitHub, GitLab, JUnit, Markdown, HTML."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import msgspec
import pytest

from agentlint.core.levels import Severity
from agentlint.core.place import Span
from agentlint.report import github, markdown
from agentlint.report.options import ReportOptions
from agentlint.report.registry import render
from report_samples import NASTY, empty, finding, hostile, ordinary

ALL = ReportOptions(include_suppressed=True)


def with_findings(*findings):
    return msgspec.structs.replace(empty(), findings=findings)


def commands(text: str) -> list[str]:
    """Return the lines the runner would obey."""
    obeyed, token = [], None
    for line in text.split("\n"):
        if token is not None:
            token = None if line == f"::{token}::" else token
        elif line.lstrip().startswith("::") or "##[" in line:
            obeyed.append(line)
            match = re.fullmatch(r"::stop-commands::(\S+)", line)
            token = match[1] if match else None
    assert token is None
    return obeyed


def test_github_commands_in_order_of_severity():
    lines = commands(render("github", ordinary(), ReportOptions()))
    assert lines[0].startswith(
        "::error file=app/agent.py,line=7,endLine=7,col=16,endColumn=53,title=AL410 model-output-executed::The model's reply"
    )
    assert [line.split(" ")[0] for line in lines[:6]] == [
        "::error",
        "::error",
        "::warning",
        "::notice",
        "::error",
        "::warning",
    ]
    assert "%0A%0AFix: Pass a list" in lines[0] and "col=" not in lines[2]


def test_github_obeys_only_our_commands_whatever_the_scanned_text_says():
    lines = commands(render("github", hostile(), ALL))
    assert [re.match(r"::([a-z-]+)", line)[1] for line in lines] == ["error", "error", "stop-commands"]
    properties = lines[0].split("::")[1]
    assert "%3A%3Aerror" in properties and "\x1b" not in lines[0]


def test_github_token_cannot_be_known_to_the_text_it_encloses():
    first = render("github", ordinary(), ReportOptions())
    token = re.search(r"::stop-commands::(\S+)", first)[1]
    attack = render("github", with_findings(finding(message=f"\n::{token}::\n::error::fake")), ReportOptions())
    assert token not in re.search(r"::stop-commands::(\S+)", attack)[1]
    assert len(commands(attack)) == 2


def test_github_says_when_annotations_are_not_shown():
    many = with_findings(*(finding(span=Span(n, 1, n, 2)) for n in range(1, 13)))
    assert "upload the SARIF report" in render("github", many, ReportOptions())


def test_github_and_gitlab_paths_start_at_the_top_of_the_repository():
    options = ReportOptions(root="services/bot")
    assert "file=services/bot/app/agent.py" in render("github", ordinary(), options)
    assert json.loads(render("gitlab", ordinary(), options))[0]["location"]["path"].startswith("services/bot/")


def test_step_summary_stays_under_the_limit_and_keeps_the_worst():
    many = with_findings(
        *(
            finding(span=Span(n, 1, n, 2), message="word " * 300, severity=Severity.CRITICAL if n == 900 else Severity.LOW)
            for n in range(1, 1001)
        )
    )
    text = github.summary_markdown(many, ReportOptions())
    assert len(text.encode()) <= github.MAX_SUMMARY_BYTES
    assert "app/agent.py:900:1" in text and re.search(r"\*\*\d+ more findings are left out", text)
    assert "left out" not in github.summary_markdown(ordinary(), ReportOptions())


def test_step_summary_limit_counts_bytes():
    wide = with_findings(*(finding(span=Span(n, 1, n, 2), message="日本" * 50) for n in range(1, 200)))
    assert len(markdown.render_within(wide, ReportOptions(), 20_000).encode()) <= 20_000


def test_gitlab_issues():
    issues = json.loads(render("gitlab", ordinary(), ReportOptions()))
    assert {issue["check_name"]: issue["severity"] for issue in issues} == {
        "AL410": "blocker",
        "AL101": "critical",
        "AL207": "major",
        "AL301": "minor",
        "agentlint/parse-error": "major",
        "agentlint/cap": "minor",
    }
    first = next(issue for issue in issues if issue["check_name"] == "AL410")
    assert first["location"] == {"path": "app/agent.py", "lines": {"begin": 7, "end": 7}}
    assert first["description"].startswith("AL410 model-output-executed: ")


def test_gitlab_fingerprints_are_unique_and_stable():
    twins = with_findings(*(finding(span=Span(n, 1, n, 2)) for n in (1, 2, 3)))
    first = [issue["fingerprint"] for issue in json.loads(render("gitlab", twins, ReportOptions()))]
    assert len(set(first)) == 3 and first[0] == "0" * 32
    assert first == [issue["fingerprint"] for issue in json.loads(render("gitlab", twins, ReportOptions()))]


def test_junit_counts_agree_with_the_cases_and_the_exit_code():
    root = ET.fromstring(render("junit", ordinary(), ReportOptions(fail_on="high", include_suppressed=True)))
    cases = root.findall(".//testcase")
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("6", "2", "1", "3")
    assert len(cases) == 6 and len(root.findall(".//failure")) == 2 and len(root.findall(".//error")) == 1
    assert {case.get("classname") for case in cases} == {"app/agent.py", "infra/main.tf", "demo.ipynb", "old.py"}
    assert "big.json" in root.findtext(".//system-out")


def test_junit_of_a_clean_run_has_one_passed_case():
    root = ET.fromstring(render("junit", empty(), ReportOptions()))
    assert [len(case) for case in root.findall(".//testcase")] == [0]


def test_junit_parses_with_hostile_text():
    root = ET.fromstring(render("junit", hostile(), ALL).encode("utf-8"))
    assert "\\x1b[31mred" in root.find(".//failure").get("message")
    assert "<script>" in root.findtext(".//failure") and not root.findall(".//script")


def test_markdown_of_hostile_text_has_no_link_image_or_html():
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False, "html": True})
    kinds = set()
    for token in parser.parse(render("markdown", hostile(), ALL)):
        kinds.update(child.type for child in (token, *(token.children or [])))
    assert not kinds & {"image", "link_open", "html_inline", "html_block", "fence", "code_block"}


def test_markdown_has_the_parts():
    text = render("markdown", ordinary(), ReportOptions())
    assert text.index("## Critical") < text.index("## High") < text.index("## Medium") < text.index("## Low")
    assert "`app/agent.py:7:16`" in text and "**Fix:** Pass a list of arguments." in text and "| critical | 1 |" in text


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def test_html_of_hostile_text_has_only_our_elements():
    page = Page(render("html", hostile(), ALL))
    names = [tag for tag, _ in page.tags]
    assert names.count("script") == 1 and names.count("style") == 1
    assert not {"img", "b", "iframe", "a", "link"} & set(names)
    assert not any(key.startswith("on") or key in ("src", "href", "style") for _, attrs in page.tags for key in attrs)
    assert "<script>alert(1)</script>" in "".join(page.texts)


def test_html_policy_allows_its_own_style_and_script_and_nothing_else():
    text = render("html", ordinary(), ReportOptions())
    policy = next(attrs["content"] for tag, attrs in Page(text).tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    for tag in ("style", "script"):
        inner = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "http://" not in text and "https://" not in text


def test_html_marks_the_span_and_offers_the_severities_there_are():
    text = render("html", ordinary(), ReportOptions())
    assert "<mark>subprocess.run(reply.text, shell=True)</mark>" in text
    assert re.findall(r'type="checkbox" data-severity="(\w+)"', text) == ["critical", "high", "medium", "low"]
    assert "prefers-color-scheme:dark" in text


def test_hostile_sample_is_hostile():
    assert all(part in NASTY for part in ("\x1b[", "::set-env", "]]>", "<script>", "\u202e", "![x](", "\udce9", "##["))
