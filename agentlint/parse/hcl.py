"""HCL (Terraform) with the place of every block, attribute and value.

Shape of the tree: the root is a map. Each block is a member whose key is the block type (``resource``) and whose
value is a map with tag = block type, a first member ``__labels__`` (a ``seq`` of strings) and its attributes and
inner blocks as members. A block type that repeats is a member that repeats. Literals are typed; lists and objects are
``seq`` and ``map``; here-documents have the tag ``heredoc`` and hold their body (kind ``expr`` when they
interpolate); all else is ``expr`` with its source text. An ``expr`` with the tag ``call:name``, ``if`` or ``template``
has arguments, the three parts, or the pieces as items. ``op:&&`` (any operator) has its operands, ``index:rest`` what is
indexed and the index (``rest`` is the path that follows), ``for:seq k v`` the collection, key, result and test (null and
true when not written).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.limits import MAX_DEPTH, MAX_NODES
from agentlint.core.place import Span
from agentlint.parse.blank import blank
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.json import unescape
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_LITERALS = {"true": True, "false": False}
_NUMBER = lazy.pattern(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,20})?")
_VALUES = frozenset({
    "tuple", "object", "string_lit", "bool_lit", "null_lit", "numeric_lit", "heredoc_template", "unary_operation",
})  # fmt: skip
_WRAPPERS = frozenset({"literal_value", "collection_value", "expression", "operation"})
_MARKS = frozenset({"(", ")", "comment"})
_MAX_PARTS = 60  # of operators and loops inside each other
_MAX_CHARACTERS = 1_000_000  # the grammar recovers from errors at 0.1 MB/s; real modules are far smaller
_WIDE = lazy.pattern(r"[^\x00-\x7f]+")
_OTHER = "\x7f"  # like all signs outside ASCII: allowed in strings and comments, an error elsewhere
_language: Any = None


def parse_hcl(text: Text) -> Document | ParseProblem:
    """Parse ``text`` into the shape described above; template parts are blanked when it cannot be parsed with them."""
    if len(text.data) > _MAX_CHARACTERS:
        return ParseProblem(f"more than {_MAX_CHARACTERS} characters of HCL", 0, "cap")
    tree = _tree(text.data)
    problem = _first_error(tree.root_node, text)
    blanked: list[tuple[int, int]] = []
    if problem is not None and ("{{" in text.data or "{%" in text.data):
        data, blanked = blank(text.data, "_")
        again = _tree(data) if blanked else tree
        if blanked and _first_error(again.root_node, text) is None:
            tree, problem = again, None
    if problem is not None:
        return problem
    builder = _Builder(text, blanked)
    root = builder.build(tree.root_node)
    return root if isinstance(root, ParseProblem) else Document([root], templated=bool(blanked))


def _tree(data: str) -> Any:
    global _language  # noqa: PLW0603 - the grammar is loaded once, when the first file needs it
    import tree_sitter

    if _language is None:
        import tree_sitter_hcl

        _language = tree_sitter.Language(tree_sitter_hcl.language())
    # One byte for each character: the offsets of the tree are then those of the text, and need no translation.
    return tree_sitter.Parser(_language).parse(_WIDE.sub(_narrow, data).encode("ascii"))


def _narrow(run: re.Match[str]) -> str:
    return "".join("_" if f"_{char}".isidentifier() else _OTHER for char in run[0])


def _first_error(root: Any, text: Text) -> ParseProblem | None:
    if not root.has_error:
        return None
    node = root
    while not (node.is_error or node.is_missing):
        child = next((child for child in node.children if child.has_error or child.is_missing), None)
        if child is None:
            break
        node = child
    return ParseProblem("not valid HCL", text.position(node.start_byte)[0])


class _Builder:
    def __init__(self, text: Text, blanked: list[tuple[int, int]]) -> None:
        self.text = text
        self.starts = [*text.starts, len(text.data) + 1]  # the last is never reached, so that every line has an end
        self.blanked = blanked
        self.blank_starts = [start for start, _ in blanked]

    def build(self, root: Any) -> Node | ParseProblem:
        """Walk the tree with a stack of (syntax node, map or sequence that takes its values, depth)."""
        top = Node("map", self.text.span(0, len(self.text.data)))
        stack: list[tuple[Any, Node, int]] = [(root, top, 0)]
        count = 0
        while stack:
            syntax, into, depth = stack.pop()
            if depth > MAX_DEPTH:
                return ParseProblem(f"nested deeper than {MAX_DEPTH} levels", self.span(syntax).line, "cap")
            todo: list[tuple[Any, Node, int]] = []
            for child in syntax.named_children:
                count += 1
                if count > MAX_NODES:
                    return ParseProblem(f"more than {MAX_NODES} values", self.span(child).line, "cap")
                kind = child.type
                if kind == "body":
                    todo.append((child, into, depth))
                elif kind == "block":
                    todo.append((child, self.block(child, into), depth + 1))
                elif kind in ("attribute", "object_elem"):
                    self.attribute(child, into, depth, todo)
                elif kind == "expression" and into.kind in ("seq", "expr"):
                    into.items.append(self.value(child, depth, todo))
                elif kind == "template_literal":
                    into.items.append(Node("str", self.span(child), self.source(child)))
                elif kind == "template_interpolation":
                    inside = [part for part in child.named_children if part.type == "expression"]
                    into.items.extend([self.value(part, depth, todo) for part in inside])
            stack.extend(reversed(todo))
        return top

    def span(self, syntax: Any) -> Span:
        start, end, starts = syntax.start_byte, syntax.end_byte, self.starts
        line = bisect_right(starts, start)
        first = starts[line - 1]
        if end < starts[line]:  # nearly always: one look-up serves both ends
            return Span(line, start - first + 1, line, end - first + 1)
        last = bisect_right(starts, end)
        return Span(line, start - first + 1, last, end - starts[last - 1] + 1)

    def source(self, syntax: Any) -> str:
        return self.text.data[syntax.start_byte : syntax.end_byte]

    def block(self, syntax: Any, into: Node) -> Node:
        name, *rest = [child for child in syntax.children if child.type in ("identifier", "string_lit")]
        key = self.source(name)
        labels = [Node("str", self.span(label), self.source(label).strip('"')) for label in rest]
        span = self.span(name).to(labels[-1].span) if labels else self.span(name)
        node = Node("map", self.span(syntax), tag=key)
        node.members.append(Member("__labels__", span, Node("seq", span, items=labels)))
        into.members.append(Member(key, self.span(name), node))
        return node

    def attribute(self, syntax: Any, into: Node, depth: int, todo: list[tuple[Any, Node, int]]) -> None:
        parts = [child for child in syntax.named_children if child.type != "comment"]
        if len(parts) < 2:
            return
        key = self.source(parts[0])
        if key.startswith('"') and key.endswith('"') and "${" not in key:
            key = unescape(key[1:-1])
        into.members.append(Member(key, self.span(parts[0]), self.value(parts[-1], depth, todo)))

    def value(self, syntax: Any, depth: int, todo: list[tuple[Any, Node, int]]) -> Node:
        span = self.span(syntax)
        inner = _inner(syntax)
        if inner is not None and not self.is_blanked(syntax):
            if inner.type in ("tuple", "object"):
                node = Node("seq" if inner.type == "tuple" else "map", span)
                todo.append((inner, node, depth + 1))
                return node
            scalar = self.scalar(inner, span)
            if scalar is not None:
                return scalar
        source = self.source(syntax)
        if inner is not None and inner.type == "heredoc_template":
            return Node("expr", span, _heredoc(source), tag="heredoc")
        node = Node("expr", span, source)
        if not self.is_blanked(syntax):
            self.parts(syntax, node, depth, todo)
        return node

    def parts(self, syntax: Any, node: Node, depth: int, todo: list[tuple[Any, Node, int]]) -> None:
        """Give an expression its tag, and have its parts read into it."""
        core = _core(syntax)
        if core.type == "for_expr":
            self.loop(core.named_children[0], node, depth, todo)
        elif core.type in ("binary_operation", "unary_operation"):
            self.operation(core, node, depth, todo)
        elif core.type == "expression" and core.named_child_count > 2:
            self.index(core, node, depth, todo)
        elif core.type == "conditional":
            node.tag, node.items = "if", []
            todo.append((core, node, depth + 1))
        elif core.type == "function_call":
            node.tag, node.items = f"call:{self.source(core.child(0))}", []
            todo.extend((child, node, depth + 1) for child in core.named_children if child.type == "function_arguments")
        elif core.type == "quoted_template":
            directed = any(child.type == "template_directive" for child in core.named_children)
            if not directed:
                node.tag, node.items = "template", []
                todo.append((core, node, depth + 1))

    def operation(self, core: Any, node: Node, depth: int, todo: list[tuple[Any, Node, int]]) -> None:
        """Read the operands of an operator; a traversal is several syntax nodes side by side."""
        children = [child for child in core.children if child.type not in ("(", ")", "comment")]
        at = next((n for n, child in enumerate(children) if not child.is_named), -1)
        if at < 0 or depth > _MAX_PARTS:
            return
        node.tag, node.items = f"op:{children[at].type}", []
        for group in (children[:at], children[at + 1 :]):
            if len(group) == 1:
                node.items.append(self.value(group[0], depth + 1, todo))
            elif group:
                start, end = group[0].start_byte, group[-1].end_byte
                node.items.append(Node("expr", self.text.span(start, end), self.text.data[start:end]))

    def loop(self, core: Any, node: Node, depth: int, todo: list[tuple[Any, Node, int]]) -> None:
        """Read a ``for`` expression: its names into the tag, its collection, key, result and test into the items."""
        intro = next((child for child in core.named_children if child.type == "for_intro"), None)
        results = [child for child in core.named_children if child.type == "expression"]
        grouped = any(child.type == "ellipsis" for child in core.children)
        if intro is None or grouped or not results or depth > _MAX_PARTS:
            return
        names = [self.source(child) for child in intro.named_children if child.type == "identifier"]
        source = [child for child in intro.named_children if child.type == "expression"]
        test = next((part for one in core.named_children if one.type == "for_cond" for part in one.named_children), None)
        if not names or not source:
            return
        node.tag = (
            f"for:{'map' if core.type == 'for_object_expr' else 'seq'} {' '.join(names if len(names) > 1 else ['_', *names])}"
        )
        key = self.value(results[0], depth + 1, todo) if len(results) > 1 else Node("null", node.span)
        tested = self.value(test, depth + 1, todo) if test is not None else Node("bool", node.span, True)
        node.items = [self.value(source[0], depth + 1, todo), key, self.value(results[-1], depth + 1, todo), tested]

    def index(self, core: Any, node: Node, depth: int, todo: list[tuple[Any, Node, int]]) -> None:
        """Read ``map[key].rest`` where the key is computed and all else is written out."""
        steps = [child for child in core.named_children if child.type != "comment"]
        computed = [n for n, step in enumerate(steps) if step.type == "index" and _computed(step)]
        if len(computed) != 1 or steps[0].type != "variable_expr" or depth > _MAX_PARTS:
            return
        position = computed[0]
        rest = "".join(self.source(step) for step in steps[position + 1 :])
        key = steps[position].named_children[0].named_children[0]
        start, end = steps[0].start_byte, steps[position - 1].end_byte
        whole = Node("expr", self.text.span(start, end), self.text.data[start:end])
        node.tag, node.items = f"index:{rest}", [whole, self.value(key, depth + 1, todo)]

    def scalar(self, inner: Any, span: Span) -> Node | None:
        source = self.source(inner)
        if inner.type == "string_lit":
            return Node("str", span, unescape(source[1:-1]).replace("$${", "${").replace("%%{", "%{"))
        if inner.type == "bool_lit":
            return Node("bool", span, _LITERALS[source])
        if inner.type == "null_lit":
            return Node("null", span)
        match = _NUMBER.fullmatch(source) if inner.type in ("numeric_lit", "unary_operation") else None
        if match is not None:
            return Node("float", span, float(source)) if match[1] or match[2] else Node("int", span, int(source))
        if inner.type == "heredoc_template" and all(child.type != "template_interpolation" for child in inner.children):
            if any(child.type == "template_directive" for child in inner.children):
                return None
            return Node("str", span, _heredoc(source), tag="heredoc")
        return None

    def is_blanked(self, syntax: Any) -> bool:
        """Tell whether a scalar holds a template part; lists and objects keep their structure."""
        if not self.blanked:
            return False
        inner = _inner(syntax)
        if inner is not None and inner.type in ("tuple", "object"):
            return False
        index = bisect_right(self.blank_starts, syntax.end_byte - 1) - 1
        return index >= 0 and self.blanked[index][1] > syntax.start_byte


def _inner(syntax: Any) -> Any:
    """Return what an expression consists of when that is one literal, collection or template; else ``None``."""
    node = syntax
    for _ in range(MAX_DEPTH):
        if node.child_count == 1:
            node = node.child(0)
        else:
            children = [child for child in node.children if child.type not in _MARKS]
            if len(children) != 1:
                return None
            node = children[0]
        kind = node.type
        if kind in _VALUES:
            return node
        if kind == "template_expr" and node.child_count == 1 and node.child(0).type == "heredoc_template":
            return node.child(0)
        if kind not in _WRAPPERS:
            return None
    return None


def _computed(index: Any) -> bool:
    """Whether an index is neither a literal nor the number of a copy."""
    inner = index.named_children[0] if index.named_child_count == 1 else None
    if inner is None or inner.type != "new_index" or inner.named_child_count != 1:
        return False
    key = inner.named_children[0]
    return (
        key.named_child_count > 0
        and key.named_children[0].type not in ("literal_value", "template_expr")
        and b"count." not in key.text
    )


def _core(syntax: Any) -> Any:
    """Return the innermost syntax node that is all of an expression but its brackets."""
    node = syntax
    for _ in range(MAX_DEPTH):
        children = [child for child in node.children if child.type not in _MARKS]
        if len(children) != 1 or node.type not in ("expression", "operation", "template_expr"):
            break
        node = children[0]
    return node


def _heredoc(source: str) -> str:
    """Return the body of a here-document; ``<<-`` removes the indentation that all its lines share."""
    lines = source.split("\n")
    body = lines[1:-1]
    if lines[0].startswith("<<-"):
        shared = min((len(line) - len(line.lstrip()) for line in body if line.strip()), default=0)
        body = [line[shared:] for line in body]
    return "\n".join([*body, ""]) if body else ""
