"""Compare the symbols and arguments that models name with the source of the packages.

``python scripts/check_models.py SOURCES [MODEL…]``: ``SOURCES`` is a directory of unpacked wheels (one folder each).
Nothing is imported; the source is parsed. What is reported is worth a look, not always wrong: packages whose source is
not there are passed over, and so are names that a package makes while it runs.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
Found: TypeAlias = "tuple[str, Any]"
"""``module`` and its dotted name, ``def`` and its tree, ``class`` and (tree, module), ``value`` and (tree, module), or ``?``."""
_UNKNOWN: Found = ("?", None)
_GROUPS = {
    "sources": ("call", "params_of", "handler", "read"), "sinks": ("call",), "tools": ("decorator", "call", "base"),
    "agents": ("call",), "runs": ("call",), "gates": ("call",), "guardrails": ("call", "decorator"), "memories": ("call",),
    "switches": ("call",), "limits": ("call",), "loggers": ("call",), "servers": ("call",), "auth": ("call",),
}  # fmt: skip
_ARGUMENTS = ("arg", "prompt", "tools", "model", "handoffs", "memory", "guardrails", "servers", "agent", "input", "func", "host")


class Sources:
    """The modules of all unpacked packages, parsed when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folders = sorted(path for path in folder.iterdir() if path.is_dir())

    @cache  # noqa: B019 - lives as long as the script
    def files(self, module: str) -> tuple[Path, ...]:
        """Return the files that a dotted name may be, of all packages."""
        part = Path(*module.split("."))
        found = [f / part / "__init__.py" for f in self._folders] + [f / part.with_suffix(".py") for f in self._folders]
        return tuple(path for path in found if path.is_file())

    @cache  # noqa: B019 - lives as long as the script
    def is_folder(self, module: str) -> bool:
        """Return whether a dotted name is a folder of any package."""
        return any((folder / Path(*module.split("."))).is_dir() for folder in self._folders)

    @cache  # noqa: B019 - lives as long as the script
    def names(self, module: str) -> dict[str, Found]:
        """Return what a module defines at its top, branches included."""
        found: dict[str, Found] = {}
        for path in self.files(module):
            tree = ast.parse(path.read_bytes())
            home = module if path.name == "__init__.py" else module.rpartition(".")[0]
            for node in _flat(tree.body):
                _note(found, node, module, home)
            text = path.read_text("utf-8", "replace")
            if "__getattr__" in text or "_LazyModule" in text or "attach" in text:
                for name in re.findall(r"[\"']([A-Za-z_]\w+)[\"']", text):
                    found.setdefault(name, ("lazy", (name, home)))
        return found

    def resolve(self, module: str, name: str, depth: int = 0) -> Found | None:
        """Return what ``name`` is in ``module``, imports followed; ``None`` when it is not there."""
        if depth > 8:
            return _UNKNOWN
        known = self.names(module).get(name)
        below = f"{module}.{name}"
        if known is None:
            if self.files(below) or self.is_folder(below):
                return ("module", below)
            stars = [value for key, value in self.names(module).items() if key.startswith("*")]
            for _, (_, other) in stars:
                got = self.resolve(other, name, depth + 1)
                if got is not None:
                    return got
            return None
        if known[0] == "lazy":
            return self._anywhere(known[1][0], module.partition(".")[0]) or _UNKNOWN
        if known[0] == "import":
            other, what = known[1]
            if not what:
                return ("module", other)
            if not self.files(other) and not self.is_folder(other):
                return _UNKNOWN
            return self.resolve(other, what, depth + 1) or _UNKNOWN
        return known

    @cache  # noqa: B019 - lives as long as the script
    def _anywhere(self, name: str, root: str) -> Found | None:
        pattern = re.compile(rf"^(?:class|def|async def) {re.escape(name)}\b", re.MULTILINE)
        for folder in self._folders:
            for path in sorted((folder / root).rglob("*.py")) if (folder / root).is_dir() else ():
                if pattern.search(path.read_text("utf-8", "replace")):
                    module = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
                    return self.names(module).get(name)
        return None

    def member(self, owner: Found, name: str, depth: int = 0) -> Found | None:
        """Return what ``name`` is on a class, its bases included; unknown when a base is."""
        if owner[0] != "class" or depth > 12:
            return _UNKNOWN
        tree, module = owner[1]
        for node in _flat(tree.body):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
                is_property = any("property" in ast.unparse(d) for d in node.decorator_list)
                return ("value", (node.returns, module)) if is_property else ("def", node)
            if isinstance(node, ast.ClassDef) and node.name == name:
                return ("class", (node, module))
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
                return ("value", (node.annotation, module))
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                return _UNKNOWN
        for sub in ast.walk(tree):
            if isinstance(sub, ast.Attribute) and sub.attr == name and isinstance(sub.ctx, ast.Store):
                return _UNKNOWN
        unknown = any(isinstance(n, ast.FunctionDef) and n.name == "__getattr__" for n in tree.body)
        for base in tree.bases:
            parent = self.expression(base, module)
            if parent[0] != "class":
                unknown = unknown or ast.unparse(base).rpartition(".")[2].partition("[")[0] not in _PLAIN
                continue
            got = self.member(parent, name, depth + 1)
            if got is not None and got is not _UNKNOWN:
                return got
            unknown = unknown or got is _UNKNOWN
        return _UNKNOWN if unknown else None

    def expression(self, node: ast.expr | None, module: str) -> Found:
        """Return what a base or an annotation names."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.Subscript):
            return self.expression(node.value, module)
        if isinstance(node, ast.Name):
            return self.resolve(module, node.id) or _UNKNOWN
        if isinstance(node, ast.Attribute):
            holder = self.expression(node.value, module)
            if holder[0] == "module":
                return self.resolve(holder[1], node.attr) or _UNKNOWN
        return _UNKNOWN

    def path(self, dotted: str) -> Found | str:
        """Return what a model's path is, or the part of it that does not exist."""
        parts = dotted.split(".")
        current: Found = ("module", parts[0].removesuffix("()"))
        if not self.files(current[1]) and not self.is_folder(current[1]):
            return _UNKNOWN
        seen = parts[0]
        for part in parts[1:]:
            calls = part.count("()")
            name = part.replace("()", "")
            seen += f".{part}"
            if name.endswith("*"):
                return _UNKNOWN
            got = self.resolve(current[1], name) if current[0] == "module" else self.member(current, name)
            if got is None:
                return seen
            if calls and got[0] == "def":
                got = _UNKNOWN
            elif got[0] == "value":
                got = self.expression(got[1][0], got[1][1])
            current = got
            if current is _UNKNOWN:
                return _UNKNOWN
        return current

    def parameters(self, found: Found) -> tuple[list[str], bool] | None:
        """Return the parameters of a function or constructor, and whether it takes others too."""
        tree = found[1] if found[0] == "def" else None
        if found[0] == "class":
            made = self.member(found, "__init__")
            if made is None or made is _UNKNOWN or made[0] != "def":
                return None
            tree = made[1]
        if tree is None:
            return None
        args = tree.args
        return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)], args.kwarg is not None


_PLAIN = frozenset({"ABC", "object", "Generic", "Protocol", "Enum", "str", "Exception"})


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        for field in ("body", "orelse", "handlers", "finalbody"):
            inner = getattr(node, field, None)
            if inner and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for part in inner:
                    yield from _flat(part.body if isinstance(part, ast.ExceptHandler) else [part])


def _note(found: dict[str, Found], node: ast.stmt, module: str, home: str) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        found[node.name] = ("def", node)
    elif isinstance(node, ast.ClassDef):
        found[node.name] = ("class", (node, module))
    elif isinstance(node, ast.ImportFrom):
        base = home
        for _ in range(node.level - 1):
            base = base.rpartition(".")[0]
        source = ".".join(p for p in ((base if node.level else ""), node.module or "") if p)
        for alias in node.names:
            if alias.name == "*":
                found[f"*{source}"] = ("star", (module, source))
            else:
                found[alias.asname or alias.name] = ("import", (source, alias.name))
    elif isinstance(node, ast.Import):
        for alias in node.names:
            found[alias.asname or alias.name.partition(".")[0]] = ("import", (alias.name, ""))
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                same = isinstance(node.value, ast.Name) and not isinstance(node, ast.AnnAssign)
                found[target.id] = ("import", (module, node.value.id)) if same else _UNKNOWN  # type: ignore[union-attr]


def _keywords(fact: Any) -> Iterator[str]:
    for field in _ARGUMENTS:
        for choice in getattr(fact, field, "").split("|"):
            word = choice.partition(".")[0]
            if word and not word.isdecimal() and word not in ("self", "*", "**"):
                yield word


def _facts(model: Any) -> Iterator[tuple[str, Any, str]]:
    for group, fields in _GROUPS.items():
        for fact in getattr(model, group):
            for field in fields:
                path = getattr(fact, field, "")
                if path and not path.startswith("*."):
                    yield group, fact, path


def main(argv: list[str]) -> int:
    """Print one line per symbol or argument that the source does not have."""
    sys.path.insert(0, str(ROOT))
    from agentlint.rulebook.load import load_directory

    sources, wanted = Sources(Path(argv[0])), set(argv[1:])
    count = 0
    for model in load_directory(ROOT / "rules").models:
        if wanted and model.package not in wanted:
            continue
        for group, fact, path in _facts(model):
            found = sources.path(path)
            if isinstance(found, str):
                print(f"{model.package}: {group}: {path}: no {found}")
                count += 1
                continue
            known, others = (group != "sources" and sources.parameters(found)) or ([], True)
            for word in _keywords(fact):
                if word not in known and not others:
                    print(f"{model.package}: {group}: {path}: no argument {word}")
                    count += 1
        for old, new in model.aliases.items():
            for path in (old, new):
                missing = sources.path(path.removesuffix("()"))
                if isinstance(missing, str):
                    print(f"{model.package}: alias: {path}: no {missing}")
                    count += 1
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
