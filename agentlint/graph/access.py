"""What the program's own code does to authenticate callers: which functions refuse somebody, and who calls them."""

from __future__ import annotations

import re
from functools import lru_cache

from agentlint.core.paths import is_test
from agentlint.facts.python.ir import Function, Op, Value
from agentlint.facts.resources_data import auth_table
from agentlint.graph.arguments import holds, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Site
from agentlint.graph.validators import behind_flags, mentioned

MAX_DEPTH = 3
MAX_NESTED = 40
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_POLICY_VIOLATION = 1008
_PRIVATE_CLOSES = range(4000, 5000)


@lru_cache(maxsize=4096)
def words(name: str) -> frozenset[str]:
    """Return the lower-case words of a name: ``verifyApiKey`` has verify, api and key."""
    return frozenset(word.lower() for word in _WORD.findall(name[:200]))


def is_credential(name: str) -> bool:
    """Return whether a name speaks of something that callers have to know."""
    return not auth_table().credential_words.isdisjoint(words(name))


def names_check(name: str) -> bool:
    """Return whether a name is that of something that authenticates callers."""
    table, found = auth_table(), words(name)
    return found.isdisjoint(table.not_authenticators) and any(group <= found for group in table.authenticators)


class Access:
    """Answers about functions, memoised."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls
        self._refusals: dict[int, tuple[int, ...]] = {}
        self._checks: dict[int, bool] = {}

    def refusals(self, function: int) -> tuple[int, ...]:
        """Return the blocks of ``function`` in which it refuses a caller."""
        known = self._refusals.get(function)
        if known is None:
            found = self._program.functions[function]
            blocks = [found.values[call].block for call in found.calls if _is_refusal(found, found.values[call])]
            blocks += [leave.block for leave in found.exits if _is_refusing_tuple(found, found.values[leave.value])]
            blocks += [
                store.block for store in found.stores if store.attr == "status_code" and _is_code(found.values[store.value])
            ]
            known = self._refusals[function] = tuple(b for b in dict.fromkeys(blocks) if not _is_about_origin(found, b))
        return known

    def credential_checks(self) -> list[int]:
        """Return the functions of the program, tests left out, that refuse callers after looking at a credential."""
        program = self._program
        numbers = [n for n, function in enumerate(program.functions) if not is_test(program.path(n)) and function.blocks]
        return [n for n in numbers if any(_is_about_credential(program.functions[n], block) for block in self.refusals(n))]

    def checks(self, function: int, depth: int = MAX_DEPTH) -> bool:
        """Return whether ``function`` authenticates: it, a function inside it, or one that it calls refuses callers."""
        known = self._checks.get(function)
        if known is None:
            self._checks[function] = False
            known = self._find(function, depth)
            if known or depth == MAX_DEPTH:
                self._checks[function] = known
            else:
                del self._checks[function]
        return known

    def _find(self, function: int, depth: int) -> bool:
        if self.refusals(function) or any(self.is_check((function, call)) for call in self._program.functions[function].calls):
            return True
        if any(self.checks(inner, depth - 1) for inner in self.nested(function)) if depth > 0 else False:
            return True
        return depth > 0 and any(self.checks(target, depth - 1) for target, _ in self._calls.callees(function))

    def nested(self, function: int) -> list[int]:
        """Return the functions written directly inside ``function``."""
        program = self._program
        following = range(function + 1, min(function + MAX_NESTED, len(program.functions)))
        return [number for number in following if program.parent(number) == function]

    def is_check(self, call: Site) -> bool:
        """Return whether a call is known to authenticate: a model says so, or the name of what is called does."""
        program = self._program
        value = program.value(call)
        tail = program.tail(call[0], value)
        if tail[:1] in "_abcdefghijklmnopqrstuvwxyz" and names_check(tail):  # a class of that name may be the caller's side
            return True
        return any(
            (not auth.arg or bool(select(program, call, auth.arg))) and holds(program, call, auth.when)
            for path in program.inference.paths((call[0], value.args[0]))
            for auth in program.index.auth(path)
        )

    def is_checking(self, site: Site) -> bool:
        """Return whether what is handed over here (a dependency, a decorator, a middleware) authenticates.

        That is a function that checks, a class one of whose methods does, or a call that makes or wraps one.
        """
        program = self._program
        for place in self._parts(site):
            value = program.value(place)
            name = value.text.rpartition(":")[2].rpartition(".")[2]
            if value.op in (Op.NAME, Op.ATTR, Op.IMPORT) and names_check(name):
                return True
            if value.op is Op.CALL and self.is_check(place):
                return True
            for ref in program.inference.infer(place):
                if ref.kind == "fun" and (self.checks(ref.id) or names_check(program.functions[ref.id].name)):
                    return True
                if ref.kind in ("cls", "inst") and self._class_checks(ref.id):
                    return True
                known = program.index.auth(ref.path.removesuffix("()")) if ref.kind == "ext" else ()
                if any(not auth.arg and not auth.when for auth in known):
                    return True
        return False

    def _parts(self, site: Site) -> list[Site]:
        """The values an expression consists of; what a name of the module stands for is looked into."""
        program = self._program
        found: list[Site] = []
        todo = [(site, 0)]
        while todo and len(found) < 60:
            place, depth = todo.pop()
            value = program.value(place)
            found.append(place)
            if depth > 6 or value.op in (Op.PARAM, Op.ATTR):
                continue
            if value.op in (Op.NAME, Op.IMPORT):
                read = program.inference.imported_sites(place[0], value.text) if value.op is Op.IMPORT else None
                sites = (read if read is not None else program.definitions(place[0], value.text)) or []
                todo += [(s, depth + 1) for s in sites[:3] if s != place]
            else:
                todo += [((place[0], arg), depth + 1) for arg in value.args]
        return found

    def _class_checks(self, cls: int) -> bool:
        program = self._program
        methods = [program.method(cls, name) for other in program.lineage(cls) for name in program.classes[other].methods]
        return any(method >= 0 and self.checks(method) for method in methods)


def _asked(found: Function, block: int) -> set[str]:
    """The words of all names in the tests that lead to a block."""
    seen: set[str] = set()
    while block >= 0:
        entry = found.blocks[block]
        if entry.test >= 0:
            parts = mentioned(found, entry.test)
            seen.update(word for part in parts | behind_flags(found, parts) for word in words(found.values[part].text))
        block = entry.parent
    return seen


def _is_about_origin(found: Function, block: int) -> bool:
    """Whether what leads to a block only looks at the page a browser was on: other programs send what they like."""
    seen = _asked(found, block)
    return not seen.isdisjoint(("origin", "origins")) and seen.isdisjoint(auth_table().credential_words)


def _is_about_credential(found: Function, block: int) -> bool:
    return not _asked(found, block).isdisjoint(auth_table().credential_words)


def _is_code(value: Value) -> bool:
    """Whether a value is a status that refuses, as a number or by the name of its constant."""
    table = auth_table()
    if value.op is Op.CONST:
        return value.keys == ("int",) and value.text.isdecimal() and int(value.text) in table.refusal_codes
    return value.op in (Op.NAME, Op.ATTR, Op.IMPORT) and value.text.rpartition(":")[2].rpartition(".")[2] in table.refusal_names


def _is_refusal(found: Function, call: Value) -> bool:
    callee = found.values[call.args[0]]
    name = callee.text.rpartition(":")[2].rpartition(".")[2]
    if name in auth_table().refusal_errors:
        return True
    given = [found.values[arg] for arg in call.args[1:]]
    if callee.op is Op.ATTR and callee.text in ("close", "send_close"):
        codes = [int(v.text) for v in given if v.op is Op.CONST and v.keys == ("int",) and v.text.isdecimal()]
        return any(code == _POLICY_VIOLATION or code in _PRIVATE_CLOSES for code in codes) or any(map(_is_code, given))
    return any(_is_code(value) for value in given)


def _is_refusing_tuple(found: Function, value: Value) -> bool:
    return value.op is Op.SEQ and len(value.args) in (2, 3) and _is_code(found.values[value.args[1]])
