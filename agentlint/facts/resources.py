"""What the infrastructure front ends share: values of trees, signs of an agent, makers of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.limits import MAX_LINE_FOR_REGEX
from agentlint.core.mask import mask
from agentlint.facts.resources_data import sign_table
from agentlint.facts.types import NodeFact
from agentlint.facts.values import is_credential
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agentlint.core.place import Span

MAX_FLAT = 400
MAX_FLAT_DEPTH = 8

_NON_WORD = lazy.pattern(r"[^a-z0-9]+")


def scalar_text(node: Node | None) -> str | None:
    """Return a literal as text (``true``/``false`` for booleans), or None when it is not known or not a scalar."""
    if node is None or node.kind in ("map", "seq", "expr", "null") or node.tag.startswith("!"):
        return None
    if isinstance(node.scalar, bool):
        return "true" if node.scalar else "false"
    return None if node.scalar is None else str(node.scalar)


def is_true(node: Node | None) -> bool:
    """Whether a literal is true (also as the text ``true`` or ``yes``)."""
    return (scalar_text(node) or "").lower() in ("true", "yes", "on")


def listed(node: Node | None) -> list[Node]:
    """Return the items of a sequence, a single (or computed) value as a list of one, nothing for an absent value."""
    if node is None or node.kind == "null":
        return []
    return list(node.items) if node.kind == "seq" and not node.tag.startswith("!") else [node]


def members_of(node: Node | None) -> list[Member]:
    """Return the members of a map, nothing for another value."""
    return node.members if node is not None and node.kind == "map" else []


def environment(node: Node | None) -> Iterator[tuple[str, Node, Span]]:
    """Yield name, value and place of each variable of ``{A: b}``, ``[A=b]`` or ``[{name: A, value: b}]``."""
    for member in members_of(node):
        yield member.key, member.value, member.key_span
    for item in node.items if node is not None else ():
        name, value = item.get("name"), item.get("value")
        if name is not None and value is not None:
            yield name.text, value, value.span
        elif item.kind == "str" and "=" in item.text:
            key, _, text = item.text.partition("=")
            yield key.strip(), Node("str", item.span, text), item.span
        elif item.kind == "str":
            yield item.text.strip(), Node("null", item.span), item.span


def same(node: Node) -> Node:
    """Return ``node``: the resolver of formats that compute nothing."""
    return node


def flatten(
    root: Node, into: dict[str, Any], spans: dict[str, Span], unknown: set[str], resolve: Callable[[Node], Node] = same
) -> None:
    """Write the values below ``root`` under dotted names; the second of several blocks of one name is ``name.1``.

    ``resolve`` turns a computed value into a literal or an ``expr``. Lists of plain values stay lists. What cannot be
    known goes to ``unknown``. Depth and number are capped; a name that was cut off is in ``unknown`` too.
    """
    stack: list[tuple[str, Node, int]] = [("", root, 0)]
    while stack:
        prefix, node, depth = stack.pop()
        seen: dict[str, int] = {}
        for key, key_span, raw in _children(node):
            value = resolve(raw)
            count = seen.get(key, 0)
            seen[key] = count + 1
            name = f"{prefix}{key}" if count == 0 else f"{prefix}{key}.{count}"
            spans.setdefault(name, key_span)
            if len(into) >= MAX_FLAT or depth > MAX_FLAT_DEPTH:
                unknown.add(name)
            elif value.kind == "map" and not value.tag.startswith("!"):
                stack.append((f"{name}.", value, depth + 1))
            elif value.kind == "seq" and any(item.kind in ("map", "seq") for item in value.items):
                into[name] = len(value.items)
                stack.append((f"{name}.", value, depth + 1))
            else:
                _store(name, value, into, unknown, resolve)


def _children(node: Node) -> Iterator[tuple[str, Span, Node]]:
    for member in node.members:
        if not member.key.startswith("__"):
            yield member.key, member.key_span, member.value
    for index, item in enumerate(node.items):
        yield str(index), item.span, item


def _store(name: str, value: Node, into: dict[str, Any], unknown: set[str], resolve: Callable[[Node], Node]) -> None:
    if value.kind == "expr" or value.tag.startswith("!"):
        unknown.add(name)
    elif value.kind == "seq":
        items = [resolve(item) for item in value.items]
        into[name] = [item.scalar for item in items if item.kind != "expr" and not item.tag.startswith("!")]
        if len(into[name]) != len(value.items):
            unknown.add(name)
    else:
        into[name] = value.scalar


def agent_sign(names: Iterable[str], words: Iterable[str] = ()) -> str:
    """Return the word that marks an agent or MCP server, or an empty string.

    ``names`` are names of one thing, ``words`` parts of its command line. A mere "agent" is no sign when one of the
    names belongs to monitoring or build software.
    """
    table = sign_table()
    named = [_spelt(text) for text in names]
    spelt = named + [_spelt(text) for text in words]
    for word in table.words:
        if any(f"-{word}-" in text for text in spelt):
            return word
    if any(table.other_agents.intersection(text.split("-")) for text in named):
        return ""
    return min((word for text in spelt for word in table.generic.intersection(text.split("-"))), default="")


def _spelt(text: str) -> str:
    return f"-{_NON_WORD.sub('-', text[:MAX_LINE_FOR_REGEX].lower())}-"


def model_key(names: Iterable[str]) -> str:
    """Return the first name that holds the key of a model provider, or an empty string."""
    table = sign_table()
    return next((name for name in names if name.upper() in table.model_keys), "")


def setting(kind: str, path: str, span: Span, framework: str, attrs: dict[str, Any], unknown: Iterable[str] = ()) -> NodeFact:
    """Return a ``setting`` node: one line of configuration that matters; ``attrs`` gets ``kind``."""
    return NodeFact(
        type="setting",
        id=f"setting:{path}:{span.line}:{span.column}:{kind}:{attrs.get('what', '')}",
        name=kind,
        span=span,
        framework=framework,
        attrs={"kind": kind, **attrs},
        unknown=tuple(sorted(unknown)),
    )


def secret_settings(place: tuple[str, Span, str], kind: str, name: str, value: str | None, **more: Any) -> Iterator[NodeFact]:
    """Yield a ``setting`` node when ``value`` is a literal credential; it holds the mask of it only.

    ``place`` is path, span and framework.
    """
    if value and is_credential(name, value):
        yield setting(kind, *place, {"what": name, "masked": mask(value), **more})
