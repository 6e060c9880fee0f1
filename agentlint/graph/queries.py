"""Questions that several checks ask of a linked repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from agentlint.core.paths import is_example
from agentlint.facts.python.ir import Function, Op
from agentlint.graph import language
from agentlint.graph.effects import EffectUse
from agentlint.graph.guards import mentioned
from agentlint.graph.model import GraphNode
from agentlint.graph.program import Program, Site
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sinks import sinks_of_call

if TYPE_CHECKING:
    from agentlint.graph.repository import Repository

_MANIFESTS = frozenset({
    "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "package.json", "dockerfile", "langgraph.json", "pipfile",
    "environment.yml", "environment.yaml",
})  # fmt: skip
"""Files that stand at the root of something that is installed or deployed on its own."""
DEEP = 2
"""So many calls below a tool, an effect may be none of the tool's own business."""
_OUTSIDE = dict.fromkeys(("user-input", "model-output", "tool-argument", "retrieved"))


class Projects:
    """Which project of a repository a file belongs to: one repository often holds many small ones."""

    def __init__(self, paths: Iterable[str]) -> None:
        """``paths`` are those of all files of the scan."""
        self._roots = {_folder(path) for path in paths if path.rpartition("/")[2].lower() in _MANIFESTS}

    @lru_cache(maxsize=4096)  # noqa: B019 - lives as long as one scan
    def root(self, path: str) -> str:
        """Return the folder of the project that ``path`` belongs to, an empty string for the top.

        It is the nearest folder with a manifest. An example without one of its own is a project: its folder.
        """
        folder = _folder(path)
        current = folder
        while current and current not in self._roots:
            current = _folder(current)
        alone = is_example(path) and not is_example(f"{current}/x" if current else "x")
        return folder if alone else current

    def same(self, one: str, other: str) -> bool:
        """Return whether two files belong to one project, or one to a project inside the other's."""
        first, second = self.root(one), self.root(other)
        return first == second


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def uses_of(repository: Repository, node: GraphNode) -> dict[str, EffectUse]:
    """Return the effects of a tool or endpoint that is a function, each with the call that has it."""
    number = node.attrs.get("function")
    return repository.effects.of(number) if isinstance(number, int) else {}


def is_own_file(repository: Repository, site: Site) -> bool:
    """Return whether a call that deletes only touches what cannot be anything but the program's own file.

    That is a path whose last part is constant, or one made by ``tempfile`` in the same function.
    """
    program = repository.program
    value = program.value(site)
    function = program.functions[site[0]]
    callee = program.value((site[0], value.args[0]))
    subject = value.args[1] if len(value.args) > 1 else callee.args[0] if callee.op is Op.ATTR else -1
    if subject < 0:
        return False
    seen = mentioned(function, _last_part(function, subject))
    if all(function.values[part].op in language.CONSTANT_OPS for part in seen):
        return True
    return any(path.startswith(language.TEMPORARY) for part in seen for path in program.inference.paths((site[0], part)))


def _last_part(function: Function, value: int) -> int:
    """The last part of a path that is put together with ``/``, ``join`` or ``Path``; the value itself otherwise."""
    for _ in range(5):
        node = function.values[value]
        if (node.op is Op.OP and node.text == "/") or (node.op is Op.CALL and len(node.args) > 1 and not any(node.keys)):
            value = node.args[-1]
        else:
            break
    return value


def is_driven(repository: Repository, use: EffectUse) -> bool:
    """Return whether text from outside reaches a call that runs code or a command.

    Only what stands in the function itself, or in one that it calls, is followed; further away the answer is yes.
    """
    sinks = [sink for sink in sinks_of_call(repository.program, use.site) if sink.kind in ("code-exec", "shell")]
    if not sinks or len(use.chain) > 1:
        return True
    return any(repository.solver.reach(sink, _OUTSIDE) for sink in sinks)


def is_plumbing(repository: Repository, use: EffectUse) -> bool:
    """Return whether a call deep below a tool acts on what nobody outside chose: it tidies up, or sets up what is its own."""
    if len(use.chain) < DEEP:
        return False
    value = repository.program.value(use.site)
    callee = repository.program.value((use.site[0], value.args[0]))
    subjects = [*value.args[1:], *(callee.args[:1] if callee.op is Op.ATTR and len(value.args) == 1 else ())]
    places = [SinkPlace(use.site, (use.site[0], arg), "acts-on", use.what) for arg in subjects]
    return not any(repository.solver.reach(place, _OUTSIDE) for place in places)


def is_fixed(repository: Repository, tool: GraphNode) -> bool:
    """Return whether a tool does the same whatever it is given: it uses none of its parameters."""
    number = tool.attrs.get("function")
    if not isinstance(number, int):
        return False
    function = repository.program.functions[number]
    params = {param.value for param in function.params}
    nested = any(
        repository.program.parent(other) == number
        for other in range(number + 1, min(number + 60, len(repository.program.functions)))
    )
    return not nested and not any(params.intersection(value.args) for value in function.values if value.op is not Op.PARAM)


def is_switched(repository: Repository, tool: GraphNode, use: EffectUse) -> bool:
    """Return whether a tool has an effect only if the operator's settings say so: a read-only mode, a leave to write.

    A parameter is the model's to choose, so it counts only if its default is the safe mode.
    """
    program = repository.program
    for number in dict.fromkeys((tool.attrs.get("function", use.site[0]), *(site[0] for site in use.chain), use.site[0])):
        function = program.functions[number]
        for block in function.blocks:
            seen = mentioned(function, block.test) if block.kind == "if" and block.test >= 0 else set()
            for part in seen:
                value = function.values[part]
                is_mode = any(word in value.text.lower() for word in language.SAFE_MODES)
                if is_mode and not _is_chosen_by_model(program, number, part):
                    return True
    return False


def _is_chosen_by_model(program: Program, function: int, part: int) -> bool:
    param = program.parameter(function, program.value((function, part)))
    if param is None:
        return False
    return param.default < 0 or program.value((program.parent(function), param.default)).text != "True"


def covers(names: list[str] | None, node: GraphNode) -> bool:
    """Return whether a gate that lists tools lists this one; a gate that lists none covers all."""
    return names is None or node.type != "tool" or node.name in names


def gates_near(repository: Repository, node: GraphNode, projects: Projects) -> Iterator[GraphNode]:
    """Yield the gates of the project of ``node`` that are not part of one tool.

    An interrupt in another node of the graph, a middleware, a person in the team: where calls are approved is often far from
    where they are made.
    """
    tools = {tool.attrs.get("function") for tool in repository.graph.of_type("tool")}
    for gate in repository.graph.of_type("gate"):
        if gate.attrs["scope"] == "tool" or not projects.same(gate.path, node.path):
            continue
        if not covers(gate.attrs.get("names"), node):
            continue
        if gate.attrs["scope"] != "inline" or gate.attrs.get("function") not in tools:
            yield gate


def acting_uses(repository: Repository, tool: GraphNode) -> dict[str, EffectUse]:
    """Return the effects of a tool that reach further than its own files and commands, and need no leave of the operator."""
    number = tool.attrs.get("function")
    fixed = is_fixed(repository, tool)
    found: dict[str, EffectUse] = {}
    for use in repository.effects.every(number) if isinstance(number, int) else ():
        own = (
            use.effect in found
            or (use.effect == "fs-delete" and is_own_file(repository, use.site))
            or (use.effect in ("exec", "shell") and not is_driven(repository, use))
            or (use.effect in ("message-send", "payment") and fixed)
            or (use.effect in ("cloud-write", "fs-delete") and is_plumbing(repository, use))
        )
        if not own and not is_switched(repository, tool, use):
            found[use.effect] = use
    return found


def is_gated(repository: Repository, tool: GraphNode, projects: Projects) -> bool:
    """Return whether a person is asked before a tool runs: on it, on an agent that holds it, or elsewhere in its project."""
    holders = repository.graph.sources(tool.id, "uses")
    if tool.attrs.get("gated") or any(a.attrs.get("gated") and covers(a.attrs.get("gate_names"), tool) for a in holders):
        return True
    return any(True for _ in gates_near(repository, tool, projects))
