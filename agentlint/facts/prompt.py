"""Prompt template files: their variables, and which of them stand in the system role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentlint.core.place import Span
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.types import NodeFact
from agentlint.parse.template import Variable, parse_template

if TYPE_CHECKING:
    from agentlint.parse.document import Node

_SYSTEM_KEYS = frozenset({"system", "system_prompt", "systemprompt", "system_message", "instructions", "developer"})
_ENGINES = {
    ".j2": "jinja",
    ".jinja": "jinja",
    ".jinja2": "jinja",
    ".mustache": "mustache",
    ".hbs": "handlebars",
    ".prompty": "jinja",
}
_MAX = 200


def contribute(inp: FileInput) -> Contribution:
    """Return one ``prompt`` node.

    Attributes: ``variables``, ``system_variables``, ``user_variables``, ``roles``, ``engine``, ``format`` (syntaxes
    seen).
    ``spans`` places each system variable as ``system:<name>`` and the first as ``system_variables``.
    """
    template = parse_template(inp.text)
    used = [variable for variable in template.variables if variable.name and variable.syntax != "comment"][:_MAX]
    roles = [(variable, template.role_at(variable.span.line, variable.span.column)) for variable in used]
    system = [variable for variable, role in roles if role == "system"]
    if inp.document is not None and not template.sections:
        places = [span for root in inp.document.roots for span in _system_spans(root)]
        system = [variable for variable in used if any(_within(variable.span, place) for place in places)]
    attrs: dict[str, Any] = {
        "variables": _names(used),
        "system_variables": _names(system),
        "user_variables": _names([variable for variable, role in roles if role == "user"]),
        "roles": list(dict.fromkeys(section.role for section in template.sections)),
        "engine": next((engine for ending, engine in _ENGINES.items() if inp.path.lower().endswith(ending)), ""),
        "format": sorted({variable.syntax for variable in used}),
        "template": bool(used),
        "role": "template",
    }
    spans: dict[str, Span] = {f"system:{variable.name}": variable.span for variable in reversed(system)}
    if system:
        spans["system_variables"] = system[0].span
    name = inp.path.rsplit("/", 1)[-1]
    return Contribution((NodeFact("prompt", f"prompt:{inp.path}", name, Span(), "", attrs, spans),))


def _names(variables: list[Variable]) -> list[str]:
    return list(dict.fromkeys(variable.name for variable in variables))


def _system_spans(root: Node) -> list[Span]:
    found = []
    for _, member, node in root.walk():
        if member is not None and member.key.lower() in _SYSTEM_KEYS and node.kind == "str":
            found.append(node.span)
        elif node.kind == "map" and getattr(node.get("role"), "text", "") in ("system", "developer"):
            content = node.get("content") or node.get("text") or node.get("template")
            if content is not None:
                found.append(content.span)
    return found


def _within(inner: Span, outer: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )
