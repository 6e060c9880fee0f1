"""Bicep with the place of every declaration, property and value.

Shape of the tree: the root is a map. Each declaration is a member whose key is its keyword (``param``, ``var``,
``resource``, ``module``, ``output``) and whose value is a map: ``__name__`` (its symbol), ``__type__`` (the text after it),
``__flags__`` (decorators, ``existing``, ``if``, ``for``) and ``value``. Literals are typed, arrays and objects are ``seq`` and
``map``; all else is ``expr`` with its source text: tag ``call:name`` with the arguments as items, ``if`` with its three
parts, an operator (``==``, ``&&``, ``!``) with its operands, ``template`` with the pieces, ``for:seq k v`` with the collection,
key, result and test of a loop, ``index:rest`` with what is indexed and the index. A declaration in a loop has ``__each__``: such
an ``expr`` without a result.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.limits import MAX_DEPTH, MAX_NODES
from agentlint.core.place import Span
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_MAX_PARTS = 60
_MAX_CHARACTERS = 1_000_000
_WIDE = lazy.pattern(r"[^\x00-\x7f]+")
_EXTENSION = lazy.pattern(r"^extension[ \t][^\n]{0,500}", re.MULTILINE)
_DECLARATIONS = {
    "parameter_declaration": "param", "variable_declaration": "var", "resource_declaration": "resource",
    "module_declaration": "module", "output_declaration": "output",
}  # fmt: skip
_SKIPPED = frozenset({"comment", "diagnostic_comment", "ERROR", "for_loop_parameters"})
_WRAPPERS = frozenset({"parenthesized_expression", "if_statement", "for_statement"})
_language: Any = None


def parse_bicep(text: Text) -> Document | ParseProblem:
    """Parse ``text`` into the shape described above; what a syntax error spoils is left out and told in ``broken``."""
    if len(text.data) > _MAX_CHARACTERS:
        return ParseProblem(f"more than {_MAX_CHARACTERS} characters of Bicep", 0, "cap")
    # The grammar does not know `extension` statements; they declare nothing.
    root = _tree(_EXTENSION.sub(_blank, text.data))
    built = _Builder(text).build(root)
    if isinstance(built, ParseProblem):
        return built
    broken = ParseProblem("not valid Bicep", _first_error(root, text)) if root.has_error else None
    if broken is not None and not built.members:
        return broken
    return Document([built], broken=broken)


def _tree(data: str) -> Any:
    global _language  # noqa: PLW0603 - the grammar is loaded once, when the first file needs it
    import tree_sitter

    if _language is None:
        import tree_sitter_bicep

        _language = tree_sitter.Language(tree_sitter_bicep.language())
    # One byte for each character: the offsets of the tree are then those of the text.
    return tree_sitter.Parser(_language).parse(_WIDE.sub(_narrow, data).encode("ascii")).root_node


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _narrow(run: re.Match[str]) -> str:
    return "_" * len(run[0])


def _first_error(root: Any, text: Text) -> int:
    node = root
    for _ in range(MAX_DEPTH):
        child = next((child for child in node.children if child.has_error or child.is_missing or child.is_error), None)
        if child is None:
            break
        node = child
    return text.position(node.start_byte)[0]


class _Builder:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.starts = [*text.starts, len(text.data) + 1]
        self.count = 0

    def build(self, root: Any) -> Node | ParseProblem:
        """Walk the tree with a stack of (syntax node, node that takes its parts, depth)."""
        top = Node("map", self.text.span(0, len(self.text.data)))
        stack: list[tuple[Any, Node, int]] = [(root, top, 0)]
        while stack:
            syntax, into, depth = stack.pop()
            if depth > MAX_DEPTH:
                return ParseProblem(f"nested deeper than {MAX_DEPTH} levels", self.span(syntax).line, "cap")
            todo: list[tuple[Any, Node, int]] = []
            decorators: list[Node] = []
            for child in syntax.named_children:
                self.count += 1
                if self.count > MAX_NODES:
                    return ParseProblem(f"more than {MAX_NODES} values", self.span(child).line, "cap")
                if child.type == "decorators":
                    decorators = self.decorators(child)
                elif child.type in _DECLARATIONS:
                    self.declaration(child, into if into is top else top, decorators, (todo, depth))
                    decorators = []
                elif child.type == "object_property":
                    self.property(child, into, top, (todo, depth))
                elif child.type == "interpolation":
                    into.items.extend([self.value(part, todo, depth) for part in child.named_children[:1]])
                elif child.type not in _SKIPPED and into is not top:
                    into.items.append(self.value(child, todo, depth))
            stack.extend(reversed(todo))
        return top

    def span(self, syntax: Any) -> Span:
        start, end, starts = syntax.start_byte, syntax.end_byte, self.starts
        line = bisect_right(starts, start)
        last = line if end < starts[line] else bisect_right(starts, end)
        return Span(line, start - starts[line - 1] + 1, last, end - starts[last - 1] + 1)

    def source(self, syntax: Any) -> str:
        return self.text.data[syntax.start_byte : syntax.end_byte]

    def decorators(self, syntax: Any) -> list[Node]:
        return [Node("str", self.span(one), self.source(one).lstrip("@").split("(")[0]) for one in syntax.named_children]

    def declaration(self, syntax: Any, top: Node, flags: list[Node], work: tuple[list[tuple[Any, Node, int]], int]) -> None:
        keyword = _DECLARATIONS[syntax.type]
        parts = [part for part in syntax.named_children if part.type not in _SKIPPED]
        if not parts or parts[0].type != "identifier":
            return
        flags = list(flags)
        if any(part.type == "existing" or self.source(part) == "existing" for part in syntax.children):
            flags.append(Node("str", self.span(syntax), "existing"))
        typed = "string" if keyword in ("resource", "module") else "type"
        kind = next((part for part in parts[1:2] if part.type == typed), None)
        rest = parts[2:] if kind is not None else parts[1:]
        name = self.span(parts[0])
        node = Node("map", self.span(syntax), tag=keyword)
        node.members.append(Member("__name__", name, Node("str", name, self.source(parts[0]))))
        if kind is not None:
            node.members.append(Member("__type__", self.span(kind), Node("str", self.span(kind), self.source(kind).strip("'"))))
        body = rest[-1] if rest else None
        while body is not None and body.type in ("if_statement", "for_statement") and keyword in ("resource", "module"):
            flags.append(Node("str", self.span(body), body.type.split("_")[0]))
            inner = [part for part in body.named_children if part.type not in _SKIPPED]
            if body.type == "for_statement":
                loop = self.loop(body, work)
                node.members.append(Member("__each__", loop.span, loop))
            body = inner[-1] if inner else None
        node.members.append(Member("__flags__", name, Node("seq", name, items=flags)))
        top.members.append(Member(keyword, name, node))
        if body is not None:
            value = self.value(body, *work)
            node.members.append(Member("value", name, value))

    def property(self, syntax: Any, into: Node, top: Node, work: tuple[list[tuple[Any, Node, int]], int]) -> None:
        parts = [part for part in syntax.named_children if part.type not in _SKIPPED]
        if parts and parts[0].type in _DECLARATIONS:
            self.declaration(parts[0], top, [], work)
            inner = top.members[-1].value
            inner.members.append(Member("__parent__", into.span, into))
        elif len(parts) >= 2:
            key = self.source(parts[0]).strip("'")
            into.members.append(Member(key, self.span(parts[0]), self.value(parts[-1], *work)))

    def value(self, syntax: Any, todo: list[tuple[Any, Node, int]], depth: int) -> Node:
        for _ in range(MAX_DEPTH):
            if syntax.type != "parenthesized_expression" or syntax.named_child_count != 1:
                break
            syntax = syntax.named_children[0]
        span, source, kind = self.span(syntax), self.source(syntax), syntax.type
        if kind in ("object", "array", "for_statement"):
            node = Node("map" if kind == "object" else "seq", span)
            if kind == "for_statement":
                return self.loop(syntax, (todo, depth), made=True)
            todo.append((syntax, node, depth + 1))
            return node
        if kind == "string":
            return self._string(syntax, span, source, (todo, depth))
        if kind in ("boolean", "null"):
            return Node("bool", span, source == "true") if kind == "boolean" else Node("null", span)
        if kind == "number" and source.lstrip("-").isdigit() and len(source) < 400:
            return Node("int", span, int(source))
        node = Node("expr", span, source)
        if kind == "ternary_expression":
            node.tag = "if"
            todo.append((syntax, node, depth + 1))
        elif kind == "call_expression":
            callee = self.source(syntax.named_children[0])
            node.tag = f"call:{callee}"
            todo.extend((part, node, depth + 1) for part in syntax.named_children[1:] if part.type == "arguments")
            if callee in ("map", "filter") and depth < _MAX_PARTS:
                return self._lambda(syntax, node, callee, (todo, depth))
        elif kind == "binary_expression" and syntax.child_count == 3:
            node.tag = self.source(syntax.child(1))
            todo.append((syntax, node, depth + 1))
        elif kind == "unary_expression" and source.startswith("!"):
            node.tag = "!"
            todo.append((syntax, node, depth + 1))
        elif kind in ("subscript_expression", "member_expression") and depth < _MAX_PARTS:
            self._index(syntax, node, (todo, depth))
        return node

    def _index(self, syntax: Any, node: Node, work: tuple[list[tuple[Any, Node, int]], int]) -> None:
        """Read ``table[key].rest`` into ``node``."""
        inner = syntax
        for _ in range(MAX_DEPTH):
            if inner.type != "member_expression" or not inner.named_child_count:
                break
            inner = inner.named_children[0]
        if inner.type == "subscript_expression" and inner.named_child_count == 2 and inner.named_children[1].type != "number":
            rest = self.text.data[inner.end_byte : syntax.end_byte]
            node.tag = f"index:{rest.replace('?', '').replace('!', '').strip('.')}"
            node.items = [self.value(part, work[0], work[1] + 1) for part in inner.named_children]

    def loop(self, syntax: Any, work: tuple[list[tuple[Any, Node, int]], int], *, made: bool = False) -> Node:
        """Return a loop: its names in the tag, its collection, key, result and test as items."""
        todo, depth = work
        parts = [part for part in syntax.named_children if part.type not in ("comment", "diagnostic_comment", "ERROR")]
        node = Node("expr", self.span(syntax), self.source(syntax))
        if len(parts) < 3 or depth > _MAX_PARTS:
            return node
        names = [self.source(one) for one in (parts[0].named_children if parts[0].type == "for_loop_parameters" else parts[:1])]
        body, test = parts[-1], Node("bool", node.span, True)
        if body.type == "if_statement" and body.named_child_count == 2:
            test, body = self.value(body.named_children[0], todo, depth + 1), body.named_children[1]
        result = self.value(body, todo, depth + 1) if made else Node("null", node.span)
        node.tag = f"for:seq {names[1] if len(names) > 1 else '_'} {names[0]}"
        node.items = [self.value(parts[1], todo, depth + 1), Node("null", node.span), result, test]
        return node

    def _lambda(self, syntax: Any, node: Node, callee: str, work: tuple[list[tuple[Any, Node, int]], int]) -> Node:
        """Return ``map(xs, x => y)`` and ``filter(xs, x => y)`` as loops; ``node`` itself when they are written otherwise."""
        todo, depth = work
        arguments = [part for one in syntax.named_children[1:] if one.type == "arguments" for part in one.named_children]
        if len(arguments) != 2 or "=>" not in self.source(arguments[1]):
            return node
        name, _, _ = self.source(arguments[1]).partition("=>")
        inner = arguments[1]
        while inner.type != "lambda_expression" and inner.named_child_count:
            inner = inner.named_children[0]
        if inner.type != "lambda_expression" or not name.strip().isidentifier():
            return node
        body = inner.named_children[-1]
        start, end = body.start_byte, arguments[1].end_byte
        whole = body.end_byte == end  # the grammar reads `x => x.y` as `(x => x).y`
        result = (
            self.value(body, todo, depth + 1) if whole else Node("expr", self.text.span(start, end), self.text.data[start:end])
        )
        same, always = Node("expr", result.span, name.strip()), Node("bool", result.span, True)
        node.tag = f"for:seq _ {name.strip()}"
        made, test = (result, always) if callee == "map" else (same, result)
        todo[:] = [entry for entry in todo if entry[1] is not node]
        node.items = [self.value(arguments[0], todo, depth + 1), Node("null", node.span), made, test]
        return node

    def _string(self, syntax: Any, span: Span, source: str, work: tuple[list[tuple[Any, Node, int]], int]) -> Node:
        if source.startswith("'''"):
            return Node("str", span, source[3:-3])
        if all(part.type != "interpolation" for part in syntax.named_children):
            return Node("str", span, source[1:-1].replace("\\'", "'").replace("\\n", "\n").replace("\\$", "$"))
        node = Node("expr", span, source, tag="template")
        work[0].append((syntax, node, work[1] + 1))
        return node
