"""A module's syntax tree to ``PythonFacts``."""

from __future__ import annotations

import ast
from collections import deque
from typing import Any

from agentlint.core.place import Span
from agentlint.facts.python import branching as _branching  # noqa: F401  registers its statements
from agentlint.facts.python.expr import constant_text, lower_expr
from agentlint.facts.python.ir import Class, Exit, Function, Op, Param, PythonFacts
from agentlint.facts.python.scope import Scope, number_lines
from agentlint.facts.python.stmt import lower_body

MAX_DOC = 20_000


class ModuleBuilder:
    """Collects the functions and classes of one module; bodies are lowered breadth first, so nesting costs no stack."""

    def __init__(self) -> None:
        self.functions: list[Function | None] = []
        self.classes: list[Class | None] = []
        self.stars: list[str] = []
        self.imported: set[str] = set()
        self.dotted_bases: set[str] = {"self", "cls"}
        self.main_guard = False
        self._queue: deque[tuple[Scope, Any, tuple[int, ...], int]] = deque()
        self._fields: dict[int, dict[str, tuple[int, int]]] = {}
        self._shared: dict[int, frozenset[str]] = {}

    def run(self, tree: ast.Module, *, has_nonlocal: bool = False) -> PythonFacts:
        """Lower the whole module."""
        if has_nonlocal:
            self._shared = _shared_names(tree)
        number_lines(max((node.end_lineno or node.lineno for node in tree.body), default=0))
        self.functions.append(None)
        scope = Scope(self, 0, "module", "<module>", "", -1, -1)
        scope.doc = _doc(tree)
        lower_body(scope, tree.body)
        self.functions[0] = scope.finish(Span(), (), -1, False)
        while self._queue:
            self._lower_function(*self._queue.popleft())
        return PythonFacts(
            functions=tuple(f for f in self.functions if f is not None),
            classes=tuple(c for c in self.classes if c is not None),
            stars=tuple(self.stars),
            main_guard=self.main_guard,
        )

    def declare(self, outer: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
        """Reserve an index for a function, lower what belongs to the enclosing scope, and queue its body."""
        index = len(self.functions)
        self.functions.append(None)
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        qualname = f"{outer.qualname}.{name}" if outer.qualname else name
        owner = outer.owner if outer.kind == "class" else -1
        kind = "lambda" if isinstance(node, ast.Lambda) else "function"
        scope = Scope(self, index, kind, name, qualname, outer.index, owner)
        decorators: tuple[int, ...] = ()
        returns = -1
        if not isinstance(node, ast.Lambda):
            decorators = tuple(lower_expr(outer, d) for d in node.decorator_list)
            returns = lower_expr(outer, node.returns) if node.returns is not None else -1
        scope.params = _params(outer, node.args)
        self._queue.append((scope, node, decorators, returns))
        return index

    def declare_class(self, outer: Scope, node: ast.ClassDef) -> int:
        """Lower a class: its bases in the enclosing scope, its body now, its methods later."""
        index = len(self.classes)
        self.classes.append(None)
        bases = tuple(lower_expr(outer, base) for base in node.bases if not isinstance(base, ast.Starred))
        for keyword in node.keywords:
            lower_expr(outer, keyword.value)
        decorators = tuple(lower_expr(outer, d) for d in node.decorator_list)
        body = len(self.functions)
        self.functions.append(None)
        qualname = f"{outer.qualname}.{node.name}" if outer.qualname else node.name
        scope = Scope(self, body, "class", node.name, qualname, outer.index, index)
        lower_body(scope, node.body)
        self.functions[body] = scope.finish(span_of(node), (), -1, False)
        fields = self._fields.pop(body, {})
        methods = {}
        for name, ids in scope.defs.items():
            last = scope.values[ids[-1]]
            if last.op is Op.FUNC:
                methods[name] = int(last.text)
            elif name not in fields:
                fields[name] = (-1, ids[-1])
        self.classes[index] = Class(
            node.name, qualname, outer.index, body, span_of(node), bases, decorators, methods, fields, _doc(node)
        )
        return index

    def note_field(self, scope: Scope, name: str, annotation: int, default: int) -> None:
        """Remember an annotated name of a class body."""
        self._fields.setdefault(scope.index, {})[name] = (annotation, default)

    def note_main_guard(self, scope: Scope, node: ast.If) -> None:
        """Remember ``if __name__ == "__main__"``."""
        test = node.test
        if scope.kind == "module" and isinstance(test, ast.Compare) and isinstance(test.left, ast.Name):
            self.main_guard = self.main_guard or test.left.id == "__name__"

    def _lower_function(self, scope: Scope, node: Any, decorators: tuple[int, ...], returns: int) -> None:
        scope.shared = self._shared.get(id(node), scope.shared)
        for index, param in enumerate(scope.params):
            place = _args_in_order(node.args)[index]
            value = scope.new(Op.PARAM, place, param.name, (index,))
            scope.params[index] = Param(param.name, param.kind, value, param.annotation, param.default)
            scope.bind(param.name, value)
        if isinstance(node, ast.Lambda):
            scope.exits.append(Exit(lower_expr(scope, node.body), 0))
        else:
            scope.doc = _doc(node)
            scope.doc_line = node.body[0].lineno if scope.doc else 0
            lower_body(scope, node.body)
        self.functions[scope.index] = scope.finish(span_of(node), decorators, returns, isinstance(node, ast.AsyncFunctionDef))


def _shared_names(tree: ast.Module) -> dict[int, frozenset[str]]:
    """For each function, by identity, the names that functions inside it declare ``nonlocal``."""
    found: dict[int, frozenset[str]] = {}
    todo: list[tuple[ast.AST, tuple[int, ...]]] = [(tree, ())]
    while todo:
        node, around = todo.pop()
        if isinstance(node, ast.Nonlocal):
            for function in around[:-1]:
                found[function] = found.get(function, frozenset()).union(node.names)
        inner = (*around, id(node)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) else around
        todo += [(child, inner) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]
    return found


def _args_in_order(args: ast.arguments) -> list[Any]:
    starred = [args.vararg] if args.vararg else []
    return [*args.posonlyargs, *args.args, *starred, *args.kwonlyargs, *([args.kwarg] if args.kwarg else [])]


def _params(outer: Scope, args: ast.arguments) -> list[Param]:
    positional = [*args.posonlyargs, *args.args]
    defaults: dict[str, ast.expr | None] = {}
    if args.defaults:
        defaults.update({a.arg: d for a, d in zip(positional[-len(args.defaults) :], args.defaults, strict=True)})
    defaults.update({a.arg: d for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)})
    kinds = {id(a): "pos" for a in positional} | {id(a): "kw" for a in args.kwonlyargs}
    if args.vararg:
        kinds[id(args.vararg)] = "*"
    if args.kwarg:
        kinds[id(args.kwarg)] = "**"
    found = []
    for arg in _args_in_order(args):
        default = defaults.get(arg.arg)
        annotation = lower_expr(outer, arg.annotation) if arg.annotation is not None else -1
        found.append(Param(arg.arg, kinds[id(arg)], -1, annotation, lower_expr(outer, default) if default is not None else -1))
    return found


def span_of(node: Any) -> Span:
    """The place of a definition: its header line, not its whole body."""
    first = getattr(node, "body", None)
    end = node.end_lineno if not isinstance(first, list) else node.lineno
    column = (
        node.end_col_offset + 1
        if not isinstance(first, list)
        else node.col_offset + 1 + len("def ") + len(getattr(node, "name", ""))
    )
    return Span(node.lineno, node.col_offset + 1, end, column)


def _doc(node: Any) -> str:
    body = node.body
    if (
        body
        and isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        return constant_text(body[0].value.value, MAX_DOC)
    return ""


def lower(tree: ast.Module, text: str) -> PythonFacts:
    """Lower a parsed module; ``text`` is its source, needed to turn byte columns into code points.

    Raises:
        RecursionError: an expression nests too deeply; the caller reports a cap.
    """
    facts = ModuleBuilder().run(tree, has_nonlocal="nonlocal" in text)
    if not text.isascii():
        _to_code_points(facts, text.split("\n"))
    return facts


def _to_code_points(facts: PythonFacts, lines: list[str]) -> None:
    wide = {number: line.encode("utf-8", "surrogatepass") for number, line in enumerate(lines, 1) if not line.isascii()}
    for function in facts.functions:
        for value in function.values:
            if value.line in wide:
                value.column = _points(wide[value.line], value.column)
            if value.end_line in wide:
                value.end_column = _points(wide[value.end_line], value.end_column)


def _points(line: bytes, column: int) -> int:
    return len(line[: column - 1].decode("utf-8", "replace")) + 1
