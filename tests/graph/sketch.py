"""A program under construction: files, the function that is being written, and fresh names."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

SINKS = ("shell", "sql", "path", "code-exec", "url")
AFFIX = {
    "shell": ("ls -l ", ""),
    "sql": ("SELECT * FROM t WHERE a = '", "'"),
    "path": ("data/", ".txt"),
    "code-exec": ("f(", ")"),
    "url": ("", "/v1"),
}
CALLS = {
    "shell": (("import os", "os.system({})"), ("import subprocess", "subprocess.run({}, shell=True)")),
    "sql": (
        ("import sqlite3", 'sqlite3.connect("a.db").execute({})'),
        ("import sqlite3", 'sqlite3.connect("a.db").cursor().execute({})'),
    ),
    "path": (("", "open({}).read()"), ("import os", "os.remove({})")),
    "code-exec": (("", "eval({})"), ("", "exec({})")),
    "url": (("import requests", "requests.get({})"),),
}
LAYOUTS = ("{}.py", "pkg/{}.py", "src/pkg/{}.py")


@dataclass
class File:
    imports: dict[str, None] = field(default_factory=dict)
    chunks: list[list[str]] = field(default_factory=list)

    def text(self) -> str:
        parts = ["\n".join(self.imports)] + ["\n".join(chunk) for chunk in self.chunks]
        return "\n\n\n".join(part for part in parts if part) + "\n"


class Sketch:
    """Constructs add lines to the current function and definitions to the current file."""

    def __init__(self, rng: random.Random, sink: str) -> None:
        self.rng = rng
        self.sink = sink
        self.prefix, self.suffix = AFFIX[sink]
        self.layout = rng.choice(LAYOUTS)
        self.is_async = False
        self.files: dict[str, File] = {}
        self.here = "app"
        self.file(self.here)
        self.body: list[str] = []
        self.indent = self.base = 1
        self.after: list[str] = []
        self._names = 0

    def file(self, name: str) -> File:
        return self.files.setdefault(name, File())

    def fresh(self, stem: str = "v") -> str:
        self._names += 1
        return f"{stem}{self._names}"

    def use(self, *imports: str) -> None:
        self.file(self.here).imports.update(dict.fromkeys(imports))

    def top(self, text: str) -> None:
        """Add a definition to the current file."""
        self.file(self.here).chunks.append(text.strip("\n").split("\n"))

    def line(self, *lines: str) -> None:
        self.body += ["    " * self.indent + line for line in lines]

    def let(self, expression: str, stem: str = "v") -> str:
        name = self.fresh(stem)
        self.line(f"{name} = {expression}")
        return name

    def begin(self, *header: str, is_async: bool = False, indent: int = 1) -> None:
        """Go on in a new function of the current file; ``header`` is its decorators and ``def`` line."""
        self._close()
        self.body = list(header)
        self.indent = self.base = indent
        self.is_async = is_async
        self.file(self.here).chunks.append(self.body)

    def _close(self) -> None:
        self.body += ["    " * self.base + line for line in self.after]
        self.after = []

    def elsewhere(self, stem: str = "mod") -> str:
        """Name a new file next to the others."""
        name = self.fresh(stem)
        self.file(name)
        return name

    def import_of(self, module: str, names: str = "") -> str:
        """Return the import statement for another file of the program, in one of the ways the layout allows."""
        package = "pkg." if "pkg" in self.layout else ""
        if not names:
            return f"import {package}{module} as {module}" if package else f"import {module}"
        if package and self.rng.random() < 0.5:
            return f"from .{module} import {names}"
        return f"from {package}{module} import {names}"

    def coin(self, outcome: bool) -> str:
        """Return a condition nothing is known of; at run time it has this outcome."""
        self.use("import random")
        return f"random.random() {'>=' if outcome else '<'} 0"

    def finish(self) -> dict[str, str]:
        self._close()
        return {self.layout.format(name): file.text() for name, file in self.files.items()} | (
            {self.layout.format("__init__"): ""} if "pkg" in self.layout else {}
        )


Construct = Callable[[Sketch, str, bool], str]
"""Takes the expression that carries the value and returns the one that carries it on; with ``True``, one that does not."""
