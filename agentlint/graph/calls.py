"""Who calls a function, found on demand, and which argument becomes which parameter."""

from __future__ import annotations

from typing import NamedTuple

from agentlint.core.paths import is_test
from agentlint.facts.python.ir import Op, Value
from agentlint.graph import handovers, keys
from agentlint.graph.call_index import CallIndex
from agentlint.graph.indirect import Indirect
from agentlint.graph.program import Program, Site

_ENDS = frozenset({Op.CONST, Op.FUNC, Op.CLASS, Op.EXCEPT})
_MADE = frozenset({Op.SEQ, Op.DICT, Op.TEXT})
MAX_ABSTRACT = 20
MAX_DEFINITIONS = 60
MAX_CONCRETE = 2


class CallEdge(NamedTuple):
    """A call of a function: ``skip`` parameters are filled by binding, ``shift`` arguments come before those handed on."""

    site: Site
    skip: int
    shift: int = 0
    keyword_args: bool = False


class CallGraph:
    """Edges both ways, memoised; only calls whose written name fits are resolved."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._by_tail = program.calls()
        self._handed: dict[str, list[Site]] = {}
        self._callers: dict[int, tuple[CallEdge, ...]] = {}
        self._callees: dict[int, tuple[tuple[int, int], ...]] = {}
        self._named: dict[int, tuple[CallEdge, ...]] = {}
        self._handed_to: dict[int, dict[int, list[int]]] = {}
        self._constants: dict[int, bytearray] = {}
        self._changed: dict[int, dict[int, list[int]]] = {}
        self._overriding: dict[int, tuple[int, ...]] = {}
        self._constructions: dict[int, tuple[Site, ...]] = {}
        self.indirect = Indirect(program, self)
        self._index = CallIndex(program, self.indirect)
        self._index_calls()

    def _index_calls(self) -> None:
        program = self._program
        for number, value_id in program.calls_named(handovers.names(program.index)):
            values = program.functions[number].values
            callee = values[values[value_id].args[0]]
            if callee.op is Op.ATTR:  # ``task.delay(x)``
                self._handed.setdefault(values[callee.args[0]].text.rpartition(":")[2], []).append((number, value_id))
            for arg in values[value_id].args[1:]:
                name = values[arg].text.rpartition(":")[2]
                if values[arg].op is Op.FUNC:
                    name = program.functions[program.function_at(number, values[arg])].name
                self._handed.setdefault(name, []).append((number, value_id))

    def callers(self, function: int) -> tuple[CallEdge, ...]:
        """Return every call that may run ``function``."""
        found = self._callers.get(function)
        if found is None:
            self._callers[function] = named = self.named_callers(function)
            unnamed = [edge for site in self.indirect.sites(function) for edge in self._edge(site, function)]
            found = self._callers[function] = tuple(dict.fromkeys((*named, *unnamed)))
        return found

    def named_callers(self, function: int) -> tuple[CallEdge, ...]:
        """Return the calls that run ``function`` under a name of its own."""
        found = self._named.get(function)
        if found is None:
            self._named[function] = ()
            found = self._named[function] = tuple(self._find_callers(function))
        return found

    def _find_callers(self, function: int) -> list[CallEdge]:
        program = self._program
        name = program.functions[function].name
        owner = program.owner(function)
        names = [name]
        if name in ("__init__", "__call__", "__post_init__") and owner >= 0:
            names += [program.classes[c].name for c in (owner, *program.subclasses(owner))]
        edges: list[CallEdge] = []
        for spelled in dict.fromkeys((*names, *self._aliases(names))):
            for site in self._index.named(spelled, function):
                edges += self._edge(site, function)
        for site in self._handed.get(name, ()):
            edges += self.edges(site, function)
        return edges

    def _aliases(self, names: list[str]) -> set[str]:
        """Names under which the function is imported ``as`` something else."""
        if not hasattr(self, "_as"):
            self._as: dict[str, set[str]] = {}
            for function in self._program.functions:
                for bound, ids in function.defs.items():
                    for i in ids:
                        value = function.values[i]
                        original = value.text.rpartition(":")[2] if value.op is Op.IMPORT else ""
                        if original and original != bound:
                            self._as.setdefault(original, set()).add(bound)
        return {alias for name in names for alias in self._as.get(name, ())}

    def edges(self, site: Site, function: int) -> list[CallEdge]:
        """Return how the call at ``site`` runs ``function``; empty when it does not."""
        return self._edge(site, function) or self._handed_edge(site, function)

    def _edge(self, site: Site, function: int) -> list[CallEdge]:
        program = self._program
        for ref in self.indirect.refs(site):
            if ref.kind == "fun" and (ref.id == function or (self._overrides(function, ref.id) and not self._is_super(site))):
                return [CallEdge(site, 1 if ref.bound and self._has_self(ref.id) else 0)]
            if ref.kind == "cls" and program.method(ref.id, program.functions[function].name) == function:
                return [CallEdge(site, 1)]
            if ref.kind == "inst" and program.method(ref.id, "__call__") == function:
                return [CallEdge(site, 1)]
        return []

    def _is_super(self, site: Site) -> bool:
        """Whether a call is ``super().method(...)``: it runs the method of a base, never one of a subclass."""
        program = self._program
        callee = program.value((site[0], program.value(site).args[0]))
        return callee.op is Op.ATTR and any(r.kind == "super" for r in program.inference.infer((site[0], callee.args[0])))

    def overriding(self, function: int) -> tuple[int, ...]:
        """Return the methods of subclasses that may run in place of ``function``."""
        found = self._overriding.get(function)
        if found is None:
            program = self._program
            owner, name = program.owner(function), program.functions[function].name
            below = program.subclasses(owner) if owner >= 0 and not name.startswith("__") else []
            methods = dict.fromkeys(program.method(cls, name) for cls in below)
            own = not is_test(program.path(function))  # what tests put in its place does not run in the program
            real = (m for m in methods if m not in (-1, function) and not (own and is_test(program.path(m))))
            found = self._overriding[function] = tuple(real)
        return found

    def handed_to(self, function: int) -> dict[int, list[int]]:
        """Return, for each value of a function, the calls that stand alone and are given it."""
        found = self._handed_to.get(function)
        if found is None:
            found = self._handed_to[function] = {}
            code = self._program.functions[function]
            for call in code.statements:
                for arg in code.values[call].args[1:] if code.values[call].op is Op.CALL else ():
                    found.setdefault(arg, []).append(call)
        return found

    def changed(self, function: int) -> dict[int, list[int]]:
        """Return the changes of values that a function makes in place, by the value that is changed."""
        found = self._changed.get(function)
        if found is None:
            found = self._changed[function] = {}
            for number, value in enumerate(self._program.functions[function].values):
                if value.op is Op.UPDATE or value.op is Op.MUTATE:
                    found.setdefault(value.args[0], []).append(number)
        return found

    def constants(self, function: int) -> bytearray:
        """Return a flag for each value of a function that holds nothing from outside: constants, what is made of them only."""
        found = self._constants.get(function)
        if found is None:
            values = self._program.functions[function].values
            found = self._constants[function] = bytearray(len(values))
            changed = self._program.shared_values(function).union(self.handed_to(function))
            for number, value in enumerate(values):
                made = value.op in _MADE and number not in changed and all(found[arg] for arg in value.args)
                found[number] = made or value.op in _ENDS or (value.op is Op.NAME and self._is_foreign(function, value.text))
        return found

    def _is_foreign(self, function: int, name: str) -> bool:
        """Whether a name is a module, class, function or other object of a library, or a definition: nothing that came in."""
        program = self._program
        sites = program.definitions(function, name)
        if name in program.index.read_tails or sites is None:
            return False
        return len(sites) <= MAX_DEFINITIONS and all(map(self._is_definition, sites))

    def _is_definition(self, site: Site) -> bool:
        value = self._program.value(site)
        if value.op is not Op.IMPORT:
            return value.op is Op.FUNC or value.op is Op.CLASS
        here = self._program.module_of[site[0]]
        return value.text[:1] != "." and self._program.import_module(here, value.text.partition(":")[0]) < 0

    def replacing(self, function: int) -> tuple[int, ...]:
        """Return the overriding methods that a call of ``function`` is taken to run, too: all of an abstract one, else few."""
        others = self.overriding(function)
        return others if len(others) <= (MAX_ABSTRACT if self._is_abstract(function) else MAX_CONCRETE) else ()

    def _is_abstract(self, function: int) -> bool:
        found = self._program.functions[function]
        return all(found.values[leave.value].op is Op.CONST for leave in found.exits)

    def constructions(self, cls: int) -> tuple[Site, ...]:
        """Return the calls that make an object of a class or of a class below it."""
        found = self._constructions.get(cls)
        if found is None:
            program = self._program
            classes = {cls, *program.subclasses(cls)}
            names = list(dict.fromkeys(program.classes[c].name for c in classes))
            sites = [site for name in dict.fromkeys((*names, *self._aliases(names))) for site in self._by_tail.get(name, ())]
            sites += [site for other in classes for site in self.indirect.constructions(other)]
            found = self._constructions[cls] = tuple(
                site
                for site in dict.fromkeys(sites)
                if any(ref.kind == "cls" and ref.id in classes for ref in self.indirect.refs(site))
            )
        return found

    def _overrides(self, function: int, other: int) -> bool:
        program = self._program
        if program.functions[function].name != program.functions[other].name:
            return False
        owner, base = program.owner(function), program.owner(other)
        return owner >= 0 and base >= 0 and owner != base and owner in program.subclasses(base)

    def _has_self(self, function: int) -> bool:
        params = self._program.functions[function].params
        return bool(params) and params[0].name in ("self", "cls", "mcs")

    def _handed_edge(self, site: Site, function: int) -> list[CallEdge]:
        program = self._program
        value = program.value(site)
        for path in program.inference.paths((site[0], value.args[0])):
            position = handovers.given(program.index, path)
            if position is None:
                continue
            if isinstance(position, int):
                target = value.args[position + 1] if position + 1 < len(value.args) else -1
            else:
                target = value.args[value.keys.index(position)] if position in value.keys else -1
            for ref in program.inference.infer((site[0], target)) if target >= 0 else ():
                if ref.kind == "fun" and ref.id == function:
                    skip = (1 if ref.bound and self._has_self(function) else 0) + handovers.filled(program.index, path)
                    return [CallEdge(site, skip, position + 1 if isinstance(position, int) else 0, not isinstance(position, int))]
        return []

    def argument(self, edge: CallEdge, function: int, position: int, key: str = "") -> list[tuple[Site, str]]:
        """Return the values that fill parameter ``position`` of ``function`` in a call, and which part of each ``key`` means."""
        value = self._program.value(edge.site)
        param = self._program.functions[function].params[position]
        where = edge.site[0]
        if edge.keyword_args:
            return self._thread_argument(edge, value, position, param.name, key)
        if param.name in value.keys and param.kind not in ("*", "**"):
            return [((where, value.args[value.keys.index(param.name)]), key)]
        positional = [((where, a), k) for a, k in zip(value.args[1:], value.keys[1:], strict=True) if k in ("", "*")]
        index = position - edge.skip + edge.shift
        binding = self.indirect.binding(edge.site)
        if binding is not None:
            positional[:0] = [((binding.site[0], a), "") for a in binding.positional]
            if param.name in binding.named:
                return [((binding.site[0], binding.named[param.name]), key)]
        if param.kind == "*":
            return _rest(positional[max(index, 0) :], key)
        if param.kind == "**":
            known = {p.name for p in self._program.functions[function].params}
            return _extra([((where, a), k) for a, k in zip(value.args, value.keys, strict=True) if k not in known], key)
        if param.kind == "pos" and 0 <= index < len(positional) and all(k != "*" for _, k in positional[: index + 1]):
            return [(positional[index][0], key)]
        star = next((i for i, (_, k) in enumerate(positional) if k == "*"), len(positional))
        found = [(place, keys.inside(param.name, key)) for place, k in _pairs(where, value) if k == "**"]
        if param.kind == "pos" and star <= index and star < len(positional):
            last = star == len(positional) - 1
            found.append((positional[star][0], keys.inside(str(index - star) if last else keys.ANY, key)))
        return found

    def _thread_argument(self, edge: CallEdge, value: Value, position: int, name: str, key: str) -> list[tuple[Site, str]]:
        """``Thread(target=f, args=(x,), kwargs={"name": y})``."""
        where = edge.site[0]
        index = position - edge.skip
        parts = [("args", str(index)), ("kwargs", name)]
        found = [((where, value.args[value.keys.index(k)]), keys.inside(part, key)) for k, part in parts if k in value.keys]
        return [(site, part) for site, part in found if self._has(site, keys.split(part)[0])]

    def _has(self, site: Site, part: str) -> bool:
        """Whether a tuple or dict, as far as it is written out, has an element."""
        value = self._program.value(site)
        if value.op is Op.SEQ:
            return part.isdecimal() and (int(part) < len(value.args) or "*" in value.keys)
        return value.op is not Op.DICT or part in value.keys or "**" in value.keys

    def callees(self, function: int) -> tuple[tuple[int, int], ...]:
        """Return ``(called function, call value)`` for the calls in ``function`` and in functions nested in it."""
        found = self._callees.get(function)
        if found is None:
            found = self._callees[function] = tuple(self._find_callees(function))
        return found

    def _find_callees(self, function: int) -> list[tuple[int, int]]:
        program = self._program
        edges = []
        for value_id in program.functions[function].calls:
            edges += [(target, value_id) for target in self.targets((function, value_id))]
        return edges

    def targets(self, site: Site) -> list[int]:
        """Return the first-party functions a call may run, constructors and handed-on callables included."""
        program = self._program
        value = program.value(site)
        found = []
        for ref in self.indirect.refs(site):
            if ref.kind == "fun":
                found.append(ref.id)
                if self._is_abstract(ref.id):
                    found += self.replacing(ref.id)
            elif ref.kind == "cls":
                found += [m for m in (program.method(ref.id, "__init__"), program.method(ref.id, "__post_init__")) if m >= 0]
            elif ref.kind == "inst" and program.method(ref.id, "__call__") >= 0:
                found.append(program.method(ref.id, "__call__"))
            elif ref.kind == "ext":
                position = handovers.given(program.index, ref.path)
                if isinstance(position, int) and position + 1 < len(value.args):
                    target = (site[0], value.args[position + 1])
                    found += [r.id for r in program.inference.infer(target) if r.kind == "fun"]
                elif isinstance(position, str) and position in value.keys:
                    target = (site[0], value.args[value.keys.index(position)])
                    found += [r.id for r in program.inference.infer(target) if r.kind == "fun"]
        return list(dict.fromkeys(found))


def _pairs(where: int, value: Value) -> list[tuple[Site, str]]:
    return [((where, a), k) for a, k in zip(value.args, value.keys, strict=True)]


def _rest(places: list[tuple[Site, str]], key: str) -> list[tuple[Site, str]]:
    """What ``*rest`` holds: one element where its index is known."""
    first, rest = keys.split(key)
    if first.isdecimal() and int(first) < len(places) and all(k != "*" for _, k in places):
        return [(places[int(first)][0], rest)]
    return [(place, key if k == "*" else rest) for place, k in places]


def _extra(places: list[tuple[Site, str]], key: str) -> list[tuple[Site, str]]:
    """What ``**extra`` holds: one entry where its name is known."""
    first, rest = keys.split(key)
    if key == keys.NAMES:
        return [(place, key) for place, k in places if k == "**"]
    named = [(place, rest) for place, k in places if k == first and k not in ("", "*", "**")]
    if keys.is_known(first) and named:
        return named
    return [
        (place, key if k == "**" else rest)
        for place, k in places
        if k == "**" or (k not in ("", "*") and not keys.is_known(first))
    ]
