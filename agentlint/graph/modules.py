"""Which file an import means: src layouts, namespace packages, several roots in one repository, scripts beside each other."""

from __future__ import annotations

from collections.abc import Iterable

SOURCE_FOLDERS = ("src", "lib", "python", "backend", "app", "server")


class ModuleIndex:
    """Finds first-party modules by dotted name, as seen from an importing file."""

    def __init__(self, paths: Iterable[str], external: frozenset[str] = frozenset()) -> None:
        """``paths`` are those of Python files; ``external`` are import roots that models know as packages of their own."""
        self._external = external
        self._by_name: dict[str, list[tuple[str, int]]] = {}
        self._parts: list[list[str]] = []
        self._packages: set[str] = set()
        for index, path in enumerate(paths):
            parts = path.removesuffix(".py").removesuffix(".ipynb").split("/")
            if parts[-1] == "__init__":
                parts.pop()
                self._packages.add("/".join(parts))
            self._parts.append(parts)
            for start in range(max(0, len(parts) - 8), len(parts)):
                root = "/".join(parts[:start])
                self._by_name.setdefault(".".join(parts[start:]), []).append((root, index))
        self._cache: dict[tuple[str, str], int] = {}

    def relative(self, path: str, text: str) -> str:
        """Return the slash path that a relative import (leading dots) means, seen from the file ``path``."""
        dots = len(text) - len(text.lstrip("."))
        folder = path.split("/")[:-1]
        folder = folder[: len(folder) - (dots - 1)] if dots > 1 else folder
        rest = text[dots:]
        return "/".join([*folder, *(rest.split(".") if rest else [])])

    def at(self, slash_path: str) -> int:
        """Return the module at a slash path without its suffix, -1 if there is none."""
        parts = slash_path.split("/") if slash_path else []
        for root, index in self._by_name.get(parts[-1], ()) if parts else ():
            if root == "/".join(parts[:-1]) and self._parts[index] == parts:
                return index
        return -1

    def find(self, path: str, name: str) -> int:
        """Return the first-party module that ``import name`` means in the file ``path``, -1 if it is not ours."""
        folder = path.rpartition("/")[0]
        key = (path if path.rpartition("/")[2].partition(".")[0] == name else folder, name)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._search(path, folder, name)
        return found

    def _search(self, path: str, folder: str, name: str) -> int:
        best, rank = -1, -1
        own = path.rpartition(".")[0].split("/")
        for root, index in self._by_name.get(name, ()):
            score = self._score(folder, root, name) if self._parts[index] != own else -1
            if score > rank:
                best, rank = index, score
        return best

    def _score(self, folder: str, root: str, name: str) -> int:
        """How plausible it is that ``root`` is on the import path of a file in ``folder``; -1 means it is not."""
        if root in self._packages and name.partition(".")[0] in self._external:
            return -1
        if root in (folder, "") or folder.startswith(root + "/"):
            return 1000 + len(root)
        parent, _, last = root.rpartition("/")
        if last in SOURCE_FOLDERS and (parent in ("", folder) or folder.startswith(parent + "/")):
            return 500 + len(root)
        top = name.partition(".")[0]
        package = f"{root}/{top}" if root else top
        if top not in self._external and package in self._packages and root not in self._packages:
            return len(_common(folder, root))
        return -1


def _common(left: str, right: str) -> str:
    size = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        size += 1
    return left[:size]
