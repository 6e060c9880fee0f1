"""What a file is for, by how it is written: tests, evaluations, notebooks, examples, and scripts that only demonstrate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from agentlint.core.paths import is_example, is_test
from agentlint.facts.python.ir import Op
from agentlint.facts.resources_data import load_table
from agentlint.graph.arguments import UNKNOWN, constant, select
from agentlint.graph.model import GraphNode
from agentlint.graph.program import Site
from agentlint.graph.repository import Repository

MANY = 4
"""So many assertions in one function are a test."""
_HUMAN = ("user-input", "operator-input")


class PurposeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Packages by which tests and evaluations are recognised."""

    tests: tuple[str, ...]
    evaluations: tuple[str, ...]


class Purposes:
    """Answers for the files of a repository; an empty purpose means a program that somebody runs or imports."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """Return ``test``, ``evaluation``, ``notebook``, ``example``, ``demonstration`` or an empty text."""
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def _find(self, path: str) -> str:
        table = load_table("purposes", PurposeTable)
        imported = self._imports.get(path, ())
        if is_test(path) or (_any_below(imported, table.tests) and self._has_tests(path)) or self._checks_itself(path):
            return "test"
        if _any_below(imported, table.evaluations):
            return "evaluation"
        if path.endswith(".ipynb"):
            return "notebook"
        if is_example(path):
            return "example"
        self._known[path] = ""  # files may import each other
        return "demonstration" if self._demonstrates(path) or self._serves_demonstrations(path) else ""

    @cached_property
    def _modules(self) -> dict[str, int]:
        program = self._repository.program
        return {file.path: number for number, file in enumerate(program.files)}

    @cached_property
    def _imports(self) -> dict[str, frozenset[str]]:
        """The dotted names that each file imports."""
        program = self._repository.program
        found: dict[str, set[str]] = {}
        for number, function in enumerate(program.functions):
            if function.imports:
                found.setdefault(program.path(number), set()).update(
                    function.values[value].text.replace(":", ".") for value in function.imports
                )
        return {path: frozenset(names) for path, names in found.items()}

    def _functions(self, path: str) -> range:
        program = self._repository.program
        module = self._modules.get(path, -1)
        if module < 0:
            return range(0)
        first = program.first_function[module]
        last = program.first_function[module + 1] if module + 1 < len(program.first_function) else len(program.functions)
        return range(first, last)

    def _has_tests(self, path: str) -> bool:
        program = self._repository.program
        if any(program.functions[number].name.startswith("test_") for number in self._functions(path)):
            return True
        module = self._modules.get(path, -1)
        own = [cls for cls, home in enumerate(program.class_module) if home == module]
        return any(base.endswith("TestCase") for cls in own for base in program.external_bases(cls))

    def _checks_itself(self, path: str) -> bool:
        """Whether a script asserts, again and again, what became of what it did: nobody relies on such a script."""
        module = self._modules.get(path, -1)
        python = self._repository.program.files[module].python if module >= 0 else None
        if python is None or not (python.main_guard or path in self._runs):
            return False
        return max(function.asserts for function in python.functions) >= MANY

    @cached_property
    def _runs(self) -> dict[str, list[Site]]:
        """The calls that run an agent, by file."""
        program = self._repository.program
        found: dict[str, list[Site]] = {}
        for site in program.calls_named(program.index.run_tails):
            if self._inputs(site) is not None:
                found.setdefault(program.path(site[0]), []).append(site)
        return found

    def _inputs(self, site: Site) -> list[Site] | None:
        """What an agent is asked, ``None`` if a call runs none."""
        program = self._repository.program
        for path in program.inference.paths((site[0], program.value(site).args[0])):
            for run in program.index.runs(path):
                if run.input and run.agent:
                    return select(program, site, run.input)
        return None

    def _demonstrates(self, path: str) -> bool:
        """Whether all a file does with its agents is to ask them what is written in it, and nobody else uses it."""
        runs = self._runs.get(path, ())
        if not runs or not all(self._is_written(site) for site in runs):
            return False
        repository = self._repository
        if any(node.path == path for node in self._entries()):
            return False
        for number in self._functions(path):
            hits = (repository.solver.sources.at((number, call), False) for call in repository.program.functions[number].calls)
            if any(hit is not None and hit.kind in _HUMAN for hit in hits):
                return False
        return not self._is_imported(path)

    def _entries(self) -> Iterator[GraphNode]:
        return self._repository.graph.of_type("endpoint", "server", "mcp_server")

    def _is_written(self, site: Site) -> bool:
        places = self._inputs(site) or []
        return bool(places) and all(_is_constant(self._repository, place, 0) for place in places)

    @cached_property
    def _importers(self) -> dict[int, set[str]]:
        """The files that import each module."""
        program = self._repository.program
        found: dict[int, set[str]] = {}
        for number, function in enumerate(program.functions):
            home = program.module_of[number]
            for value in function.imports:
                module, _, name = function.values[value].text.partition(":")
                for text in (module, f"{module}.{name}") if name else (module,):
                    target = program.import_module(home, text)
                    if target >= 0 and target != home:
                        found.setdefault(target, set()).add(program.path(number))
        return found

    def _is_imported(self, path: str) -> bool:
        return bool(self._importers.get(self._modules.get(path, -1)))

    def _serves_demonstrations(self, path: str) -> bool:
        """Whether only examples, notebooks and the like import a file, and it begins nothing itself."""
        users = self._importers.get(self._modules.get(path, -1), set())
        if not users or path in self._runs or any(node.path == path for node in self._entries()):
            return False
        return all(self.of(user) for user in users)


def purposes_of(repository: Repository) -> Purposes:
    """Return the one ``Purposes`` of a repository."""
    known = repository.shared.get("purposes")
    if not isinstance(known, Purposes):
        known = repository.shared["purposes"] = Purposes(repository)
    return known


def _is_constant(repository: Repository, place: Site, depth: int) -> bool:
    """Whether a text, a message or a list of messages is written out."""
    program = repository.program
    if constant(program, place) is not UNKNOWN:
        return True
    value = program.value(place)
    if depth > 3:
        return False
    if value.op in (Op.SEQ, Op.DICT):
        return all(_is_constant(repository, (place[0], arg), depth + 1) for arg in value.args)
    if value.op is Op.CALL:  # ``HumanMessage("…")``
        made = any(path.rpartition(".")[2][:1].isupper() for path in program.inference.paths((place[0], value.args[0])))
        return made and all(_is_constant(repository, (place[0], arg), depth + 1) for arg in value.args[1:])
    if value.op is Op.NAME:
        sites = program.definitions(place[0], value.text) or []
        return len(sites) == 1 and _is_constant(repository, sites[0], depth + 1)
    return False


def _any_below(imported: frozenset[str] | tuple[str, ...], roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for name in imported for root in roots)
