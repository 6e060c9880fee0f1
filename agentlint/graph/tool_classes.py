"""Tools of frameworks that a project makes for itself: classes that describe their input to a model and can be run."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.graph.program import Program

_NAME, _DESCRIPTION = "name", "description"
_OF_AGENTS = frozenset({"tools", "instructions", "agents"})
_ABSTRACT = "abstractmethod"


def tool_methods(program: Program) -> Iterator[tuple[int, int]]:
    """Yield the class and the method that runs it of every such tool, each method once.

    Such a class has a name, a description and a field that holds the schema of its input, or a name and a method that makes
    the description a model is given; the words for these are conventions of the models.
    """
    index = program.index
    schemas, makers, runs = index.conventions("schema"), index.conventions("describes"), index.conventions("runs")
    params = index.conventions("params")
    seen: set[int] = set()
    for cls in range(len(program.classes)):
        own = [name for name in program.classes[cls].methods if name in runs]
        if not own:
            continue
        members = _members(program, cls)
        named = _NAME in members and (members & params or (_DESCRIPTION in members and members & schemas))
        if not (named or members & makers) or members & _OF_AGENTS:
            continue
        for name in own:
            method = program.first_function[program.class_module[cls]] + program.classes[cls].methods[name]
            if method not in seen and not _is_abstract(program, method):
                seen.add(method)
                yield cls, method
                break


def _members(program: Program, cls: int) -> set[str]:
    """The names that a class and its bases define, what they hand to the constructor of a base included."""
    found: set[str] = set()
    for one in program.lineage(cls):
        known = program.classes[one]
        found |= known.fields.keys() | known.methods.keys() | program.functions[program.class_body(one)].defs.keys()
    local = program.classes[cls].methods.get("__init__")
    if local is not None:
        function = program.functions[program.first_function[program.class_module[cls]] + local]
        for call in function.calls:
            value = function.values[call]
            if function.values[value.args[0]].text == "__init__":
                found |= set(value.keys)
    return found


def _is_abstract(program: Program, method: int) -> bool:
    function = program.functions[method]
    scope = program.functions[program.parent(method)]
    if any(scope.values[d].text.rpartition(":")[2].endswith(_ABSTRACT) for d in function.decorators):
        return True
    returns = [leave for leave in function.exits if function.values[leave.value].text not in ("None", "Ellipsis")]
    return not returns and (bool(function.raises) or not function.calls) and len(function.statements) < 3
