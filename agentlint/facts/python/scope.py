"""The state of lowering one function: its value table, the current environment, and blocks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from agentlint.core.place import Span
from agentlint.facts.python.ir import Block, Exit, Function, Handler, Op, Param, Store, Value

if TYPE_CHECKING:
    from agentlint.facts.python.lower import ModuleBuilder

Env = dict[str, int]
"""What each local name (and dotted ``name.attr``) holds now: name to value id."""


NUMBERS: list[int] = []
"""The numbers of lines, each once for all values of all files: as they come from the parser, they are a fifth of the facts."""


def number_lines(last: int) -> None:
    """Make ``NUMBERS`` hold all lines up to ``last``."""
    NUMBERS.extend(range(len(NUMBERS), last + 1))


class Scope:
    """Builds one ``Function``. ``env`` is ``None`` where control cannot arrive."""

    __slots__ = (
        "asserts",
        "block",
        "blocks",
        "breaks",
        "calls",
        "continues",
        "defs",
        "doc",
        "doc_line",
        "env",
        "exits",
        "globals",
        "handlers",
        "imports",
        "index",
        "kind",
        "log",
        "loops",
        "module",
        "name",
        "owner",
        "params",
        "parent",
        "qualname",
        "queries",
        "raises",
        "shared",
        "statements",
        "stores",
        "updates",
        "values",
    )  # fmt: skip

    def __init__(self, module: ModuleBuilder, index: int, kind: str, name: str, qualname: str, parent: int, owner: int) -> None:
        self.module = module
        self.index = index
        self.kind = kind
        self.name = name
        self.qualname = qualname
        self.parent = parent
        self.owner = owner
        self.params: list[Param] = []
        self.values: list[Value] = []
        self.env: Env | None = {}
        self.block = 0
        self.blocks: list[list[object]] = [[-1, "entry", -1, True, False]]
        self.exits: list[Exit] = []
        self.raises: list[int] = []
        self.stores: list[Store] = []
        self.handlers: list[Handler] = []
        self.statements: list[int] = []
        self.defs: dict[str, list[int]] = {}
        self.globals: set[str] = set()
        self.breaks: list[list[Env]] = []
        self.continues: list[list[Env]] = []
        self.loops: list[int] = []
        self.log: list[str] = []
        self.shared: frozenset[str] = frozenset()
        self.doc = ""
        self.doc_line = 0
        self.calls: list[int] = []
        self.imports: list[int] = []
        self.updates: list[int] = []
        self.queries: list[int] = []
        self.asserts = 0

    def new(
        self, op: Op, node: ast.expr | ast.stmt, text: str = "", args: tuple[int, ...] = (), keys: tuple[str, ...] = ()
    ) -> int:
        """Append a value placed at ``node`` and return its id."""
        values = self.values
        values.append(
            Value(
                op,
                text,
                args,
                keys,
                NUMBERS[node.lineno],
                node.col_offset + 1,
                NUMBERS[node.end_lineno or node.lineno],
                (node.end_col_offset or node.col_offset) + 1,
                self.block,
            )
        )
        return len(values) - 1

    def bind(self, name: str, value: int) -> None:
        """Give ``name`` a new value; what was known of its attributes is forgotten."""
        self.defs.setdefault(name, []).append(value)
        self.log.append(name)
        env = self.env
        if env is None:
            return
        if name in self.module.dotted_bases:
            prefix = name + "."
            for key in [k for k in env if k.startswith(prefix)]:
                del env[key]
                self.log.append(key)
        if name not in self.shared:  # what nested functions write is looked up among all its values
            env[name] = value

    def open_block(self, kind: str, test: int = -1, outcome: bool = True) -> int:
        """Start a block inside the current one and return the block to go back to."""
        before = self.block
        self.blocks.append([before, kind, test, outcome, False])
        self.block = len(self.blocks) - 1
        return before

    def mark_exit(self) -> None:
        """Note that the innermost loop can be left from inside, and from which block."""
        self.blocks[self.block][4] = True
        if self.loops:
            self.blocks[self.loops[-1]][4] = True

    def mark_return(self) -> None:
        """Note that every enclosing loop can be left from inside, and from which block."""
        self.blocks[self.block][4] = True
        for loop in self.loops:
            self.blocks[loop][4] = True

    def join(self, node: ast.expr | ast.stmt, since: int, *branches: Env | None, ends: tuple[int, ...] = ()) -> Env | None:
        """Merge environments of branches that meet; names that differ become ``PHI`` values.

        ``since`` is the length of ``log`` where the branches parted: only names in it after that can differ. ``ends`` are the
        blocks in which the branches end; the ``PHI`` remembers from which of them each value comes.
        """
        live = [b for b in branches if b is not None]
        if not live:
            return None
        if len(live) == 1:
            return live[0]
        merged: Env = dict(live[0])
        for name in dict.fromkeys(self.log[since:]):
            ids = tuple(dict.fromkeys(branch[name] for branch in live if name in branch))
            if len(ids) <= 1:
                if ids and ("." not in name or all(name in branch for branch in live)):
                    merged[name] = ids[0]
                else:
                    merged.pop(name, None)
                continue
            keys = tuple(_origin(name, value, branches, ends) for value in ids) if ends else ()
            merged[name] = self.new(Op.PHI, node, name, ids, keys)
        return merged

    def finish(self, span: Span, decorators: tuple[int, ...], returns: int, is_async: bool) -> Function:
        """Return the finished function."""
        return Function(
            name=self.name, qualname=self.qualname, kind=self.kind, parent=self.parent, owner=self.owner, span=span,
            params=tuple(self.params), decorators=decorators, values=tuple(self.values), exits=tuple(self.exits),
            raises=tuple(self.raises), stores=tuple(self.stores),
            blocks=tuple(Block(*entry) for entry in self.blocks),  # type: ignore[arg-type]
            handlers=tuple(self.handlers), statements=tuple(self.statements),
            defs={name: tuple(ids) for name, ids in self.defs.items()},
            globals=tuple(sorted(self.globals)), doc=self.doc, returns=returns, is_async=is_async,
            calls=tuple(self.calls), imports=tuple(self.imports), updates=tuple(self.updates), doc_line=self.doc_line,
            queries=tuple(self.queries), asserts=self.asserts,
        )  # fmt: skip


def _origin(name: str, value: int, branches: tuple[Env | None, ...], ends: tuple[int, ...]) -> str:
    """The one block that a value of a ``PHI`` comes from, as text; empty when there are several."""
    found = [end for branch, end in zip(branches, ends, strict=True) if branch is not None and branch.get(name) == value]
    return str(found[0]) if len(found) == 1 else ""
