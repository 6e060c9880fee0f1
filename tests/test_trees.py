"""Values of Python as trees, and resources that code makes."""

from __future__ import annotations

from agentlint.facts.extract import extract
from agentlint.graph.calls import CallGraph
from agentlint.graph.infra.python import resources
from agentlint.graph.program import Program
from agentlint.graph.trees import Trees
from agentlint.parse.document import Node
from agentlint.rulebook.index import ModelIndex


class _NoSecrets:
    unread = 0
    facts: tuple[()] = ()

    def read(self, *_: object) -> _NoSecrets:
        return self


def program_of(**files: str) -> tuple[Program, CallGraph]:
    """Link modules given by name."""
    facts = [extract(f"{name}.py", "python", text.encode(), _NoSecrets()).facts for name, text in files.items()]  # type: ignore[arg-type]
    program = Program(facts, ModelIndex(()))
    return program, CallGraph(program)


def argument(**files: str) -> Node:
    """Return the tree of the argument of the only call of ``show``."""
    program, calls = program_of(**files)
    (site,) = program.calls_named({"show"})
    return Trees(program, calls).of((site[0], program.value(site).args[1]))


def test_variables_updates_and_text_become_one_tree() -> None:
    tree = argument(
        a='import json\nM = "x"\nd = {"a": [1, M]}\nd["b"] = {"c": True}\nd["a"].append(f"{M}/y")\nshow(json.dumps(d))\n'
    )
    assert tree.plain() == {"a": [1, "x", "x/y"], "b": {"c": True}}


def test_what_only_running_tells_is_unknown() -> None:
    tree = argument(a='import sys\nshow({"a": sys.argv[1], "b": f"x-{sys.argv[1]}", **sys.modules})\n')
    assert [member.value.kind for member in tree.members] == ["expr", "expr"]
    assert tree.tag == "open"


def test_branches_that_differ_are_unknown_and_lists_are_joined() -> None:
    tree = argument(a='d = {"n": [1]}\nif flag():\n    d["m"] = "PUBLIC"\n    d["n"] = [2]\nshow(d)\n')
    found = tree.get("m")
    assert found is not None and found.kind == "expr"
    items = tree.get("n")
    assert items is not None and sorted(str(item.scalar) for item in items.items) == ["1", "2"]


def test_a_parameter_is_what_its_own_call_gives() -> None:
    text = 'def pick(key, other=None):\n    return key or other\na = pick("first")\nb = pick("second", "third")\nshow(a)\n'
    assert argument(a=text).scalar == "first"


def test_a_default_holds_where_nobody_calls_and_none_is_not_known() -> None:
    assert argument(a='def make(mode="PUBLIC"):\n    show(mode)\n').scalar == "PUBLIC"
    assert argument(a="def make(mode=None):\n    show(mode)\n").kind == "expr"
    assert argument(a='import os\nshow(os.environ.get("MODE", "PUBLIC"))\n').scalar == "PUBLIC"


def test_values_of_another_file_stand_where_they_are_imported() -> None:
    tree = argument(a="\n\n\nMODE = 'PUBLIC'\n", b="from a import MODE\nshow(MODE)\n")
    assert (tree.scalar, tree.span.line) == ("PUBLIC", 1)


def test_deep_nesting_and_cycles_end() -> None:
    argument(a="d = " + "[" * 60 + "]" * 60 + "\nshow(d)\n")
    argument(a="def f(x):\n    return f(x)\nshow(f(1))\n")
    argument(a="x = 1\nwhile more():\n    x = [x]\nshow(x)\n")


def made(text: str) -> list[tuple[str, str, int]]:
    """Return type, name and line of the resources of one module."""
    program, calls = program_of(a=text)
    return [(one.type, one.name, one.span.line) for found in resources(program, calls).values() for one in found]


def test_only_calls_of_clients_make_resources() -> None:
    assert made('import boto3\nboto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")\n') == [
        ("aws.iam.role", "r", 2)
    ]
    assert made('import other\nother.client("iam").create_role(RoleName="r")\n') == []
    assert made('def create_role(RoleName):\n    pass\ncreate_role(RoleName="r")\n') == []
    assert made('def f(client):\n    client.create_role("r")\n') == []
    assert made('def f(client):\n    client.create_role(role_name="r")\n') == []
    assert made('def f(client):\n    client.create_role(RoleName="r")\n') == [("aws.iam.role", "r", 2)]
    assert made('import boto3\nboto3.client("sts").create_role(RoleName="r")\n') == []


def test_services_that_share_an_operation_are_told_apart() -> None:
    text = (
        'def f(c):\n    c.create_policy(PolicyName="p", PolicyDocument="{}")\n    c.create_policy(name="q", policyEngineId="e")\n'
    )
    assert [kind for kind, _, _ in made(text)] == ["aws.iam.policy", "aws.agentcore.policy"]


def test_roles_are_found_by_name_and_by_what_a_call_returned() -> None:
    program, calls = program_of(
        a='import boto3\niam = boto3.client("iam")\ncore = boto3.client("bedrock-agentcore-control")\n'
        'role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")\n'
        'iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument="{}")\n'
        'core.create_agent_runtime(agentRuntimeName="a", roleArn=role["Role"]["Arn"])\n'
    )
    found = {one.name: one for one in resources(program, calls)["a.py"]}
    linked = {name: {field.name: field.value for field in one.properties.fields} for name, one in found.items()}
    assert (linked["p"]["role"].kind, linked["p"]["role"].data) == ("ref", "r")
    assert (linked["a"]["role_arn"].kind, linked["a"]["role_arn"].data) == ("ref", "r#arn")


def test_json_text_keeps_its_lines() -> None:
    tree = made(
        'import boto3\nboto3.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument="""\n{"Statement": []}""")\n'
    )
    assert tree == [("aws.iam.role_policy", "p", 2)]
