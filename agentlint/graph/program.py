"""All Python of a repository as one program: names, classes and calls resolved across files, on demand."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agentlint.facts.python.ir import Class, Function, Op, Param, Value
from agentlint.facts.types import FileFacts
from agentlint.graph import protocols
from agentlint.graph.modules import ModuleIndex
from agentlint.rulebook.index import ModelIndex

BUILTINS = frozenset(dir(builtins))
Site = tuple[int, int]
"""A value in the program: ``(function, value)``, where functions are numbered over all files."""


class Ref(NamedTuple):
    """What a value may be: ``ext`` (a path such as ``openai.OpenAI()``), ``fun``, ``cls``, ``inst``, ``mod`` or ``super``."""

    kind: str
    id: int = -1
    path: str = ""
    bound: bool = False


class Program:
    """The linked program. Functions and classes get numbers over all files; tables are lists indexed by them."""

    def __init__(self, files: Sequence[FileFacts], index: ModelIndex) -> None:
        self.index = index
        self.files = [f for f in files if f.python is not None]
        self.modules = ModuleIndex([f.path for f in self.files], index.import_roots)
        self.functions: list[Function] = []
        self.module_of: list[int] = []
        self.classes: list[Class] = []
        self.class_module: list[int] = []
        self.first_function: list[int] = []
        self.first_class: list[int] = []
        for number, file in enumerate(self.files):
            assert file.python is not None
            self.first_function.append(len(self.functions))
            self.first_class.append(len(self.classes))
            self.functions.extend(file.python.functions)
            self.classes.extend(file.python.classes)
            self.module_of.extend([number] * len(file.python.functions))
            self.class_module.extend([number] * len(file.python.classes))
        self._global_writers = self._find_global_writers()
        self._written: dict[int, list[str]] = {}
        for scope, name in self._global_writers:
            self._written.setdefault(scope, []).append(name)
        self._calls: dict[str, list[Site]] | None = None
        self.frameworks = self._own_frameworks()
        self._methods: dict[tuple[int, str], int] = {}
        self._subclasses: dict[int, list[int]] | None = None
        self._creators: dict[int, dict[int, int]] = {}
        from agentlint.graph.infer import Inference

        self._lineage: list[list[int]] = []
        self.inference = Inference(self)
        self._lineage = [self._find_lineage(cls) for cls in range(len(self.classes))]
        self.inference.prepare()

    def _own_frameworks(self) -> dict[str, str]:
        """Import roots that models speak of and that this repository itself implements, with their folders.

        A package that offers most of the names a model knows is that package; one that happens to share its name is not.
        """
        found: dict[str, str] = {}
        for number, file in enumerate(self.files):
            folder, _, name = file.path.rpartition("/")
            root = folder.rpartition("/")[2]
            if name == "__init__.py" and root in self.index.import_roots:
                wanted = self.index.offered(root)
                first = self.first_function[number]
                there = [n for n in wanted if self.definitions(first, n) or self.modules.at(f"{folder}/{n}") >= 0]
                if len(wanted) >= 2 and 2 * len(there) >= len(wanted):
                    found.setdefault(root, folder)
        return found

    def uses_own(self, module: int, root: str) -> bool:
        """Whether ``root`` is a framework of this repository, used from outside of its package (inside.

        Names are its own code).
        """
        folder = self.frameworks.get(root)
        return folder is not None and not self.files[module].path.startswith(folder + "/")

    def value(self, site: Site) -> Value:
        return self.functions[site[0]].values[site[1]]

    def path(self, function: int) -> str:
        """The file a function stands in."""
        return self.files[self.module_of[function]].path

    def symbol(self, function: int) -> str:
        """The dotted name of a function in its file, ``<module>`` for module code."""
        return self.functions[function].qualname or "<module>"

    def parent(self, function: int) -> int:
        """The function that encloses this one, -1 for a module."""
        local = self.functions[function].parent
        return -1 if local < 0 else self.first_function[self.module_of[function]] + local

    def function_at(self, function: int, value: Value) -> int:
        """The function that a ``FUNC`` value of ``function`` names."""
        return self.first_function[self.module_of[function]] + int(value.text)

    def class_at(self, function: int, value: Value) -> int:
        """The class that a ``CLASS`` value of ``function`` names."""
        return self.first_class[self.module_of[function]] + int(value.text)

    def owner(self, function: int) -> int:
        """The class a method belongs to, -1 if it is no method."""
        local = self.functions[function].owner
        return -1 if local < 0 else self.first_class[self.module_of[function]] + local

    def class_scope(self, cls: int) -> int:
        """The function that encloses a class."""
        return self.first_function[self.class_module[cls]] + self.classes[cls].parent

    def class_body(self, cls: int) -> int:
        return self.first_function[self.class_module[cls]] + self.classes[cls].body

    def method(self, cls: int, name: str) -> int:
        """Return the function that ``name`` means on class ``cls`` (bases searched), -1 if none of ours."""
        key = (cls, name)
        if key not in self._methods:
            self._methods[key] = -1
            self._methods[key] = self._find_method(cls, name)
        return self._methods[key]

    def _find_method(self, cls: int, name: str) -> int:
        for candidate in self.lineage(cls):
            local = self.classes[candidate].methods.get(name)
            if local is not None:
                return self.first_function[self.class_module[candidate]] + local
        return -1

    def lineage(self, cls: int) -> list[int]:
        """The class and its first-party bases, nearest first."""
        return self._lineage[cls] if cls < len(self._lineage) else self._find_lineage(cls)

    def _find_lineage(self, cls: int) -> list[int]:
        order: list[int] = []
        queue = [cls]
        while queue and len(order) < 40:
            current = queue.pop(0)
            if current in order:
                continue
            order.append(current)
            queue += [ref.id for ref in self.bases(current) if ref.kind == "cls"]
        return order

    def bases(self, cls: int) -> tuple[Ref, ...]:
        """What the bases of a class are: ``cls`` or ``ext`` refs."""
        scope = self.class_scope(cls)
        found: list[Ref] = []
        for base in self.classes[cls].bases:
            found += self.inference.infer((scope, base))
        return tuple(found)

    def external_bases(self, cls: int) -> list[str]:
        """Paths of all external bases over the whole lineage."""
        return [ref.path for c in self.lineage(cls) for ref in self.bases(c) if ref.kind == "ext"]

    def subclasses(self, cls: int) -> list[int]:
        """All first-party classes below ``cls``; of a protocol those that have its methods, too."""
        if self._subclasses is None:
            self._subclasses = protocols.providers(self)
            for child in range(len(self.classes)):
                for parent in self.lineage(child)[1:]:
                    self._subclasses.setdefault(parent, []).append(child)
        return self._subclasses.get(cls, [])

    def definitions(self, function: int, name: str) -> list[Site] | None:
        """Return every value ``name`` may hold where ``function`` reads it; ``None`` when it is not defined by our code."""
        current = function
        while current >= 0:
            found = self.functions[current]
            ids = found.defs.get(name)
            if ids is not None and name not in found.globals and (found.kind != "class" or current == function):
                return [(current, i) for i in ids] + self._global_writers.get((current, name), [])
            if found.kind == "module":
                return self._global_writers.get((current, name)) or self._star(current, name)
            current = self.parent(current)
        return None

    def _star(self, module: int, name: str) -> list[Site] | None:
        file = self.files[self.module_of[module]]
        assert file.python is not None
        for star in file.python.stars:
            target = self.import_module(self.module_of[module], star)
            if target >= 0:
                first = self.first_function[target]
                if name in self.functions[first].defs:
                    return self.definitions(first, name)
        return None

    def star_path(self, module: int, name: str) -> str:
        """The external path of ``name`` if an external star import may bring it."""
        file = self.files[module]
        assert file.python is not None
        for star in file.python.stars:
            if not star.startswith(".") and self.import_module(module, star) < 0 and self.index.knows(f"{star}.{name}"):
                return f"{star}.{name}"
        return ""

    def import_module(self, module: int, text: str) -> int:
        """Return the first-party module an import text (``a.b`` or ``..a``) names, seen from ``module``; -1 if external."""
        path = self.files[module].path
        if text.startswith("."):
            return self.modules.at(self.modules.relative(path, text))
        return self.modules.find(path, text)

    def _find_global_writers(self) -> dict[tuple[int, str], list[Site]]:
        writers: dict[tuple[int, str], list[Site]] = {}
        for number, function in enumerate(self.functions):
            for name in function.globals:
                scope = self._scope_of(number, name)
                writers.setdefault((scope, name), []).extend((number, i) for i in function.defs.get(name, ()))
        return writers

    def written_inside(self, site: Site) -> list[Site]:
        """Return what nested functions make of the variables of a function that hold the value at ``site``."""
        names = self._written.get(site[0], ())
        found = self.functions[site[0]]
        return [w for name in names if site[1] in found.defs.get(name, ()) for w in self._global_writers[site[0], name]]

    def shared_values(self, function: int) -> set[int]:
        """Return the values of a function that its variables hold which nested functions write."""
        defs = self.functions[function].defs
        return {value for name in self._written.get(function, ()) for value in defs.get(name, ())}

    def _scope_of(self, function: int, name: str) -> int:
        """The enclosing function, or module, whose variable a function writes."""
        current = self.parent(function)
        while self.functions[current].kind != "module":
            found = self.functions[current]
            if found.kind != "class" and name in found.defs and name not in found.globals:
                return current
            current = self.parent(current)
        return current

    def creation(self, function: int) -> int:
        """Return the value of the enclosing function that a nested function is, -1 for none."""
        parent = self.parent(function)
        if parent < 0:
            return -1
        known = self._creators.get(parent)
        if known is None:
            values = self.functions[parent].values
            known = {self.function_at(parent, v): i for i, v in enumerate(values) if v.op is Op.FUNC}
            self._creators[parent] = known
        return known.get(function, -1)

    def parameter(self, function: int, value: Value) -> Param | None:
        """The parameter a ``PARAM`` value stands for."""
        params = self.functions[function].params
        return params[value.args[0]] if value.op is Op.PARAM and value.args[0] < len(params) else None

    def places(self, function: int, ids: Iterable[int]) -> list[Site]:
        return [(function, i) for i in ids]

    def calls(self) -> dict[str, list[Site]]:
        """All calls of the program by the last name of what is called, in program order."""
        if self._calls is None:
            self._calls = {}
            for number, function in enumerate(self.functions):
                values = function.values
                for value_id in function.calls:
                    self._calls.setdefault(self.tail(number, values[value_id]), []).append((number, value_id))
        return self._calls

    def calls_named(self, names: Iterable[str]) -> list[Site]:
        """The calls whose last name is one of ``names``, in program order; ``get_*`` stands for a beginning."""
        calls = self.calls()
        found = [site for name in names for site in calls.get(name, ())]
        for name in names:
            if name.endswith("*"):
                found += [site for tail, sites in calls.items() if tail.startswith(name[:-1]) for site in sites]
        return sorted(set(found))

    def _is_object(self, function: int, name: str) -> bool:
        """Whether a global name is bound to what a call returned, so that calling it calls an object."""
        if name in BUILTINS:
            return False
        sites = self.definitions(function, name)
        return sites is not None and bool(sites) and self.value(sites[0]).op is Op.CALL

    def _imported_name(self, function: int, name: str) -> str:
        """The name that a global name has where it was imported from (``from m import name as other``)."""
        sites = () if name in BUILTINS else self.definitions(function, name)
        value = self.value(sites[0]) if sites else None
        return (
            value.text.rpartition(":")[2].rpartition(".")[2]
            if value is not None and value.op is Op.IMPORT and ":" in value.text
            else name
        )

    def tail(self, function: int, call: Value) -> str:
        """The last name of a call's callee, as written: what decides cheaply whether a model can match."""
        callee = self.functions[function].values[call.args[0]]
        if callee.op is Op.ATTR:
            return callee.text
        if callee.op is Op.NAME:
            return "()" if self._is_object(function, callee.text) else self._imported_name(function, callee.text)
        if callee.op is Op.IMPORT:
            return callee.text.rpartition(":")[2].rpartition(".")[2]
        if callee.op is Op.ITEM:
            inner = self.functions[function].values[callee.args[0]]
            return inner.text.rpartition(":")[2].rpartition(".")[2]
        if callee.op in (Op.PHI, Op.CALL, Op.MUTATE, Op.UPDATE):
            return "()"
        if callee.op is Op.FUNC:
            return self.functions[self.function_at(function, callee)].name
        return self.classes[self.class_at(function, callee)].name if callee.op is Op.CLASS else ""
