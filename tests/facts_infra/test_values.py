"""Values of properties across files: inputs, settings, locals, modules, outputs, tests, joins."""

from __future__ import annotations

import pytest

from agentlint.facts.infra.actions import globbed, needs_every_resource
from agentlint.facts.infra.model import fold
from agentlint.graph.infra.plain import UNKNOWN

from .reading import linked, resources

RUNTIME = 'resource "aws_bedrockagentcore_agent_runtime" "r" {\n  network_configuration {\n    network_mode = %s\n  }\n}\n'


def modes(**files):
    infrastructure = linked(**files).infrastructure
    (runtime,) = infrastructure.of_type("aws.agentcore.runtime")
    found, unsure = infrastructure.values.follow(infrastructure.top(runtime), ["network_configuration", "network_mode"])
    return [(one.value.data, one.path) for one in found], unsure


def test_default_of_an_input_stands_where_it_is_written():
    found = modes(main=RUNTIME % "var.mode", variables='variable "mode" {\n  default = "PUBLIC"\n}')
    assert found == ([("PUBLIC", "variables.tf")], False)


def test_settings_win_over_defaults():
    variables = 'variable "mode" {\n  default = "PUBLIC"\n}'
    assert modes(main=RUNTIME % "var.mode", variables=variables, terraform='mode = "VPC"')[0] == [("VPC", "terraform.tfvars")]


def test_callers_win_over_defaults_and_each_counts():
    files = {
        "agent__main": RUNTIME % "var.mode" + 'variable "mode" {\n  default = "PUBLIC"\n}',
        "main": 'module "a" {\n  source = "./agent"\n  mode = "VPC"\n}\nmodule "b" {\n  source = "./agent"\n}',
    }
    assert sorted(modes(**files)[0]) == [("PUBLIC", "agent/main.tf"), ("VPC", "main.tf")]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('local.private ? "VPC" : "PUBLIC"', ["VPC"]),
        ('!local.private ? "VPC" : "PUBLIC"', ["PUBLIC"]),
        ('local.stage == "prod" ? "VPC" : "PUBLIC"', ["VPC"]),
        ('local.stage != "prod" ? "VPC" : "PUBLIC"', ["PUBLIC"]),
        ('coalesce(null, "VPC")', ["VPC"]),
        ('"${local.letter}PC"', ["VPC"]),
        ("local.network.mode", ["VPC"]),
        ("module.net.mode", ["VPC"]),
    ],
)
def test_expressions(expression, expected):
    main = RUNTIME % expression + (
        'locals {\n  private = true\n  stage = "prod"\n  letter = "V"\n  network = { mode = "VPC" }\n}\n'
        'module "net" {\n  source = "./net"\n}'
    )
    found, unsure = modes(main=main, net__main='output "mode" {\n  value = local.m\n}\nlocals {\n  m = "VPC"\n}')
    assert ([data for data, _ in found], unsure) == (expected, False)


@pytest.mark.parametrize(
    "expression", ["var.given", 'var.given ? "VPC" : "PUBLIC"', "lookup(var.map, 1)", "each.value", "local.loop"]
)
def test_what_only_running_tells_is_unknown(expression):
    main = RUNTIME % expression + 'variable "given" {}\nlocals {\n  loop = local.pool\n  pool = local.loop\n}'
    assert modes(main=main) == ([], True)


def test_names_are_those_of_cloudformation_in_snake_case():
    assert [fold(name) for name in ("CustomJWTAuthorizer", "discoveryUrl", "API_KEY", "AllowedResourceOauth2ReturnUrls")] == [
        "custom_jwt_authorizer", "discovery_url", "API_KEY", "allowed_resource_oauth2_return_urls",
    ]  # fmt: skip


def test_cloudformation_parameters_and_conditions():
    source = """
    Parameters:
      Mode: {Type: String, Default: PUBLIC}
      Stage: {Type: String, Default: dev}
    Conditions:
      Prod: !Equals [!Ref Stage, prod]
    Resources:
      R:
        Type: AWS::BedrockAgentCore::Runtime
        Properties:
          NetworkConfiguration: {NetworkMode: !Ref Mode}
          AgentRuntimeName: !Sub "${Stage}-agent"
          Description: !If [Prod, a, b]
          RoleArn: !GetAtt Role.Arn
    """
    infrastructure = resources("cloudformation", source).infrastructure
    (runtime,) = infrastructure.of_type("aws.agentcore.runtime")
    read = {
        key: [plain for plain, _ in infrastructure.read(runtime, key)]
        for key in ("agent_runtime_name", "description", "role_arn")
    }
    assert read == {"agent_runtime_name": ["dev-agent"], "description": ["b"], "role_arn": []}


def test_partly_known_lists_say_so():
    main = 'resource "aws_bedrockagentcore_harness" "h" {\n  allowed_tools = concat(["a"], var.more)\n}\nvariable "more" {}'
    infrastructure = linked(main=main).infrastructure
    (harness,) = infrastructure.of_type("aws.agentcore.harness")
    ((plain, _),) = infrastructure.read(harness, "allowed_tools")
    assert plain == ["a", UNKNOWN]


def test_bicep_modules_of_the_registry_are_what_they_make():
    source = (
        "module ai 'br/public:avm/res/cognitive-services/account:0.9.0' = {\n  params: {\n    disableLocalAuth: false\n  }\n}\n"
    )
    infrastructure = resources("bicep", source).infrastructure
    (account,) = infrastructure.of_type("azure.cognitive.account")
    assert [plain for plain, _ in infrastructure.read(account, "disable_local_auth")] == [False]


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("s3:get*", "s3:getobject", True),
        ("s3:*object", "s3:getobject", True),
        ("s3:get?", "s3:getobject", False),
        ("*", "", True),
    ],
)
def test_globs(pattern, text, fits):
    assert globbed(pattern, text) is fits


def test_actions_that_accept_no_resource():
    assert needs_every_resource("ecr:GetAuthorizationToken")
    assert not needs_every_resource("secretsmanager:GetSecretValue")
    assert not needs_every_resource("nonsense:Action")
    assert not needs_every_resource("s3:Get*")


def test_resources_say_which_code_they_run():
    main = 'resource "aws_lambda_function" "f" {\n  handler = "orders.handler"\n  filename = "build/orders.zip"\n}'
    (node,) = linked(main=main).nodes
    assert node.attrs["code"] == {"handler": "orders.handler", "filename": "build/orders.zip"}
