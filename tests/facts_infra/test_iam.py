from __future__ import annotations

import pytest

from .reading import permissions, resources, typed

TRUST = '{ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "%s" } }] }'


def role(service: str, statement: str, extra: str = "") -> str:
    return f"""
resource "aws_iam_role" "r" {{
  assume_role_policy = jsonencode({TRUST % service})
}}
resource "aws_iam_role_policy" "p" {{
  role   = aws_iam_role.r.id
  policy = jsonencode({{ Statement = [{statement}] }})
}}
{extra}
"""


WILD = '{ Effect = "Allow", Action = "s3:*", Resource = "*" }'


@pytest.mark.parametrize(
    ("service", "agentic"),
    [
        ("bedrock.amazonaws.com", True),
        ("bedrock-agentcore.amazonaws.com", True),
        ("lambda.amazonaws.com", False),
        ("codebuild.amazonaws.com", False),
    ],
)
def test_who_assumes_a_role_says_whether_it_is_an_agents(service, agentic):
    (node,) = permissions(resources("terraform", role(service, WILD)))
    assert node.attrs["agentic"] is agentic


def test_compute_that_may_call_models_is_an_agents():
    statement = WILD + ', { Effect = "Allow", Action = ["bedrock:InvokeModel"], Resource = "*" }'
    nodes = permissions(resources("terraform", role("lambda.amazonaws.com", statement)))
    assert [node.attrs["agentic"] for node in nodes] == [True, True]


def test_a_role_that_the_file_does_not_hold_is_unknown():
    source = 'resource "aws_iam_role_policy" "p" {\n role = var.r\n policy = jsonencode({ Statement = [%s] })\n}' % WILD
    (node,) = permissions(resources("terraform", source))
    assert "agentic" not in node.attrs
    assert "agentic" in node.unknown


@pytest.mark.parametrize(
    ("statement", "widens"),
    [
        ('{ Effect = "Allow", Action = "*", Resource = "*" }', ["*"]),
        ('{ Effect = "Allow", Action = ["s3:*", "s3:GetObject"], Resource = ["*"] }', ["s3:*"]),
        ('{ Effect = "Allow", Action = ["logs:*", "xray:*"], Resource = "*" }', []),
        ('{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }', []),
        ('{ Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::data/*" }', []),
        ('{ Effect = "Deny", Action = "s3:*", Resource = "*" }', []),
        ('{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }', []),
    ],
)
def test_what_widens_a_grant(statement, widens):
    (node,) = permissions(resources("terraform", role("bedrock.amazonaws.com", statement)))
    assert node.attrs["widens"] == widens


def test_computed_actions_and_resources_are_unknown_not_wild():
    statement = '{ Effect = "Allow", Action = var.actions, Resource = aws_s3_bucket.b.arn }'
    (node,) = permissions(resources("terraform", role("bedrock.amazonaws.com", statement)))
    assert {"actions", "resources"} <= set(node.unknown)
    assert node.attrs["wildcard_resource"] is False


def test_policies_of_resources_are_no_identity_policies():
    source = """
    resource "aws_kms_key" "k" {
      policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*", Principal = "*" }] })
    }
    """
    result = resources("terraform", source)
    assert permissions(result) == []
    assert len(permissions(result, "resource")) == 1


def test_places_are_those_of_the_action_in_every_way_of_writing():
    source = """
    resource "aws_iam_role_policy" "a" {
      policy = jsonencode({
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:*"]
          Resource = "*"
        }]
      })
    }
    resource "aws_iam_role_policy" "b" {
      policy = <<-EOT
        {"Statement": {"Effect": "Allow",
          "Action": "s3:*", "Resource": "*"}}
      EOT
    }
    data "aws_iam_policy_document" "c" {
      statement {
        actions   = ["s3:*"]
        resources = ["*"]
      }
    }
    resource "aws_iam_policy" "c" {
      policy = data.aws_iam_policy_document.c.json
    }
    resource "aws_iam_role_policy" "d" {
      policy = local.d
    }
    locals {
      d = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
    }
    """
    found = {node.name: (node.span.line, node.span.column) for node in permissions(resources("terraform", source))}
    assert found == {
        "aws_iam_role_policy.a": (5, 19),
        "aws_iam_role_policy.b": (13, 17),
        "aws_iam_policy.c": (18, 18),
        "aws_iam_role_policy.d": (29, 62),
    }


def test_terraform_attachment_and_edges():
    source = """
    resource "aws_iam_role" "r" {
      assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "bedrock.amazonaws.com" } }] })
    }
    resource "aws_iam_policy" "p" {
      policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
    }
    resource "aws_iam_role_policy_attachment" "a" {
      role       = aws_iam_role.r.name
      policy_arn = aws_iam_policy.p.arn
    }
    """
    result = resources("terraform", source)
    (node,) = permissions(result)
    assert node.attrs["agentic"] is True
    assert ("main.tf#identity:aws_iam_role.r:1", "grants", node.id) in {(e.source, e.label, e.target) for e in result.edges}


CUSTOM = """
Resources:
  Run:
    Type: Custom::Copy
    Properties: {ServiceToken: !GetAtt F.Arn}
  F:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt R.Arn}
  Agent:
    Type: AWS::Bedrock::Agent
    Properties: {AgentName: a, ActionGroups: [{ActionGroupExecutor: {Lambda: %s}}]}
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyDocument:
            Statement: !If [Wide, {Effect: Allow, Action: "s3:*", Resource: "*"}, {Effect: Allow, Action: "s3:GetObject", Resource: "*"}]
"""


def test_custom_resource_functions_are_deployers():
    nodes = permissions(resources("cloudformation", CUSTOM % "other"))
    assert [(node.attrs["actions"], node.attrs["agentic"]) for node in nodes] == [(["s3:*"], False), (["s3:GetObject"], False)]


def test_functions_that_agents_call_are_tools():
    source = (CUSTOM % "!GetAtt F.Arn").replace("Custom::Copy", "AWS::SNS::Topic").replace("ServiceToken", "TopicName")
    assert [node.attrs["agentic"] for node in permissions(resources("cloudformation", source))] == [True, True]
