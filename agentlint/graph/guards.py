"""When a test makes a value safe: membership, comparison with constants, modelled guards, and the project's own validators."""

from __future__ import annotations

from collections.abc import Callable

from agentlint.facts.python.ir import Function, Op
from agentlint.graph import blocks, language, views
from agentlint.graph.arguments import holds, select
from agentlint.graph.leaving import Leaving
from agentlint.graph.program import Program, Site
from agentlint.graph.validators import Validators, behind_flags, truth_of
from agentlint.graph.validators import mentioned as mentioned  # noqa: PLC0414 - checks look for it here
from agentlint.rulebook.models import Sanitizer

MAX_DEPTH = 8
MAX_STEPS = 500
_PATH_VIEWS = frozenset({"resolve", "absolute", "expanduser", "joinpath", "as_posix"})
_TRANSPARENT_METHODS = frozenset({"strip", "lower", "upper", "casefold", "lstrip", "rstrip"})


class Guards:
    """Answers whether a value is guarded at a use. Only tests that dominate the use count."""

    def __init__(self, program: Program, outside: Callable[[Site], bool] = lambda _: False) -> None:
        """``outside``: whether a value is a place where outside text enters."""
        self._program = program
        self._outside = outside
        self._tested: dict[int, dict[int, list[int]]] = {}
        self._steps = 0
        self._checked: dict[int, dict[int, list[int]]] = {}
        self._leaving = Leaving(program)
        self._validators = Validators(program, self._implies, self._raises_unless_safe)
        self._answers: dict[tuple[Site, int, int, str], bool] = {}

    def known_safe(self, site: Site, use: int, use_block: int, sink: str) -> bool:
        """Return what ``guarded`` says, worked out once: searches from thousands of sinks come by the same values."""
        question = (site, use, use_block, sink)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._answers[question] = self.guarded(site, use, use_block, sink)
        return answer

    def guarded(self, site: Site, use: int, use_block: int, sink: str, depth: int = 0) -> bool:
        """Whether the value at ``site`` was found safe for ``sink`` before value ``use`` (in ``use_block``) is computed."""
        function, value = site
        found = self._program.functions[function]
        tested = self._blocks_testing(function).get(value, ())
        around = blocks.around(found, use_block) if tested else set()
        if depth == 0:
            self._steps = 0
        for block in tested:
            entry = found.blocks[block]
            known = block in around
            if not known and not (entry.parent in around and self._leaving.before(function, block, use)):
                continue
            if self._implies((function, entry.test), entry.outcome == known, value, sink, depth):
                return True
        for call in self._calls_on(function).get(value, ()):
            block = self._leaving.past(function, found.values[call].block)
            if call < use and blocks.inside(found, use_block, block) and self._raises_unless_safe((function, call), value, sink):
                return True
        return False

    def _blocks_testing(self, function: int) -> dict[int, list[int]]:
        known = self._tested.get(function)
        if known is None:
            known = {}
            found = self._program.functions[function]
            for number, block in enumerate(found.blocks):
                if block.test >= 0:
                    parts = mentioned(found, block.test)
                    for value in parts | behind_flags(found, parts):
                        known.setdefault(value, []).append(number)
            self._tested[function] = known
        return known

    def _calls_on(self, function: int) -> dict[int, list[int]]:
        known = self._checked.get(function)
        if known is None:
            known = {}
            found = self._program.functions[function]
            for call in found.statements:
                tests = [found.blocks[block].test for block in blocks.filters(found, call)]
                for value in mentioned(found, call).union(*(mentioned(found, test) for test in tests)):
                    known.setdefault(value, []).append(call)
            self._checked[function] = known
        return known

    def _implies(self, test: Site, outcome: bool, value: int, sink: str, depth: int = 0) -> bool:
        """Whether ``test`` having come out as ``outcome`` makes ``value`` safe."""
        program, (function, number) = self._program, test
        found = program.functions[function]
        node = found.values[number]
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return False
        if node.op is Op.OP and node.text == "not":
            return self._implies((function, node.args[0]), not outcome, value, sink, depth + 1)
        if node.op is Op.OP and node.text in ("and", "or"):
            parts = [self._implies((function, arg), outcome, value, sink, depth + 1) for arg in node.args]
            return any(parts) if (node.text == "and") == outcome else all(parts)
        if node.op is Op.PHI:
            return self._joins(test, outcome, value, sink, depth)
        if node.op is Op.OP and len(node.args) == 2:
            return self._compares(function, node.text, node.args, outcome, value, sink)
        if node.op is Op.CALL:
            return self._calls_guard(test, outcome, value, sink)
        if node.op is Op.ITEM and node.text.isdecimal() and len(node.text) < 3:  # ``ok, reason = check(x)``
            call = (function, node.args[0])
            refs = (
                program.inference.infer((function, found.values[call[1]].args[0])) if found.values[call[1]].op is Op.CALL else ()
            )
            return any(
                ref.kind == "fun" and self._own_validator(call, ref.id, value, sink, outcome, int(node.text)) for ref in refs
            )
        return False

    def _joins(self, test: Site, outcome: bool, value: int, sink: str, depth: int) -> bool:
        """A flag: each value it may have come out so from is a test, or was set where the value was safe."""
        function, number = test
        node = self._program.functions[function].values[number]
        judged: list[bool] = []
        for position, arg in enumerate(node.args):
            if truth_of(self._program.value((function, arg))) in (outcome, None):
                block = node.keys[position] if position < len(node.keys) else ""
                judged.append(
                    self._implies((function, arg), outcome, value, sink, depth + 1)
                    or (block != "" and self.guarded((function, value), number, int(block), sink, depth + 2))
                )
        return all(judged) and bool(judged) if node.keys else any(judged)

    def _compares(self, function: int, operator: str, args: tuple[int, ...], outcome: bool, value: int, sink: str) -> bool:
        left, right = args
        found = self._program.functions[function]
        if operator in ("is", "is not") and self._is_none(found, right):
            positive = (operator == "is not") == outcome
            return found.values[left].op is Op.CALL and self._calls_guard((function, left), positive, value, sink)
        positive = (operator in ("in", "==")) == outcome
        if operator in ("in", "not in"):
            if not positive:
                return False
            if self._is_subject(function, left, value) and self._is_closed(function, right):
                return True
            if sink == "path" and self._is_below(function, right, value):
                return True
            return found.values[left].op is Op.ELEM and self._is_element(function, left, value)
        if operator == "<=" and outcome:  # ``set(x) <= set("abc")``
            return self._is_set_of(function, left, value) and not self._is_set_of(function, right, value)
        if operator in ("==", "!="):
            if positive and any(self._is_common_part(function, side, value, sink) for side in args):
                return True
            other = right if self._is_subject(function, left, value) else left if self._is_subject(function, right, value) else -1
            return positive and other >= 0 and found.values[other].op in (Op.CONST, Op.NAME, Op.ATTR)
        return False

    def _is_below(self, function: int, tested: int, value: int) -> bool:
        """``root in path.parents`` of a path that was resolved before."""
        values = self._program.functions[function].values
        node = values[tested]
        if node.op is not Op.ATTR or node.text not in language.ANCESTORS or not self._is_subject(function, node.args[0], value):
            return False
        made = values[node.args[0]]
        return made.op is Op.CALL and any(values[arg].text in language.RESOLVES for arg in made.args if values[arg].op is Op.ATTR)

    def _is_common_part(self, function: int, tested: int, value: int, sink: str) -> bool:
        """``os.path.commonpath([x, root])``, to be compared with the root: what a list of paths has in common."""
        values = self._program.functions[function].values
        node = values[tested]
        if node.op is not Op.CALL or len(node.args) != 2 or values[node.args[1]].op is not Op.SEQ:
            return False
        for path in self._program.inference.paths((function, node.args[0])):
            if any(_covers(guard.sinks, sink) for guard in self._program.index.guards(path)):
                return any(self._is_subject(function, element, value) for element in values[node.args[1]].args)
        return False

    @staticmethod
    def _is_none(found: Function, value: int) -> bool:
        return found.values[value].op is Op.CONST and found.values[value].keys == ("NoneType",)

    def _is_subject(self, function: int, tested: int, value: int) -> bool:
        """Whether the tested expression is the value itself, or a view of it (``x.lower()``, ``str(x)``.

        ``urlparse(x).hostname``).
        """
        values = self._program.functions[function].values
        for _ in range(6):
            if tested == value:
                return True
            node = values[tested]
            if node.op is Op.ATTR and node.text in language.VIEW_ATTRIBUTES:
                tested = node.args[0]
            elif node.op is Op.CALL:
                callee = values[node.args[0]]
                if callee.op is Op.ATTR and callee.text in _TRANSPARENT_METHODS:
                    tested = callee.args[0]
                elif len(node.args) > 1 and language.VIEWS.intersection(self._program.inference.paths((function, node.args[0]))):
                    tested = node.args[1]
                elif (shown := views.shown(self._program, (function, tested))) >= 0:
                    tested = shown
                else:
                    return False
            else:
                return False
        return False

    def _is_set_of(self, function: int, tested: int, value: int) -> bool:
        node = self._program.functions[function].values[tested]
        if node.op is not Op.CALL or len(node.args) != 2 or not self._is_subject(function, node.args[1], value):
            return False
        return not {"builtins.set", "builtins.frozenset"}.isdisjoint(self._program.inference.paths((function, node.args[0])))

    def _is_element(self, function: int, tested: int, value: int) -> bool:
        """``c in ALLOWED`` where ``c`` runs over the characters of the value, or is the value kept by such a filter."""
        node = self._program.functions[function].values[tested]
        return tested == value or self._is_subject(function, node.args[0], value)

    def _is_closed(self, function: int, container: int) -> bool:
        """Whether a container is a set of known things rather than text in which anything may occur."""
        node = self._program.functions[function].values[container]
        if node.op is Op.CONST or node.op is Op.TEXT or node.op is Op.PARAM:
            return False
        refs = self._program.inference.infer((function, container))
        return not any(ref.path == "builtins.str()" for ref in refs)

    def _calls_guard(self, test: Site, outcome: bool, value: int, sink: str) -> bool:
        program = self._program
        function, number = test
        found = program.functions[function]
        node = found.values[number]
        callee = found.values[node.args[0]]
        if callee.text in ("all", "any") and callee.op is Op.NAME and len(node.args) == 2:
            inner = found.values[node.args[1]]
            if inner.op is Op.SEQ and inner.text == "comp" and outcome == (callee.text == "all"):
                return self._implies((function, inner.args[0]), outcome, value, sink, 4)
            if inner.op is Op.SEQ and inner.text == "comp" and outcome and not blocks.walks(found, inner.args[0], value):
                return self._implies((function, inner.args[0]), True, value, sink, 4)  # ``any(re.match(p, x) for p in KNOWN)``
        if outcome and callee.op is Op.ATTR:
            for guard in program.index.guard_methods(callee.text):
                if (
                    _covers(guard.sinks, sink)
                    and self._is_subject(function, callee.args[0], value)
                    and holds(program, test, guard.when)
                    and self._own_root(test, guard)
                ):
                    return True
        for ref in program.inference.infer((function, node.args[0])):
            if ref.path == "builtins.isinstance" and len(node.args) == 3 and self._is_subject(function, node.args[1], value):
                return self._excludes_text((function, node.args[2]), outcome)
            if ref.path == "builtins.bool" and len(node.args) == 2:
                return self._implies((function, node.args[1]), outcome, value, sink, MAX_DEPTH - 2)
            if ref.kind == "ext" and outcome:
                for guard in program.index.guards(ref.path):
                    subjects = select(program, test, guard.arg)
                    fits = _covers(guard.sinks, sink) and any(self._is_subject(function, s[1], value) for s in subjects)
                    if fits and self._own_root(test, guard):
                        return True
            elif ref.kind == "fun":
                return self._own_validator(test, ref.id, value, sink, outcome)
        return False

    def _own_root(self, test: Site, guard: Sanitizer) -> bool:
        """Whether what a value is compared with is the program's own: a root that comes from outside proves nothing."""
        return not guard.root or not any(self._is_outside(place, 0) for place in select(self._program, test, guard.root))

    def _is_outside(self, site: Site, depth: int) -> bool:
        value = self._program.value(site)
        if value.op is Op.PARAM:
            return self._outside(site)
        if depth > MAX_DEPTH or value.op not in (Op.PHI, Op.TEXT, Op.OP, Op.CALL):
            return False
        args = value.args
        if value.op is Op.CALL:
            paths = self._program.inference.paths((site[0], args[0]))
            callee = self._program.value((site[0], args[0]))
            if any(path in language.JOINS or path in language.VIEWS for path in paths):
                args = args[1:2]
            else:
                args = callee.args[:1] if callee.op is Op.ATTR and callee.text in _TRANSPARENT_METHODS | _PATH_VIEWS else ()
        elif value.op is not Op.PHI:
            args = args[:1]
        return any(self._is_outside((site[0], arg), depth + 1) for arg in args)

    def _excludes_text(self, types: Site, outcome: bool) -> bool:
        """Whether ``isinstance(x, types)`` having come out so leaves no text: not a string, or a number."""
        value = self._program.value(types)
        members = value.args if value.op is Op.SEQ else (types[1],)
        paths = {path for member in members for path in self._program.inference.paths((types[0], member))}
        return bool(paths) and (paths <= language.SAFE_TYPES if outcome else "builtins.str" in paths)

    def _own_validator(self, test: Site, validator: int, value: int, sink: str, wanted: bool | None, item: int = -1) -> bool:
        """A function of the project that is given the value and tests it in a way that would itself be a guard."""
        node = self._program.value(test)
        params = self._program.functions[validator].params
        skip = 1 if self._program.owner(validator) >= 0 and params and params[0].name in ("self", "cls") else 0
        names = [param.name for param in params]
        for position, (arg, key) in enumerate(zip(node.args[1:], node.keys[1:], strict=True)):
            index = position + skip if not key else names.index(key) if key in names else len(params)
            given = index < len(params) and self._is_subject(test[0], arg, value)
            if given and self._validators.accepts(validator, index, sink, wanted, item):
                return True
        return False

    def _raises_unless_safe(self, call: Site, value: int, sink: str) -> bool:
        """``check(x)`` as a statement: the called function raises on values it does not accept."""
        program = self._program
        node = program.value(call)
        if node.op is not Op.CALL:
            return False
        found = program.functions[call[0]]
        callee = found.values[node.args[0]]
        for block in blocks.filters(found, call[1]):
            if self._implies((call[0], found.blocks[block].test), found.blocks[block].outcome, value, sink):
                return True
        for guard in program.index.guard_methods(callee.text) if callee.op is Op.ATTR else ():
            if guard.raises and _covers(guard.sinks, sink) and self._is_subject(call[0], callee.args[0], value):
                return True
        for ref in program.inference.infer((call[0], node.args[0])):
            for guard in program.index.guards(ref.path) if ref.kind == "ext" else ():
                given = any(self._is_subject(call[0], s[1], value) for s in select(program, call, guard.arg))
                if given and guard.raises and _covers(guard.sinks, sink) and self._own_root(call, guard):
                    return True
            if ref.kind == "fun" and program.functions[ref.id].raises:
                return self._own_validator(call, ref.id, value, sink, None)
        return False


def _covers(sinks: tuple[str, ...], sink: str) -> bool:
    return sink in sinks or "all" in sinks


def dominates(found: Function, first: int, second: int) -> bool:
    """Whether value ``first`` is always computed before ``second``."""
    return first < second and blocks.inside(found, found.values[second].block, found.values[first].block)
