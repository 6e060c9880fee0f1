"""Checks that let everybody in while no credential is configured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentlint.facts.python.ir import Function, Op, Value
from agentlint.graph import language
from agentlint.graph.access import Access, is_credential
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Site
from agentlint.graph.validators import mentioned

_COMPARES = frozenset({"==", "!=", "in", "not in"})
_REQUESTS = frozenset({"request", "req", "websocket", "ws", "session", "g", "headers", "cookies", "scope"})
MAX_VALUES = 20_000


class OpenCheck(NamedTuple):
    """The test that lets callers pass, and the name of the credential that is not configured."""

    test: Site
    name: str


def open_checks(program: Program, access: Access, calls: CallGraph) -> Iterator[OpenCheck]:
    """Yield, for each function that authenticates, the tests by which an unset credential lets everybody pass."""
    for number, function in enumerate(program.functions):
        if function.kind == "module" or len(function.values) > MAX_VALUES or not function.blocks:
            continue
        refusing = access.refusals(number)
        if not refusing and not _answers(function):
            continue
        finder = _Finder(program, number, refusing)
        if refusing or any(access.refusals(edge.site[0]) for edge in calls.callers(number)):
            yield from finder.find()


def _answers(function: Function) -> bool:
    """Whether a function gives back the outcome of a comparison, or true."""
    given = [function.values[leave.value] for leave in function.exits]
    return any(value.text == "True" for value in given) and any(value.op in (Op.OP, Op.CALL, Op.CONST) for value in given)


class _Finder:
    def __init__(self, program: Program, number: int, refusing: tuple[int, ...]) -> None:
        self._program = program
        self._number = number
        self._found = program.functions[number]
        self._refusing = refusing
        self._compared = self._find_compared()

    def find(self) -> Iterator[OpenCheck]:
        seen: set[int] = set()
        for block in self._found.blocks:
            if block.kind != "if" or block.test < 0 or block.test in seen:
                continue
            for value in self.unset(block.test, block.outcome, 0):
                name = self._configured(value)
                if name and self._key(value) in self._compared and self._opens(block.test, block.outcome):
                    seen.add(block.test)
                    yield OpenCheck((self._number, block.test), name)
                    break

    def unset(self, test: int, outcome: bool, depth: int) -> set[int]:
        """The values each of which, while unset, makes ``test`` come out as ``outcome``."""
        values = self._found.values
        node = values[test]
        if depth > 6:
            return set()
        if node.op is Op.OP and node.text == "not":
            return self.unset(node.args[0], not outcome, depth + 1)
        if node.op is Op.OP and node.text in ("and", "or"):
            parts = [self.unset(arg, outcome, depth + 1) for arg in node.args]
            if (node.text == "or") == outcome:
                return set().union(*parts)
            keys = set.intersection(*({self._key(value) for value in part} for part in parts))
            return {value for part in parts for value in part if self._key(value) in keys}
        if node.op is Op.OP and len(node.args) == 2 and node.text in ("is", "==", "is not", "!="):
            empty = values[node.args[1]]
            positive = (node.text in ("is", "==")) == outcome
            return {node.args[0]} if positive and empty.op is Op.CONST and empty.text in ("None", "") else set()
        if node.op is Op.CALL and len(node.args) == 2 and values[node.args[0]].text == "bool":
            return self.unset(node.args[1], outcome, depth + 1)
        return set() if outcome or node.op in (Op.OP, Op.CONST) else {test}

    def _opens(self, test: int, outcome: bool) -> bool:
        """Whether nothing is refused on the way ``outcome`` of a test, and something on the other way only."""
        blocks = self._found.blocks
        ways = {way: {i for i, b in enumerate(blocks) if b.test == test and b.outcome is way} for way in (True, False)}
        unset = self._within(ways[outcome])
        checked = self._within(ways[not outcome])
        if unset & {*self._refusing, *self._found.raises} or self._fails(unset):
            return False
        if self._refusing:
            return any(block in checked for block in self._refusing) and self._all_checked(checked, unset)
        return self._says_yes(unset) and not self._says_no(unset)

    def _all_checked(self, checked: set[int], unset: set[int]) -> bool:
        """Whether a caller on the unset way meets no refusal later: it has left, or all others refuse somebody else."""
        leaves = any(self._found.blocks[block].exits for block in unset)
        return leaves or all(block in checked for block in self._refusing if self._follows(block, checked))

    def _follows(self, block: int, checked: set[int]) -> bool:
        return block in checked or block > max(checked, default=0)

    def _fails(self, blocks: set[int]) -> bool:
        """Whether an answer that tells of an error, whichever it is, is given back there."""
        values = self._found.values
        answers = [values[leave.value] for leave in self._found.exits if leave.block in blocks]
        given = [values[arg] for answer in answers if answer.op in (Op.CALL, Op.SEQ) for arg in answer.args]
        return any(v.op is Op.CONST and v.keys == ("int",) and v.text.isdecimal() and 400 <= int(v.text) < 600 for v in given)

    def _says_yes(self, blocks: set[int]) -> bool:
        return any(leave.block in blocks and self._found.values[leave.value].text == "True" for leave in self._found.exits)

    def _says_no(self, blocks: set[int]) -> bool:
        return any(leave.block in blocks and self._found.values[leave.value].text == "False" for leave in self._found.exits)

    def _within(self, roots: set[int]) -> set[int]:
        inside = set(roots)
        for number, block in enumerate(self._found.blocks):
            if block.parent in inside:
                inside.add(number)
        return inside

    def _key(self, value: int, depth: int = 0) -> str:
        """The same text for values that read the same thing; ``#n`` for what is computed."""
        node = self._found.values[value]
        if node.op in (Op.NAME, Op.IMPORT):
            return node.text.rpartition(":")[2]
        if node.op is Op.ATTR and depth < 6:
            return f"{self._key(node.args[0], depth + 1)}.{node.text}"
        if node.op is Op.PARAM:
            return node.text
        return f"#{value}"

    def _find_compared(self) -> set[str]:
        """What values of the function are compared with another, or handed to a call whose outcome is tested or returned."""
        found = self._found
        judged: set[int] = set()
        for block in found.blocks:
            judged |= mentioned(found, block.test) if block.test >= 0 else set()
        for leave in found.exits:
            judged |= mentioned(found, leave.value)
        keys: set[str] = set()
        for number in judged:
            node = found.values[number]
            if node.op is Op.OP and node.text in _COMPARES and not any(found.values[a].op is Op.CONST for a in node.args):
                keys.update(self._key(part) for arg in node.args for part in mentioned(found, arg))
            elif node.op is Op.CALL and len(node.args) > 2:
                keys.update(self._key(part) for arg in node.args[1:] for part in mentioned(found, arg))
        return keys

    def _configured(self, value: int) -> str:
        """The name of a credential that is configured, and need not be; an empty string for anything else."""
        program, node = self._program, self._found.values[value]
        name = self._called(value)
        if not name or not is_credential(name) or self._is_request(value):
            return ""
        if node.op in (Op.NAME, Op.IMPORT):
            sites = program.definitions(self._number, node.text) if node.op is Op.NAME else None
            sites = program.inference.imported_sites(self._number, node.text) if node.op is Op.IMPORT else sites
            return name if sites and any(may_be_unset(program, site) for site in sites) else ""
        if node.op is Op.ATTR:
            return name if self._field_unset(node) else ""
        return name if may_be_unset(program, (self._number, value)) else ""

    def _field_unset(self, node: Value) -> bool:
        """Whether a field or a name of a module may be unset; of one that is not the program's own, that is assumed."""
        program = self._program
        own = False
        for ref in program.inference.infer((self._number, node.args[0])):
            sites = program.inference.field_sites(ref.id, node.text) if ref.kind in ("inst", "cls") else []
            if ref.kind == "mod":
                sites = program.definitions(program.first_function[ref.id], node.text) or []
            own = own or bool(sites) or (ref.kind in ("inst", "cls") and self._is_declared(ref.id, node.text))
            if any(may_be_unset(program, site) for site in sites):
                return True
        return not own

    def _is_declared(self, cls: int, name: str) -> bool:
        return any(name in self._program.classes[other].fields for other in self._program.lineage(cls))

    def _called(self, value: int) -> str:
        node = self._found.values[value]
        if node.op is Op.CALL and len(node.args) > 1:
            first = self._found.values[node.args[1]]
            return first.text if first.op is Op.CONST else ""
        return node.text.rpartition(":")[2]

    def _is_request(self, value: int) -> bool:
        """Whether a value is read from the request: its root is a parameter, or called like one."""
        for _ in range(8):
            node = self._found.values[value]
            if node.op is Op.CALL and any(
                p in language.ENVIRONMENT for p in self._program.inference.paths((self._number, node.args[0]))
            ):
                return False
            if node.op in (Op.ATTR, Op.ITEM, Op.CALL, Op.MUTATE) and node.args:
                value = node.args[0]
            elif node.op is Op.PARAM:
                own = any(ref.kind == "inst" for ref in self._program.inference.infer((self._number, value)))
                return not (node.text in ("self", "cls") or (own and self._is_provided(node)))
            else:
                return node.text.rpartition(":")[2].lower() in _REQUESTS
        return False

    def _is_provided(self, node: Value) -> bool:
        """Whether the framework fills a parameter from a function of the program, not from the request."""
        param = self._program.parameter(self._number, node)
        parent = self._program.parent(self._number)
        return param is not None and param.default >= 0 and self._program.value((parent, param.default)).op is Op.CALL


def may_be_unset(program: Program, site: Site, depth: int = 0) -> bool:
    """Return whether a configured value is nothing until somebody sets it: an empty default, or a variable without one."""
    value = program.value(site)
    if value.op is Op.CONST:
        return value.text in ("None", "")
    if depth > 4:
        return False
    if value.op is Op.OP and value.text == "or":
        return may_be_unset(program, (site[0], value.args[-1]), depth + 1)
    if value.op is Op.PHI:
        return any(may_be_unset(program, (site[0], arg), depth + 1) for arg in value.args)
    if value.op is Op.PARAM:
        param = program.parameter(site[0], value)
        return (
            param is not None
            and param.default >= 0
            and may_be_unset(program, (program.parent(site[0]), param.default), depth + 1)
        )
    if value.op is Op.NAME:
        return any(may_be_unset(program, s, depth + 1) for s in program.definitions(site[0], value.text) or [])
    if value.op is Op.IMPORT:
        return any(may_be_unset(program, s, depth + 1) for s in program.inference.imported_sites(site[0], value.text))
    return value.op is Op.CALL and _call_unset(program, site, value, depth)


def _call_unset(program: Program, site: Site, value: Value, depth: int) -> bool:
    """A variable of the environment, or a field of a settings class, by its default."""
    paths = program.inference.paths((site[0], value.args[0]))
    callee = program.value((site[0], value.args[0]))
    if any(path in language.ENVIRONMENT for path in paths):
        return len(value.args) < 3 or may_be_unset(program, (site[0], value.args[2]), depth + 1)
    if callee.op is Op.ATTR and callee.text in ("strip", "lower", "encode"):
        return may_be_unset(program, (site[0], callee.args[0]), depth + 1)
    if any(path.rpartition(".")[2] in ("Field", "field") for path in paths):
        given = [a for a, k in zip(value.args[1:], value.keys[1:], strict=True) if k in ("", "default")]
        return bool(given) and may_be_unset(program, (site[0], given[0]), depth + 1)
    return False
