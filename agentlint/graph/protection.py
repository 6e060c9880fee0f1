"""What stands before the routes of a web application: dependencies, decorators, middleware, checks in the function itself."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.facts.resources_data import auth_table
from agentlint.graph.access import Access
from agentlint.graph.arguments import select
from agentlint.graph.made import made
from agentlint.graph.program import Program, Site
from agentlint.graph.queries import Projects

_GIVEN = ("dependencies", "middleware", "auth")


class Protection:
    """Answers about routes; which applications are protected as a whole is found once."""

    def __init__(self, program: Program, access: Access, projects: Projects) -> None:
        self._program = program
        self._access = access
        self._projects = projects
        self._apps: set[Site] = set()
        self._files: set[str] = set()
        self._whole: set[str] = set()
        self._included: dict[Site, list[Site]] = {}
        self._unclear: set[str] = set()
        self._find_protecting()
        self._find_included()

    def is_checked(self, function: int, decorator: Site) -> bool:
        """Return whether something authenticates the callers of a route, be it in the function itself."""
        return self._access.checks(function) or self.is_given(function, decorator)

    def is_given(self, function: int, decorator: Site) -> bool:
        """Return whether a route is handed a check: by a dependency, a decorator, its router or its application."""
        return self._is_route_checked(function, decorator) or self._is_router_checked(self.router(decorator), decorator)

    def router(self, decorator: Site) -> Site | None:
        """Return the call that made the application or router of a route, ``None`` if it is not known."""
        callee = self._program.value((decorator[0], self._program.value(decorator).args[0]))
        return made(self._program, (decorator[0], callee.args[0])) if callee.op is Op.ATTR else None

    def included(self, router: Site) -> list[Site]:
        """Return the calls that add a router to an application."""
        return self._included.get(router, [])

    def _is_route_checked(self, function: int, decorator: Site) -> bool:
        program, access = self._program, self._access
        found = program.functions[function]
        parent = program.parent(function)
        if any(self._is_given_check(decorator, name) for name in _GIVEN):
            return True
        if any(access.is_checking((parent, other)) for other in found.decorators if (parent, other) != decorator):
            return True
        return any(
            part >= 0 and access.is_checking((parent, part))
            for param in found.params
            for part in (param.default, param.annotation)
        )

    def _is_given_check(self, call: Site, name: str) -> bool:
        return any(self._access.is_checking(place) for place in select(self._program, call, name))

    def _is_router_checked(self, router: Site | None, near: Site) -> bool:
        root = self._projects.root(self._program.path(near[0]))
        if root in self._whole:
            return True
        if router is None:
            return self._is_any_protected(root)
        if self._is_protected(router) or any(self._is_given_check(router, name) for name in _GIVEN):
            return True
        if router not in self._included and root in self._unclear:
            return self._is_any_protected(root)
        return any(self._is_inclusion_checked(call, root) for call in self._included.get(router, ()))

    def _is_inclusion_checked(self, call: Site, root: str) -> bool:
        if any(self._is_given_check(call, name) for name in _GIVEN):
            return True
        app = self.router(call)
        if app is None:
            return self._is_any_protected(root)
        return self._is_protected(app) or any(self._is_given_check(app, name) for name in _GIVEN)

    def _is_protected(self, app: Site) -> bool:
        return app in self._apps or self._program.path(app[0]) in self._files

    def _is_any_protected(self, root: str) -> bool:
        paths = self._files | {self._program.path(app[0]) for app in self._apps}
        return any(self._projects.root(path) == root for path in paths)

    def _find_protecting(self) -> None:
        """Applications with a middleware that checks; where it is not known whose it is, the whole project."""
        program, names = self._program, auth_table().protecting_calls
        for site in program.calls_named(names):
            value = program.value(site)
            if len(value.args) > 1 and self._access.is_checking((site[0], value.args[1])):
                self._protect(site)
        for number, function in enumerate(program.functions):
            for decorator in function.decorators:
                site = (program.parent(number), decorator)
                value = program.value(site)
                callee = program.value((site[0], value.args[0])) if value.op is Op.CALL else value
                if callee.op is Op.ATTR and callee.text in names and self._access.checks(number):
                    self._protect(site)

    def _protect(self, site: Site) -> None:
        program = self._program
        value = program.value(site)
        callee = program.value((site[0], value.args[0])) if value.op is Op.CALL else value
        app = made(self._program, (site[0], callee.args[0])) if callee.op is Op.ATTR else None
        if callee.op is not Op.ATTR:  # an entry of a list of middleware: of an application that is made here
            self._files.add(program.path(site[0]))
        elif app is not None:
            self._apps.add(app)
        else:
            self._whole.add(self._projects.root(program.path(site[0])))

    def _find_included(self) -> None:
        program = self._program
        for site in program.calls_named(auth_table().including_calls):
            value = program.value(site)
            router = made(program, (site[0], value.args[1])) if len(value.args) > 1 else None
            if router is not None:
                self._included.setdefault(router, []).append(site)
            else:  # a router out of a list: it may be any
                self._unclear.add(self._projects.root(program.path(site[0])))
