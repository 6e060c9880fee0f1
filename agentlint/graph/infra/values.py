"""Values of properties, resolved on demand: inputs, locals, outputs, settings, tests, joins, in all files of a stack."""

from __future__ import annotations

from typing import Any

from agentlint.facts.infra.model import Value, fold, unknown
from agentlint.facts.infra.vocabulary import vocabulary
from agentlint.graph.infra.calls import evaluated
from agentlint.graph.infra.estate import Declared, Estate, Located
from agentlint.graph.infra.plain import plain
from agentlint.graph.infra.targets import targets
from agentlint.graph.infra.turns import MAX_TURNS_IN_ALL, Turn, loop_names, members, turns

MAX_TURNS = 12
MAX_WAYS = 8
MAX_FOUND = 400
MAX_STEPS = 5_000
MAX_NESTED = 4
_COMPUTED = frozenset({"ref", "if", "text", "call"})


class Values:
    """Resolves the values of an estate. Every walk is bounded; what lies beyond a bound is unknown."""

    def __init__(self, estate: Estate) -> None:
        """Resolve in ``estate``."""
        self.estate = estate
        # Kept with its value, so that no other can take its id. What is being resolved stands as unknown: circles end there.
        self._known: dict[tuple[int, int], tuple[Located, list[Located]]] = {}
        self.budget = MAX_TURNS_IN_ALL
        self._turns: dict[tuple[int, int], tuple[Located, tuple[list[Turn], bool]]] = {}

    def ways(self, at: Located, turns: int = MAX_TURNS) -> list[Located]:
        """Return what a value may be: one way for each caller of a module; kinds ``map seq lit text join each unknown`` only."""
        if at.value.kind not in _COMPUTED:
            return self._ways(at, turns)
        mark = (id(at.value), id(at.home))
        if mark not in self._known:
            self._known[mark] = (at, [at.of(unknown(at.value.span, "", (at.value,) if at.value.kind == "ref" else ()))])
            self._known[mark] = (at, self._ways(at, turns))
        return [Located(one.value, one.home, one.key or at.key, one.name or at.name) for one in self._known[mark][1]]

    def _ways(self, at: Located, turns: int) -> list[Located]:
        value = at.value
        if turns <= 0:
            return [at.of(unknown(value.span))]
        if value.kind == "ref":
            return self._referred(at, turns)[:MAX_WAYS]
        if value.kind == "if":
            return self._chosen(at, turns)
        if value.kind in ("eq", "not"):
            truth = self.truth(at, turns)
            return [at.of(unknown(value.span) if truth is None else Value("lit", value.span, truth), at.key)]
        if value.kind == "text":
            return [self._text(at, turns)]
        if value.kind == "call":
            return evaluated(self, at, turns)
        if value.kind == "join" and value.data == "first":
            return self._first(at, turns)
        return [at]

    def turns(self, at: Located) -> tuple[list[Turn], bool]:
        """Return what an ``each`` makes: keys and bodies, and whether there may be more."""
        mark = (id(at.value), id(at.home))
        if mark not in self._turns:
            self._turns[mark] = (at, ([], True))
            self._turns[mark] = (at, turns(self, at))
        return self._turns[mark][1]

    def is_open(self, at: Located) -> bool:
        """Whether a collection may hold more than is seen."""
        return self.turns(at)[1] if at.value.kind == "each" else at.value.open or at.value.kind == "unknown"

    def fields(self, at: Located, depth: int = 0) -> list[Located]:
        """Return the properties of a map (of maps joined, of a loop that makes one) as they are written."""
        if at.value.kind == "join" and depth < MAX_NESTED:
            return [one for item in at.value.items for way in self.ways(at.of(item)) for one in self.fields(way, depth + 1)]
        if at.value.kind == "each":
            names = [(self.ways(key)[0], key, body) for key, body in self.turns(at)[0]]
            shown = [(str(way.value.data) if way.value.kind == "lit" else "?", key, body) for way, key, body in names]
            return [Located(body.value, body.home, key.value.span, name) for name, key, body in shown]
        return [at.of(field.value, field.span, field.name) for field in at.value.fields]

    def _first(self, at: Located, turns: int) -> list[Located]:
        """Return the first part that is not null: what ``coalesce`` does."""
        for item in at.value.items:
            found = self.ways(at.of(item), turns - 1)
            if any(one.value.kind != "lit" or one.value.data is not None for one in found):
                return found
        return [at.of(unknown(at.value.span))]

    def _chosen(self, at: Located, turns: int) -> list[Located]:
        test, *branches = at.value.items
        truth = self.truth(at.of(test), turns - 1)
        if truth is None:
            both = [way for branch in branches for way in self.ways(at.of(branch), turns - 1)]
            known = {repr(way.value.data) for way in both if way.value.kind == "lit"}
            if len(known) == 1 and all(way.value.kind == "lit" for way in both):
                return both[:1]
            return [at.of(unknown(at.value.span, "", tuple(branches)), at.key)]
        return self.ways(at.of(branches[0 if truth else 1], at.key), turns - 1)

    def truth(self, at: Located, turns: int = MAX_TURNS) -> bool | None:
        """Return the truth of a test, ``None`` when it depends on something unknown."""
        value = at.value
        if turns <= 0:
            return None
        if value.kind == "not":
            inner = self.truth(at.of(value.items[0]), turns - 1)
            return None if inner is None else not inner
        if value.kind == "call" and value.data in ("and", "or"):
            return self._both(at, turns)
        if value.kind == "eq":
            sides = [self.ways(at.of(item), turns - 1) for item in value.items]
            if any(len(side) != 1 or side[0].value.kind != "lit" for side in sides):
                return None
            left, right = (_spelt(side[0].value.data) for side in sides)
            return bool(left == right)
        ways = self.ways(at, turns - 1)
        if len(ways) != 1 or ways[0].value.kind != "lit":
            return None
        data = ways[0].value.data
        return data.lower() == "true" if isinstance(data, str) else bool(data)

    def _both(self, at: Located, turns: int) -> bool | None:
        truths = [self.truth(at.of(item), turns - 1) for item in at.value.items]
        decisive: bool = at.value.data == "or"
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive

    def _text(self, at: Located, turns: int) -> Located:
        pieces: list[str] = []
        whole = True
        for item in at.value.items[:200]:
            found = self.ways(at.of(item), turns - 1)
            data = found[0].value.data if len(found) == 1 and found[0].value.kind in ("lit", "text") else None
            if isinstance(data, (str, int, float)):
                pieces.append(str(data))
                whole = whole and found[0].value.kind == "lit"
            else:
                pieces.append("${}")
                whole = False
        kept = () if whole else at.value.items
        return at.of(Value("lit" if whole else "text", at.value.span, "".join(pieces)[:4000], (), kept), at.key, at.name)

    def _referred(self, at: Located, turns: int) -> list[Located]:
        name, _, path = str(at.value.data).partition("#")
        parts = path.split(".") if path else []
        starts = self.bound(at, name)
        if starts is None:
            target = at.home.stack.names.get(name)
            if target is None:
                return [at.of(unknown(at.value.span, str(at.value.data)), at.key)]
            starts, parts = self.starts(target, parts)
        found: list[Located] = []
        for start in starts:
            hits, open_ended = self.follow(start, parts, turns - 1)
            found.extend(hits)
            if open_ended or not hits:
                found.append(at.of(unknown(at.value.span, str(at.value.data), (at.value,)), at.key))
        return found or [at.of(unknown(at.value.span, str(at.value.data), (at.value,)), at.key)]

    def bound(self, at: Located, name: str) -> list[Located] | None:
        """Return what the name of a loop stands for; in a resource that is not in a turn of its loop, each element."""
        bound = at.home.bound.get(name)
        if bound is not None:
            return [bound]
        loop = next((field for field in at.home.resource.properties.fields if field.name == "for_each"), None)
        names = loop_names(loop.value) if loop is not None else []
        if loop is None or name not in names[:2]:
            return None
        elements = members(self, at.of(loop.value))[0]
        plainly = name == names[1]
        return [element if plainly or (names[2] == "set" and element.value.kind == "lit") else key for key, element in elements]

    def starts(self, target: Declared, parts: list[str]) -> tuple[list[Located], list[str]]:
        """Return the values that a name stands for, and the path that is left to follow in them."""
        kind = target.resource.type
        top = Located(target.resource.properties, target)
        if kind == "stack.input":
            return self._input(target), parts
        if kind == "stack.local":
            return self._fields(top, "value"), [] if parts == ["value"] else parts
        if kind == "stack.module":
            parts = parts[1:] if parts[:1] == ["outputs"] and target.resource.front == "cloudformation" else parts
            called = self.estate.called(target)
            output = called.names.get(f"output.{parts[0]}") if called is not None and parts else None
            if output is None and called is not None and parts:
                outputs = (one for name, one in called.names.items() if name.startswith("output."))
                output = next((one for one in outputs if fold(one.resource.name[7:]) == parts[0]), None)
            if output is None:
                return [], parts
            return self._fields(Located(output.resource.properties, output), "value"), parts[1:]
        if kind == "stack.existing" and parts == ["id"]:
            return self._fields(top, "name"), []
        whole = vocabulary().types.get(kind)
        if whole is not None and whole.whole and parts[:1] == [whole.whole]:
            return [top], parts[1:]
        return [top], parts

    def _fields(self, top: Located, name: str) -> list[Located]:
        return [top.of(field.value, field.span, field.name) for field in top.value.fields if field.name == name]

    def _input(self, target: Declared) -> list[Located]:
        name = target.resource.name.removeprefix("var.")
        default = self._fields(Located(target.resource.properties, target), "default")
        setting = target.stack.names.get(f"setting.{name}")
        if setting is not None and not target.stack.callers:
            return self._fields(Located(setting.resource.properties, setting), "value")
        if not target.stack.callers:
            return default
        found: list[Located] = []
        for caller in target.stack.callers[:MAX_WAYS]:
            given = self.arguments(caller, name)
            found.extend(given or default)
        return list({(one.path, one.value.span): one for one in found}.values())

    def arguments(self, caller: Declared, name: str) -> list[Located]:
        """Return what a call of a module gives to the input ``name``."""
        top = Located(caller.resource.properties, caller)
        inner = self._fields(top, "arguments")
        for place in inner or [top]:
            hits = [place.of(field.value, field.span, field.name) for field in place.value.fields if field.name == name]
            if hits:
                return hits
        return []

    def follow(self, start: Located, parts: list[str], turns: int = MAX_TURNS) -> tuple[list[Located], bool]:
        """Return the values at a path below ``start``, and whether there may be more than can be seen.

        Lists are entered by themselves; ``*`` is every name. The values are as by ``ways``; lists at the end stay lists.
        """
        frontier, unsure = self.ways(start, turns), False
        for part in parts:
            following: list[Located] = []
            for one in frontier:
                unsure = self._children(one, part, following, turns) or unsure
            frontier = [way for one in following[:MAX_FOUND] for way in self.ways(one, turns - 1)]
        frontier = [one for one in frontier if not self._makes_nothing(one)]
        kept = [one for one in frontier if one.value.kind != "unknown"]
        return kept, unsure or len(kept) != len(frontier)

    def _makes_nothing(self, at: Located) -> bool:
        """Return whether a block is made for each element of an empty collection."""
        return at.value.kind == "each" and str(at.value.data).endswith(" set") and self.turns(at) == ([], False)

    def _children(self, at: Located, part: str, into: list[Located], turns: int) -> bool:
        unsure = False
        stack = [(at, 0)]
        steps = 0
        while stack and len(into) < MAX_FOUND:
            steps += 1
            if steps > MAX_STEPS:
                return True
            one, depth = stack.pop()
            value = one.value
            if value.kind == "map" or (value.kind == "each" and self.is_map(one)):
                named = [field for field in self.fields(one) if part in ("*", field.name) or fold(field.name) == part]
                into.extend(named)
                unsure = unsure or (self.is_open(one) and not named)
            elif value.kind == "each":
                bodies, more = self.turns(one)
                unsure = unsure or more
                stack.extend((way, depth + 1) for _, body in reversed(bodies) for way in self.ways(body, turns - 1))
            elif value.kind == "seq" and part.isdigit():
                into.extend(one.of(item) for item in value.items[int(part[:6]) :][:1])
            elif value.kind in ("seq", "join"):
                unsure = unsure or value.open
                for item in reversed(value.items):
                    ways = self.ways(one.of(item), turns - 1) if depth < MAX_TURNS else []
                    stack.extend((way, depth + 1) for way in ways)
            elif value.kind != "lit":
                unsure = True
        return unsure

    def items(self, at: Located, depth: int = 0) -> list[Located]:
        """Return the elements of a list (of lists joined), another value alone."""
        if at.value.kind not in ("seq", "join", "each") or (at.value.kind == "each" and self.is_map(at)):
            return [at]
        if at.value.kind == "each":
            return [way for _, body in self.turns(at)[0] for way in self.ways(body)][:MAX_FOUND]
        if at.value.kind == "join" and at.value.data in ("flat", "pairs") and depth <= MAX_NESTED:
            return self._flattened(at, MAX_NESTED if at.value.data == "flat" else 1)
        if depth > MAX_NESTED:
            return [at.of(unknown(at.value.span))]
        found: list[Located] = []
        for item in at.value.items[:MAX_FOUND]:
            for way in self.ways(at.of(item, at.key, at.name)):
                found.extend(
                    self.items(way, depth + 1) if way.value.kind == "join" and at.value.kind == "join" else self._flat(at, way)
                )
            if len(found) >= MAX_FOUND:
                break
        return found

    def _flattened(self, at: Located, deep: int) -> list[Located]:
        """Return the elements of lists of lists, in their order."""
        found: list[Located] = []
        pending = [(way, 0) for item in at.value.items for way in self.ways(at.of(item))]
        while pending and len(found) < MAX_FOUND:
            one, depth = pending.pop(0)
            if depth <= deep and one.value.kind in ("seq", "join", "each") and not self.is_map(one):
                pending[:0] = [(inner, depth + 1) for inner in self.items(one)]
            else:
                found.append(one)
        return found

    def _flat(self, at: Located, way: Located) -> list[Located]:
        if at.value.kind == "join" and way.value.kind == "each" and not self.is_map(way):
            return self.items(way)
        if at.value.kind == "join" and way.value.kind == "seq":
            return [deeper for item in way.value.items for deeper in self.ways(way.of(item, way.key, way.name))]
        return [way]

    def plain(self, at: Located) -> Any:
        """Return the value as plain data; ``UNKNOWN`` stands for what is not known, and for what is too much."""
        return plain(self, at)

    def is_map(self, at: Located) -> bool:
        """Return whether what is joined or made by a loop is a map, not a list."""
        if at.value.kind == "each":
            return str(at.value.data).endswith(" map")
        if at.value.kind == "join" and at.value.data in ("flat", "pairs"):
            return False
        if at.value.kind != "join":
            return at.value.kind == "map"
        ways = [way for item in at.value.items[:3] for way in self.ways(at.of(item))]
        return any(way.value.kind == "map" or (way.value.kind == "each" and str(way.value.data).endswith(" map")) for way in ways)

    def targets(self, at: Located, turns: int = MAX_TURNS) -> list[Declared]:
        """Return the resources that a value refers to, through inputs, locals, modules and outputs."""
        return targets(self, at, turns)


def _spelt(data: Any) -> Any:
    return str(data).lower() if isinstance(data, bool) else str(data) if isinstance(data, int) else data
