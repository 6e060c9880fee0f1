"""Versions for what is fetched anew at each start: those that lock files of the tree name. Nothing is asked of a network."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable
from typing import Any

from agentlint.core.finding import Finding
from agentlint.core.fix import Edit, Fix, Refusal
from agentlint.facts.launch import launch_of, split_words
from agentlint.facts.launchers import LAUNCHERS
from agentlint.fix.config import find
from agentlint.fix.source import SourceFile
from agentlint.parse.document import Node
from agentlint.rulebook.rules import FixForm

Read = Callable[[str], bytes | None]
_KINDS = {launcher.name: launcher.kind for group in LAUNCHERS.values() for launcher in group}
_LOCKS = {"npm": ("package-lock.json", "npm-shrinkwrap.json"), "python": ("uv.lock", "poetry.lock", "pdm.lock")}
_ACTION_LOCKS = (".github/aw/actions-lock.json",)
_VERSION = re.compile(r"\d[0-9A-Za-z.+!-]{0,60}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"^((?:@[\w.-]{1,100}/)?[\w.-]{1,120})(\[[\w.,-]{0,120}\])?(?:[@=<>~!].*)?$")
_ACTION = re.compile(r"([\w.-]{1,100}/[\w.-]{1,100}(?:/[\w./-]{1,200})?)@([\w./-]{1,200})")


class Locks:
    """What the lock files of a tree say; each is read when it is first asked for. ``read`` gives files by their path."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._files: dict[str, dict[str, set[str]]] = {}

    def version(self, kind: str, name: str, path: str) -> tuple[str, str] | None:
        """Return the version of a package and the lock file that says so: the nearest at or above ``path``."""
        wanted = name if kind == "npm" else re.sub(r"[-_.]+", "-", name).lower()
        for folder in _folders(path):
            for lock in _LOCKS.get(kind, ()):
                versions = self._lock(f"{folder}{lock}").get(wanted, set())
                if len(versions) == 1:
                    return next(iter(versions)), f"{folder}{lock}"
        return None

    def commit(self, action: str, ref: str) -> tuple[str, str] | None:
        """Return the commit that a lock of actions gives for ``action`` at ``ref``, and the file that says so."""
        for lock in _ACTION_LOCKS:
            found = self._lock(lock).get(f"{action}@{ref}", set())
            if len(found) == 1:
                return next(iter(found)), lock
        return None

    def _lock(self, path: str) -> dict[str, set[str]]:
        if path not in self._files:
            data = self._read(path)
            try:
                found = _versions(path, data) if data is not None else {}
            except (ValueError, TypeError, AttributeError, RecursionError):
                found = {}
            self._files[path] = found
        return self._files[path]


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["".join(f"{part}/" for part in parts[:length]) for length in range(len(parts), -1, -1)]


def _versions(path: str, data: bytes) -> dict[str, set[str]]:
    """Return the versions that a lock file names, by package."""
    found: dict[str, set[str]] = {}

    def add(name: object, version: object, shape: re.Pattern[str] = _VERSION) -> None:
        if isinstance(name, str) and isinstance(version, str) and shape.fullmatch(version):
            found.setdefault(name, set()).add(version)

    if path.endswith("actions-lock.json"):
        for key, entry in json.loads(data)["entries"].items():
            add(key, entry.get("sha"), _COMMIT)
    elif path.endswith(".json"):
        lock = json.loads(data)
        for place, entry in lock.get("packages", {}).items():
            if place.startswith("node_modules/") and place.count("node_modules/") == 1 and not entry.get("link"):
                add(place.removeprefix("node_modules/"), entry.get("version"))
        older = {} if "packages" in lock else lock.get("dependencies", {})
        for name, entry in older.items():
            add(name, entry.get("version"))
    else:
        for package in _toml(data).get("package", []):
            add(re.sub(r"[-_.]+", "-", str(package.get("name"))).lower(), package.get("version"))
    return found


def _toml(data: bytes) -> dict[str, Any]:
    library: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    found: dict[str, Any] = library.loads(data.decode("utf-8"))
    return found


def pin(file: SourceFile, form: FixForm, finding: Finding, locks: Locks) -> Fix | Refusal:
    """Return the fix that names the locked versions of all servers in the file, or the commit of an action."""
    if file.kind == "workflow":
        return _action(file, form, finding, locks)
    edits: list[Edit] = []
    said, missing = [], []
    for words, nodes in _launches(file):
        launch = launch_of(words)
        if launch.pin not in ("none", "moving") or not launch.package or not 0 <= launch.index < len(nodes):
            continue
        name = _NAME.match(launch.package)
        kind = _KINDS.get(launch.launcher, "")
        locked = locks.version(kind, name[1], file.path) if name is not None else None
        edit = _named(file, nodes[launch.index], launch.package, name, locked, kind)
        if edit is None or locked is None:
            missing.append(launch.package)
            continue
        edits.append(edit)
        said.append(f"{locked[0]} of {name[1] if name else ''} is what {locked[1]} says")
    left = f"no lock file of this tree names {', '.join(dict.fromkeys(missing))}" if missing else ""
    if not edits:
        return Refusal(left or "what is fetched is not written as a word of its own")
    said = list(dict.fromkeys(said))
    return Fix(description=f"{form.say}: {'; '.join(said)}", edits=tuple(dict.fromkeys(edits)), unsafe=form.unsafe, left=left)


def _launches(file: SourceFile) -> list[tuple[list[str], list[Node]]]:
    """Return the words of each command line in the file, with the value that each word is from."""
    found = []
    for root in file.document.roots if file.document is not None else ():
        for _, _, node in root.walk():
            command = node.get("command") if node.kind == "map" else None
            if command is None:
                continue
            arguments = node.get("args")
            values = command.items if command.kind == "seq" else [command, *(arguments.items if arguments is not None else ())]
            first = split_words(values[0].text) if values and command.kind == "str" else []
            if len(first) > 1:
                values = [*([values[0]] * len(first)), *values[1:]]
                found.append(([*first, *(value.text for value in values[len(first) :])], values))
            elif values:
                found.append(([value.text for value in values], values))
    return found


def _named(
    file: SourceFile, node: Node, package: str, name: re.Match[str] | None, locked: tuple[str, str] | None, kind: str
) -> Edit | None:
    raw = file.at(node.span)
    if name is None or locked is None or raw.count(package) != 1:
        return None
    mark = "@" if kind == "npm" else "=="
    start, _ = file.offsets(node.span)
    at = start + raw.index(package)
    return file.edit(at, at + len(package), f"{name[1]}{name[2] or ''}{mark}{locked[0]}")


def _action(file: SourceFile, form: FixForm, finding: Finding, locks: Locks) -> Fix | Refusal:
    spot = find(file, finding.span)
    used = _ACTION.fullmatch(spot.node.text) if spot is not None else None
    if spot is None or used is None:
        return Refusal("the action is not written as owner/name@ref")
    locked = locks.commit(used[1], used[2])
    if locked is None:
        return Refusal(f"no lock file of this tree names a commit for {used[1]}@{used[2]}")
    start, _ = file.offsets(spot.node.span)
    at = start + file.at(spot.node.span).index(used[0])
    edits = [file.edit(at, at + len(used[0]), f"{used[1]}@{locked[0]}")]
    assert file.text is not None
    _, end = file.offsets(spot.node.span)
    line_end = file.text.starts[spot.node.span.end_line - 1] + len(file.text.lines[spot.node.span.end_line - 1])
    if not file.text.data[end:line_end].strip() and "\n" not in file.at(spot.node.span):
        edits.append(file.edit(end, end, f"  # {used[2]}"))
    return Fix(description=f"{form.say}: {locked[1]} says so", edits=tuple(edits), unsafe=form.unsafe)
