"""All cloud resources that the Python of a repository makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from agentlint.facts.infra.model import Resource
from agentlint.graph.infra.python_calls import as_resource, made
from agentlint.graph.infra.python_constructs import constructs, declared, granted
from agentlint.graph.infra.python_identity import link_names, loose_policies
from agentlint.graph.trees import Trees

if TYPE_CHECKING:
    from agentlint.graph.calls import CallGraph
    from agentlint.graph.program import Program


def resources(program: Program, calls: CallGraph) -> dict[str, tuple[Resource, ...]]:
    """Return the resources by the path of the file that makes them, in program order; names are unique in a file."""
    trees = Trees(program, calls)
    entries = made(program, trees)
    built = constructs(program, trees)
    names: dict[tuple[int, str], int] = {}
    for found in (entries, built):
        for index, entry in enumerate(found):
            key = (program.module_of[entry.site[0]], entry.name)
            names[key] = count = names.get(key, 0) + 1
            found[index] = entry = entry if count == 1 else entry._replace(name=f"{entry.name}~{count}")  # type: ignore[call-overload]
            trees.known[entry.site] = entry.name
    # Arguments are read now that it is known what other calls make: they may be references to it.
    entries = link_names([entry._replace(arguments=trees.arguments(entry.site)) for entry in entries], program)
    result: dict[str, list[Resource]] = {}
    for entry in entries:
        result.setdefault(program.path(entry.site[0]), []).append(as_resource(entry, program))
    for construct in built:
        result.setdefault(program.path(construct.site[0]), []).extend(declared(construct, trees, program))
    by_name = {(program.module_of[construct.site[0]], construct.name): construct for construct in built}
    for site, added in granted(program, trees, by_name) if built else ():
        result.setdefault(program.path(site[0]), []).append(added)
    for module, policy in loose_policies(program, trees, trees.policies):
        result.setdefault(program.files[module].path, []).append(policy)
    return {path: tuple(_unique(found)) for path, found in result.items()}


def _unique(found: list[Resource]) -> list[Resource]:
    seen: dict[str, int] = {}
    result: list[Resource] = []
    for one in found:
        seen[one.name] = count = seen.get(one.name, 0) + 1
        result.append(one if count == 1 else msgspec.structs.replace(one, name=f"{one.name}~{count}"))
    return result
