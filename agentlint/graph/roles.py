"""Which functions are tools, routes and handlers: their parameters are where outside text enters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agentlint.facts.python.ir import Op
from agentlint.graph import hints, language
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.callees import called, derived_names
from agentlint.graph.elements import elements
from agentlint.graph.guards import mentioned
from agentlint.graph.program import Program, Ref, Site
from agentlint.graph.schemas import described_functions
from agentlint.graph.tool_classes import tool_methods
from agentlint.rulebook.models import Source, Tool

_SEGMENT = re.compile(r"[{<](?:(?!path:)[a-z]{1,20}:)?(\w{1,80})[}>]")
_NUMBER = re.compile(r"<(?:int|float|uuid):(\w{1,80})>|[{<](\w{1,80}):(?:int|float|uuid)[}>]")


@dataclass(slots=True)
class Role:
    """Why a function is called from outside: ``kind`` is the source kind of its parameters."""

    kind: str
    what: str
    path: str
    site: Site | None = None
    tool: Tool | None = None
    skip: tuple[str, ...] = ()
    trust: str = ""
    segments: frozenset[str] = frozenset()
    more: list[Role] = field(default_factory=list)
    """Further ways in which a function is made a tool: it may be registered with several agents."""


@dataclass(slots=True)
class Roles:
    """Roles by function; a function may have several."""

    of: dict[int, list[Role]] = field(default_factory=dict)

    def add(self, function: int, role: Role) -> None:
        """Add a role; one of the same kind that is known learns what this one says of the parameters."""
        known = self.of.setdefault(function, [])
        for other in known:
            if other.kind == role.kind:
                if other.tool is None and role.tool is None:
                    other.segments |= role.segments
                    other.skip += role.skip
                elif other.tool is not None and role.tool is not None:
                    other.more.append(role)
                return
        known.append(role)

    def tools(self, function: int) -> Role | None:
        """Return the tool role of a function."""
        return next((r for r in self.of.get(function, ()) if r.tool is not None), None)


def find_roles(program: Program) -> Roles:
    """Find every tool, route and handler of the program."""
    roles = Roles()
    for number, function in enumerate(program.functions):
        for decorator in function.decorators:
            _decorated(program, roles, number, (program.parent(number), decorator))
        for source in program.index.entries(function.name):
            if function.parent == 0 and program.owner(number) < 0:
                _source(program, roles, number, source, function.name, None)
    for cls in range(len(program.classes)):
        _based(program, roles, cls)
    for cls, method in tool_methods(program):
        if not any(role.tool is not None for role in roles.of.get(method, ())):
            name = program.classes[cls].name
            tool = Tool(base=name, name="name")
            roles.add(method, Role("tool-argument", "tool", name, (program.class_scope(cls), -1), tool))
    for site in program.calls_named(program.index.role_tails | derived_names(program)):
        _called(program, roles, site)
    for site in program.calls_named(program.index.handover_tails):
        hints.note_filled(program, site)
    hints.hand_on(program)
    return roles


def decorator_paths(program: Program, site: Site) -> tuple[str, ...]:
    """Return the paths of a decorator, written with or without a call."""
    value = program.value(site)
    target = (site[0], value.args[0]) if value.op is Op.CALL else site
    return program.inference.paths(target)


def _decorated(program: Program, roles: Roles, function: int, site: Site) -> None:
    index = program.index
    for path in decorator_paths(program, site):
        for tool in index.tools_by_decorator(path):
            roles.add(function, Role("tool-argument", "tool", path, site, tool, tool.skip))
        for source in index.params_of(path):
            _source(program, roles, function, source, path, site)


def _source(program: Program, roles: Roles, function: int, source: Source, path: str, site: Site | None) -> None:
    """Note that ``source`` makes a function a handler, and what its parameters are."""
    if not hints.fits(program, function, source):
        return
    role = Role(source.kind, "handler", path, site, None, source.skip, source.trust)
    for template in _templates(program, site, source.route) if site is not None else ():
        role.segments |= frozenset(_SEGMENT.findall(template))
        role.skip += tuple(before or after for before, after in _NUMBER.findall(template))
    if source.inputs and site is not None:
        role.skip += hints.without_text(program, function, source, site)
    roles.add(function, role)
    hints.note(program, function, source)


def _templates(program: Program, site: Site, spec: str) -> list[str]:
    """The templates of a route's paths; they say which parameters are numbers, or one segment that holds no separator."""
    places = select(program, site, spec) if spec and program.value(site).op is Op.CALL else []
    return [template[:2_000] for place in places if isinstance(template := constant(program, place), str)]


def _based(program: Program, roles: Roles, cls: int) -> None:
    for path in program.external_bases(cls):
        for tool in program.index.tools_by_base(path):
            for name in (*tool.methods, *_listed(program, cls, tool.listed)):
                local = program.classes[cls].methods.get(name)
                if local is not None:
                    method = program.first_function[program.class_module[cls]] + local
                    trust = "opt-in" if _must_opt_in(program, cls) else ""
                    roles.add(method, Role("tool-argument", "tool", path, (program.class_scope(cls), -1), tool, tool.skip, trust))
    own = [program.classes[other].name for other in program.lineage(cls)[1:]]
    for path in (*program.external_bases(cls), *own):
        for source in program.index.handler_bases(path):
            methods = program.classes[cls].methods
            for name in source.arg.split("|") if source.arg != "*" else [n for n in methods if not n.startswith("_")]:
                local = methods.get(name)
                if local is not None:
                    _source(program, roles, program.first_function[program.class_module[cls]] + local, source, path, None)


def _listed(program: Program, cls: int, field: str) -> list[str]:
    """The names written out in a field of a class, those in pairs included."""
    if not field:
        return []
    body = program.class_body(cls)
    known = [constant(program, (body, value)) for value in program.functions[body].defs.get(field, ())]
    entries = [entry for names in known if isinstance(names, list) for entry in names]
    flat = [name for entry in entries for name in (entry if isinstance(entry, list) else [entry])]
    return [name for name in flat if isinstance(name, str)][:200]


def _must_opt_in(program: Program, cls: int) -> bool:
    """Whether the constructor of a class refuses unless a field that is off by default was turned on."""
    lineage = program.lineage(cls)
    off: set[str] = set()
    for one in lineage:
        for name, (_, default) in program.classes[one].fields.items():
            if default >= 0 and constant(program, (program.class_body(one), default)) is False:
                off.add(name)
    for one in lineage if off else ():
        local = program.classes[one].methods.get("__init__")
        function = program.functions[program.first_function[program.class_module[one]] + local] if local is not None else None
        for block in function.raises if function is not None else ():
            test = function.blocks[block].test if function is not None else -1
            if function is not None and test >= 0 and any(function.values[v].text in off for v in mentioned(function, test)):
                return True
    return False


def _called(program: Program, roles: Roles, site: Site) -> None:
    index = program.index
    for path in called(program, site):
        for tool in index.tools_by_call(path):
            for function in _functions(program, site, tool.func):
                roles.add(function, Role("tool-argument", "tool", path, site, tool, tool.skip))
        for tool in index.tools_by_decorator(path):
            for function in _functions(program, site, "0"):
                roles.add(function, Role("tool-argument", "tool", path, site, tool, tool.skip))
            for outer in _outer_calls(program, site):
                for function in _functions(program, outer, "0"):
                    roles.add(function, Role("tool-argument", "tool", path, site, tool, tool.skip))
        for source in index.handlers(path):
            for function in _functions(program, site, source.arg) if holds(program, site, source.when) else ():
                _source(program, roles, function, source, path, site)
        for agent in index.agents(path):
            for holder in elements(program, site, agent.each) if agent.each else [site]:
                _in_list(program, roles, holder, path, agent.tools)


def _in_list(program: Program, roles: Roles, holder: Site, path: str, spec: str) -> None:
    """Functions that stand in an agent's list of tools, or are described there."""
    described = program.index.conventions("described")
    for element in elements(program, holder, spec):
        for function in described_functions(program, element, described):
            roles.add(function, Role("tool-argument", "tool", path, holder, Tool(call=path, func=spec)))
        for ref in program.inference.infer(element):
            if ref.kind == "fun":
                roles.add(ref.id, Role("tool-argument", "tool", path, holder, Tool(call=path, func=spec)))


def _outer_calls(program: Program, site: Site) -> list[Site]:
    """``decorator(...)(function)``: the call whose callee is this call."""
    values = program.functions[site[0]].values
    following = range(site[1] + 1, min(site[1] + 12, len(values)))
    return [(site[0], i) for i in following if values[i].op is Op.CALL and values[i].args[0] == site[1]]


def _functions(program: Program, site: Site, spec: str) -> list[int]:
    if not spec:
        return []
    return [ref.id for place in elements(program, site, spec) for ref in program.inference.infer(place) if ref.kind == "fun"]


def outside_params(program: Program, function: int, role: Role) -> list[int]:
    """Return the values of the parameters of ``function`` that carry outside text under ``role``."""
    found = program.functions[function]
    carried = []
    for position, param in enumerate(found.params):
        if position == 0 and program.owner(function) >= 0 and param.name in ("self", "cls"):
            continue
        if (
            param.name in role.skip
            or (function, param.value) in program.inference.hints
            or is_safe_type(program, function, param.annotation)
        ):
            continue
        if _is_skipped(program, function, param.annotation, param.default, role.skip):
            continue
        carried.append(param.value)
    return carried


def _is_skipped(program: Program, function: int, annotation: int, default: int, skip: tuple[str, ...]) -> bool:
    parent = program.parent(function)
    refs: list[Ref] = []
    if annotation >= 0:
        refs += program.inference.annotated((parent, annotation))
        refs += _annotated_extras(program, parent, annotation)
    if default >= 0:
        refs += program.inference.infer((parent, default))
    paths = [ref.path.removesuffix("()") for ref in refs if ref.kind == "ext"]
    return any(path in skip or path.rpartition(".")[2] in skip for path in paths)


def _annotated_extras(program: Program, scope: int, annotation: int) -> list[Ref]:
    """``Annotated[T, Depends(f)]``: what the extras are."""
    value = program.value((scope, annotation))
    if value.op is not Op.ITEM:
        return []
    inner = program.value((scope, value.args[1]))
    return [ref for arg in inner.args[1:] for ref in program.inference.infer((scope, arg))] if inner.op is Op.SEQ else []


def is_safe_type(program: Program, number: int, annotation: int) -> bool:
    """Whether a parameter's annotation admits no free text (numbers, enums, literals)."""
    return is_safe_annotation(program, (program.parent(number), annotation))


def is_safe_annotation(program: Program, site: Site) -> bool:
    """Whether the annotation at ``site`` admits no free text; a value of -1 is none at all."""
    return site[0] >= 0 and site[1] >= 0 and _safe(program, site, 0)


def _safe(program: Program, site: Site, depth: int) -> bool:
    value = program.value(site)
    scope = site[0]
    if depth > 4:
        return False
    if value.op is Op.CONST:
        if value.keys == ("NoneType",):
            return True
        return value.keys == ("str",) and value.text in ("int", "float", "bool", "int | None", "float | None", "bool | None")
    if value.op is Op.OP and value.text == "|":
        return all(_safe(program, (scope, arg), depth + 1) for arg in value.args)
    if value.op is Op.ITEM:
        outer = program.value((scope, value.args[0])).text
        if outer.endswith("Literal"):
            return True
        inner = program.value((scope, value.args[1]))
        if outer.rpartition(":")[2] in ("Optional", "Union", "Annotated", "list", "List", "set", "Sequence"):
            parts = inner.args[:1] if outer.endswith("Annotated") else inner.args
            return (
                all(_safe(program, (scope, a), depth + 1) for a in parts)
                if inner.op is Op.SEQ
                else _safe(program, (scope, value.args[1]), depth + 1)
            )
        return bool(_any_literal(program, site))
    refs = program.inference.infer(site)
    return bool(refs) and all(_is_safe_ref(program, ref) for ref in refs)


def _any_literal(program: Program, site: Site) -> bool:
    base = program.value(site).args[0]
    return any(path in language.SAFE_TYPES for path in program.inference.paths((site[0], base)))


def _is_safe_ref(program: Program, ref: Ref) -> bool:
    if ref.kind == "ext":
        return ref.path in language.SAFE_TYPES or ref.path == "builtins.None"
    return ref.kind == "cls" and is_safe_class(program, ref.id)


def is_safe_class(program: Program, cls: int) -> bool:
    """Whether the values of a class (an enumeration) are all written in the code."""
    return any(base in language.SAFE_TYPES for base in program.external_bases(cls))
