"""Whether anything is ever made of an object or a function: what nobody uses protects nothing."""

from __future__ import annotations

from functools import cached_property

from agentlint.facts.python.ir import Function, Op
from agentlint.graph import language
from agentlint.graph.program import Program, Site

MAX_STEPS = 8


class Uses:
    """Answers for one program. In doubt a thing is used: names are compared, not resolved."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def is_used(self, site: Site) -> bool:
        """Return whether anything reads the value at ``site``, or a name, field or other file may."""
        program = self._program
        function = program.functions[site[0]]
        if program.path(site[0]).endswith(".ipynb") or any(leave.value == site[1] for leave in function.exits):
            return True
        if any(site[1] in value.args for value in function.values if value.op is not Op.PARAM):
            return True
        stored = [store.attr for store in function.stores if store.value == site[1]]
        names = [name for name, ids in function.defs.items() if site[1] in ids]
        if function.kind == "class":
            return True
        if not stored and not names:
            return site[1] not in function.statements
        if any(name in self._attributes for name in stored):
            return True
        return any(self._is_named(site[0], name, function.kind == "module") for name in names)

    def is_only_read(self, site: Site, parts: tuple[str, ...]) -> bool:
        """Return whether nothing of an object is ever used but ``parts``, fields that are none of its functions."""
        program = self._program
        function = program.functions[site[0]]
        if any(leave.value == site[1] for leave in function.exits) or not _reads_fields(function, {site[1]}, parts):
            return False
        names = [name for name, ids in function.defs.items() if site[1] in ids]
        if any(self._is_named(site[0], name, function.kind in ("module", "class")) for name in names):
            return False
        stored = {store.attr for store in function.stores if store.value == site[1]}
        module = program.module_of[site[0]]
        read = bool(_consumers(function, {site[1]}))
        for number in self._of_module(module) if stored else ():
            other = program.functions[number]
            fields = {i for i, value in enumerate(other.values) if value.op is Op.ATTR and value.text in stored}
            if fields and not _reads_fields(other, fields, parts):
                return False
            read = read or bool(fields)
        return read

    def _of_module(self, module: int) -> range:
        firsts = self._program.first_function
        return range(firsts[module], firsts[module + 1] if module + 1 < len(firsts) else len(self._program.functions))

    def _is_named(self, number: int, name: str, shared: bool) -> bool:
        program = self._program
        known = (language.ENTRY_NAMES, self._imported, self._attributes, self._spoken)
        if shared and any(name in names for names in known):
            return True
        return any(
            value.op is Op.NAME and value.text == name
            for other in self._of_module(program.module_of[number])
            if other != number
            for value in program.functions[other].values
        )

    def runs(self, number: int) -> bool:
        """Return whether a function may be called at all: something names it, decorates it or overrides with it."""
        program = self._program
        for _ in range(MAX_STEPS):
            function = program.functions[number]
            if function.kind != "function" or function.decorators:
                return True
            if program.owner(number) >= 0:
                name = function.name
                return name.startswith("__") or name in self._attributes or bool(program.external_bases(program.owner(number)))
            parent = program.parent(number)
            made = program.creation(number)
            if not self.is_used((parent, made)):
                return False
            if program.functions[parent].kind == "module":
                return True
            number = parent
        return True

    @cached_property
    def _attributes(self) -> frozenset[str]:
        """The names of all fields that are read anywhere."""
        return frozenset(v.text for function in self._program.functions for v in function.values if v.op is Op.ATTR)

    @cached_property
    def _imported(self) -> frozenset[str]:
        return frozenset(
            function.values[i].text.rpartition(":")[2] for function in self._program.functions for i in function.imports
        )

    @cached_property
    def _spoken(self) -> frozenset[str]:
        """Names in constant texts, and after a colon as servers are told what to load (``package.module:app``)."""
        texts = (v.text for function in self._program.functions for v in function.values if v.op is Op.CONST)
        return frozenset(text.rpartition(":")[2] for text in texts if len(text) < 200 and text.rpartition(":")[2].isidentifier())


def _consumers(function: Function, values: set[int]) -> list[int]:
    return [i for i, value in enumerate(function.values) if value.op is not Op.PARAM and values.intersection(value.args)]


def _reads_fields(function: Function, values: set[int], parts: tuple[str, ...]) -> bool:
    """Whether all that is made of ``values`` is to read some fields of them."""
    fields = [function.values[i] for i in _consumers(function, values)]
    return all(value.op is Op.ATTR and value.text in parts for value in fields)
