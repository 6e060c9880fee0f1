"""Everything that is known of a repository, linked: what repository rules ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentlint.facts.types import FileFacts
from agentlint.graph.access import Access
from agentlint.graph.effects import Effects
from agentlint.graph.flow import Solver
from agentlint.graph.infra.bundles import Bundles
from agentlint.graph.infra.infrastructure import Infrastructure
from agentlint.graph.infra.privileges import Privileges
from agentlint.graph.infra.python_signs import may_make_resources
from agentlint.graph.model import RepoGraph
from agentlint.graph.moot import mark_moot
from agentlint.graph.program import Program
from agentlint.graph.queries import Projects
from agentlint.graph.roles import Roles, find_roles
from agentlint.rulebook.index import ModelIndex


@dataclass(frozen=True, slots=True)
class Repository:
    """The graph, and what it was made from."""

    files: tuple[FileFacts, ...]
    program: Program
    roles: Roles
    solver: Solver
    effects: Effects
    graph: RepoGraph
    access: Access
    infrastructure: Infrastructure
    projects: Projects
    privileges: Privileges
    shared: dict[str, object] = field(default_factory=dict)


def link(files: Sequence[FileFacts], index: ModelIndex) -> Repository:
    """Link the facts of all files into a repository."""
    from agentlint.graph.build import build

    program = Program(files, index)
    roles = find_roles(program)
    solver = Solver(program, roles)
    effects = Effects(program, solver.calls)
    graph = build(files, program, roles, effects, solver)
    infrastructure = Infrastructure(_with_code(files, program, solver))
    infrastructure.into(graph)
    python = {file.path: file.python for file in files if file.python is not None}
    held = infrastructure.access if infrastructure.estate.declared else None
    privileges = Privileges(held, Bundles(infrastructure.values, python if held is not None else {}))
    privileges.into(graph)
    access, projects = Access(program, solver.calls), Projects(file.path for file in files)
    mark_moot(graph, projects)
    return Repository(tuple(files), program, roles, solver, effects, graph, access, infrastructure, projects, privileges)


def _with_code(files: Sequence[FileFacts], program: Program, solver: Solver) -> Sequence[FileFacts]:
    """Return the files with the cloud resources that their code makes."""
    if not may_make_resources(program):
        return files
    from agentlint.graph.infra.python import resources, with_code

    return with_code(files, resources(program, solver.calls))
