"""Credentials are taken out of the facts of a file before these leave the worker: what is cached or sent on holds none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from agentlint.core.mask import mask
from agentlint.facts.python.ir import Op

if TYPE_CHECKING:
    from agentlint.facts.python.ir import PythonFacts
    from agentlint.facts.types import FileFacts
    from agentlint.parse.text import Text

_SHORTEST = 6
_QUOTES = "\"'`"
_MAX_DEPTH = 8


def redacted(facts: FileFacts, text: Text) -> FileFacts:
    """Return ``facts`` without the texts of the credentials they report; places, names and masks stay."""
    hidden = sorted(_texts(facts, text), key=len, reverse=True)
    if not hidden:
        return facts
    if facts.python is not None:
        facts = replace(facts, python=_python(facts.python, hidden))
    nodes = tuple(replace(node, attrs=_clean(node.attrs, hidden, 0)) if node.attrs else node for node in facts.nodes)
    return replace(facts, nodes=nodes)


def _texts(facts: FileFacts, text: Text) -> set[str]:
    found: set[str] = set()
    spans = [secret.span for secret in facts.secrets]
    spans += [fact.span for fact in facts.literals if fact.shape in ("random", "chosen") and fact.use != "query-variable"]
    for span in spans:
        lines = text.lines[span.line - 1 : span.end_line]
        if not lines:
            continue
        if len(lines) == 1:
            parts = [lines[0][span.column - 1 : span.end_column - 1].lstrip("bru").strip(_QUOTES)]
        else:
            parts = [line.strip().strip(_QUOTES) for line in lines[1:]]
        found.update(part for part in parts if len(part) >= _SHORTEST)
    return found


def _python(python: PythonFacts, hidden: list[str]) -> PythonFacts:
    functions = []
    for function in python.functions:
        for value in function.values:
            if value.op is Op.CONST and len(value.text) >= _SHORTEST:
                value.text = _without(value.text, hidden)
        doc = _without(function.doc, hidden) if function.doc else ""
        functions.append(function if doc == function.doc else replace(function, doc=doc))
    return replace(python, functions=tuple(functions))


def _without(text: str, hidden: list[str]) -> str:
    for secret in hidden:
        if secret in text:
            text = text.replace(secret, mask(secret))
    return text


def _clean(value: Any, hidden: list[str], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, str):
        return _without(value, hidden)
    if isinstance(value, dict):
        return {key: _clean(entry, hidden, depth + 1) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_clean(entry, hidden, depth + 1) for entry in value)
    return value
