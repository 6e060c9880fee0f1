"""The resource model that every infrastructure front end fills.

A ``Resource`` is one declared thing with a tree of properties. Trees hold what the file *says*: references stay
references, because what they refer to may stand in another file; ``graph.infra`` resolves them on demand. Property
names are folded to ``snake_case``, so that one rule reads every language.
"""

# Annotations are values here, not text: msgspec compiles text one by one when it first decodes.

from typing import Any, Literal, Tuple  # noqa: UP035 - Python 3.10 resolves quoted names in this spelling only

import msgspec

from agentlint.core import lazy
from agentlint.core.place import Span

ValueKind = Literal["map", "seq", "lit", "text", "ref", "if", "eq", "not", "join", "each", "call", "unknown"]

_ACRONYM = lazy.pattern(r"([A-Z]+)([A-Z][a-z])")
_HUMP = lazy.pattern(r"([a-z0-9])([A-Z])")
_FOLDABLE = lazy.pattern(r"[A-Za-z][A-Za-z0-9]{0,120}")


class Value(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A value of a property, with its place.

    ``lit``: ``data`` is the scalar. ``map``: ``fields``. ``seq``: ``items``. ``text``: ``items`` are the pieces of an
    interpolated text. ``ref``: ``data`` is ``name#path``: a property (or the whole, without ``#``) of the thing ``name`` of
    the same stack. ``if``: ``items`` are test, then, else. ``eq`` and ``not``: what ``items`` say, as a test. ``join``: maps
    merged or lists appended (``first``: the first that is not null, ``flat`` and ``pairs``: lists of lists as one). ``each``:
    ``items`` are a collection, a key, a body and a test, made once for each element; ``data`` names its key and value, and says
    ``seq``, ``map`` or ``set`` (a list whose keys are its elements). ``call``: a function by its common name, with its
    arguments. ``unknown``: only running it would tell; ``data`` is a piece of the source, ``items`` what it
    refers to. ``open``: a map or list may hold more than is written (dynamic blocks, ``**rest``).
    """

    kind: ValueKind
    span: Span
    data: Any = None
    fields: Tuple["Field", ...] = ()  # noqa: UP006
    items: Tuple["Value", ...] = ()  # noqa: UP006
    open: bool = False


class Field(msgspec.Struct, frozen=True, array_like=True):
    """A property: its folded name, the place of its key, its value. A name may repeat (blocks): all of them count."""

    name: str
    span: Span
    value: Value


class Resource(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A declared thing.

    ``type`` is canonical (``aws.agentcore.gateway``) when ``rules/resources`` knows ``native``, the type as written,
    else it is ``native``. ``name`` is unique in the stack: what references call it. ``front`` is the front end. ``scope``:
    with whom names are shared, ``file`` or ``folder``. ``optional``: made only under a condition. Inputs, locals, outputs
    and calls of modules are resources too, of the types ``stack.input``, ``stack.local``, ``stack.output``, ``stack.module``.
    """

    type: str
    name: str
    native: str
    front: str
    span: Span
    properties: Value
    scope: Literal["file", "folder"] = "file"
    optional: bool = False


def fold(name: str) -> str:
    """Return ``camelCase``, ``PascalCase`` and acronyms as ``snake_case``; another spelling unchanged."""
    if name.isupper() or "_" in name or _FOLDABLE.fullmatch(name) is None:
        return name
    return _HUMP.sub(r"\1_\2", _ACRONYM.sub(r"\1_\2", name)).lower()


def literal(data: Any, span: Span) -> Value:
    """Return a known scalar."""
    return Value("lit", span, data)


def each(span: Span, names: str, collection: Value, body: Value, key: Value | None = None, test: Value | None = None) -> Value:
    """Return what is made once for each element of a collection; ``names`` as in ``Value``: ``key value seq|map|set``."""
    return Value("each", span, names, (), (collection, key or literal(None, span), body, test or literal(True, span)))


def unknown(span: Span, source: str = "", items: tuple[Value, ...] = ()) -> Value:
    """Return a value that only running the project would tell."""
    return Value("unknown", span, source[:200], (), items)
