"""Whatever parses must be read without an exception: wrong shapes, deep nesting, long text."""

from __future__ import annotations

import time

import pytest

from agentlint.facts.types import FileFacts
from agentlint.parse.api import parse

from .reading import MODULES, graph_of, read

SHAPES = [
    "{}", "[]", "x", "null", "[[[]]]", "jobs: 1", "jobs: {j: {steps: 1}}", "jobs: {j: {steps: [1, [], {uses: []}]}}",
    "on: {a: b}\njobs: {j: {steps: [{uses: 1, with: [1]}], permissions: [a], environment: {name: []}}}",
    "services: [1]", "services: {a: 1, b: {volumes: {a: b}, ports: 1, environment: 3, command: {a: b}, build: [1]}}",
    "Resources: 1", "Resources: {A: 1, B: {Type: 2}, C: {Type: 'AWS::IAM::Role', Properties: [1]}}",
    "Resources: {A: {Type: 'AWS::IAM::Role', Properties: {Policies: [1, {PolicyDocument: 1}], AssumeRolePolicyDocument: {Statement: [1]}}}}",
    "Resources: {A: {Type: 'AWS::IAM::Role', Properties: {Policies: !If [a], AssumeRolePolicyDocument: !Ref X}}}",
    "kind: Pod\napiVersion: v1\nspec: {containers: [1, {env: [1, {name: 2, value: [3]}], securityContext: [1]}]}",
    "kind: List\napiVersion: v1\nitems: 1", "kind: RoleBinding\napiVersion: v1\nsubjects: [1]\nroleRef: 1",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["cloudformation", "kubernetes", "compose", "workflow"])
@pytest.mark.parametrize("source", SHAPES)
def test_any_shape_of_yaml(kind, source):
    made = read(kind, source)
    if made.resources:
        graph_of([FileFacts(path="template.yaml", kind=kind, resources=made.resources)])


@pytest.mark.parametrize("kind", ["cloudformation", "kubernetes", "compose", "workflow"])
def test_deep_yaml(kind):
    read(kind, "{a: " * 150 + "1" + "}" * 150)


@pytest.mark.parametrize(
    "source",
    [
        "", "a = 1", 'resource "a" {}', 'resource "aws_iam_role" "r" {\n assume_role_policy = 3\n}',
        'resource "aws_iam_role_policy" "r" {\n policy = jsonencode(\n}'.replace("(\n", '("x")\n'),
        'resource "aws_iam_role_policy" "r" {\n policy = jsonencode(var.x)\n}',
        'resource "aws_iam_role_policy" "r" {\n policy = <<EOT\nnot json\nEOT\n}',
        'locals {\n a = local.b\n b = local.a\n}\nresource "x" "y" {\n z = local.a\n}',
        'resource "aws_x" "y" {\n z = ' + "[" * 60 + "]" * 60 + "\n}",
        'data "aws_iam_policy_document" "d" {\n statement {\n principals {}\n }\n}\nresource "aws_iam_policy" "p" {\n'
        " policy = data.aws_iam_policy_document.d.json\n}",
    ],
)  # fmt: skip
def test_any_shape_of_hcl(source):
    graph_of([FileFacts(path="main.tf", kind="terraform", resources=read("terraform", source).resources)])


@pytest.mark.parametrize(
    "source",
    [
        "", "var a = a", "var a = b\nvar b = a\noutput c string = a", "output o string = x.y.z[0].w",
        "resource a 'Microsoft.Authorization/roleAssignments@1' = [for i in x: {}]", "module m './m.bicep' = { params: m }",
        "var d = " + "[" * 100 + "]" * 100, "var s = '" + "${a}" * 500 + "'", "resource a 'x@1' = { properties: null }",
        "var x = a ? b : c ? d : e", "resource a 'x@1' = {\n resource b 'y' = {\n name: 1\n }\n}",
    ],
)  # fmt: skip
def test_any_shape_of_bicep(source):
    graph_of([FileFacts(path="main.bicep", kind="bicep", resources=read("bicep", source).resources)])


def test_deep_bicep_is_a_problem_not_a_crash():
    found = parse("bicep", "main.bicep", ("var d = " + "[" * 50_000).encode())
    assert found is not None


@pytest.mark.parametrize(
    "source",
    [
        "FROM", "FROM a AS\nUSER\nCMD", "FROM a\nCMD []\nENTRYPOINT [\"\"]", "FROM a AS b\nFROM b AS b", "FROM a\nENV A\nENV =b\nRUN <<E\nE\n",
        "FROM a\nRUN " + "sh -c " * 2000, "FROM a\nRUN " + "'\"" * 20000, "FROM a\nCOPY\nADD\nVOLUME\nONBUILD RUN x",
        "FROM a\nRUN " + "claude " * 30000,
    ],
)  # fmt: skip
def test_any_shape_of_dockerfile(source):
    read("dockerfile", source)


def test_every_kind_accepts_an_empty_file():
    for kind in MODULES.keys() - {"dockerfile"}:
        assert read(kind, "").nodes == ()


BOMBS = {
    "a list of itself": 'locals {\n  a = concat(local.a, ["x"], local.a)\n}\n',
    "lists of lists": "locals {\n"
    + "".join(f"  a{i} = concat({', '.join([f'local.a{i + 1}'] * 20)})\n" for i in range(12))
    + "}\n",
    "maps of maps": "locals {\n"
    + "".join("  a%d = { %s }\n" % (i, ", ".join(f"k{k} = local.a{i + 1}" for k in range(20))) for i in range(12))
    + "}\n",
    "texts of texts": "locals {\n"
    + "".join('  a%d = "%s"\n' % (i, "${local.a%d}" % (i + 1) * 20) for i in range(12))
    + '  a12 = "x"\n}\n',
    "sequences": "locals {\n" + "".join("  a%d = [%s]\n" % (i, ", ".join([f"local.a{i + 1}"] * 20)) for i in range(12)) + "}\n",
}
USES = """
resource "aws_bedrockagentcore_harness" "h" {
  allowed_tools = local.%s
}
resource "aws_iam_role_policy" "p" {
  role   = local.%s
  policy = local.%s
}
resource "aws_lambda_function" "f" {
  environment {
    variables = local.%s
  }
}
"""


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_values_that_grow_without_bound_are_cut(bomb):
    first = "a" if "  a =" in bomb else "a0"
    source = bomb + USES % (first, first, first, first)
    result = graph_of([FileFacts(path="main.tf", kind="terraform", resources=read("terraform", source).resources)])
    began = time.process_time()
    for one in result.infrastructure.resources():
        for key in (
            "allowed_tools",
            "allowed_tools.x",
            "environment.variables",
            "environment.variables.*",
            "policy_document.statement",
        ):
            result.infrastructure.read(one, key)
    assert time.process_time() - began < 5
