"""What lists, tuples and dicts of the program hold, as far as it is written out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import language

if TYPE_CHECKING:
    from agentlint.graph.program import Program, Site

MAX_STEPS = 120
MAX_FOLLOWED = 12
MAX_MEMBERS = 48
_COPIERS = frozenset({"values", "items", "copy"})
_CHANGES = (Op.UPDATE, Op.MUTATE)


class Containers:
    """Looks into containers, breadth first; every walk is bounded."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._members: dict[tuple[Site, str], list[Site]] = {}

    def forget(self) -> None:
        """Drop what was found so far; more is known now."""
        self._members.clear()

    def displays(self, site: Site) -> list[Site]:
        """Return the list, tuple and dict displays a value may be."""
        found: list[Site] = []
        todo, seen = deque([site]), {site}
        while todo and len(seen) < MAX_STEPS:
            place = todo.popleft()
            value = self._program.value(place)
            if value.op in (Op.SEQ, Op.DICT):
                found.append(place)
                continue
            following = [(place[0], value.args[0])] if value.op in _CHANGES else self._behind(place, value)[:MAX_FOLLOWED]
            todo.extend(other for other in following if other not in seen)
            seen.update(following)
        return found

    def members(self, site: Site, key: str) -> list[Site]:
        """Return the values that ``key`` of a container (any element, if it is empty) may be."""
        found = self._members.get((site, key))
        if found is None:
            found = self._members[site, key] = self._find_members(site, key)
        return found

    def _find_members(self, site: Site, key: str) -> list[Site]:
        found: dict[Site, None] = {}
        start = (site, key)
        todo, seen = deque([start]), {start}
        while todo and len(seen) < MAX_STEPS and len(found) < MAX_MEMBERS:
            place, part = todo.popleft()
            value = self._program.value(place)
            if value.op is Op.DICT:
                following = self._entries(place[0], value, part, found)
            elif value.op is Op.SEQ:
                following = self._elements(place[0], value, part, found)
            elif value.op is Op.UPDATE:
                following = self._updated(place[0], value, part, found)
            elif value.op is Op.MUTATE:
                following = [((place[0], value.args[0]), part), *self._added(place[0], value, part, found)]
            else:
                following = [(other, part) for other in self._behind(place, value)[:MAX_FOLLOWED]]
            todo.extend(other for other in following if other not in seen)
            seen.update(following)
        return list(found)

    def _entries(self, function: int, value: Value, key: str, found: dict[Site, None]) -> list[tuple[Site, str]]:
        if key and key in value.keys:
            found[function, value.args[len(value.keys) - 1 - value.keys[::-1].index(key)]] = None
            return []
        unpacked: list[tuple[Site, str]] = []
        for arg, name in zip(value.args, value.keys, strict=True):
            if name == "**":
                unpacked.append(((function, arg), key))
            elif not key or not name:
                found[function, arg] = None
        return unpacked

    def _elements(self, function: int, value: Value, key: str, found: dict[Site, None]) -> list[tuple[Site, str]]:
        if key.isdecimal() and len(key) < 6 and int(key) < len(value.args) and "*" not in value.keys and value.text != "comp":
            found[function, value.args[int(key)]] = None
            return []
        pairs = list(zip(value.args, value.keys, strict=True))
        found.update(dict.fromkeys((function, arg) for arg, name in pairs if name != "*"))
        return [((function, arg), "") for arg, name in pairs if name == "*"]

    def _updated(self, function: int, value: Value, key: str, found: dict[Site, None]) -> list[tuple[Site, str]]:
        if not key or not value.text or key == value.text:
            found[function, value.args[1]] = None
        return [((function, value.args[0]), key)] if not key or key != value.text else []

    def _added(self, function: int, value: Value, key: str, found: dict[Site, None]) -> list[tuple[Site, str]]:
        call = self._program.value((function, value.args[1]))
        unpacked: list[tuple[Site, str]] = []
        if value.text not in language.MUTATORS or call.op is not Op.CALL:
            return unpacked
        for arg, name in zip(call.args[1:], call.keys[1:], strict=True):
            if value.text in ("extend", "update") and not name:
                unpacked.append(((function, arg), key))
            elif not key or not name or key == name:
                found[function, arg] = None
        return unpacked

    def _behind(self, site: Site, value: Value) -> list[Site]:
        """What a value that is no container itself stands for."""
        program, function = self._program, site[0]
        if value.op is Op.NAME:
            return program.definitions(function, value.text) or []
        if value.op is Op.PHI or (value.op is Op.OP and value.text in ("or", "|", "+")):
            return [(function, arg) for arg in value.args]
        if value.op is Op.IMPORT:
            return program.inference.imported_sites(function, value.text)
        follow: list[Site] = []
        if value.op is Op.ATTR:
            for ref in program.inference.infer((function, value.args[0])):
                if ref.kind in ("inst", "cls"):
                    follow += program.inference.field_sites(ref.id, value.text)
                elif ref.kind == "mod":
                    follow += program.definitions(program.first_function[ref.id], value.text) or []
        elif value.op is Op.CALL:
            callee = program.value((function, value.args[0]))
            if callee.op is Op.ATTR and callee.text in _COPIERS:
                return [(function, callee.args[0])]
            for ref in program.inference.infer((function, value.args[0])):
                if ref.kind == "fun":
                    follow += [(ref.id, leave.value) for leave in program.functions[ref.id].exits]
                elif ref.kind == "ext" and ref.path in language.COPIES and len(value.args) > 1:
                    follow.append((function, value.args[1]))
        return follow
