"""Calls of AWS clients that make or change cloud resources, as resources: scripts and notebooks deploy agents this way."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from agentlint.core import lazy
from agentlint.facts.infra.build import resource
from agentlint.facts.infra.model import Resource
from agentlint.facts.infra.vocabulary import vocabulary
from agentlint.facts.python.ir import Op, Value
from agentlint.graph.infra.python_signs import has_operations, is_client_call
from agentlint.graph.infra.python_values import value_of
from agentlint.graph.tree_text import HOLE
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.graph.program import Program, Site
    from agentlint.graph.trees import Trees

PREFIX = "boto3:"
LIBRARY = "call:"
_CLIENT_ROOTS = frozenset({"boto3", "botocore", "aioboto3", "aiobotocore"})
_HUMP = lazy.pattern(r"[A-Z]")
_NAMES = (
    "name", "Name", "PolicyName", "policyName", "PolicyArn", "StatementId", "RoleName", "FunctionName", "agentRuntimeName",
    "agentName", "PoolName", "ClientName", "GroupName", "agent_name",
)  # fmt: skip
"""Arguments that name what a call makes."""
MAX_NAME = 120


class Made(NamedTuple):
    """A call that makes a resource: its arguments as a tree, the native type, the name it has in its file."""

    site: Site
    native: str
    arguments: Node
    name: str


@lru_cache(maxsize=1)
def operations() -> dict[str, tuple[str, ...]]:
    """Return, for each method name of a client, the native types ``boto3:service.operation`` it may be."""
    found: dict[str, list[str]] = {}
    for native in vocabulary().exact:
        if native.startswith(PREFIX):
            found.setdefault(native.rpartition(".")[2], []).append(native)
    return {operation: tuple(natives) for operation, natives in found.items()}


def made(program: Program, trees: Trees) -> list[Made]:
    """Return the calls of the program that make resources, in program order, their arguments not read yet."""
    found: list[Made] = []
    for site in program.calls_named(operations()) if has_operations(program) else ():
        value = program.value(site)
        native = _native(program, site, value) if is_client_call(value) else ""
        if native:
            found.append(Made(site, native, Node("map", value.span), name_of(program, trees, site)))
    return sorted([*found, *_library_calls(program, trees)], key=lambda entry: entry.site)


def _library_calls(program: Program, trees: Trees) -> Iterator[Made]:
    """Yield the calls of libraries that deploy, by the path of what is called."""
    for site in program.calls_named({path.rpartition(".")[2] for path in _library_paths()}):
        for path in program.inference.paths((site[0], program.value(site).args[0])):
            if path in _library_paths():
                yield Made(site, LIBRARY + path, Node("map", program.value(site).span), name_of(program, trees, site))
                break


@lru_cache(maxsize=1)
def _library_paths() -> frozenset[str]:
    names = (name for kind in vocabulary().types.values() for name in kind.names)
    return frozenset(name[len(LIBRARY) :] for name in names if name.startswith(LIBRARY))


def as_resources(entry: Made, program: Program) -> Iterator[Resource]:
    """Yield what a call makes; a call that opens several ranges of addresses makes a rule for each."""
    value = program.value(entry.site)
    span = program.value((entry.site[0], value.args[0])).span
    rules = _ingress(entry.arguments) if entry.arguments.get("IpPermissions") is not None else []
    for index, arguments in enumerate(rules or [entry.arguments]):
        name = entry.name if index == 0 else f"{entry.name}, rule {index + 1}"
        yield resource(entry.native, name, "boto3", span, value_of(arguments))


def _ingress(arguments: Node) -> list[Node]:
    """Return a map for each range of addresses of ``IpPermissions``, as CloudFormation writes a rule."""
    found: list[Node] = []
    permissions = arguments.get("IpPermissions")
    for one in permissions.items if permissions is not None else ():
        for key, inner in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
            ranges = one.get(key)
            for item in ranges.items if ranges is not None else ():
                address = item.get(inner)
                if address is not None:
                    kept = [member for member in one.members if member.key in ("FromPort", "ToPort", "IpProtocol")]
                    found.append(Node("map", item.span, members=[*kept, Member(inner, address.span, address)]))
    return found


def name_of(program: Program, trees: Trees, site: Site) -> str:
    """Return what the code calls the thing, else the operation and its line."""
    value = program.value(site)
    for key in _NAMES:
        if key in value.keys:
            node = trees.of((site[0], value.args[value.keys.index(key)]))
            known = node.kind == "str" or (node.kind == "expr" and HOLE in node.text and node.text != HOLE)
            if known and not node.tag and 0 < len(node.text) <= MAX_NAME:
                return node.text.replace(HOLE, "…")
    return f"{program.tail(site[0], value)} (line {value.line})"


def _native(program: Program, site: Site, value: Value) -> str:
    """Return the native type of a call, empty when its receiver is something else than a client."""
    callee = program.value((site[0], value.args[0]))
    if callee.op is not Op.ATTR:
        return ""
    natives = operations().get(callee.text, ())
    receiver = (site[0], callee.args[0])
    refs = program.inference.infer(receiver)
    if any(ref.kind != "ext" for ref in program.inference.infer((site[0], value.args[0]))):
        return ""
    paths = [ref.path for ref in refs if ref.kind == "ext"]
    if paths and not any(path.partition(".")[0] in _CLIENT_ROOTS for path in paths):
        return ""
    service = _service(program, receiver)
    if service:
        return next((native for native in natives if native.startswith(f"{PREFIX}{service}.")), "")
    spelt = [name for name in value.keys[1:] if name != "**"]
    if not paths and not any(_HUMP.search(name) for name in spelt):
        return ""
    return natives[0] if len(natives) == 1 else _by_case(natives, spelt)


def _by_case(natives: tuple[str, ...], names: list[str]) -> str:
    """Services that share an operation differ in how they spell its arguments."""
    capital = any(name[:1].isupper() for name in names)
    fitting = [native for native in natives if (native.partition(":")[2].partition(".")[0] in _CAPITALISED) == capital]
    return fitting[0] if len(fitting) == 1 else ""


_CAPITALISED = frozenset({"iam", "lambda", "ec2", "cognito-idp", "secretsmanager", "s3", "cloudtrail", "ssm"})


def _service(program: Program, receiver: Site) -> str:
    """Return the service a client was made for, empty when that is not known."""
    for place in _origins(program, receiver):
        value = program.value(place)
        if value.op is Op.CALL and program.tail(place[0], value) == "client" and len(value.args) > 1:
            named = next((arg for arg, key in zip(value.args, value.keys, strict=True) if key == "service_name"), value.args[1])
            service = program.value((place[0], named))
            if service.op is Op.CONST:
                return service.text
    return ""


def _origins(program: Program, site: Site) -> list[Site]:
    """The values a receiver may be, a few steps back through names, fields and helper functions."""
    found: list[Site] = []
    todo, seen = [(site, 0)], {site}
    while todo and len(seen) < 40:
        place, depth = todo.pop(0)
        value = program.value(place)
        found.append(place)
        following: list[Site] = []
        if value.op is Op.NAME:
            following = program.definitions(place[0], value.text) or []
        elif value.op is Op.IMPORT:
            following = program.inference.imported_sites(place[0], value.text)
        elif value.op is Op.PHI:
            following = [(place[0], arg) for arg in value.args]
        elif value.op is Op.ATTR:
            for ref in program.inference.infer((place[0], value.args[0])):
                if ref.kind in ("inst", "cls"):
                    following += program.inference.field_sites(ref.id, value.text)
        elif value.op is Op.CALL:
            for ref in program.inference.infer((place[0], value.args[0])):
                if ref.kind == "fun":
                    following += [(ref.id, leave.value) for leave in program.functions[ref.id].exits]
        if depth < 6:
            todo += [(other, depth + 1) for other in following if other not in seen]
            seen.update(following)
    return found
