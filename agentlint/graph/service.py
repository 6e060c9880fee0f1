"""What strangers reach: the agents behind handlers, what bounds their use, and how memory is divided among them."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.facts.python.ir import Op
from agentlint.facts.resources_command import launch, launches
from agentlint.graph import language
from agentlint.graph.agents import origin_of
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.deployed import deployed
from agentlint.graph.handling import tool_functions
from agentlint.graph.loops import calls_model
from agentlint.graph.model import GraphNode
from agentlint.graph.nodes import node_id
from agentlint.graph.owners import served
from agentlint.graph.program import Site
from agentlint.graph.protection import Protection
from agentlint.graph.repository import Repository
from agentlint.graph.sinks import sinks_of_call

MAX_TEXTS = 40
MAX_WRAPPERS = 2
_LEAD = 6


def public_agents(repository: Repository) -> dict[str, str]:
    """Return the agents that run in handlers of requests, by id, each with the name of a handler.

    Handlers whose callers are authenticated, in code or by their deployment, are left out.
    """
    program = repository.program
    handlers = served(repository)
    guarded = {handler: _is_guarded(repository, handler) for handler in set(handlers.values())}
    found: dict[str, str] = {}
    for number, handler in handlers.items():
        for call in program.functions[number].calls if not guarded[handler] else ():
            for agent in _run_by(repository, (number, call), MAX_WRAPPERS):
                found.setdefault(agent, program.functions[handler].name)
    return found


def _run_by(repository: Repository, site: Site, depth: int) -> Iterator[str]:
    """The agents that a call runs, or hands to the runner that it makes."""
    program = repository.program
    value = program.value(site)
    if value.op is not Op.CALL:
        return
    own = node_id(program, "agent", site)
    for path in program.inference.paths((site[0], value.args[0])):
        runs = program.index.runs(path)
        if runs and own in repository.graph.nodes:
            yield own
        # An object that is called is its own receiver.
        called = [(site[0], value.args[0])] if path.endswith("()") else []
        for place in (place for run in runs if run.agent for place in select(program, site, run.agent) or called):
            named = program.value(place)
            holder = (place[0], named.args[0]) if named.op is Op.ATTR and named.text == "id" else place
            origin = _inner(repository, origin_of(program, repository.solver.calls, holder))
            made = node_id(program, "agent", origin)
            if made in repository.graph.nodes:
                yield made
            elif depth and origin != site:
                yield from _run_by(repository, origin, depth - 1)


def _inner(repository: Repository, site: Site) -> Site:
    """The call that made the agent which an object runs that is none itself."""
    program = repository.program
    value = program.value(site)
    for path in program.inference.paths((site[0], value.args[0])) if value.op is Op.CALL else ():
        for agent in program.index.agents(path):
            for place in select(program, site, agent.wraps) if agent.wraps else ():
                return origin_of(program, repository.solver.calls, place)
    return site


def _is_guarded(repository: Repository, handler: int) -> bool:
    """Whether the callers of a route, or of a function that a platform runs, are authenticated."""
    roles = [role for role in repository.roles.of.get(handler, ()) if role.kind == "user-input"]
    if any(role.site is None for role in roles) and deployed(repository, repository.program.path(handler), "authorizers"):
        return True
    if repository.access.checks(handler):
        return True
    protection = _protection(repository)
    places = [role.site for role in roles if role.site is not None and role.site[1] >= 0]
    return any(protection.is_given(handler, site) for site in places if repository.program.value(site).op is Op.CALL)


def _protection(repository: Repository) -> Protection:
    known = repository.shared.get("protection")
    if not isinstance(known, Protection):
        known = repository.shared["protection"] = Protection(repository.program, repository.access, repository.projects)
    return known


def throttled(repository: Repository) -> Iterator[str]:
    """Yield the files that limit how much callers may ask for."""
    program = repository.program
    for site in program.calls_named(program.index.throttle_tails):
        paths = program.inference.paths((site[0], program.value(site).args[0]))
        if any(program.index.throttles(path) for path in paths):
            yield program.path(site[0])
    for number, function in enumerate(program.functions):
        for value in function.imports:
            if program.index.throttles_imports(function.values[value].text.replace(":", ".")):
                yield program.path(number)


def unmetered(repository: Repository) -> Iterator[tuple[int, Site]]:
    """Yield handlers of requests that lead to a model, each with the call of the model."""
    program = repository.program
    for number, handler in served(repository).items():
        function = program.functions[number]
        for call in function.calls:
            if calls_model(repository, (number, call), 0):
                yield handler, (number, call)
                break


def blind_questions(repository: Repository) -> Iterator[tuple[Site, str]]:
    """Yield approvals asked inside tools or steps with a constant text, where nothing is shown before."""
    program = repository.program
    within = tool_functions(repository)
    for site in program.calls_named(program.index.gate_tails):
        value = program.value(site)
        for path in program.inference.paths((site[0], value.args[0])):
            # A question at the terminal is an approval only where an agent acts: programs ask their users many things.
            asks = not path.startswith("builtins.") or site[0] in within
            gates = [g for g in program.index.gates(path) if asks and g.scope == "inline" and holds(program, site, g.when)]
            given = select(program, site, "0|prompt|value|message|question")
            text = constant(program, given[0]) if gates and given else None
            if isinstance(text, str) and text.strip() and not _shown_before(repository, site):
                yield site, text.strip()[:60]
                break


def _shown_before(repository: Repository, site: Site) -> bool:
    """Whether something that is not constant is printed, logged or shown in the same function before."""
    program = repository.program
    function = program.functions[site[0]]
    for call in function.calls:
        value = function.values[call]
        shows = call < site[1] and program.tail(site[0], value) in language.SHOWS
        if shows and any(function.values[arg].op is not Op.CONST for arg in value.args[1:]):
            return True
    return False


def shared_namespaces(repository: Repository) -> Iterator[tuple[Site, str]]:
    """Yield namespaces of long-term memory that hold no part of their own for each person.

    A namespace in a strategy is a template and must name the actor; one in code that serves requests must not be constant.
    """
    program = repository.program
    handlers = served(repository)
    for site in program.calls_named(program.index.namespace_tails):
        for sink in sinks_of_call(program, site):
            if sink.kind != "memory-namespace":
                continue
            templates = _templates(repository, sink.value)
            bad = next((text for text in templates if "{actorId}" not in text and "{sessionId}" not in text), "")
            if bad:
                yield site, bad
            known = constant(program, sink.value)
            if site[0] in handlers and isinstance(known, list) and known and all(isinstance(part, str) for part in known):
                yield site, "/".join(known)


def _templates(repository: Repository, site: Site) -> list[str]:
    """The texts of the ``namespaces`` in strategies that are written out."""
    program = repository.program
    found: list[str] = []
    todo = [(site, False)]
    for _ in range(MAX_TEXTS):
        if not todo:
            break
        place, inside = todo.pop()
        known = constant(program, place) if inside else None
        if inside and isinstance(known, list):
            found += [text for text in known if isinstance(text, str)]
            continue
        for holder in program.inference.containers(place):
            entry = program.value(holder)
            for arg, key in zip(entry.args, entry.keys, strict=False):
                todo.append(((holder[0], arg), inside or key == "namespaces"))
    return found


def launches_unsafely(repository: Repository) -> Iterator[tuple[Site, str, str]]:
    """Yield calls that start a coding agent on this machine with an option that skips its questions or its sandbox."""
    program = repository.program
    for site in program.calls_named(program.index.process_tails):
        paths = program.inference.paths((site[0], program.value(site).args[0]))
        effects = {e.effect for path in paths for e in program.index.effects(path) if holds(program, site, e.when)}
        if not effects & {"process", "shell"}:
            continue
        words = _words(repository, site)
        started = [one for one in (launch(words) if words else None,) if one is not None]
        if not started and len(words) == 1:
            started = launches(words[0])
        for one in started:
            for option in one.off[:1]:
                yield site, one.program, option


def _words(repository: Repository, site: Site) -> list[str]:
    """The constant words of a command, as they stand; what is not known is left out."""
    program = repository.program
    value = program.value(site)
    spread = [constant(program, (site[0], arg)) for arg in value.args[1:_LEAD]]
    if len(spread) > 1 and all(isinstance(word, str) for word in spread[:2]):
        every = [constant(program, (site[0], arg)) for arg in value.args[1:]]
        return [word for word in every if isinstance(word, str)]
    for place in select(program, site, "0|args|command|cmd"):
        from agentlint.graph.elements import elements_of

        whole = constant(program, place)
        if isinstance(whole, str):
            return [whole]
        words = [constant(program, element) for element in elements_of(program, place)]
        return [word for word in words if isinstance(word, str)]
    return []


def never_trips(repository: Repository, node: GraphNode) -> bool:
    """Whether a guardrail function returns, at every exit, that nothing was found, written as a constant."""
    number = node.attrs.get("function")
    if not isinstance(number, int):
        return False
    program = repository.program
    function = program.functions[number]
    if not function.exits or function.raises:
        return False
    return all(_says_fine(repository, (number, leave.value)) for leave in function.exits)


def _says_fine(repository: Repository, site: Site) -> bool:
    program = repository.program
    value = program.value(site)
    if value.op is not Op.CALL:
        return False
    answers = [program.index.verdict(path) for path in program.inference.paths((site[0], value.args[0]))]
    wanted = next((answer for answer in answers if answer), "")
    given = select(program, site, wanted) if wanted else []
    return bool(given) and constant(program, given[0]) is False
