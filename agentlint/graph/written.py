"""Credentials that are written into prompts: literals that reach the text a model is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from agentlint.facts.python.ir import Op
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sinks import find_sinks

if TYPE_CHECKING:
    from agentlint.facts.types import FileFacts, LiteralFact, SecretFact
    from agentlint.graph.program import Program, Site
    from agentlint.graph.repository import Repository

PROMPTS = frozenset({"system-prompt", "user-prompt"})
_MAX_VALUES = 400
_CARRIERS = frozenset({Op.TEXT, Op.PHI, Op.SEQ, Op.DICT, Op.UPDATE, Op.MUTATE, Op.OP})


class WrittenSecret(NamedTuple):
    """``secret`` stands in a literal that ``sink`` puts into a prompt; ``path`` is the file of the literal."""

    sink: SinkPlace
    path: str
    secret: SecretFact | LiteralFact


def written_into_prompts(repository: Repository) -> Iterator[WrittenSecret]:
    """Yield the credentials of Python files that stand in prompts; nothing is searched where no file holds one."""
    known = {file.path: _told(file) for file in repository.files if file.python is not None and (file.secrets or file.literals)}
    if not any(known.values()):
        return
    program = repository.program
    seen: set[tuple[str, object]] = set()
    for sink in find_sinks(program):
        if sink.kind not in PROMPTS:
            continue
        for site in _constants(program, sink.value):
            path = program.path(site[0])
            span = program.value(site).span
            for secret in known.get(path, ()):
                inside = span.line <= secret.span.line and secret.span.end_line <= max(span.end_line, span.line)
                if inside and (path, secret.span) not in seen:
                    seen.add((path, secret.span))
                    yield WrittenSecret(sink, path, secret)


def _told(file: FileFacts) -> tuple[SecretFact | LiteralFact, ...]:
    return (*file.secrets, *(fact for fact in file.literals if not fact.quiet))


def _constants(program: Program, start: Site) -> Iterator[Site]:
    """Yield the literals that a text is made of, also those behind names."""
    todo, seen = [start], {start}
    while todo and len(seen) < _MAX_VALUES:
        site = todo.pop()
        value = program.value(site)
        if value.op is Op.CONST:
            yield site
            continue
        following: list[Site] = []
        if value.op in _CARRIERS:
            following = [(site[0], arg) for arg in value.args if arg >= 0]
        elif value.op is Op.NAME:
            following = list(program.definitions(site[0], value.text) or ())
        for new in following:
            if new not in seen:
                seen.add(new)
                todo.append(new)
