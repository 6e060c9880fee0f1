"""Parameters that nothing in the program fills: the interface it offers, so whoever uses it decides what they hold."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agentlint.core.paths import is_example, is_test
from agentlint.facts.python.ir import Op
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Roles, is_safe_type
from agentlint.graph.sources import SourceHit

if TYPE_CHECKING:
    from agentlint.graph.queries import Projects

OPENING = "caller-input"
_MADE_BY = ("__init__", "__post_init__", "__new__")


class Openings:
    """Finds openings, memoised by function."""

    def __init__(self, program: Program, calls: CallGraph, roles: Roles) -> None:
        self._program = program
        self._calls = calls
        self._roles = roles
        self._offers: dict[int, tuple[str, str] | None] = {}
        self._memo: dict[Site, SourceHit | None] = {}
        self._projects: Projects | None = None
        index = program.index
        self._folders = index.conventions("folder")
        self._decorators = index.conventions("decorator")
        self._returned = index.conventions("returns")

    def at(self, site: Site) -> SourceHit | None:
        """Return the opening at the parameter ``site``, ``None`` if the program itself fills it or its type holds no text."""
        if site not in self._memo:
            self._memo[site] = self._find(site)
        return self._memo[site]

    def _find(self, site: Site) -> SourceHit | None:
        program, (function, _) = self._program, site
        param = program.parameter(function, program.value(site))
        if param is None or (program.owner(function) >= 0 and param.name in ("self", "cls")):
            return None
        if function not in self._offers:
            self._offers[function] = self._offer(function)
        offer = self._offers[function]
        if offer is None or is_safe_type(program, function, param.annotation):
            return None
        kind, trust = offer
        if trust == "" and kind != OPENING and self._is_configured(function, param.annotation):
            return None
        if trust == "offered" and self._is_handed_in(function, param.annotation):
            return None
        what = f"parameter `{param.name}` of {'tool ' if kind != OPENING else ''}`{program.symbol(function)}`"
        return SourceHit(site, kind, what, trust, final=False)

    def _offer(self, function: int) -> tuple[str, str] | None:
        """The source kind of its parameters and how much is known of who calls it; ``None`` if the program does."""
        program = self._program
        found = program.functions[function]
        if function in self._roles.of or found.kind == "module" or is_test(program.path(function)):
            return None
        if self._marked(function):
            return "tool-argument", ""
        if any(not is_test(program.path(edge.site[0])) for edge in self._calls.callers(function)):
            return None
        if found.name in _MADE_BY:
            return OPENING, "constructor"
        if found.kind == "lambda" or program.functions[program.parent(function)].kind in ("function", "lambda"):
            return OPENING, "callback"
        if found.name.startswith("_") and not found.name.endswith("__"):
            return OPENING, "private"
        return ("tool-argument", "offered") if self._in_tools(function) and not self._is_called(function) else (OPENING, "")

    def _is_configured(self, function: int, annotation: int) -> bool:
        """Whether a parameter is of the class that the decorator is given: the settings of the tool, not what it is asked."""
        if annotation < 0:
            return False
        infer, scope = self._program.inference.infer, self._program.parent(function)
        wanted = {ref.id for ref in self._program.inference.annotated((scope, annotation)) if ref.kind == "inst"}
        for decorator in self._program.functions[function].decorators:
            value = self._program.value((scope, decorator))
            given = value.args[1:] if value.op is Op.CALL else ()
            if any(ref.kind == "cls" and ref.id in wanted for arg in given for ref in infer((scope, arg))):
                return True
        return False

    def _is_handed_in(self, function: int, annotation: int) -> bool:
        """Whether a parameter has no schema that a model could fill: an object, or without a type where others have one."""
        program = self._program
        if annotation < 0:
            return any(param.annotation >= 0 for param in program.functions[function].params)
        refs = program.inference.annotated((program.parent(function), annotation))
        return bool(refs) and all(
            ref.kind == "ext" and ref.path.endswith("()") and ref.path.partition(".")[0] != "builtins" for ref in refs
        )

    def _is_called(self, function: int) -> bool:
        """Whether code of the program calls a method of this name on an object that is not known, so that it may be this one."""
        program = self._program
        if program.owner(function) < 0:
            return False
        sites = program.calls_named({program.functions[function].name})
        return any(site[0] != function and not is_test(program.path(site[0])) and not self._is_known(site) for site in sites)

    def _is_known(self, site: Site) -> bool:
        callee = self._program.value((site[0], self._program.value(site).args[0]))
        return callee.op is not Op.ATTR or bool(self._program.inference.infer((site[0], callee.args[0])))

    def _marked(self, function: int) -> bool:
        """Whether a decorator or the result type of the project's own says that a function is a tool."""
        program = self._program
        found = program.functions[function]
        scope = program.parent(function)
        owner = program.owner(function)
        called = owner >= 0 and program.method(owner, "__call__") >= 0  # then that is what a model reaches
        if found.returns >= 0 and found.doc and not found.name.startswith("_") and not called:
            names = {r.path.rpartition(".")[2] for r in program.inference.annotated((scope, found.returns))}
            names |= {program.classes[r.id].name for r in program.inference.annotated((scope, found.returns)) if r.kind == "inst"}
            if {name.removesuffix("()") for name in names} & self._returned:
                return True
        return any(self._is_marker((scope, decorator)) for decorator in found.decorators)

    def _is_marker(self, site: Site) -> bool:
        program = self._program
        value = program.value(site)
        callee = (site[0], value.args[0]) if value.op is Op.CALL else site
        return any(r.kind == "fun" and program.functions[r.id].name in self._decorators for r in program.inference.infer(callee))

    def _inside(self, path: str) -> tuple[str, ...]:
        """The folders of a file below the root of its project: what stands above says what the project is for, not its files."""
        from agentlint.graph.queries import Projects

        if self._projects is None:
            self._projects = Projects(file.path for file in self._program.files)
        root = self._projects.root(path)
        if root == path.rpartition("/")[0] and is_example(path):  # an example that is no project of its own
            root = ""
        return PurePosixPath(path.removeprefix(root).lstrip("/")).parts[:-1]

    def _in_tools(self, function: int) -> bool:
        """Whether a documented function stands in a folder of tools and is no part of one that is known."""
        program = self._program
        found = program.functions[function]
        if not found.doc or not self._folders & set(self._inside(program.path(function))):
            return False
        owner = program.owner(function)
        if owner < 0:
            return True
        shape = program.classes[owner]
        if not found.params or found.params[0].name != "self" or shape.decorators or shape.fields:
            return False  # data, and ways to make it
        if len(program.lineage(owner)) > 1 and not any(
            found.name in program.classes[base].methods for base in program.lineage(owner)[1:]
        ):
            return False  # a helper beside what its base has tools be called by
        methods = program.classes[owner].methods.values()
        first = program.first_function[program.class_module[owner]]
        return not any(first + local in self._roles.of for local in methods) and not program.external_bases(owner)
