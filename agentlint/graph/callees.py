"""What a call calls, as a model would name it: classes of ours that only extend a framework's included."""

from __future__ import annotations

from agentlint.graph.program import Program, Ref, Site

MAX_BASES = 2
_CONSTRUCTOR = "().__init__"
_NAMED = ".__init__"


def called(program: Program, site: Site) -> tuple[str, ...]:
    """Return the external paths that the call at ``site`` may call.

    Making an object of a class of ours that has no constructor, and ``super().__init__(...)`` in one that has, make an
    object of the framework's class below it; calling such an object calls the framework's.
    """
    found: list[str] = []
    for ref in program.inference.infer((site[0], program.value(site).args[0])):
        found += _paths(program, ref)
    return tuple(dict.fromkeys(found))


def _paths(program: Program, ref: Ref) -> list[str]:
    if ref.kind == "ext":
        for ending in (_CONSTRUCTOR, _NAMED):
            if ref.path.endswith(ending):
                return [program.index.normalise(ref.path.removesuffix(ending))]
        return [ref.path]
    if ref.kind == "cls" and program.method(ref.id, "__init__") < 0:
        return program.external_bases(ref.id)[:MAX_BASES]
    if ref.kind == "inst" and program.method(ref.id, "__call__") < 0:
        return [program.index.normalise(f"{base}()") for base in program.external_bases(ref.id)[:MAX_BASES]]
    return []


def derived_names(program: Program) -> frozenset[str]:
    """Return the last names of the calls that make objects of classes of ours below those that models speak of."""
    names = {
        found.name
        for cls, found in enumerate(program.classes)
        if found.bases and any(program.index.package_of(base) for base in program.external_bases(cls))
    }
    return frozenset(names | {"__init__"}) if names else frozenset()
