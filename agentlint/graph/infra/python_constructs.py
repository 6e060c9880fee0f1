"""Constructs of the AWS CDK in Python as resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from agentlint.core.place import Span
from agentlint.facts.cloud_tables import CdkTable, cdk_table
from agentlint.facts.infra.aws_calls import preset_table
from agentlint.facts.infra.build import resource
from agentlint.facts.infra.model import Resource
from agentlint.facts.python.ir import Op
from agentlint.graph.infra.python_shapes import argument, made, sequence, shape, text, trust
from agentlint.graph.infra.python_signs import imports_cdk
from agentlint.graph.infra.python_values import value_of
from agentlint.graph.tree_text import HOLE
from agentlint.graph.trees import REFERENCE
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from agentlint.graph.program import Program, Site
    from agentlint.graph.trees import Trees

_ROOT = "aws_cdk."
_ROLE, _POLICIES = "aws_iam.Role", ("aws_iam.Policy", "aws_iam.ManagedPolicy")
_ATTACHES = "add_managed_policy"
_GRANTEES = ("", "grantee", "identity")


class Construct(NamedTuple):
    """A call that makes a construct: its path below ``aws_cdk``, and the name it has in its file."""

    site: Site
    path: str
    name: str


def constructs(program: Program, trees: Trees) -> list[Construct]:
    """Return the constructs of the program that rules know, in program order."""
    if not imports_cdk(program):
        return []
    table = cdk_table()
    tails = {path.rpartition(".")[2] for path in (*table.compute, *table.resources, _ROLE, *_POLICIES)}
    found: list[Construct] = []
    for site in program.calls_named({*tails, "Cfn*"}):
        value = program.value(site)
        for path in program.inference.paths((site[0], value.args[0])):
            below = path[len(_ROOT) :] if path.startswith(_ROOT) else ""
            last = below.rpartition(".")[2]
            if below in table.compute or below in table.resources or below in (_ROLE, *_POLICIES) or _is_plain(below, last):
                found.append(Construct(site, below, _name(trees, site, program)))
                break
    return found


def _is_plain(below: str, last: str) -> bool:
    """Whether a path is that of a resource of CloudFormation: ``aws_x.CfnY``."""
    return last == "CfnResource" or (last.startswith("Cfn") and below.startswith("aws_") and below.count(".") == 1)


def _name(trees: Trees, site: Site, program: Program) -> str:
    value = program.value(site)
    positional = [arg for arg, key in zip(value.args[1:], value.keys[1:], strict=True) if not key]
    named = [arg for arg, key in zip(value.args, value.keys, strict=True) if key in ("id", "construct_id")]
    for arg in (*positional[1:2], *named):
        node = trees.of((site[0], arg))
        if node.kind in ("str", "expr") and not node.tag and node.text and node.text != HOLE and len(node.text) < 120:
            return node.text.replace(HOLE, "…")
    return f"construct (line {value.line})"


def declared(entry: Construct, trees: Trees, program: Program) -> Iterator[Resource]:
    """Yield the resources that a construct is: itself, and the role it makes when it is given none."""
    table, span = cdk_table(), program.value(entry.site).span
    callee = program.value((entry.site[0], program.value(entry.site).args[0])).span
    given = trees.arguments(entry.site)
    if entry.path == _ROLE:
        yield resource("AWS::IAM::Role", entry.name, "cdk", callee, value_of(_role(given, span)))
    elif entry.path in _POLICIES:
        yield resource("AWS::IAM::Policy", entry.name, "cdk", callee, value_of(_policy(given, span)))
    elif entry.path in table.compute:
        yield from _compute(entry, given, table, callee)
    elif entry.path in table.resources:
        yield resource(table.resources[entry.path].native, entry.name, "cdk", callee, value_of(shape(given)))
    elif entry.path.endswith("CfnResource"):
        native, properties = given.get("type"), given.get("properties")
        if native is not None and native.kind == "str" and properties is not None:
            yield resource(native.text, entry.name, "cdk", callee, value_of(shape(properties)))
    else:
        module, _, name = entry.path.partition(".")
        native_name = f"AWS::{module.removeprefix('aws_')}::{name.removeprefix('Cfn')}"
        yield resource(native_name, entry.name, "cdk", callee, value_of(shape(given)))


def _role(given: Node, span: Span) -> Node:
    managed, inline = given.get("managed_policies"), given.get("inline_policies")
    policies: list[Node] = []
    for member in inline.members if inline is not None and inline.kind == "map" else ():
        policies.append(made(member.value.span, PolicyName=text(member.key, member.key_span), PolicyDocument=shape(member.value)))
    return made(
        span,
        RoleName=given.get("role_name"),
        AssumeRolePolicyDocument=trust(given.get("assumed_by"), span),
        ManagedPolicyArns=shape(managed) if managed is not None else None,
        Policies=sequence(policies, inline.span) if policies and inline is not None else None,
        PermissionsBoundary=given.get("permissions_boundary"),
    )


def _policy(given: Node, span: Span) -> Node:
    document, statements = given.get("document"), given.get("statements")
    found = shape(document) if document is not None else None
    if found is None and statements is not None:
        found = made(span, Statement=shape(statements))
    return made(span, PolicyDocument=found, Roles=given.get("roles"))


def role_name(entry: Construct) -> str:
    """Return the name of the role a compute construct makes for itself."""
    return f"{entry.name}ServiceRole"


def _compute(entry: Construct, given: Node, table: CdkTable, span: Span) -> Iterator[Resource]:
    known = table.compute[entry.path]
    own = argument(given, "role") or given.get("task_role")
    if own is None or own.kind == "null":
        own = Node("expr", span, role_name(entry), tag=REFERENCE)
        principal = Node("map", span, items=[text(known.principal, span)], tag="!aws_cdk.aws_iam.ServicePrincipal")
        yield resource(
            "AWS::IAM::Role", role_name(entry), "cdk", span, value_of(made(span, AssumeRolePolicyDocument=trust(principal, span)))
        )
    first = given.get("initial_policy")
    if first is not None and first.kind == "seq":
        document = made(first.span, Statement=shape(first))
        fields = made(first.span, RoleName=own, PolicyDocument=document)
        yield resource("AWS::IAM::RolePolicy", f"{entry.name} initial policy", "cdk", first.span, value_of(fields))
    variables = given.get("environment")
    environment = made(span, Variables=shape(variables)) if variables is not None else None
    rest = [Member(m.key, m.key_span, shape(m.value)) for m in given.members if m.key not in ("role", "task_role", "environment")]
    fields = made(span, Role=own, Environment=environment)
    fields.members += rest
    yield resource(known.native, entry.name, "cdk", span, value_of(fields))


def granted(program: Program, trees: Trees, by_name: dict[tuple[int, str], Construct]) -> Iterator[tuple[Site, Resource]]:
    """Yield what methods add to a role: statements and managed policies."""
    table = cdk_table()
    yield from _preset(program, trees, by_name)
    for site in program.calls_named({*table.grants, _ATTACHES}):
        value = program.value(site)
        callee = program.value((site[0], value.args[0]))
        if callee.op is not Op.ATTR or len(value.args) != 2:
            continue
        given = trees.of((site[0], value.args[1]))
        if not given.tag.startswith("!aws_cdk."):
            continue
        holder = _holder(trees.of((site[0], callee.args[0])), program.module_of[site[0]], by_name)
        if callee.text == _ATTACHES:
            native, fields = "AWS::IAM::RolePolicyAttachment", made(value.span, RoleName=holder, PolicyArn=shape(given))
        else:
            document = made(given.span, Statement=sequence([shape(given)], given.span))
            native, fields = "AWS::IAM::RolePolicy", made(value.span, RoleName=holder, PolicyDocument=document)
        name = f"{holder.text} policy (line {value.line})" if holder is not None else f"policy (line {value.line})"
        yield site, resource(native, name, "cdk", value.span, value_of(fields))


def _preset(program: Program, trees: Trees, by_name: dict[tuple[int, str], Construct]) -> Iterator[tuple[Site, Resource]]:
    """Yield what methods such as ``table.grant_read_data(function)`` give to what runs as a role."""
    grants = preset_table().grants
    for site in program.calls_named({name.rpartition(".")[2] for name in grants}):
        value = program.value(site)
        paths = program.inference.paths((site[0], value.args[0]))
        below = next((path[len(_ROOT) :] for path in paths if path.startswith(_ROOT)), "")
        actions = grants.get(f"{below.partition('.')[0]}.{below.rpartition('.')[2]}", ())
        given = next((arg for arg, key in zip(value.args[1:], value.keys[1:], strict=True) if key in _GRANTEES), -1)
        holder = _holder(trees.of((site[0], given)), program.module_of[site[0]], by_name) if actions and given >= 0 else None
        if holder is None:
            continue
        span = program.value((site[0], value.args[0])).span
        allowed = sequence([text(action, span) for action in actions], span)
        statement = made(span, Effect=text("Allow", span), Action=allowed, Preset=text("yes", span))
        document = made(span, Statement=sequence([statement], span))
        fields = made(span, RoleName=holder, PolicyDocument=document)
        yield site, resource("AWS::IAM::RolePolicy", f"{holder.text} grant (line {value.line})", "cdk", span, value_of(fields))


def _holder(node: Node, module: int, by_name: dict[tuple[int, str], Construct]) -> Node | None:
    """The role that a construct is, runs as, or makes for itself, as a reference."""
    if node.tag != REFERENCE:
        return None
    entry = by_name.get((module, node.text.partition("#")[0]))
    if entry is not None and entry.path in cdk_table().compute:
        return Node("expr", node.span, role_name(entry), tag=REFERENCE)
    return Node("expr", node.span, node.text.partition("#")[0], tag=REFERENCE)
