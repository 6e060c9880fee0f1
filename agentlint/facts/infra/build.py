"""Makes resources: parsed trees to values, native names to canonical ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from agentlint.core.limits import MAX_DEPTH
from agentlint.facts.infra.model import Field, Resource, Value, fold, unknown
from agentlint.facts.infra.vocabulary import ResourceType, vocabulary
from agentlint.parse.document import Document
from agentlint.parse.json import parse_json
from agentlint.parse.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentlint.core.place import Span
    from agentlint.parse.document import Node

MAX_VALUES = 20_000
_MAX_TURNS = 4
_FREE = frozenset({"condition", "variables", "environment_variables", "tags", "labels", "annotations", "tags_all", "for_each"})


def from_node(node: Node, computed: Callable[[Node], Value | Node | None], budget: list[int] | None = None) -> Value:
    """Return the value of a parsed tree; iterative, names are not folded yet.

    ``computed`` is asked about every node first: it returns the value of one that is computed (a reference, a function), or
    another node to take in its place, or ``None`` for what is written literally.
    """
    left = budget if budget is not None else [MAX_VALUES]
    root: list[Value] = []
    # A frame is (node, where its value goes, the values of its children once they are asked for).
    stack: list[tuple[Node, list[Value], list[Value] | None, int]] = [(node, root, None, 0)]
    while stack:
        current, into, done, depth = stack.pop()
        if done is not None:
            into.append(_collection(current, done))
            continue
        left[0] -= 1
        if left[0] < 0 or depth > MAX_DEPTH:
            into.append(unknown(current.span))
            continue
        found: Value | Node | None = computed(current)
        for _ in range(_MAX_TURNS):
            if found is None or isinstance(found, Value):
                break
            current, found = found, computed(found)
        if isinstance(found, Value):
            into.append(found)
            continue
        if current.kind in {"map", "seq"}:
            children: list[Value] = []
            stack.append((current, into, children, depth))
            below = [m.value for m in current.members] if current.kind == "map" else current.items
            stack.extend((child, children, None, depth + 1) for child in reversed(below))
        elif current.kind == "expr":
            into.append(unknown(current.span, current.text))
        else:
            into.append(Value("lit", current.span, current.scalar))
    return root[0]


def json_inside(text: str, span: Span) -> Node | None:
    """Return the tree of a JSON text that stands in a string, all at the place of the string: escapes make finer places wrong."""
    parsed = parse_json(Text(text))
    if not isinstance(parsed, Document) or parsed.root.kind not in ("map", "seq"):
        return None
    for _, member, inner in parsed.root.walk():
        inner.span = span
        if member is not None:
            member.key_span = span
    return parsed.root


def _collection(node: Node, values: Sequence[Value]) -> Value:
    if node.kind == "seq":
        return Value("seq", node.span, items=tuple(values))
    pairs = zip(node.members, values, strict=True)
    fields = tuple(Field(member.key, member.key_span, value) for member, value in pairs if not member.key.startswith("__"))
    return Value("map", node.span, fields=fields)


def resource(
    native: str,
    name: str,
    front: str,
    span: Span,
    properties: Value,
    scope: Literal["file", "folder"] = "file",
    *,
    optional: bool = False,
) -> Resource:
    """Return the resource with its canonical type and property names.

    A type that ``rules/resources`` does not list keeps its native name, and only the references of its properties.
    """
    kind = vocabulary().of(native)
    kept = canonical(properties, kind) if kind is not None else unknown(properties.span, "", tuple(references(properties)))
    return Resource(kind.type if kind is not None else native, name, native, front, span, kept, scope, optional)


def canonical(value: Value, kind: ResourceType | None = None) -> Value:
    """Return ``value`` with folded names, and with the aliases of ``kind``; keys of free maps stay as written."""
    aliases = kind.aliases if kind is not None else {}
    free = _FREE | frozenset(kind.free) if kind is not None else _FREE
    return _folded(value, "", aliases, free, 0)


def _folded(value: Value, path: str, aliases: dict[str, str], free: frozenset[str], depth: int) -> Value:
    if depth > MAX_DEPTH or not (value.fields or value.items):
        return value
    items = tuple(_folded(item, path, aliases, free, depth + 1) for item in value.items)
    fields: list[Field] = []
    for field in value.fields:
        name = fold(field.name)
        below = f"{path}.{name}" if path else name
        if name in free or below in free:
            fields.append(Field(name, field.span, field.value))
            continue
        renamed = aliases.get(below, name)
        inner = _folded(field.value, below if renamed else path, aliases, free, depth + 1)
        if renamed:
            fields.append(Field(renamed, field.span, inner))
        else:
            fields.extend(inner.fields)
    return Value(value.kind, value.span, value.data, tuple(fields), items, value.open)


def references(value: Value) -> list[Value]:
    """Return every reference below a value, each name once."""
    found: dict[str, Value] = {}
    stack = [value]
    while stack:
        current = stack.pop()
        if current.kind == "ref":
            found.setdefault(str(current.data), current)
        stack.extend(current.items)
        stack.extend(field.value for field in current.fields)
    return list(found.values())
