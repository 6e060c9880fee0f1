"""What constructs of the AWS CDK say, in the words of CloudFormation: statements, documents, principals, managed policies."""

from __future__ import annotations

from collections.abc import Callable

from agentlint.core.place import Span
from agentlint.graph.trees import DIVIDED, OPEN, REFERENCE
from agentlint.parse.document import Member, Node

PREFIX = "!aws_cdk."
MAX_DEPTH = 30
_MANAGED = "arn:aws:iam::aws:policy/"


def shape(node: Node, depth: int = 0) -> Node:
    """Return the tree that a tree of constructs stands for; what is not understood stays as it is."""
    if depth > MAX_DEPTH or node.tag == REFERENCE:
        return node
    path = node.tag[len(PREFIX) :] if node.tag.startswith(PREFIX) else ""
    maker = _SHAPES.get(path.partition(".")[2])
    if maker is not None:
        return maker(node, depth + 1)
    if path.endswith("Property"):
        return _map(node, depth, node.span)
    if node.tag.startswith("!"):
        return node
    if node.kind == "map":
        return _map(node, depth, node.span)
    if node.kind == "seq":
        return Node("seq", node.span, items=[shape(item, depth + 1) for item in node.items])
    return node


def _map(node: Node, depth: int, span: Span) -> Node:
    members = [Member(member.key, member.key_span, shape(member.value, depth + 1)) for member in node.members]
    return Node("map", span, members=members, tag=OPEN if node.tag == OPEN else "")


def made(span: Span, **fields: Node | None) -> Node:
    """Return a map of the fields that are given."""
    return Node("map", span, members=[Member(key, value.span, value) for key, value in fields.items() if value is not None])


def sequence(items: list[Node], span: Span) -> Node:
    """Return a list."""
    return Node("seq", span, items=items)


def text(value: str, span: Span) -> Node:
    """Return a constant text."""
    return Node("str", span, value)


def argument(node: Node, name: str, position: int = -1) -> Node | None:
    """Return an argument of a construct by its name, or by its position."""
    found = node.get(name)
    return node.items[position] if found is None and 0 <= position < len(node.items) else found


def _statement(node: Node, _: int) -> Node:
    effect = node.get("effect")
    named = effect.text.rpartition(".")[2].capitalize() if effect is not None else "Allow"
    principals = node.get("principals")
    parts = {
        "Sid": node.get("sid"),
        "Effect": text(named, effect.span if effect is not None else node.span) if named in ("Allow", "Deny") else effect,
        "Action": node.get("actions"),
        "NotAction": node.get("not_actions"),
        "Resource": node.get("resources"),
        "NotResource": node.get("not_resources"),
        "Condition": node.get("conditions"),
        "Principal": principal(sequence(principals.items, principals.span)) if principals is not None else None,
    }
    return made(node.span, **parts)


def _document(node: Node, depth: int) -> Node:
    given = node.get("statements")
    items = [shape(item, depth) for item in given.items] if given is not None and given.kind == "seq" else []
    found = made(node.span, Statement=sequence(items, node.span))
    return found if given is not None and given.kind == "seq" else Node("expr", node.span)


def principal(node: Node) -> Node:
    """Return ``{"Service": [...], "AWS": [...]}`` for what may assume a role."""
    services: list[Node] = []
    accounts: list[Node] = []
    known = True
    todo = [node]
    while todo:
        one = todo.pop(0)
        name = one.tag.rpartition(".")[2]
        if one.kind == "seq" or name == "CompositePrincipal":
            todo += one.items
        elif name == "ServicePrincipal" and (first := argument(one, "service", 0)) is not None:
            services.append(first)
        elif name in ("AnyPrincipal", "StarPrincipal"):
            accounts.append(text("*", one.span))
        elif name in ("SessionTagsPrincipal", "PrincipalWithConditions"):
            todo += one.items[:1]
        elif name in ("AccountRootPrincipal", "AccountPrincipal", "ArnPrincipal", "WebIdentityPrincipal", "FederatedPrincipal"):
            accounts.append(Node("expr", one.span))
        else:
            known = False
    if not known and not services:
        return Node("expr", node.span)
    given = {"Service": sequence(services, node.span), "AWS": sequence(accounts, node.span)}
    return made(node.span, **{key: value for key, value in given.items() if value.items})


def _managed(node: Node, _: int) -> Node:
    name = argument(node, "managed_policy_name", 0)
    return text(_MANAGED + name.text, name.span) if name is not None and name.kind == "str" else Node("expr", node.span)


def _asset(node: Node, _: int) -> Node:
    """Return the folder of an asset as text: what is known of its path, up from the last part that is not."""
    given = next((one for one in (argument(node, "path", 0), node.get("directory")) if one is not None), None)
    path = _path(given, 0) if given is not None else ""
    return text(path, node.span) if path else Node("expr", node.span)


def _path(node: Node, depth: int) -> str:
    if node.kind == "str" and not node.tag:
        return node.text
    called = node.tag.lstrip("!")
    if depth > MAX_DEPTH or not node.tag:
        return ""
    parts = [_path(item, depth + 1) for item in node.items]
    if called in _JOINS:
        known = parts[max((i + 1 for i, part in enumerate(parts) if not part), default=0) :]
        return "/".join(part.strip("/") for part in known)
    return parts[0] if called in _SAME_PATH and parts else ""


def trust(given: Node | None, span: Span) -> Node | None:
    """Return the trust policy of ``assumed_by``."""
    if given is None:
        return None
    action = text("sts:AssumeRole", given.span)
    statement = made(given.span, Effect=text("Allow", given.span), Action=action, Principal=principal(given))
    return made(span, Statement=sequence([statement], given.span))


_JOINS = frozenset({"os.path.join", "pathlib.Path", "pathlib.PurePath", DIVIDED})
_SAME_PATH = frozenset({"os.path.abspath", "os.path.realpath", "os.path.normpath", "builtins.str", "os.fspath"})
_SHAPES: dict[str, Callable[[Node, int], Node]] = {
    "PolicyStatement": _statement,
    "PolicyDocument": _document,
    "Code.from_asset": _asset,
    "Code.asset": _asset,
    "AssetCode": _asset,
    "ManagedPolicy.from_aws_managed_policy_name": _managed,
}
