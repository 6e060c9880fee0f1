"""Values of the program as trees: a dict of Python, JSON text or ``json.dumps`` of it look like a parsed data file.

So what reads policy documents and resources from files reads them from code as well. What only running the code can tell
is an ``expr`` node; a map that may hold more keys than are written has the tag ``open``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from agentlint.core.place import Span
from agentlint.facts.python.ir import Op, Value
from agentlint.graph import language
from agentlint.graph.arguments import constant
from agentlint.graph.tree_join import OPEN, constant_node, copied, join, merge, nothing, put
from agentlint.graph.tree_text import unknown_text
from agentlint.parse.document import Member, Node

if TYPE_CHECKING:
    from agentlint.graph.calls import CallGraph
    from agentlint.graph.program import Program, Site

REFERENCE = "!ref"
DIVIDED = "/"
"""What ``a / b`` is tagged with: paths are put together so."""
MAX_DEPTH = 24
MAX_VALUES = 4_000
MAX_ALTERNATIVES = 8
_FIRST_ARGUMENT = frozenset({
    "json.dumps", "json.loads", "textwrap.dedent", "inspect.cleandoc", "copy.copy", "copy.deepcopy", "builtins.list",
    "builtins.tuple", "builtins.sorted", "yaml.safe_load", "yaml.dump",
})  # fmt: skip
_SAME_METHODS = frozenset({"copy", "strip", "lstrip", "rstrip", "encode"})


_DICTS = frozenset({Op.DICT, Op.UPDATE, Op.MUTATE, Op.PHI})

Maker = Callable[["Site", Value, "Span | None", int], Node]


class Trees:
    """Makes trees; work per tree is bounded. ``home`` is the file whose places the nodes have."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls
        self._seen: set[Site] = set()
        self._left = 0
        self._home = -1
        self._entered: dict[int, Site] = {}
        self._appended: dict[int, dict[int, list[tuple[str, int]]]] = {}
        self.known: dict[Site, str] = {}
        """Calls that make a named thing: their result is a reference to it (an ``expr`` with the tag ``!ref``)."""
        self._makers: dict[Op, Maker] = {
            Op.TEXT: self._text, Op.DICT: self._dict, Op.SEQ: self._sequence, Op.NAME: self._name, Op.IMPORT: self._name,
            Op.ATTR: self._name, Op.PARAM: self._parameter, Op.CALL: self._call, Op.ITEM: self._item,
            Op.UPDATE: self._update, Op.MUTATE: self._mutate, Op.PHI: self._choice, Op.OP: self._choice,
        }  # fmt: skip
        self.policies: set[Site] = set()
        """Policy documents that are part of a tree."""

    def of(self, site: Site) -> Node:
        """Return the tree of a value. Nodes from other files have the place where this file refers to them."""
        self._left, self._seen, self._home = MAX_VALUES, set(), self._program.module_of[site[0]]
        return self._tree(site, None, 0)

    def arguments(self, site: Site) -> Node:
        """Return the named arguments of a call, ``**options`` unfolded, as one map; a lone dict argument counts as such."""
        value = self._program.value(site)
        self._left, self._seen, self._home = MAX_VALUES, {site}, self._program.module_of[site[0]]
        return self._keywords(site, value, None, 0)

    def _tree(self, site: Site, anchor: Span | None, depth: int) -> Node:
        value = self._program.value(site)
        span = anchor or value.span
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0 or site in self._seen:
            return Node("expr", span)
        self._seen.add(site)
        try:
            if value.op is Op.CONST:
                if '"Statement"' in value.text:
                    self.policies.add(site)
                return constant_node(value, span)
            maker = self._makers.get(value.op)
            made = maker(site, value, anchor, depth + 1) if maker is not None else Node("expr", span)
            return self._with_appended(site, made, anchor, depth + 1) if made.kind == "map" and value.op in _DICTS else made
        finally:
            self._seen.discard(site)

    def _inner(self, site: Site, value: int, anchor: Span | None, depth: int) -> Node:
        return self._tree((site[0], value), anchor, depth)

    def _elsewhere(self, site: Site, from_: Site, anchor: Span | None, depth: int) -> Node:
        """The tree of a value in another function; of another file, it is placed where it is used."""
        if anchor is None and self._program.module_of[site[0]] != self._home:
            anchor = self._program.value(from_).span
        return self._tree(site, anchor, depth)

    def _text(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        span = anchor or value.span
        parts: list[str] = []
        known = value.text != "%"
        for part in value.args:
            node = self._inner(site, part, anchor, depth)
            if isinstance(node.scalar, (str, int, float)) and node.kind in ("str", "int", "float"):
                parts.append(str(node.scalar))
            else:
                parts.append(unknown_text(node))
                known = False
        return Node("str" if known else "expr", span, "".join(parts))

    def _dict(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        made = Node("map", anchor or value.span, members=[])
        if "Statement" in value.keys:
            self.policies.add(site)
        for arg, key in zip(value.args, value.keys, strict=True):
            tree = self._inner(site, arg, anchor, depth)
            if key == "**":
                merge(made, tree)
            elif key:
                put(made, Member(key, tree.span, tree))
            else:
                made.tag = OPEN
        return made

    def _with_appended(self, site: Site, tree: Node, anchor: Span | None, depth: int) -> Node:
        """A dict of whose lists one grows later: ``table["key"].append(item)``."""
        added = self._grown(site[0]).get(site[1], ())
        made = copied(tree) if added else tree
        for key, arg in added:
            part = made.get(key)
            if part is not None and part.kind == "seq":
                item = self._inner(site, arg, anchor, depth)
                put(made, Member(key, part.span, Node("seq", part.span, items=[*part.items, item])))
        return made

    def _grown(self, number: int) -> dict[int, list[tuple[str, int]]]:
        """Return what ``table["key"].append(item)`` adds to the dicts of a function: by the dict, key and item."""
        found = self._appended.get(number)
        if found is None:
            found = self._appended[number] = {}
            values = self._program.functions[number].values
            for call in (values[call] for call in self._program.functions[number].calls):
                callee = values[call.args[0]]
                if callee.op is Op.ATTR and callee.text == "append" and len(call.args) == 2:
                    part = values[callee.args[0]]
                    if part.op is Op.ITEM and part.text:
                        found.setdefault(part.args[0], []).append((part.text, call.args[1]))
        return found

    def _sequence(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        items: list[Node] = []
        for arg, key in zip(value.args, value.keys, strict=True):
            tree = self._inner(site, arg, anchor, depth)
            items += tree.items if key == "*" and tree.kind == "seq" else [tree]
        return Node("seq", anchor or value.span, items=items)

    def _keywords(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        made = Node("map", anchor or value.span, members=[])
        for arg, key in zip(value.args[1:], value.keys[1:], strict=True):
            if key == "*":
                made.tag = OPEN
            elif key:
                tree = self._inner(site, arg, anchor, depth)
                merge(made, tree) if key == "**" else put(made, Member(key, tree.span, tree))
        return made

    def _name(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        program = self._program
        if value.op is Op.IMPORT:
            places: Iterable[Site] = program.inference.imported_sites(site[0], value.text)
        elif value.op is Op.NAME:
            places = program.definitions(site[0], value.text) or ()
        else:
            places = self._field(site, value)
        if value.op is Op.ATTR and self.known and not places:
            base = self._inner(site, value.args[0], anchor, depth)
            if base.tag == REFERENCE:  # ``role.role_arn``
                return Node("expr", anchor or value.span, f"{base.text.partition('#')[0]}#{value.text}", tag=REFERENCE)
        found = [self._elsewhere(place, site, anchor, depth) for place in list(places)[:MAX_ALTERNATIVES] if place != site]
        if found and value.op is Op.ATTR and all(node.kind == "null" for node in found):
            return Node("expr", anchor or value.span)  # a field that is set from outside
        return join(found, anchor or value.span) if found else self._symbol(site, value, anchor)

    def _symbol(self, site: Site, value: Value, anchor: Span | None) -> Node:
        """A name of a library (``iam.Effect.ALLOW``): an expression whose text is the name's path."""
        paths = self._program.inference.paths(site)
        return Node("expr", anchor or value.span, next(iter(paths), "") if len(paths) == 1 else "")

    def _field(self, site: Site, value: Value) -> list[Site]:
        program = self._program
        found: list[Site] = []
        for ref in program.inference.infer((site[0], value.args[0])):
            if ref.kind in ("inst", "cls"):
                found += program.inference.field_sites(ref.id, value.text)
            elif ref.kind == "mod":
                found += program.definitions(program.first_function[ref.id], value.text) or []
        return found

    def _parameter(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        """A parameter is what all callers give it; its default where nobody says otherwise."""
        program = self._program
        param = program.parameter(site[0], value)
        if param is None:
            return Node("expr", anchor or value.span)
        found: list[Node] = []
        missing = False
        entered = self._entered.get(site[0])
        edges = self._calls.named_callers(site[0])[:MAX_ALTERNATIVES] if entered is None else self._calls.edges(entered, site[0])
        for edge in edges:
            given = self._calls.argument(edge, site[0], value.args[0])
            missing = missing or not given
            found += [
                self._elsewhere(place, site, anchor, depth) if not key else Node("expr", value.span) for place, key in given[:2]
            ]
        if param.default >= 0 and (missing or not edges):
            found.append(self._tree((program.parent(site[0]), param.default), anchor, depth))
        if not found or any(node.kind == "null" for node in found):
            return Node("expr", anchor or value.span)  # somebody may give it, or does
        return join(found, anchor or value.span)

    def _call(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        program, span = self._program, anchor or value.span
        if site in self.known:
            return Node("expr", span, self.known[site], tag=REFERENCE)
        callee = program.value((site[0], value.args[0]))
        if callee.op is Op.ATTR and callee.text in _SAME_METHODS:
            return self._inner(site, callee.args[0], anchor, depth)
        found: list[Node] = []
        for ref in program.inference.infer((site[0], value.args[0])):
            if ref.kind == "fun":
                found += self._returned(ref.id, site, anchor, depth)
            elif ref.kind == "ext":
                found.append(self._library(site, value, ref.path, anchor, depth))
        return join(found, span) if found else Node("expr", span)

    def _returned(self, function: int, site: Site, anchor: Span | None, depth: int) -> list[Node]:
        """What a function gives back to this call: its parameters are the arguments of this call and of no other."""
        before = self._entered.get(function)
        self._entered[function] = site
        try:
            exits = self._program.functions[function].exits[:MAX_ALTERNATIVES]
            return [self._elsewhere((function, leave.value), site, anchor, depth) for leave in exits]
        finally:
            if before is None:
                del self._entered[function]
            else:
                self._entered[function] = before

    def _library(self, site: Site, value: Value, path: str, anchor: Span | None, depth: int) -> Node:
        span = anchor or value.span
        position = language.TRANSPARENT.get(path, 0 if path in _FIRST_ARGUMENT else -1)
        if position >= 0:
            return self._inner(site, value.args[position + 1], anchor, depth) if position + 1 < len(value.args) else nothing(span)
        if path == "builtins.dict":
            made = self._keywords(site, value, anchor, depth)
            for arg, key in zip(value.args[1:], value.keys[1:], strict=True):
                if not key:
                    merge(made, self._inner(site, arg, anchor, depth))
            return made
        if path in language.ENVIRONMENT and len(value.args) == 3:
            return self._inner(site, value.args[2], anchor, depth)
        if path == "builtins.str" and len(value.args) == 2:
            return self._inner(site, value.args[1], anchor, depth)
        made = self._keywords(site, value, anchor, depth)
        positional = [arg for arg, key in zip(value.args[1:], value.keys[1:], strict=True) if not key]
        made.items = [self._inner(site, arg, anchor, depth) for arg in positional]
        made.tag, made.scalar = f"!{path}", path
        return made

    def _item(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        """A part of a value; the parts of what a call made are properties of the thing that it made."""
        base = self._inner(site, value.args[0], anchor, depth)
        span = anchor or value.span
        if base.tag == REFERENCE:
            return Node("expr", span, f"{base.text.partition('#')[0]}#{value.text}", tag=REFERENCE)
        if base.kind == "map" and base.tag in ("", OPEN) and value.text:
            found = base.get(value.text)
            return found if found is not None else Node("expr", span)
        if base.kind == "seq" and value.text.isdecimal() and int(value.text) < len(base.items):
            return base.items[int(value.text)]
        return Node("expr", span)

    def _update(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        base = self._inner(site, value.args[0], anchor, depth)
        if value.text.startswith(".") or base.kind != "map":
            return base
        made = copied(base)
        if value.text:
            tree = self._inner(site, value.args[1], anchor, depth)
            put(made, Member(value.text, tree.span, tree))
        else:
            made.tag = OPEN
        return made

    def _mutate(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        base = self._inner(site, value.args[0], anchor, depth)
        call = self._program.value((site[0], value.args[1]))
        if call.op is not Op.CALL or base.kind not in ("map", "seq") or base.tag.startswith("!"):
            return base
        made = copied(base)
        given = [self._inner(site, arg, anchor, depth) for arg, key in zip(call.args[1:], call.keys[1:], strict=True) if not key]
        if base.kind == "seq" and value.text in ("append", "add", "insert"):
            made.items += given[-1:]
        elif base.kind == "seq" and value.text == "extend":
            made.items += [item for tree in given for item in (tree.items if tree.kind == "seq" else [tree])]
        elif base.kind == "map" and value.text == "update":
            for tree in [*given, self._keywords(site, call, anchor, depth)]:
                merge(made, tree)
        elif base.kind == "map" and value.text == "setdefault":
            made.tag = OPEN
        return made

    def _choice(self, site: Site, value: Value, anchor: Span | None, depth: int) -> Node:
        if value.op is Op.OP and value.text == DIVIDED:
            sides = [self._inner(site, arg, anchor, depth) for arg in value.args]
            return Node("expr", anchor or value.span, items=sides, tag=f"!{DIVIDED}")
        if value.op is Op.OP and value.text not in ("or", "|", "+"):
            known = constant(self._program, site)
            return Node("int", value.span, known) if isinstance(known, int) else Node("expr", anchor or value.span)
        fitting = [arg for arg in value.args if (site[0], arg) not in self._seen][:MAX_ALTERNATIVES]
        found = [self._inner(site, arg, anchor, depth) for arg in fitting]
        if value.op is Op.OP and value.text == "+" and all(node.kind == "seq" for node in found):
            return Node("seq", anchor or value.span, items=[item for node in found for item in node.items])
        if value.op is Op.OP and value.text == "or" and found and found[0].kind == "str" and found[0].scalar:
            return found[0]
        if value.op is Op.OP and value.text == "or" and found and found[0].kind == "expr":
            last = found[-1]  # a setting that is not given, then its default; nothing at all is no default
            empty = not (last.members or last.items or last.scalar)
            return Node("expr", anchor or value.span) if empty else last
        return join(found, anchor or value.span) if found else Node("expr", anchor or value.span)


__all__ = ["OPEN", "REFERENCE", "Trees"]
