"""Small programs, linked, for tests."""

from __future__ import annotations

import ast

from graph.probes import index

from agentlint.facts.python.ir import Op
from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.calls import CallGraph
from agentlint.graph.effects import Effects
from agentlint.graph.flow import FlowPath, Solver
from agentlint.graph.program import Program, Ref, Site
from agentlint.graph.roles import find_roles
from agentlint.graph.sinks import find_sinks


class Linked:
    """A program and short ways to ask it."""

    def __init__(self, files: dict[str, str] | str) -> None:
        given = files if isinstance(files, dict) else {"m.py": files}
        facts = [FileFacts(path=path, kind="python", python=lower(ast.parse(text), text)) for path, text in given.items()]
        self.program = Program(facts, index())
        self.calls = CallGraph(self.program)

    def function(self, qualname: str, path: str = "") -> int:
        return next(
            number
            for number, function in enumerate(self.program.functions)
            if function.qualname == qualname and self.program.path(number).startswith(path)
        )

    def name(self, name: str, function: str = "") -> tuple[Ref, ...]:
        """What a name of the last file's module (or of a function) may be."""
        number = self.function(function) if function else self.program.first_function[-1]
        sites = self.program.definitions(number, name)
        assert sites, name
        return tuple(ref for site in sites for ref in self.program.inference.infer(site))

    def what(self, name: str, function: str = "") -> list[str]:
        """``name`` in words: paths of external objects, names of ours."""
        return [self.word(ref) for ref in self.name(name, function)]

    def word(self, ref: Ref) -> str:
        if ref.kind == "ext":
            return ref.path
        if ref.kind == "mod":
            return f"module {self.program.files[ref.id].path}"
        if ref.kind == "fun":
            return f"function {self.program.functions[ref.id].qualname}"
        return f"{ref.kind} {self.program.classes[ref.id].qualname}"

    def call(self, callee: str) -> Site:
        """The first call whose written name is ``callee``."""
        return self.program.calls()[callee][0]

    def targets(self, callee: str) -> list[str]:
        return [self.program.symbol(target) for target in self.calls.targets(self.call(callee))]

    def callers(self, qualname: str) -> list[str]:
        return [self.program.symbol(edge.site[0]) for edge in self.calls.callers(self.function(qualname))]

    def passed(self, qualname: str, position: int) -> list[str]:
        """The texts of what callers pass as a parameter."""
        number = self.function(qualname)
        return [
            self.program.value(site).text
            for edge in self.calls.callers(number)
            for site, _ in self.calls.argument(edge, number, position)
        ]

    def effects(self, qualname: str) -> set[str]:
        return set(Effects(self.program, self.calls).of(self.function(qualname)))

    def flows(self, kind: str = "shell", *wanted: str) -> list[FlowPath]:
        solver = Solver(self.program, find_roles(self.program))
        kinds = dict.fromkeys(wanted or ("user-input", "tool-argument"))
        return [path for sink in find_sinks(self.program) if sink.kind == kind for path in solver.reach(sink, kinds)]


def op_of(linked: Linked, site: Site) -> Op:
    return linked.program.value(site).op
