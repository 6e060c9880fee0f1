"""CloudFormation and SAM templates: resources, parameters, conditions and outputs; intrinsics stay references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import MAX_VALUES, from_node, json_inside, resource
from agentlint.facts.infra.model import Field, Resource, Value, fold, unknown
from agentlint.facts.resources import members_of, scalar_text
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span

_FRONT = "cloudformation"
_HOLE = lazy.pattern(r"\$\{(!?)([^${}\n]{1,300})\}")
_MAX_TEXT = 200_000
_MAX_NESTING = 12
_GLOBALS = {
    "AWS::Serverless::Function": "Function", "AWS::Serverless::Api": "Api", "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::StateMachine": "StateMachine",
}  # fmt: skip
# What SAM calls the interfaces that it makes for functions which name none.
_IMPLICIT = {
    "Api": ("ServerlessRestApi", "AWS::Serverless::Api"),
    "HttpApi": ("ServerlessHttpApi", "AWS::Serverless::HttpApi"),
}
_NESTED = {
    "AWS::CloudFormation::Stack": ("TemplateURL", "Parameters"),
    "AWS::Serverless::Application": ("Location", "Parameters"),
}


def contribute(inp: FileInput) -> Contribution:
    """Return the resources, parameters, conditions and outputs of a template."""
    if inp.document is None:
        return Contribution()
    return Contribution(resources=tuple(_Reader().template(inp.document.root)))


def intrinsic(node: Node) -> tuple[str, Node | None]:
    """Return the name (``Ref``, ``Sub`` …) and argument of an intrinsic function, or an empty name."""
    if node.tag.startswith("!"):
        bare = Node("str" if node.kind == "expr" else node.kind, node.span, node.scalar, node.members, node.items)
        return node.tag[1:].removeprefix("Fn::"), bare
    if node.kind == "map" and len(node.members) == 1:
        member = node.members[0]
        if member.key in ("Ref", "Condition") and member.value.kind in ("str", "int") and member.key == "Ref":
            return "Ref", member.value
        if member.key.startswith("Fn::"):
            return member.key[4:], member.value
    return "", None


class _Reader:
    def __init__(self) -> None:
        self.depth = 0
        self.budget = [MAX_VALUES * 5]

    def value(self, node: Node) -> Value:
        return from_node(node, self.computed, self.budget)

    def template(self, root: Node) -> Iterator[Resource]:
        for member in members_of(root.get("Parameters")):
            yield resource("stack.input", member.key, _FRONT, member.key_span, self.value(member.value))
        for member in members_of(root.get("Conditions")):
            yield _named("stack.local", f"condition:{member.key}", member.key_span, self.value(member.value))
        for member in members_of(root.get("Mappings")):
            yield _named("stack.local", f"mapping:{member.key}", member.key_span, self.value(member.value))
        for key, (implicit, made) in _IMPLICIT.items():
            shared = root.at("Globals", key)
            if shared is not None:
                yield resource(made, implicit, _FRONT, shared.span, self.value(shared))
        for member in members_of(root.get("Resources")):
            native = scalar_text(member.value.get("Type"))
            if native is None:
                continue
            properties = with_globals(root, native, member.value.get("Properties"), member.key_span)
            value = self.value(properties) if properties is not None else Value("map", member.key_span)
            if value.kind != "map":
                value = Value("map", value.span, None, (), (value,), open=True)
            optional = member.value.get("Condition") is not None
            if native in _NESTED:
                yield _nested(member.key, member.key_span, value, _NESTED[native])
                continue
            yield resource(native, member.key, _FRONT, member.key_span, value, optional=optional)
        for member in members_of(root.get("Outputs")):
            yield resource("stack.output", f"output.{member.key}", _FRONT, member.key_span, self.value(member.value))

    def computed(self, node: Node) -> Value | Node | None:
        """Return the value of an intrinsic function, ``None`` for a literal."""
        name, argument = intrinsic(node)
        if not name or argument is None:
            return encoded(node, node.text) if node.kind == "str" else None
        span = node.span
        if name == "Ref":
            return _reference(argument.text, span)
        if name == "GetAtt":
            parts = [item.text for item in argument.items] or argument.text.split(".", 1)
            return _reference(".".join(parts), span)
        if name == "Sub":
            return self._substituted(argument, span)
        if name == "If" and len(argument.items) == 3:
            test = Value("ref", span, f"condition:{argument.items[0].text}#value")
            return Value("if", span, items=(test, *self._all(argument.items[1:])))
        if name == "Condition":
            return Value("ref", span, f"condition:{argument.text}#value")
        if name == "Equals" and len(argument.items) == 2:
            return Value("eq", span, items=self._all(argument.items))
        if name == "Not" and len(argument.items) == 1:
            return Value("not", span, items=self._all(argument.items))
        if name == "Join" and len(argument.items) == 2 and argument.items[1].kind == "seq":
            return self._joined(argument, span)
        if name in ("ToJsonString", "Base64"):
            return argument
        return self._function(name, argument, span) or unknown(span, f"Fn::{name}", self._all([argument]))

    def _function(self, name: str, argument: Node, span: Span) -> Value | None:
        parts = self._all(argument.items)
        whole = Value("lit", span, "")
        if name == "FindInMap" and len(parts) >= 3:
            table = Value("ref", span, f"mapping:{argument.items[0].text}#value")
            return Value("call", span, "index", (), (Value("call", span, "index", (), (table, parts[1], whole)), parts[2], whole))
        if name == "Select" and len(parts) == 2:
            return Value("call", span, "index", (), (parts[1], parts[0], whole))
        if name in ("And", "Or") and parts:
            return Value("call", span, name.lower(), (), parts)
        return Value("call", span, "split", (), parts) if name == "Split" and len(parts) == 2 else None

    def _all(self, nodes: list[Node]) -> tuple[Value, ...]:
        if self.depth >= _MAX_NESTING:
            return ()
        self.depth += 1
        try:
            return tuple(self.value(node) for node in nodes)
        finally:
            self.depth -= 1

    def _joined(self, argument: Node, span: Span) -> Value:
        between = Value("lit", span, argument.items[0].text)
        pieces: list[Value] = []
        for piece in self._all(argument.items[1].items):
            pieces.extend((between, piece) if pieces else (piece,))
        return Value("text", span, items=tuple(pieces))

    def _substituted(self, argument: Node, span: Span) -> Value | Node:
        source = argument.items[0] if argument.items else argument
        named: dict[str, Value] = {}
        if len(argument.items) == 2:
            members = members_of(argument.items[1])
            values = self._all([member.value for member in members])
            named = {member.key: value for member, value in zip(members, values, strict=False)}
        text = source.text[:_MAX_TEXT]
        tree = encoded(Node("str", span, text), text)
        if tree is not None:
            return tree
        pieces: list[Value] = []
        last = 0
        for match in _HOLE.finditer(text):
            if match.start() > last:
                pieces.append(Value("lit", span, text[last : match.start()]))
            name = match[2].strip()
            pieces.append(Value("lit", span, f"${{{name}}}") if match[1] else named.get(name) or _reference(name, span))
            last = match.end()
        if last < len(text) or not pieces:
            pieces.append(Value("lit", span, text[last:]))
        return pieces[0] if len(pieces) == 1 else Value("text", span, items=tuple(pieces))


def with_globals(root: Node, native: str, properties: Node | None, span: Span) -> Node | None:
    """Return the properties of a SAM resource with those that ``Globals`` gives to all of its kind.

    Maps are merged and lists joined; what a resource says itself goes first.
    """
    section = _GLOBALS.get(native, "")
    given = root.get("Globals") if section else None
    shared = given.get(section) if given is not None else None
    if shared is None or shared.kind != "map":
        return properties
    if properties is None:
        return Node("map", span, members=list(shared.members))
    return _merged(shared, properties, 0) if properties.kind == "map" and not properties.tag else properties


def _merged(shared: Node, own: Node, depth: int) -> Node:
    members = [member for member in shared.members if own.get(member.key) is None]
    for member in own.members:
        other = shared.get(member.key)
        value = member.value
        if other is not None and not other.tag and not value.tag and depth < _MAX_NESTING:
            if other.kind == value.kind == "map" and not intrinsic(value)[0]:
                value = _merged(other, value, depth + 1)
            elif other.kind == value.kind == "seq":
                value = Node("seq", value.span, items=[*other.items, *value.items])
        members.append(Member(member.key, member.key_span, value))
    return Node("map", own.span, members=members)


def _reference(name: str, span: Span) -> Value:
    if name == "AWS::NoValue":
        return Value("lit", span, None)
    if name.startswith("AWS::") or not name:
        return unknown(span, name)
    logical, _, attribute = name.partition(".")
    path = ".".join(fold(part) for part in attribute.split(".")) if attribute else ""
    return Value("ref", span, f"{logical}#{path}" if path else logical)


def _nested(name: str, span: Span, value: Value, keys: tuple[str, str]) -> Resource:
    """Return a stack inside a stack as the call of a module."""
    found = {field.name: field for field in value.fields}
    source, arguments = (found.get(key) for key in keys)
    fields = [Field("source", source.span, source.value)] if source is not None else []
    fields += [Field("arguments", arguments.span, arguments.value)] if arguments is not None else []
    return resource("stack.module", name, _FRONT, span, Value("map", value.span, None, tuple(fields)))


def _named(kind: str, name: str, span: Span, value: Value) -> Resource:
    return resource(kind, name, _FRONT, span, Value("map", value.span, fields=(Field("value", span, value),)))


def encoded(node: Node, text: str) -> Node | None:
    """Return the tree of a JSON text (a policy in a string), all at the place of the text; substitutions are ``expr``."""
    if not text.lstrip().startswith(('{"', "{\n", "{ ", "[{", "[\n")) or len(text) > _MAX_TEXT:
        return None
    root = json_inside(text, node.span)
    for _, _, inner in root.walk() if root is not None else ():
        if inner.kind == "str" and "${" in inner.text:
            inner.kind = "expr"
    return root
