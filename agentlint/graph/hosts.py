"""The host a server listens on: constants, and the defaults of parameters, fields, options and environment variables."""

from __future__ import annotations

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import language
from agentlint.graph.arguments import UNKNOWN, constant, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Site

MAX_DEPTH = 6
MAX_CALLERS = 12


class Hosts:
    """Answers for one program."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls

    def of(self, site: Site, depth: int = 0) -> set[str]:
        """Return the hosts that a value is unless its user chooses another; what is not known is left out."""
        program, (function, _) = self._program, site
        value = program.value(site)
        known = constant(program, site)
        if known is not UNKNOWN or depth > MAX_DEPTH:
            return {known} if isinstance(known, str) else set()
        if value.op is Op.NAME:
            return self._any(program.definitions(function, value.text) or [], depth)
        if value.op is Op.IMPORT:
            return self._any(program.inference.imported_sites(function, value.text), depth)
        if value.op is Op.PHI or (value.op is Op.OP and value.text == "or"):
            return self._any([(function, arg) for arg in value.args], depth)
        if value.op is Op.PARAM:
            return self._parameter(site, value, depth)
        if value.op is Op.ATTR:
            return self._attribute(site, value, depth)
        if value.op is Op.CALL:
            return self._default(site, value, depth)
        return set()

    def _any(self, sites: list[Site], depth: int) -> set[str]:
        return {host for site in sites[:MAX_CALLERS] for host in self.of(site, depth + 1)}

    def _parameter(self, site: Site, value: Value, depth: int) -> set[str]:
        """What callers in the program give; the default where one of them gives nothing, or nobody calls."""
        program, function = self._program, site[0]
        param, position = program.parameter(function, value), value.args[0]
        if param is None:
            return set()
        edges = self._calls.callers(function)[:MAX_CALLERS]
        given = [self._calls.argument(edge, function, position) for edge in edges]
        hosts = self._any([place for places in given for place, key in places if not key], depth)
        if given and all(given):
            return hosts
        if param.default >= 0:
            return hosts | self.of((program.parent(function), param.default), depth + 1)
        return hosts | self._option(function, param.name, depth)

    def _option(self, function: int, name: str, depth: int) -> set[str]:
        """The default of a command line option that a decorator declares for a parameter."""
        program = self._program
        parent = program.parent(function)
        for decorator in program.functions[function].decorators:
            value = program.value((parent, decorator))
            if value.op is Op.CALL and self._declares((parent, decorator), value, name):
                return self._any(select(program, (parent, decorator), "default"), depth)
        return set()

    def _declares(self, call: Site, value: Value, name: str) -> bool:
        flags = [self._program.value((call[0], arg)) for arg, key in zip(value.args[1:], value.keys[1:], strict=True) if not key]
        return any(flag.op is Op.CONST and flag.text.lstrip("-").replace("-", "_") == name for flag in flags)

    def _attribute(self, site: Site, value: Value, depth: int) -> set[str]:
        program, base = self._program, (site[0], value.args[0])
        for ref in program.inference.infer(base):
            if ref.kind in ("inst", "cls"):
                return self._any(program.inference.field_sites(ref.id, value.text), depth)
            if ref.kind == "mod":
                return self._any(program.definitions(program.first_function[ref.id], value.text) or [], depth)
        if program.value(base).op not in (Op.NAME, Op.CALL, Op.PARAM):
            return set()
        here = program.path(site[0])
        options = [
            call for call in program.calls_named((language.OPTION,))
            if program.path(call[0]) == here and self._declares(call, program.value(call), value.text)
        ]  # fmt: skip
        return self._any([place for call in options for place in select(program, call, "default")], depth)

    def _default(self, site: Site, value: Value, depth: int) -> set[str]:
        """The default of an environment variable, a field of a settings class or a declared option."""
        program = self._program
        paths = program.inference.paths((site[0], value.args[0]))
        if any(path in language.ENVIRONMENT for path in paths):
            return self._any(select(program, site, "1|default"), depth)
        if any(path.rpartition(".")[2] in language.DECLARATIONS for path in paths):
            return self._any(select(program, site, "0|default"), depth)
        return set()
