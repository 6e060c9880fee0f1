"""Who a policy written in Python belongs to: roles by their names, and documents that no known call takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from agentlint.facts.infra.build import resource
from agentlint.facts.infra.model import Resource, Value
from agentlint.facts.python.ir import Function, Op
from agentlint.facts.python.ir import Value as IrValue
from agentlint.graph.infra.python_calls import Made
from agentlint.graph.infra.python_signs import POLICY_TRAIT
from agentlint.graph.infra.python_values import properties, value_of
from agentlint.graph.tree_text import document_of
from agentlint.graph.trees import REFERENCE, Trees
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from agentlint.graph.program import Program, Site

_ROLE = "boto3:iam.create_role"
_HOLDERS = {"RoleName": _ROLE, "roleName": _ROLE, "FunctionName": "boto3:lambda.create_function"}
"""Arguments that name what another call made, and that call."""


def link_names(entries: list[Made], program: Program) -> list[Made]:
    """Return the calls with names of other things as references to the calls of the same file that make them."""
    makers: dict[tuple[int, str], list[Made]] = {}
    for entry in entries:
        makers.setdefault((program.module_of[entry.site[0]], entry.native), []).append(entry)
    return [_linked(entry, makers, program) for entry in entries]


def _linked(entry: Made, makers: dict[tuple[int, str], list[Made]], program: Program) -> Made:
    members: list[Member] = []
    for member in entry.arguments.members:
        native = _HOLDERS.get(member.key, "")
        others = makers.get((program.module_of[entry.site[0]], native), ()) if native and native != entry.native else ()
        target = _named(member.value, entry, others, member.key)
        named = member.value if target is None else Node("expr", member.value.span, target.name, tag=REFERENCE)
        members.append(Member(member.key, member.key_span, named))
    arguments = entry.arguments
    return entry._replace(arguments=Node("map", arguments.span, members=members, tag=arguments.tag))


def _named(node: Node, entry: Made, others: Iterable[Made], key: str) -> Made | None:
    """The maker of the thing that ``node`` names: by the same text, else the only one of the function or the file."""
    if node.tag == REFERENCE:
        return None
    others = list(others)
    if node.text:
        same = [other for other in others if (named := other.arguments.get(key)) is not None and named.text == node.text]
        near = [other for other in same if other.site[0] == entry.site[0]] or same
        return near[0] if near else None
    near = [other for other in others if other.site[0] == entry.site[0]]
    return near[0] if len(near) == 1 else others[0] if len(others) == 1 and not near else None


def loose_policies(program: Program, trees: Trees, taken: set[Site]) -> Iterator[tuple[int, Resource]]:
    """Yield ``(module, resource)`` for policy documents that no known call takes.

    Those of a function that also holds a trust policy are taken to be of that role; others are of nobody.
    """
    for number, file in enumerate(program.files):
        if POLICY_TRAIT not in file.traits:
            continue
        first = program.first_function[number]
        assert file.python is not None
        for function in range(first, first + len(file.python.functions)):
            for found in _loose(program, trees, function, taken):
                yield number, found


def _loose(program: Program, trees: Trees, function: int, taken: set[Site]) -> Iterator[Resource]:
    documents: list[Node] = []
    for number, value in enumerate(program.functions[function].values):
        written = (value.op is Op.DICT and "Statement" in value.keys) or (
            value.op in (Op.CONST, Op.TEXT) and '"Statement"' in _first_text(program.functions[function], value)
        )
        if written and (function, number) not in taken:
            document = document_of(trees.of((function, number)))
            if document is not None and document.kind == "map" and document.get("Statement") is not None:
                documents.append(document)
    trusts = [document for document in documents if _is_trust(document)]
    name = program.symbol(function)
    role = f"role of {name}" if trusts else ""
    if trusts:
        given = {"AssumeRolePolicyDocument": value_of(trusts[0])}
        yield resource(_ROLE, role, "boto3", trusts[0].span, properties(given, trusts[0].span))
    for index, document in enumerate(other for other in documents if other not in trusts):
        if _has_principal(document):
            continue
        fields = {"PolicyDocument": value_of(document)}
        if role:
            fields["RoleName"] = Value("ref", document.span, role)
        native = "boto3:iam.put_role_policy" if role else "boto3:iam.create_policy"
        yield resource(
            native,
            f"policy of {name}" + (f" ({index + 1})" if index else ""),
            "boto3",
            document.span,
            properties(fields, document.span),
        )


def _first_text(function: Function, value: IrValue) -> str:
    """The text of a constant, or of the first part of a text that is put together."""
    if value.op is Op.CONST:
        return value.text
    return next((part.text for arg in value.args[:1] for part in [function.values[arg]] if part.op is Op.CONST), "")


def _statements(document: Node) -> list[Node]:
    node = document.get("Statement")
    return [] if node is None else node.items if node.kind == "seq" else [node]


def _is_trust(document: Node) -> bool:
    actions = [item for statement in _statements(document) for item in _listed(statement.get("Action"))]
    return bool(actions) and all(item.text.startswith("sts:") for item in actions) and _has_principal(document)


def _has_principal(document: Node) -> bool:
    return any(statement.get("Principal") is not None for statement in _statements(document))


def _listed(node: Node | None) -> list[Node]:
    return [] if node is None else node.items if node.kind == "seq" else [node]
