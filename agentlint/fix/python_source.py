"""Places, names and imports in a Python file."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from agentlint.core.fix import Edit
from agentlint.fix.source import SourceFile

Positioned = ast.expr | ast.stmt | ast.keyword | ast.arg | ast.ExceptHandler | ast.alias | ast.pattern


class PythonSource:
    """A parsed Python file. Raises ``SyntaxError`` or ``RecursionError`` when made of what is none."""

    def __init__(self, file: SourceFile) -> None:
        assert file.text is not None
        self.file, self.text = file, file.text
        self.tree = ast.parse(file.text.data)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place that ``ast`` gives: 1-based line, column in bytes of UTF-8."""
        start = self.text.starts[line - 1]
        content = self.text.lines[line - 1]
        if not content.isascii():
            column = len(content.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return start + column

    def range(self, node: ast.AST) -> tuple[int, int] | None:
        """Return the offsets of ``node``, decorators included; ``None`` for nodes without a place."""
        if not isinstance(node, Positioned):
            return None
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first: ast.AST = node
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            first = decorators[0]
        return (
            self.offset(first.lineno, first.col_offset),  # type: ignore[attr-defined]
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def code(self, node: ast.AST) -> str:
        """Return the source of ``node``."""
        start, end = self.range(node) or (0, 0)
        return self.text.data[start:end]

    def around(self, start: int, end: int) -> list[ast.AST]:
        """Return the nodes that hold the text from ``start`` to ``end``, from the module to the innermost."""
        chain: list[ast.AST] = [self.tree]
        line = self.text.position(start)[0]
        while not isinstance(chain[-1], ast.JoinedStr):
            inner = next((way for child in ast.iter_child_nodes(chain[-1]) if (way := self._way(child, line, start, end))), None)
            if inner is None:
                break
            chain += inner
        return chain

    def _way(self, node: ast.AST, line: int, start: int, end: int) -> list[ast.AST]:
        if isinstance(node, ast.stmt) and (node.end_lineno or line) < line:
            return []  # most statements of a long file, without working out their offsets
        place = self.range(node)
        if place is not None:
            return [node] if place[0] <= start and end <= place[1] else []
        for child in ast.iter_child_nodes(node):  # `arguments` and other nodes without a place, nested a few levels at most
            way = self._way(child, line, start, end)
            if way:
                return [node, *way]
        return []

    @cached_property
    def imports(self) -> dict[str, str]:
        """What the names that are imported anywhere in the file stand for, as dotted paths."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return found

    def dotted(self, node: ast.AST) -> str:
        """Return the path that a name or attribute stands for after imports; empty for other expressions."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call):
            return ".".join([f"{self.dotted(node.func)}()", *reversed(parts)])
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    @cached_property
    def bound(self) -> frozenset[str]:
        """Every name that is bound anywhere in the file by something else than an import."""
        return frozenset(self._bindings())

    def _bindings(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id
            elif isinstance(node, ast.arg):
                yield node.arg
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.MatchAs | ast.MatchStar | ast.ExceptHandler):
                yield node.name or ""

    def symbol(self, path: str, line: int, *, module: bool) -> tuple[str, Edit | None] | None:
        """Return how to write the imported ``path`` at ``line``, with the edit that adds its import.

        With ``module``, ``a.b`` is written after ``import a``, else after ``from a import b``. ``None`` when its name means
        something else in this file.
        """
        parent, _, last = path.rpartition(".")
        for node in self._top_imports(line):
            for alias in node.names:
                if isinstance(node, ast.Import) and alias.name == parent and (alias.asname or "." not in parent):
                    if (alias.asname or parent) not in self.bound:
                        return f"{alias.asname or parent}.{last}", None
                elif (isinstance(node, ast.ImportFrom) and not node.level and f"{node.module}.{alias.name}" == path) and (
                    alias.asname or last
                ) not in self.bound:
                    return alias.asname or last, None
        name = parent if module else last
        if name in self.bound or self.imports.get(name, "") not in ("", parent if module else path):
            return None
        statement = f"import {parent}" if module else f"from {parent} import {last}"
        edit = self._insertion(statement)
        return (path if module else last, edit) if edit is not None else None

    def _top_imports(self, line: int) -> Iterator[ast.Import | ast.ImportFrom]:
        for node in self.tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno < line:
                yield node

    def _insertion(self, statement: str) -> Edit | None:
        """Return the edit that adds an import: before the first import, after the docstring and those from the future."""
        body: Sequence[ast.stmt] = self.tree.body
        at = 0
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            at = 1
        while at < len(body) and isinstance(node := body[at], ast.ImportFrom) and node.module == "__future__":
            at += 1
        if at >= len(body):
            return None
        following = body[at]
        start, _ = self.range(following) or (0, 0)
        if start != self.text.starts[self.text.position(start)[0] - 1]:
            return None  # it shares its line with another statement
        newline = self.file.newline
        blank = "" if isinstance(following, (ast.Import, ast.ImportFrom)) else newline
        return Edit(self.file.path, self.text.span(start, start), f"{statement}{newline}{blank}")
