"""Routes of web applications, and which of them act for callers whom nothing authenticates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from agentlint.core.paths import is_docs, is_example, is_test
from agentlint.facts.python.ir import Op
from agentlint.facts.resources_data import auth_table
from agentlint.graph.access import words
from agentlint.graph.arguments import constant, select
from agentlint.graph.program import Site
from agentlint.graph.protection import Protection
from agentlint.graph.queries import Projects
from agentlint.graph.repository import Repository

MANY = 3
"""From so many routes on a router without any check is one finding, where it is included or begins, instead of one for each."""


class OpenRoute(NamedTuple):
    """A route, or the call that includes a router, which nothing protects.

    ``socket`` says that it keeps a connection open; ``routes`` how many acting routes it stands for; ``elsewhere`` how many
    routes of its project are given a check, and functions there compare credentials; ``share`` the part of the acting routes
    of its router that are authenticated.
    """

    place: Site
    name: str
    socket: bool
    routes: int
    elsewhere: int
    share: float


@dataclass(slots=True)
class _Route:
    function: int
    decorator: Site
    name: str
    kind: Literal["acting", "socket", "other"]
    router: Site | None
    checked: bool
    given: bool


def open_routes(repository: Repository, projects: Projects) -> Iterator[OpenRoute]:
    """Yield what is open in projects that make agents or tools, in the order of the program."""
    program = repository.program
    acting = {projects.root(node.path) for node in repository.graph.of_type("agent", "tool", "run")}
    by_project: dict[str, list[_Route]] = defaultdict(list)
    protection = Protection(program, repository.access, projects)
    for route in _routes(repository, protection):
        path = program.path(route.function)
        if projects.root(path) in acting and not (is_test(path) or is_example(path) or is_docs(path)):
            by_project[projects.root(path)].append(route)
    if not by_project:
        return
    checks = Counter(projects.root(program.path(function)) for function in repository.access.credential_checks())
    for root, routes in by_project.items():
        yield from _open(repository, protection, routes, checks[root])


def _routes(repository: Repository, protection: Protection) -> Iterator[_Route]:
    program, table = repository.program, auth_table()
    for number in sorted(repository.roles.of):
        for role in repository.roles.of[number]:
            if role.kind != "user-input" or role.site is None or program.value(role.site).op is not Op.CALL:
                continue
            if program.value(role.site).line > program.functions[number].span.line or role.site[0] != program.parent(number):
                continue
            method = role.path.rpartition(".")[2]
            template = next((constant(program, s) for s in select(program, role.site, "0|path|rule")), "")
            name = template if isinstance(template, str) else ""
            kind: Literal["acting", "socket", "other"] = "other"
            if method in table.socket_routes:
                kind = "socket"
            elif method in table.acting_routes or _acts(repository, role.site):
                kind = "acting"
            if kind != "other" and not table.open_routes.isdisjoint(words(name) | words(program.functions[number].name)):
                kind = "other"
            checked = protection.is_checked(number, role.site)
            given = checked and protection.is_given(number, role.site)
            yield _Route(number, role.site, name, kind, protection.router(role.site), checked, given)
            break


def _acts(repository: Repository, decorator: Site) -> bool:
    """Whether the methods that a route lists include one that changes something."""
    program = repository.program
    given = [constant(program, place) for place in select(program, decorator, "methods")]
    listed = given[0] if given and isinstance(given[0], list) else []
    return any(isinstance(method, str) and method.lower() in auth_table().acting_routes for method in listed)


def _open(repository: Repository, protection: Protection, routes: list[_Route], own_checks: int) -> Iterator[OpenRoute]:
    program = repository.program
    elsewhere = sum(route.given for route in routes if route.router is not None) + own_checks
    grouped: dict[object, list[_Route]] = defaultdict(list)
    for route in routes:
        grouped[route.router or program.path(route.function)].append(route)
    for router, group in grouped.items():
        counts = Counter(route.checked for route in group if route.kind == "acting")
        share = counts[True] / max(sum(counts.values()), 1)
        unchecked = [route for route in group if not route.checked and route.kind != "other"]
        acting = [route for route in unchecked if route.kind == "acting"]
        included = protection.included(router) if isinstance(router, tuple) else []
        if counts[True] == 0 and len(acting) >= MANY:
            place = included[0] if included else acting[0].decorator
            yield OpenRoute(place, f"{len(acting)} routes", False, len(acting), elsewhere, 0.0)
            unchecked = [route for route in unchecked if route.kind == "socket"]
        for route in unchecked:
            place = _accepting(repository, route) if route.kind == "socket" else route.decorator
            yield OpenRoute(place, route.name, route.kind == "socket", 1, elsewhere, share)


def _accepting(repository: Repository, route: _Route) -> Site:
    """The call that accepts the connection, in the route or in what it calls; the route's decorator if there is none."""
    program = repository.program
    for function in (route.function, *(target for target, _ in repository.solver.calls.callees(route.function))):
        for call in program.functions[function].calls:
            value = program.value((function, call))
            if program.tail(function, value) == "accept" and len(value.args) <= 2:
                return (function, call)
    return route.decorator
