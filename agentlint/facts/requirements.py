"""How new a package may be that a project asks for: only for packages whose version decides a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.limits import MAX_LINE_FOR_REGEX
from agentlint.core.place import Span
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.resources_data import version_table
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIREMENT = lazy.pattern(
    r"(?:^|[\s\"'\[,])([A-Za-z][\w.-]{0,60})(?:\[[^\]]{0,60}\])?\s{0,4}((?:===?|~=|<=?|>=?|!=)\s{0,4}[^\"'#;\]]{1,80})"
)
_BOUND = lazy.pattern(r"(===?|~=|<=?)\s{0,4}(\d{1,4}(?:\.\d{1,6}){0,4})(\.\*)?")
_NAME = lazy.pattern(r"name\s{0,9}=\s{0,9}[\"']([\w.-]{1,100})[\"']")
_NAMED = ("[project]", "[tool.poetry]")
_MAX_LINES = 3_000


def contribute(inp: FileInput) -> Contribution:
    """Return a ``setting`` of kind ``requirement`` for each watched package with an upper bound.

    Attributes: ``package``, ``upper`` (a version), ``inclusive`` (whether that version itself is allowed).
    """
    name = inp.path.rpartition("/")[2].lower()
    if name != "pyproject.toml" and not (name.startswith("requirements") and name.endswith((".txt", ".in"))):
        return Contribution()
    return Contribution((*_named(inp), *_requirements(inp)))


def _named(inp: FileInput) -> Iterator[NodeFact]:
    """The name under which a project is published, so that what is fetched by it is known to be the repository's own."""
    section = ""
    for number, line in enumerate(inp.text.lines[:_MAX_LINES], 1):
        if line.startswith("["):
            section = line.strip()
        found = _NAME.match(line[:200]) if section in _NAMED else None
        if found is not None:
            span = Span(number, found.start(1) + 1, number, found.end(1) + 1)
            yield NodeFact("setting", f"setting:{inp.path}#package", found[1], span, "", {"kind": "package"})
            section = ""


def _requirements(inp: FileInput) -> Iterator[NodeFact]:
    watched = version_table().packages
    for number, line in enumerate(inp.text.lines[:_MAX_LINES], 1):
        if not any(package in line for package in watched):
            continue
        for found in _REQUIREMENT.finditer(line[:MAX_LINE_FOR_REGEX]):
            package = found[1].lower().replace("_", "-")
            bound = _upper(found[2]) if package in watched else None
            if bound is not None:
                attrs = {"kind": "requirement", "package": package, "upper": bound[0], "inclusive": bound[1]}
                span = Span(number, found.start(1) + 1, number, found.end(2) + 1)
                yield NodeFact("setting", f"setting:{inp.path}#{number}:{package}", package, span, "", attrs)


def _upper(specifier: str) -> tuple[str, bool] | None:
    """Return the lowest upper bound of a version specifier and whether it is allowed itself, ``None`` without one."""
    bounds = []
    for operator, version, any_patch in _BOUND.findall(specifier):
        parts = [int(part) for part in version.split(".")]
        if operator == "~=" or any_patch:
            kept = parts if any_patch else parts[:-1]
            bounds.append(((*kept[:-1], kept[-1] + 1), False) if kept else ((parts[0] + 1,), False))
        else:
            bounds.append((tuple(parts), operator != "<"))
    if not bounds:
        return None
    upper, inclusive = min(bounds)
    return ".".join(map(str, upper)), inclusive
