"""What a value may be: which function, class, instance or external object. Demand-driven and memoised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.python.ir import Op, Store, Value
from agentlint.graph import language
from agentlint.graph.containers import Containers

if TYPE_CHECKING:
    from agentlint.graph.program import Program, Ref, Site

MAX_REFS = 24
MAX_SITES = 60
MAX_DEPTH = 40
_PASS = (Op.PHI, Op.UPDATE, Op.MUTATE)


class Inference:
    """Points-to by name: small, bounded sets of refs per value."""

    def __init__(self, program: Program) -> None:
        from agentlint.graph.program import Ref

        self._ref = Ref
        self._program = program
        self._memo: dict[Site, tuple[Ref, ...]] = {}
        self._fields: dict[str, dict[int, list[Site]]] = {}
        self._field_memo: dict[tuple[int, str], list[Site]] = {}
        self.hints: dict[Site, str] = {}
        self.stored_in: dict[tuple[Site, str], int] = {}
        self._depth = 0
        self._containers = Containers(program)

    def infer(self, site: Site) -> tuple[Ref, ...]:
        """Return what the value at ``site`` may be; empty when nothing is known."""
        found = self._memo.get(site)
        if found is not None:
            return found
        if self._depth > MAX_DEPTH:
            return ()
        self._memo[site] = ()
        self._depth += 1
        try:
            result = self._value(site, self._program.value(site))
        finally:
            self._depth -= 1
        result = tuple(dict.fromkeys(result))[:MAX_REFS]
        self._memo[site] = result
        return result

    def paths(self, site: Site) -> tuple[str, ...]:
        """Return the external paths the value may be, aliases resolved."""
        return tuple(ref.path for ref in self.infer(site) if ref.kind == "ext")

    def _ext(self, path: str) -> Ref:
        return self._ref("ext", -1, self._program.index.normalise(path))

    def _value(self, site: Site, value: Value) -> tuple[Ref, ...]:
        op, function = value.op, site[0]
        if op is Op.NAME:
            return self._name(function, value.text)
        if op is Op.ATTR:
            return self._attribute((function, value.args[0]), value.text)
        if op is Op.CALL:
            return self._call(site, value)
        if op is Op.IMPORT:
            return self._import(function, value.text)
        if op is Op.PARAM:
            return self._param(site, value)
        if op is Op.FUNC:
            return (self._ref("fun", self._program.function_at(function, value)),)
        if op is Op.CLASS:
            return (self._ref("cls", self._program.class_at(function, value)),)
        if op in _PASS:
            args = value.args if op is Op.PHI else value.args[:1]
            return tuple(ref for arg in args for ref in self.infer((function, arg)))
        if op is Op.ITEM:
            return self._item(function, value)
        if op is Op.ELEM:
            return self._elements((function, value.args[0]))
        if op is Op.OP and value.text in ("or", "and"):
            return tuple(ref for arg in value.args for ref in self.infer((function, arg)))
        if op is Op.TEXT or (op is Op.CONST and value.keys == ("str",)):
            return (self._ref("ext", -1, "builtins.str()"),)
        if op is Op.OP and value.text == "/":
            return tuple(r for r in self.infer((function, value.args[0])) if r.kind == "ext")
        if op is Op.OP and value.text == "|":
            return tuple(r for arg in value.args for r in self.infer((function, arg)) if r.kind in ("ext", "inst"))
        return ()

    def _name(self, function: int, name: str) -> tuple[Ref, ...]:
        sites = self._program.definitions(function, name)
        if sites is not None:
            return tuple(ref for site in sites[:MAX_SITES] for ref in self.infer(site))
        star = self._program.star_path(self._program.module_of[function], name)
        if star:
            return (self._ext(star),)
        return (self._ref("ext", -1, f"builtins.{name}"),)

    def _import(self, function: int, text: str) -> tuple[Ref, ...]:
        program = self._program
        module, _, name = text.partition(":")
        here = program.module_of[function]
        target = program.import_module(here, module)
        if target >= 0 and program.uses_own(here, module.partition(".")[0]):
            known = self._ext(f"{module}.{name}" if name else module)
            if not name or program.index.speaks_below(known.path):
                return (known, self._ref("mod", target)) if not name else (known, *self._module_attribute(target, name))
        if not name:
            return (self._ref("mod", target),) if target >= 0 else (self._ext(module),)
        if target >= 0:
            return self._module_attribute(target, name)
        joined = module + name if module.endswith(".") else f"{module}.{name}"
        below = program.import_module(here, joined)
        if below >= 0:
            return (self._ref("mod", below),)
        return () if module.startswith(".") else (self._ext(f"{module}.{name}"),)

    def _module_attribute(self, module: int, name: str) -> tuple[Ref, ...]:
        program = self._program
        sites = program.definitions(program.first_function[module], name)
        if sites is not None:
            return tuple(ref for site in sites[:MAX_SITES] for ref in self.infer(site))
        path = program.files[module].path
        folder = path.removesuffix("/__init__.py") if path.endswith("/__init__.py") else ""
        below = program.modules.at(f"{folder}/{name}") if folder else -1
        if below >= 0:
            return (self._ref("mod", below),)
        star = program.star_path(module, name)
        return (self._ext(star),) if star else ()

    def _attribute(self, base: Site, name: str) -> tuple[Ref, ...]:
        return tuple(found for ref in self.infer(base) for found in self.attribute_of(ref, name))

    def attribute_of(self, ref: Ref, name: str) -> tuple[Ref, ...]:
        """Return what ``name`` is on ``ref``."""
        program = self._program
        if ref.kind == "ext":
            return (self._ext(f"{ref.path}.{name}"),)
        if ref.kind == "mod":
            return self._module_attribute(ref.id, name)
        if ref.kind == "fun" and program.index.calls_receiver(name):
            params = program.functions[ref.id].params  # ``bind=True`` tasks take themselves first
            return (ref._replace(bound=ref.bound or (bool(params) and params[0].name == "self")),)
        if ref.kind in ("inst", "cls", "super"):
            lineage = program.lineage(ref.id)[1 if ref.kind == "super" else 0 :]
            for cls in lineage:
                local = program.classes[cls].methods.get(name)
                if local is not None:
                    method = program.first_function[program.class_module[cls]] + local
                    if self.is_property(method):
                        return self.returned(method)
                    return (self._ref("fun", method, "", self._is_bound(method, ref.kind)),)
            fields = tuple(r for site in self.field_sites(ref.id, name) for r in self.infer(site))
            if fields:
                return fields
            annotated = self._field_annotation(lineage, name)
            if annotated:
                return annotated
            suffix = "." if ref.kind == "cls" else "()."
            return tuple(self._ext(base + suffix + name) for base in program.external_bases(ref.id)[:2])
        return ()

    def _field_annotation(self, lineage: list[int], name: str) -> tuple[Ref, ...]:
        for cls in lineage:
            entry = self._program.classes[cls].fields.get(name)
            if entry and entry[0] >= 0:
                return self.annotated((self._program.class_body(cls), entry[0]))
        return ()

    def field_sites(self, cls: int, name: str) -> list[Site]:
        """Return every value stored in field ``name`` of ``cls``, its bases and its subclasses."""
        if name not in self._fields:
            return []
        known = self._field_memo.get((cls, name))
        if known is None:
            stored = self._fields[name]
            related = (*self._program.lineage(cls), *self._program.subclasses(cls))
            known = [site for other in dict.fromkeys(related) for site in stored.get(other, ())]
            self._field_memo[cls, name] = known
        return known

    def prepare(self) -> None:
        """Collect what is stored in fields: by methods in their own object first, then from outside."""
        program = self._program
        outside: list[tuple[Site, Store]] = []
        for cls, found in enumerate(program.classes):
            for name, (_, default) in found.fields.items():
                if default >= 0:
                    self._fields.setdefault(name, {}).setdefault(cls, []).append((program.class_body(cls), default))
        for number, function in enumerate(program.functions):
            owner = program.owner(number)
            for store in function.stores:
                base = function.values[store.base]
                self._note_block((number, store.value), store)
                if owner >= 0 and base.op is Op.PARAM and base.args[0] == 0:
                    self._fields.setdefault(store.attr, {}).setdefault(owner, []).append((number, store.value))
                else:
                    outside.append(((number, store.base), store))
        late = [(ref.id, site[0], store) for site, store in outside for ref in self.infer(site) if ref.kind in ("inst", "cls")]
        for owner, number, store in late:
            self._fields.setdefault(store.attr, {}).setdefault(owner, []).append((number, store.value))
        if late:
            self.forget()

    def forget(self) -> None:
        """Drop what was inferred: something it rests on has changed."""
        self._memo.clear()
        self._field_memo.clear()
        self._containers.forget()

    def _note_block(self, value: Site, store: Store) -> None:
        """Remember where a value is stored; of several places, what holds in all of them is only where it was made."""
        known = self.stored_in.setdefault((value, store.attr), store.block)
        if known != store.block:
            self.stored_in[value, store.attr] = self._program.value(value).block

    def external_sites(self, path: str, key: str) -> list[Site]:
        """Return every value stored under ``key`` (an item or an attribute) of an object outside of the program."""
        if not hasattr(self, "_external"):
            self._external = self._collect_external()
        return self._external.get((path, key), [])

    def _collect_external(self) -> dict[tuple[str, str], list[Site]]:
        program = self._program
        stored: dict[tuple[str, str], list[Site]] = {}
        for number, function in enumerate(program.functions):
            for value_id in function.updates:
                value = function.values[value_id]
                for path in self.paths((number, value.args[0])) if value.text else ():
                    stored.setdefault((path, value.text), []).append((number, value.args[1]))
                    self.stored_in.setdefault(((number, value.args[1]), value.text), value.block)
            for store in function.stores:
                for path in self.paths((number, store.base)):
                    stored.setdefault((path, store.attr), []).append((number, store.value))
        return stored

    def is_property(self, function: int) -> bool:
        """Whether a method is read like an attribute."""
        parent = self._program.parent(function)
        found = self._program.functions[function]
        return any(
            parent >= 0 and self._program.functions[parent].values[d].text in language.PROPERTIES for d in found.decorators
        )

    def _call(self, site: Site, value: Value) -> tuple[Ref, ...]:
        found: list[Ref] = []
        function = site[0]
        for ref in self.infer((function, value.args[0])):
            if ref.kind == "cls":
                found.append(self._ref("inst", ref.id))
            elif ref.kind == "fun":
                found += self.returned(ref.id)
            elif ref.kind == "ext":
                found += self._external_call(function, ref.path, value)
            elif ref.kind == "inst":
                method = self._program.method(ref.id, "__call__")
                found += self.returned(method) if method >= 0 else ()
        return tuple(found) or self._got(function, value)

    def _got(self, function: int, value: Value) -> tuple[Ref, ...]:
        """``table.get(key, default)`` where the table is written out."""
        values = self._program.functions[function].values
        callee = values[value.args[0]]
        if callee.op is not Op.ATTR or callee.text not in language.GETTERS or len(value.args) < 2:
            return ()
        key = values[value.args[1]]
        found = self._elements((function, callee.args[0]), key.text if key.op is Op.CONST else "")
        return found + tuple(ref for arg in value.args[2:] for ref in self.infer((function, arg))) if found else ()

    def _external_call(self, function: int, path: str, value: Value) -> tuple[Ref, ...]:
        if path == "builtins.super" and self._program.owner(function) >= 0:
            return (self._ref("super", self._program.owner(function)),)
        if path.endswith(language.ENTERS):
            return (self._ext(path.rpartition(".")[0]),)
        passed = language.TRANSPARENT.get(path, -1)
        handover = self._program.index.handover(path) if passed < 0 else None
        if handover is not None and handover.gives == "itself":
            passed = int(handover.func)
        if passed >= 0 and passed + 1 < len(value.args):
            return self.infer((function, value.args[passed + 1]))
        if path == "builtins.getattr" and len(value.args) > 2:
            name = self._program.functions[function].values[value.args[2]]
            if name.op is Op.CONST:
                return self._attribute((function, value.args[1]), name.text)
            if name.op is Op.TEXT:
                return self._methods_like((function, value.args[1]), (function, value.args[2]))
        return (self._ext(path + "()"),)

    def _methods_like(self, holder: Site, name: Site) -> tuple[Ref, ...]:
        """``getattr(self, f"tool_{name}")``: the methods whose names begin and end as the text does."""
        program = self._program
        parts = [program.value((name[0], part)) for part in program.value(name).args]
        first = parts[0].text.partition("%")[0].partition("{")[0] if parts and parts[0].op is Op.CONST else ""
        last = parts[-1].text if len(parts) > 1 and parts[-1].op is Op.CONST and program.value(name).text != "%" else ""
        found: dict[str, int] = {}
        for ref in self.infer(holder) if first or last else ():
            for cls in (*program.lineage(ref.id), *program.subclasses(ref.id)) if ref.kind in ("inst", "cls") else ():
                for method, local in program.classes[cls].methods.items():
                    if method.startswith(first) and method.endswith(last):
                        found.setdefault(method, program.first_function[program.class_module[cls]] + local)
        return tuple(self._ref("fun", method, "", True) for method in found.values())

    def returned(self, function: int) -> tuple[Ref, ...]:
        """Return what a function gives back: by its values, else by its annotation."""
        found = self._program.functions[function]
        refs = tuple(ref for leave in found.exits[:12] for ref in self.infer((function, leave.value)))
        if not refs and found.returns >= 0:
            refs = self.annotated((self._program.parent(function), found.returns))
        return refs

    def _param(self, site: Site, value: Value) -> tuple[Ref, ...]:
        program, function = self._program, site[0]
        param = program.parameter(function, value)
        if param is None:
            return ()
        owner = program.owner(function)
        if owner >= 0 and value.args[0] == 0 and not self._is_static(function):
            return (self._ref("cls" if param.name == "cls" else "inst", owner),)
        refs = self.annotated((program.parent(function), param.annotation)) if param.annotation >= 0 else ()
        if site in self.hints and all(ref.kind == "ext" for ref in refs):
            return (self._ext(self.hints[site]),)
        if param.annotation >= 0:
            return refs
        if param.default >= 0:
            return self.infer((program.parent(function), param.default))
        return ()

    def _is_bound(self, method: int, kind: str) -> bool:
        """Whether a method that is read from an instance (or from a class) has its first parameter filled."""
        return self.is_decorated(method, "classmethod") if kind == "cls" else not self.is_decorated(method, "staticmethod")

    def is_decorated(self, function: int, name: str) -> bool:
        """Whether a function has the decorator ``name``."""
        values = self._program.functions[self._program.parent(function)].values
        return any(values[d].text == name for d in self._program.functions[function].decorators)

    def _is_static(self, function: int) -> bool:
        return self.is_decorated(function, "staticmethod")

    def annotated(self, site: Site) -> tuple[Ref, ...]:
        """Return what a value of the annotation at ``site`` is: an instance of the class, members of unions included."""
        if site[0] < 0:
            return ()
        value = self._program.value(site)
        function = site[0]
        if value.op is Op.CONST and value.keys == ("str",) and value.text.isidentifier():
            return self._instances(self._name(function, value.text))
        if value.op is Op.OP and value.text == "|":
            return tuple(ref for arg in value.args for ref in self.annotated((function, arg)))
        if value.op is Op.ITEM:
            outer = self._program.value((function, value.args[0])).text
            inner = (function, value.args[1])
            if outer.rpartition(":")[2] in language.UNWRAPPED:
                content = self._program.value(inner)
                first = (function, content.args[0]) if content.op is Op.SEQ and content.args else inner
                return self.annotated(first)
            return self.annotated((function, value.args[0]))
        if value.op in (Op.NAME, Op.ATTR, Op.IMPORT, Op.CLASS, Op.PHI):
            return self._instances(self.infer(site))
        return ()

    def _instances(self, refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
        made = []
        for ref in refs:
            if ref.kind == "cls":
                made.append(self._ref("inst", ref.id))
            elif ref.kind == "ext" and not ref.path.startswith("builtins."):
                made.append(self._ext(ref.path + "()"))
            elif ref.kind == "ext" and ref.path in language.TYPED_BUILTINS:
                made.append(ref._replace(path=ref.path + "()"))
        return tuple(made)

    def _item(self, function: int, value: Value) -> tuple[Ref, ...]:
        base = (function, value.args[0])
        inner = self._program.value(base)
        if inner.op is Op.ELEM and value.text == "1":  # ``for name, handler in table.items()``
            return self._elements((function, inner.args[0]), "")
        found = self._elements(base, value.text)
        if found:
            return found
        refs = self.infer(base)
        if any(ref.kind in ("cls", "fun") or (ref.kind == "ext" and not ref.path.endswith("()")) for ref in refs):
            return refs
        return tuple(r for r in refs if r.kind == "ext")

    def _elements(self, site: Site, key: str = "") -> tuple[Ref, ...]:
        return tuple(ref for place in self._containers.members(site, key)[: 2 * MAX_REFS] for ref in self.infer(place))

    def containers(self, site: Site) -> list[Site]:
        """Return the list, tuple and dict displays a value may be."""
        return self._containers.displays(site)

    def members(self, site: Site, key: str = "") -> list[Site]:
        """Return the values that ``key`` of a container (any element, if it is empty) may be."""
        return self._containers.members(site, key)

    def imported_sites(self, function: int, text: str) -> list[Site]:
        """Return the values a first-party ``from m import name`` brings."""
        module, _, name = text.partition(":")
        target = self._program.import_module(self._program.module_of[function], module)
        if target < 0 or not name:
            return []
        return self._program.definitions(self._program.first_function[target], name) or []
