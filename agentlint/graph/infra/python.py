"""All cloud resources that the Python of a repository makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from agentlint.facts.infra.model import Resource
from agentlint.graph.infra.python_calls import as_resources, made
from agentlint.graph.infra.python_constructs import constructs, declared, granted
from agentlint.graph.infra.python_identity import link_names, loose_policies
from agentlint.graph.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentlint.facts.types import FileFacts
    from agentlint.graph.calls import CallGraph
    from agentlint.graph.program import Program


def resources(program: Program, calls: CallGraph) -> dict[str, tuple[Resource, ...]]:
    """Return the resources by the path of the file that makes them, in program order; names are unique in a file."""
    trees = Trees(program, calls)
    entries = made(program, trees)
    built = constructs(program, trees)
    names = _Names()
    entries = [entry._replace(name=names.of(program.module_of[entry.site[0]], entry.name)) for entry in entries]
    built = [entry._replace(name=names.of(program.module_of[entry.site[0]], entry.name)) for entry in built]
    trees.known = {entry.site: entry.name for entry in entries} | {entry.site: entry.name for entry in built}
    # Arguments are read now that it is known what other calls make: they may be references to it.
    entries = link_names([entry._replace(arguments=trees.arguments(entry.site)) for entry in entries], program)
    result: dict[str, list[Resource]] = {}
    for entry in entries:
        result.setdefault(program.path(entry.site[0]), []).extend(as_resources(entry, program))
    for construct in built:
        result.setdefault(program.path(construct.site[0]), []).extend(declared(construct, trees, program))
    by_name = {(program.module_of[construct.site[0]], construct.name): construct for construct in built}
    for site, added in granted(program, trees, by_name) if built else ():
        result.setdefault(program.path(site[0]), []).append(added)
    for module, policy in loose_policies(program, trees, trees.policies):
        result.setdefault(program.files[module].path, []).append(policy)
    return {path: tuple(_unique(found)) for path, found in result.items()}


def with_code(files: Sequence[FileFacts], made: dict[str, tuple[Resource, ...]]) -> list[FileFacts]:
    """Return the files with what their code makes among their resources."""
    return [replace(file, resources=(*file.resources, *made[file.path])) if file.path in made else file for file in files]


class _Names:
    """Names that are unique in a file: the second of one name gets a number."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], int] = {}

    def of(self, module: int, name: str) -> str:
        self._seen[module, name] = count = self._seen.get((module, name), 0) + 1
        return name if count == 1 else f"{name} ({count})"


def _unique(found: list[Resource]) -> list[Resource]:
    names = _Names()
    return [replace(one, name=names.of(0, one.name)) for one in found]
