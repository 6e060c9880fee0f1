"""Loops, indices, functions, tables and stacks inside stacks: what they make is known where all they depend on is."""

from __future__ import annotations

import textwrap

import pytest

from agentlint.facts.frontend import FileInput, contribute_all
from agentlint.facts.types import FileFacts
from agentlint.graph.infra.infrastructure import Infrastructure
from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem


def estate(**files: str) -> Infrastructure:
    """Return what files declare; names are ``kind__path`` with ``_`` for ``/`` and the last ``_`` for ``.``."""
    facts = []
    for name, source in files.items():
        kind, _, path = name.partition("__")
        path = "/".join(path.rsplit("_", 1)[0].split("_")) + "." + path.rsplit("_", 1)[1]
        parsed = parse(kind, path, textwrap.dedent(source).encode())
        assert not isinstance(parsed, ParseProblem)
        part = contribute_all(FileInput(path, kind, parsed.text, parsed.document))
        facts.append(FileFacts(path=path, kind=kind, nodes=part.nodes, resources=part.resources))
    return Infrastructure(facts)


def read(infrastructure: Infrastructure, kind: str, *keys: str) -> list[list[object]]:
    return [[plain for key in keys for plain, _ in infrastructure.read(one, key)] for one in infrastructure.of_type(kind)]


RULES = """
    locals {
      rules = { web = { port = 443, cidr = "0.0.0.0/0" }, db = { port = 5432, cidr = "10.0.0.0/8" } }
      pairs = flatten([for k, v in local.rules : [for c in ["a", "b"] : { name = "${k}-${c}" }]])
    }
    variable "env" {}
    variable "extra" { default = [] }
"""


def test_a_resource_with_for_each_is_one_for_each_element():
    infrastructure = estate(
        terraform__main_tf=RULES
        + """
    resource "aws_security_group_rule" "r" {
      for_each    = local.rules
      from_port   = each.value.port
      to_port     = each.value["port"]
      cidr_blocks = [each.value.cidr]
      description = each.key
    }
    """
    )
    rows = read(infrastructure, "aws.ec2.security_group_rule", "from_port", "to_port", "cidr_blocks", "description")
    assert rows == [[443, 443, ["0.0.0.0/0"], "web"], [5432, 5432, ["10.0.0.0/8"], "db"]]
    first = next(iter(infrastructure.of_type("aws.ec2.security_group_rule")))
    assert infrastructure.read(first, "from_port")[0][1].value.span.line == 3


def test_blocks_functions_and_indices():
    infrastructure = estate(
        terraform__main_tf=RULES
        + """
    resource "aws_security_group" "g" {
      dynamic "ingress" {
        for_each = { for k, v in local.rules : k => v if v.port != 443 }
        content {
          from_port   = ingress.value.port
          description = format("%s-%d", ingress.key, ingress.value.port)
        }
      }
      dynamic "egress" {
        for_each = var.extra
        content { from_port = 1 }
      }
      name        = join(",", [for x in local.pairs : x.name])
      description = local.rules[var.env].cidr
      state       = length(var.extra) > 0 && var.env == "x" ? "x" : "y"
    }
    """
    )
    keys = ("ingress.from_port", "ingress.description", "egress", "name", "description", "state")
    row = [5432, "db-5432", "web-a,web-b,db-a,db-b", "0.0.0.0/0", "10.0.0.0/8", "y"]
    assert read(infrastructure, "aws.ec2.security_group", *keys) == [row]


def test_a_loop_over_what_is_not_known_is_made_once_with_holes():
    infrastructure = estate(
        terraform__main_tf="""
    variable "ports" {}
    resource "aws_security_group" "g" {
      dynamic "ingress" {
        for_each = var.ports
        content {
          from_port   = ingress.value
          cidr_blocks = ["0.0.0.0/0"]
        }
      }
    }
    """
    )
    assert read(infrastructure, "aws.ec2.security_group", "ingress.from_port", "ingress.cidr_blocks") == [[["0.0.0.0/0"]]]


def test_stacks_in_stacks_pass_parameters_and_outputs():
    infrastructure = estate(
        cloudformation__x_root_yaml="""
        AWSTemplateFormatVersion: "2010-09-09"
        Parameters: {Env: {Type: String, Default: dev}}
        Mappings:
          Net:
            dev: {Mode: PUBLIC}
            prod: {Mode: VPC}
        Resources:
          Inner:
            Type: AWS::CloudFormation::Stack
            Properties:
              TemplateURL: !Sub https://${Bucket}.s3.amazonaws.com/nested/agent.yaml
              Parameters:
                Mode: !FindInMap [Net, !Ref Env, Mode]
          R:
            Type: AWS::BedrockAgentCore::Runtime
            Properties:
              AgentRuntimeName: !GetAtt Inner.Outputs.RuntimeName
              Description: !Select [1, !Split ["-", "a-b-c"]]
        """,
        cloudformation__x_nested_agent_yaml="""
        AWSTemplateFormatVersion: "2010-09-09"
        Parameters: {Mode: {Type: String, Default: VPC}}
        Resources:
          R:
            Type: AWS::BedrockAgentCore::Runtime
            Properties: {NetworkConfiguration: {NetworkMode: !Ref Mode}, AgentRuntimeName: inner}
        Outputs:
          RuntimeName: {Value: named}
        """,
    )
    keys = ("network_configuration.network_mode", "agent_runtime_name", "description")
    assert read(infrastructure, "aws.agentcore.runtime", *keys) == [["named", "b"], ["PUBLIC", "inner"]]


def test_a_serverless_application_is_a_stack_in_a_stack():
    infrastructure = estate(
        cloudformation__root_yaml="""
        AWSTemplateFormatVersion: "2010-09-09"
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Inner:
            Type: AWS::Serverless::Application
            Properties: {Location: ./agent.yaml, Parameters: {Mode: PUBLIC}}
        """,
        cloudformation__agent_yaml="""
        AWSTemplateFormatVersion: "2010-09-09"
        Parameters: {Mode: {Type: String}}
        Resources:
          R:
            Type: AWS::BedrockAgentCore::Runtime
            Properties: {NetworkConfiguration: {NetworkMode: !Ref Mode}}
        """,
    )
    assert read(infrastructure, "aws.agentcore.runtime", "network_configuration.network_mode") == [["PUBLIC"]]


def test_loops_and_tables_of_bicep():
    infrastructure = estate(
        bicep__main_bicep="""
    param accounts array = [
      { name: 'a', open: true, keys: false }
      { name: 'b', open: false, keys: true }
    ]
    param env string = 'dev'
    var table = { dev: { mode: 'Enabled' }, prod: { mode: 'Disabled' } }
    resource r 'Microsoft.CognitiveServices/accounts@2024-01-01' = [for (c, i) in accounts: if (c.open) {
      name: c.name
      properties: {
        disableLocalAuth: c.keys
        publicNetworkAccess: table[env].mode
        names: map(accounts, y => y.name)
        rules: [for q in accounts: { value: q.name }]
      }
    }]
    """
    )
    keys = ("name", "disable_local_auth", "public_network_access", "names", "rules.value")
    assert read(infrastructure, "azure.cognitive.account", *keys) == [["a", False, "Enabled", ["a", "b"], "a", "b"]]


BOMBS = {
    "a loop over itself": "locals {\n  a = [for x in local.a : x]\n}\n",
    "loops in loops": "locals {\n  l = [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]\n  a = "
    + "".join(f"[for x{i} in local.l : " for i in range(12)) + "1" + "]" * 12 + "\n}\n",
    "loops over loops": "locals {\n  a12 = [1, 2]\n"
    + "".join(f"  a{i} = flatten([for x in local.a{i + 1} : [for y in local.a{i + 1} : [x, y]]])\n" for i in range(12))
    + "  a = local.a0\n}\n",
    "many operators": "locals {\n  a = " + "!" * 3000 + "true\n  b = " + " && ".join(["true"] * 3000) + "\n}\n",
    "many indices": "locals {\n  m = { a = 1 }\n  a = " + "local.m[" * 500 + "1" + "]" * 500 + "\n}\n",
}  # fmt: skip
USES = """
    resource "aws_security_group" "g" {
      for_each = toset(local.a)
      name     = each.value
      dynamic "ingress" {
        for_each = local.a
        content { from_port = ingress.value }
      }
      names = join(",", local.a)
    }
"""


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_loops_that_grow_without_bound_are_cut(bomb: str):
    infrastructure = estate(terraform__main_tf=bomb + textwrap.dedent(USES))
    found = list(infrastructure.of_type("aws.ec2.security_group"))
    assert 1 <= len(found) <= 60
    for one in found[:3]:
        assert len(infrastructure.read(one, "ingress.from_port")) <= 400
        infrastructure.read(one, "names")


def test_what_is_surely_not_made_is_not_there():
    source = """
    variable "open" { default = false }
    variable "names" { default = [] }
    variable "asked" {}
    resource "aws_security_group" "a" {
      count = var.open ? 1 : 0
    }
    resource "aws_security_group" "b" {
      for_each = toset(var.names)
    }
    resource "aws_security_group" "c" {
      count = var.asked ? 1 : 0
    }
    resource "aws_security_group" "d" {
      count = length(["x"])
    }
    resource "aws_security_group" "e" {
      count = length([])
    }
    """
    caller = 'module "m" {\n  source = "./m"\n  asked = true\n}\n'
    names = [
        [one.resource.name[-1] for one in made.of_type("aws.ec2.security_group")]
        for made in (estate(terraform__m_main_tf=source), estate(terraform__m_main_tf=source, terraform__main_tf=caller))
    ]
    assert names == [["a", "b", "c", "d"], ["c", "d"]], "whoever deploys a module by itself may set its inputs"
