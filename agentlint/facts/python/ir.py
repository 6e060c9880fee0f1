"""The intermediate form of Python code: each function is a table of values in program order.

A local variable that is assigned twice is two values; where branches join there is a ``PHI``. So "does a reach b" inside a
function is reachability over ``Value.args``, and what crosses functions is left to the linker and the solver.
"""

from __future__ import annotations

import enum

import msgspec

from agentlint.core.place import Span


class Op(enum.IntEnum):
    """What a value is.

    ========  ====================================  =======================================================
    op        text                                  args / keys
    ========  ====================================  =======================================================
    CONST     the constant as text                  keys = (type name,)
    NAME      a name not bound in this function     resolved by the linker (closure, module, import, builtin)
    IMPORT    ``[.]*module[:name]``
    PARAM     parameter name
    ATTR      attribute name                        (base,)
    ITEM      the constant key, or ""               (base, index)
    ELEM      ""                                    (iterable,): one element of it
    CALL      ""                                    (callee, argument, …); keys[i] names argument i: "", "name", "*", "**"
    TEXT      ""                                    parts of a string built by f-string, ``%``, ``+``, ``format``, ``join``
    SEQ       list, tuple, set                      elements; keys[i] is "*" for an unpacked one
    DICT      ""                                    values; keys[i] is the constant key, "" if not constant, "**" if unpacked
    PHI       name, or ""                           alternatives (join of branches, loop, conditional expression);
                                                    keys[i] is the block that alternative i comes from, where known
    UPDATE    key or ".attr"                        (base, value): base after ``base[key] = value``
    MUTATE    ""                                    (base, call): base after a method call on it
    FUNC      index of the function
    CLASS     index of the class
    OP        operator                              operands (arithmetic, comparison, ``not``)
    EXCEPT    ""                                    (class,): the exception a handler binds
    ========  ====================================  =======================================================
    """

    CONST = 0
    NAME = 1
    IMPORT = 2
    PARAM = 3
    ATTR = 4
    ITEM = 5
    ELEM = 6
    CALL = 7
    TEXT = 8
    SEQ = 9
    DICT = 10
    PHI = 11
    UPDATE = 12
    MUTATE = 13
    FUNC = 14
    CLASS = 15
    OP = 16
    EXCEPT = 17


MUTATORS = frozenset({
    "append", "appendleft", "add", "extend", "insert", "update", "setdefault", "put", "put_nowait", "push", "write", "writelines",
})  # fmt: skip
"""Methods that put their arguments into the receiver."""


class Value(msgspec.Struct, array_like=True, gc=False):
    """One value of a function. ``block`` is the block it is computed in (see ``Block``)."""

    op: Op
    text: str = ""
    args: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    block: int = 0

    @property
    def span(self) -> Span:
        return Span(self.line, self.column, self.end_line, self.end_column)


class Block(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Code that runs only after its parent's earlier code, and only if ``test`` came out as ``outcome``.

    ``kind``: ``entry``, ``if`` (either branch, or the rest of a block after an early exit), ``loop``, ``while-true``, ``try``,
    ``except``, ``with``, ``after`` (what follows a ``try`` whose handlers all leave). A call dominates another if it comes
    earlier and its block is the other's or an ancestor.
    ``exits``: a loop that can be left from inside, or any block that ``break``, ``return`` or ``raise`` leaves.
    """

    parent: int
    kind: str = "entry"
    test: int = -1
    outcome: bool = True
    exits: bool = False


class Param(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A parameter: ``kind`` is ``pos``, ``kw``, ``*`` or ``**``; values are in the *enclosing* function's table, -1 if none."""

    name: str
    kind: str
    value: int
    annotation: int = -1
    default: int = -1


class Exit(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A returned or yielded value and the block it leaves from."""

    value: int
    block: int


class Store(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """``base.attr = value`` (or a mutation of ``base.attr``); values are in the function's table."""

    base: int
    attr: str
    value: int
    block: int = 0


class Handler(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An ``except`` clause: ``tried`` and ``block`` are blocks; ``silent`` when its body does nothing at all."""

    span: Span
    tried: int
    block: int
    silent: bool


class Function(msgspec.Struct, array_like=True, frozen=True):
    """A function, a lambda, a class body (``kind`` ``class``) or a module body (``module``, index 0).

    ``decorators`` and parameter defaults are values of the enclosing function (``parent``). ``defs`` lists, for each name
    bound here, every value it is given: what a nested function or another module may see. ``calls``, ``imports`` and
    ``updates`` list the values of those operations, so that nobody has to look through all values for them;
    ``queries`` are texts put together that read like queries of a database. ``doc_line`` is
    the line on which ``doc`` begins; ``asserts`` counts the statements of that name.
    """

    name: str
    qualname: str
    kind: str
    parent: int
    owner: int
    span: Span
    params: tuple[Param, ...] = ()
    decorators: tuple[int, ...] = ()
    values: tuple[Value, ...] = ()
    exits: tuple[Exit, ...] = ()
    raises: tuple[int, ...] = ()
    stores: tuple[Store, ...] = ()
    blocks: tuple[Block, ...] = ()
    handlers: tuple[Handler, ...] = ()
    statements: tuple[int, ...] = ()
    defs: dict[str, tuple[int, ...]] = {}
    globals: tuple[str, ...] = ()
    doc: str = ""
    returns: int = -1
    is_async: bool = False
    calls: tuple[int, ...] = ()
    imports: tuple[int, ...] = ()
    updates: tuple[int, ...] = ()
    doc_line: int = 0
    queries: tuple[int, ...] = ()
    asserts: int = 0


class Class(msgspec.Struct, array_like=True, frozen=True):
    """A class: ``bases`` and ``decorators`` are values of the function it is defined in; ``body`` is its class body.

    ``methods`` maps a name to a function index; ``fields`` maps an annotated or assigned name of the body to the values
    ``(annotation, default)`` in the body's table, -1 if absent.
    """

    name: str
    qualname: str
    parent: int
    body: int
    span: Span
    bases: tuple[int, ...] = ()
    decorators: tuple[int, ...] = ()
    methods: dict[str, int] = {}
    fields: dict[str, tuple[int, int]] = {}
    doc: str = ""


class PythonFacts(msgspec.Struct, frozen=True):
    """A module: ``functions[0]`` is its body. ``stars`` are the modules of ``from m import *``."""

    functions: tuple[Function, ...]
    classes: tuple[Class, ...] = ()
    stars: tuple[str, ...] = ()
    main_guard: bool = False
