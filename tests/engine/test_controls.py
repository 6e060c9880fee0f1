"""What a repository shows of each recommendation."""

from __future__ import annotations

import json
from datetime import date

import jsonschema
import pytest

from agentlint.core.controls import STATUSES, Assessed, Assessment, Evidence
from agentlint.core.errors import UsageError
from agentlint.engine.config import settings_for
from agentlint.engine.controls import assess, status_of
from agentlint.engine.settings import Settings
from agentlint.rulebook.controls import Detector, ResourceForm, _detectors
from agentlint.report import controls_html, controls_json, controls_markdown, controls_text
from conftest import ROOT, scan_directory

SCHEMA = json.loads((ROOT / "docs" / "schema" / "controls.schema.json").read_text(encoding="utf-8"))
TODAY = date(2026, 6, 1)
AGENT = """\
from agents import Agent, function_tool


@function_tool{approval}
def refund(payment: str, cents: int) -> str:
    \"\"\"Give money back.\"\"\"
    import stripe

    stripe.Refund.create(payment_intent=payment, amount=cents)
    return "done"


agent = Agent(name="desk", instructions="You help customers.", tools=[refund], model="gpt-4o-2024-08-06")
"""
TERRAFORM = """\
resource "aws_bedrockagentcore_gateway" "desk" {
  name            = "desk"
  role_arn        = aws_iam_role.desk.arn
  protocol_type   = "MCP"
  authorizer_type = "CUSTOM_JWT"
  authorizer_configuration {
    custom_jwt_authorizer {
      discovery_url    = "https://login.example.com/.well-known/openid-configuration"
      allowed_audience = ["desk"]
    }
  }
}

resource "aws_bedrock_guardrail" "desk" {
  count = var.guarded ? 1 : 0
  name  = "desk"
}

resource "aws_cloudwatch_log_group" "desk" {
  name              = "desk"
  retention_in_days = 30
}
"""


@pytest.fixture
def look(tmp_path):
    """Write files; return the state by recommendation, and the notes."""

    def run(files: dict[str, str], **options):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        settings = settings_for(tmp_path, {"use_cache": False, "jobs": 1, **options})
        assessment, notes = assess([tmp_path], settings, TODAY)
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(controls_json.render(assessment)))
        return {control.id: control for control in assessment.controls}, notes

    return run


def test_schema_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("findings", "shown", "lacking", "attested", "applies", "status"),
    [
        (True, False, False, True, True, "violated"),
        (True, True, False, True, True, "partial"),
        (False, True, False, True, True, "met"),
        (False, True, True, True, True, "partial"),
        (False, False, True, True, True, "attested"),
        (False, False, True, False, True, "not-evidenced"),
        (False, False, False, True, False, "attested"),
        (False, False, False, False, True, "not-evidenced"),
        (False, False, False, False, False, "not-applicable"),
        (True, False, False, False, False, "violated"),
    ],
)
def test_status(findings, shown, lacking, attested, applies, status):
    assert status_of(findings=findings, shown=shown, lacking=lacking, attested=attested, applies=applies) == status


def test_an_empty_repository_has_nothing_to_show(look):
    controls, _ = look({"README.md": "Nothing here.\n"})
    assert len(controls) == 84
    assert {control.status for control in controls.values()} == {"not-applicable"}


def test_findings_violate_and_name_their_fingerprints(look, tmp_path):
    controls, _ = look({"desk.py": AGENT.format(approval="")})
    oversight = controls["R50"]
    assert oversight.status == "violated"
    assert "AL301" in oversight.rules
    found = [f for f in scan_directory(tmp_path).findings if f.rule == "AL301"]
    assert set(oversight.findings) == {f.fingerprint for f in found} != set()
    assert oversight.places == (f"desk.py:{found[0].span.line} AL301",)


def test_evidence_and_no_finding_is_met(look):
    controls, _ = look({"desk.py": AGENT.format(approval="(needs_approval=True)")})
    assert controls["R50"].status == "met"
    assert controls["R50"].evidence[0].path == "desk.py"
    assert "refund" in controls["R50"].evidence[0].what
    assert controls["R40"].status == "met"
    assert controls["R63"].status == "met"


def test_evidence_and_findings_is_partial(look):
    ungated = AGENT.format(approval="").replace("refund", "payout")
    controls, _ = look({"a.py": AGENT.format(approval="(needs_approval=True)"), "b.py": ungated})
    assert controls["R50"].status == "partial"
    assert controls["R50"].evidence[0].path == "a.py"
    assert controls["R50"].places[0].startswith("b.py:")


def test_properties_of_infrastructure(look):
    controls, _ = look({"infra/main.tf": TERRAFORM})
    for name in ("R01", "R09", "R28"):
        assert controls[name].evidence[0] == Evidence("infra/main.tf", 1, controls[name].evidence[0].what), name
        assert "aws_bedrockagentcore_gateway.desk" in controls[name].evidence[0].what
    assert controls["R67"].evidence[0].line == 19
    assert controls["R36"].status == "not-applicable"


def test_cloudformation_says_the_same(look):
    template = {
        "Resources": {
            "Desk": {
                "Type": "AWS::BedrockAgentCore::Gateway",
                "Properties": {
                    "Name": "desk",
                    "AuthorizerType": "CUSTOM_JWT",
                    "AuthorizerConfiguration": {"CustomJWTAuthorizer": {"DiscoveryUrl": "https://login.example.com/x"}},
                },
            }
        }
    }
    controls, _ = look({"template.json": json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **template}, indent=1)})
    assert "Desk" in controls["R01"].evidence[0].what
    assert "Desk" in controls["R09"].evidence[0].what


def test_what_a_condition_makes_is_no_evidence(look):
    controls, _ = look({"infra/main.tf": TERRAFORM})
    assert controls["R39"].status == "not-evidenced"
    assert [one.what for one in controls["R39"].evidence] == ["hint, if asked for: guardrail `aws_bedrock_guardrail.desk`"]
    made = TERRAFORM.replace("  count = var.guarded ? 1 : 0\n", "")
    controls, _ = look({"infra/main.tf": made})
    assert controls["R39"].status == "met"


def test_hints_do_not_satisfy(look):
    controls, _ = look(
        {"desk.py": AGENT.format(approval="(needs_approval=True)"), "CODEOWNERS": "* @team\n", "docs/threat-model.md": "x\n"}
    )
    for name in ("R74", "R73", "R84"):
        assert controls[name].status == "not-evidenced", name
        assert controls[name].evidence[0].what.startswith("hint: ")
    assert controls["R74"].evidence[0].path == "CODEOWNERS"


def test_documents_by_key_path(look):
    workflow = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: aws-actions/configure-aws-credentials@e3dd6a429d7300a6a4c196c26e071d42e0343502
        with:
          role-to-assume: arn:aws:iam::111122223333:role/deploy
"""
    controls, _ = look({"desk.py": AGENT.format(approval="(needs_approval=True)"), ".github/workflows/deploy.yml": workflow})
    assert controls["R05"].evidence[0] == Evidence(".github/workflows/deploy.yml", 8, "the pipeline takes a role for each run")


def test_calls_and_imports(look):
    code = "import shap\nimport boto3\n\n\ndef key():\n    return boto3.client('secretsmanager').get_secret_value(SecretId='a')\n"
    controls, _ = look({"desk.py": AGENT.format(approval="(needs_approval=True)"), "keys.py": code})
    assert controls["R78"].evidence == (Evidence("keys.py", 1, "answers are explained or judged"),)
    assert controls["R10"].evidence[0] == Evidence("keys.py", 6, "code reads a secret from a store")


def test_tests_are_no_evidence(look):
    files = {"desk.py": AGENT.format(approval="(needs_approval=True)"), "tests/test_x.py": "import shap\n"}
    assert look(files)[0]["R78"].status == "not-evidenced"
    assert look(files, include_tests=True)[0]["R78"].status == "met"


def test_links_are_no_evidence(look, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "OWNERS").write_text("x")
    (tmp_path / "CODEOWNERS").symlink_to(outside / "OWNERS")
    (tmp_path / "docs").symlink_to(outside)
    controls, _ = look({"desk.py": AGENT.format(approval="(needs_approval=True)")})
    assert controls["R74"].evidence == ()


ATTEST = '[attest.R56]\nowner = "security"\ndate = "2026-01-31"\nexpires = "{expires}"\nlink = "https://example.com/1"\n'


def test_attestations_hold_until_they_expire(look):
    controls, notes = look({"agentlint.toml": ATTEST.format(expires="2026-06-01")})
    assert controls["R56"].status == "attested"
    said = "attested by security on 2026-01-31, until 2026-06-01: https://example.com/1"
    assert controls["R56"].evidence == (Evidence("agentlint.toml", 1, said),)
    assert not notes
    controls, notes = look({"agentlint.toml": ATTEST.format(expires="2026-05-31")})
    assert controls["R56"].status == "not-applicable"
    assert [(note.path, note.line, note.level) for note in notes] == [("agentlint.toml", 1, "warning")]
    assert "R56" in notes[0].message


def test_wrong_attestations_are_all_said(look):
    wrong = '[attest.R99]\nowner = "a"\ndate = "2026-01-31"\n[attest.R57]\nowner = "a"\ndate = "soon"\n'
    with pytest.raises(UsageError) as caught:
        look({"agentlint.toml": wrong})
    assert "agentlint.toml:1: attest.R99" in str(caught.value)
    assert "agentlint.toml:4: attest.R57: `date`" in str(caught.value)


def test_what_was_found_counts_more_than_what_is_said(look):
    attested = ATTEST.replace("R56", "R50").format(expires="2027-01-01")
    controls, _ = look({"desk.py": AGENT.format(approval=""), "agentlint.toml": attested})
    assert controls["R50"].status == "violated"


def test_summary_counts_every_recommendation_once(tmp_path):
    assessment, _ = assess([tmp_path], Settings(use_cache=False), TODAY)
    summary = assessment.summary()
    assert sum(summary["total"].values()) == 84
    assert {name: sum(counts[name] for key, counts in summary.items() if key != "total") for name in STATUSES} == summary["total"]
    assert list(summary)[-1] == "total"


NASTY = "\x1b]0;x\x07</td><script>alert(1)</script> | `a` [l](http://x) ::error::\n::set"


def test_reports_escape_what_they_echo():
    one = Assessed(
        id="R01", domain="identity", title="a title", mode="static", status="partial",
        evidence=(Evidence(f"a{NASTY}.py", 3, NASTY),), findings=("f",), places=(f"{NASTY}.py:1 AL301",),
        frameworks={"owasp": ("ASI01",)},
    )  # fmt: skip
    assessment = Assessment(version="1", controls=(one,))
    page = controls_html.render(assessment)
    assert "<script>" not in page and "\x1b" not in page and "&lt;script&gt;" in page and "http-equiv" in page
    text = controls_text.render(assessment)
    assert "\x1b" not in text and "\x07" not in text and "\n::" not in text
    assert "partial" in text and "R01" in text
    markdown = controls_markdown.render(assessment)
    assert "\x1b" not in markdown and "&lt;script&gt;" in markdown
    assert all(line.replace("\\|", "").count("|") == 5 for line in markdown.splitlines() if line.startswith("| R01"))
    table = controls_text.render(assessment, color=True, width=90)
    assert "\x1b[" in table and "\x1b]0" not in table and "\x07" not in table


def test_what_is_asked_of_every_gateway_is_partly_met_by_one(look):
    open_gateway = 'resource "aws_bedrockagentcore_gateway" "lab" {\n  name            = "lab"\n  authorizer_type = var.kind\n}\n'
    closed, _ = look({"gateway.tf": TERRAFORM})
    assert closed["R28"].status == "met"
    mixed, _ = look({"gateway.tf": TERRAFORM + open_gateway})
    assert mixed["R28"].status == "partial"
    first, second = mixed["R28"].evidence[:2]
    assert "gateway `aws_bedrockagentcore_gateway.desk` authorizes" in first.what
    assert second.what == "not shown here: gateway `aws_bedrockagentcore_gateway.lab` authorizes its callers"


def test_what_an_example_lacks_does_not_count(look):
    client = '{"mcpServers": {"near": {"command": "uvx", "args": ["%s"]}}}'
    files = {".mcp.json": client % "mcp-server-time==2026.1.26", "examples/.mcp.json": client % "mcp-server-time"}
    found, _ = look({**files, "other/.mcp.json": client % "mcp-server-time"})
    assert [one.path for one in found["R32"].evidence if one.what.startswith("not shown here")] == ["other/.mcp.json"]


@pytest.mark.parametrize(
    ("detector", "wrong"),
    [
        (Detector(say="x", among=(), files=("a",)), True),
        (Detector(say="x", among=(), hint=True, resource=ResourceForm(type=("a",))), True),
        (Detector(say="x", among=(), resource=ResourceForm(type=("a",))), False),
    ],
)
def test_only_nodes_and_resources_can_be_asked_one_by_one(detector, wrong):
    assert any("among" in text for text in _detectors("evidence", (detector,))) is wrong
