"""What code can use of what its role grants: the tables, what is reached, what is unknown."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from agentlint.engine.run import scan
from agentlint.engine.settings import Settings
from agentlint.facts.infra.actions import actions_of, expanded
from agentlint.facts.infra.aws_calls import (
    access_of,
    call_table,
    is_indirect,
    is_needed,
    is_runtime,
    is_used,
    library_services,
    preset_table,
    spelt,
)
from agentlint.facts.python.lower import lower
from agentlint.graph.infra.reached import Reached, Sources, reach
from agentlint.sdk import RepoContext

from .reading import read


def reached(function: str = "handler", **files: str) -> Reached:
    facts = {f"src/{name.replace('__', '/')}.py": lower(ast.parse(text), text) for name, text in files.items()}
    return reach(Sources(facts), "src", "src/main.py", function)


def test_the_tables_name_actions_and_services_that_exist():
    table = call_table()
    # `bedrock:Converse` is granted by many who take the operation's name for an action.
    invented = {"bedrock:converse", "bedrock:conversestream"}
    for part in (
        table.needs,
        table.excuses,
        table.indirect,
        dict.fromkeys(a for p in preset_table().templates.values() for a in p),
    ):
        for action in part:
            service, _, name = action.lower().partition(":")
            assert name in actions_of(service) or action.lower() in invented, action
    for prefix in table.clients.values():
        assert actions_of(prefix), prefix
    for service in table.alongside:
        assert service in table.clients.values(), service
    assert table.separate <= set(table.clients.values())


@pytest.mark.parametrize(
    ("action", "words", "used"),
    [
        ("dynamodb:putitem", {"putitem"}, True),
        ("dynamodb:putitem", {"getitem"}, False),
        ("s3:listbucket", {"listobjectsv2"}, True),
        ("s3:listbucket", {"getobject"}, True),
        ("s3:putobject", {"uploadfile"}, True),
        ("s3:bypassgovernanceretention", {"deleteobject"}, None),
        ("bedrock:invokemodel", {"converse"}, True),
        ("lambda:invokefunction", {"listfunctions"}, False),
        ("dynamodb:tagresource", {"createtable"}, None),
    ],
)
def test_an_operation_uses_the_action_of_its_name_and_those_it_needs(action, words, used):
    assert is_used(action, frozenset(words)) is used


def test_what_is_only_excused_is_not_needed():
    assert not is_needed("s3:listbucket", frozenset({"getobject"}))
    assert is_needed("s3:listbucket", frozenset({"listobjects"}))


def test_a_role_is_handed_over_without_a_client_of_iam():
    assert is_indirect("iam:passrole", frozenset({"executionrolearn"}))
    assert not is_indirect("iam:passrole", frozenset({"role"}))


def test_the_platform_uses_some_actions_itself():
    assert is_runtime("logs:putlogevents")
    assert is_runtime("sqs:deletemessage")
    assert not is_runtime("sqs:sendmessage")


@pytest.mark.parametrize(
    ("action", "access"), [("s3:getobject", "read"), ("s3:deleteobject", "delete"), ("sns:publish", "write")]
)
def test_the_first_word_of_an_action_says_what_it_does(action, access):
    assert access_of(action) == access


def test_a_pattern_grants_what_fits_it():
    assert "s3:getobject" in expanded("s3:Get*")
    assert "s3:putobject" not in expanded("s3:Get*")
    assert not expanded("*")


def test_actions_are_spelt_as_iam_does():
    assert spelt("s3:listbucket", {}) == "s3:ListBucket"
    assert spelt("dynamodb:batchgetitem", {"batchgetitem": "batch_get_item"}) == "dynamodb:BatchGetItem"


def test_the_longest_known_beginning_of_an_import_decides():
    assert library_services("aws_lambda_powertools.utilities.idempotency.idempotent") == ("dynamodb",)
    assert library_services("json") == ()
    assert library_services("mypy_boto3_s3.client") == ()
    assert library_services("nobody_knows_this") is None


def test_functions_are_reached_by_name_across_files():
    found = reached(
        main="import boto3\nfrom tools import save\n\ndef handler(event, context):\n    save(event)\n",
        tools=(
            "import boto3\ntable = boto3.resource('dynamodb').Table('t')\n\ndef save(item):\n    table.put_item(Item=item)\n\n"
            "def forget(key):\n    table.delete_item(Key=key)\n"
        ),
    )
    assert {"putitem"} <= found.words.keys()
    assert "deleteitem" not in found.words
    assert found.clients == {"dynamodb"}
    assert not found.blind


def test_a_function_used_in_the_scope_that_defines_it_is_reached():
    found = reached(
        main=(
            "import boto3\n\ndef key():\n    return boto3.client('ssm').get_parameter(Name='k')\n\nKEY = key()\n\n"
            "def handler(event, context):\n    return KEY\n"
        )
    )
    assert "getparameter" in found.words


def test_methods_named_by_text_and_decorated_functions_are_reached():
    found = reached(
        main=(
            "import boto3\n\n@route('/x')\ndef listed():\n    boto3.client('sns').list_topics()\n\nclass Tools:\n    def drop(self):\n"
            "        boto3.client('sqs').purge_queue(QueueUrl='q')\n\ndef handler(event, context):\n    return dispatch('drop')\n"
        )
    )
    assert {"listtopics", "purgequeue"} <= found.words.keys()


@pytest.mark.parametrize(
    ("body", "imports"),
    [
        ("subprocess.run(['x'])", "import subprocess"),
        ("os.system('x')", "import os"),
        ("eval(event['x'])", ""),
        ("exec(event['x'])", ""),
        ("importlib.import_module(event['x'])", "import importlib"),
        ("__import__(event['x'])", ""),
        ("unheard_of.do()", "import unheard_of"),
        ("boto3.client(event['service'])", ""),
        ("boto3.client('cloudformation')", ""),
        ("boto3.client(**event)", ""),
        ("boto3.Session().get_credentials().get_frozen_credentials()", ""),
        ("from botocore.auth import SigV4Auth", ""),
        ("from strands_tools import use_aws", ""),
        ("from .absent import thing", ""),
    ],
)
def test_what_cannot_be_seen_makes_the_code_unknown(body, imports):
    found = reached(main=f"import boto3\n{imports}\n\ndef handler(event, context):\n    {body}\n    return 1\n")
    assert found.blind


def test_operations_chosen_when_it_runs_are_remembered():
    source = "import boto3\n\ndef handler(event, context):\n    getattr(boto3.client('s3'), event['do'])()\n"
    found = reached(main=source)
    assert found.dynamic
    assert not found.blind


@pytest.mark.parametrize(
    "source",
    [
        "def made(name):\n    return boto3.client(name)\n\ndef handler(event, context):\n    return made('sns')\n",
        "SERVICE = 'sns'\n\ndef handler(event, context):\n    return boto3.client(SERVICE)\n",
        "from boto3 import client as connect\n\ndef handler(event, context):\n    return connect('sns')\n",
        "make = boto3.client\n\ndef handler(event, context):\n    return make('sns')\n",
        "def handler(event, context):\n    return boto3.client(service_name='sns')\n",
        "def handler(event, context):\n    return boto3.session.Session().client('sns', region_name='eu-central-1')\n",
    ],
)
def test_clients_are_found_however_they_are_made(source):
    found = reached(main=f"import boto3\n\n{source}")
    assert found.clients == {"sns"}
    assert not found.blind


def test_resources_of_boto3_hide_their_operations_but_those_of_tables():
    assert reached(main="import boto3\n\ndef handler(e, c):\n    boto3.resource('s3')\n").unjudged == {"s3"}
    assert reached(main="import boto3\n\ndef handler(e, c):\n    boto3.resource('dynamodb')\n").unjudged == set()


def test_globals_of_sam_go_to_each_function():
    made = read(
        "cloudformation",
        """
        Transform: AWS::Serverless-2016-10-31
        Globals:
          Function:
            Runtime: python3.12
            Layers: [!Ref Common]
            Environment: {Variables: {A: "1", B: "2"}}
        Resources:
          Tool:
            Type: AWS::Serverless::Function
            Properties:
              Handler: app.handler
              Layers: [!Ref Own]
              Environment: {Variables: {B: "3"}}
        """,
    )
    (tool,) = (one for one in made.resources if one.name == "Tool")
    fields = {field.name: field.value for field in tool.properties.fields}
    assert fields["runtime"].data == "python3.12"
    assert [item.data for item in fields["layers"].items] == ["Common", "Own"]
    (variables,) = (field.value for field in fields["environment"].fields)
    assert {field.name: field.value.data for field in variables.fields} == {"A": "1", "B": "3"}


def test_the_graph_shows_where_code_is_entered_and_as_whom_it_runs():
    contexts: list[RepoContext] = []
    root = Path(__file__).resolve().parents[2] / "fixtures" / "AL211-privilege-beyond-use" / "bad_terraform"
    scan([root], Settings(select=("AL211",), jobs=1, isolated=True, use_cache=False), watch=contexts.append)
    graph = contexts[0].graph
    (entry,) = graph.of_type("entry")
    assert entry.path.endswith("lambda/report.py")
    assert [role.name for role in graph.targets(entry.id, "runs_as")] == ["aws_iam_role.agent_tool"]
    assert [one.name for one in graph.targets(entry.id, "deployed_as")] == ["aws_lambda_function.agent_tool"]
