"""Files of Cedar policies: each statement as a policy of a gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import resource
from agentlint.facts.infra.model import Field, Value, literal

if TYPE_CHECKING:
    from agentlint.facts.infra.model import Resource

_MAX_TEXT = 200_000
_MAX_STATEMENTS = 500
_COMMENT = lazy.pattern(r"//[^\n]*")


def contribute(inp: FileInput) -> Contribution:
    """Return the statements of a ``.cedar`` file as resources; nothing for another file."""
    text = inp.text.data
    if not inp.path.endswith(".cedar") or len(text) > _MAX_TEXT:
        return Contribution()
    # Comments become spaces, so that places stay.
    bare = _COMMENT.sub(lambda found: " " * len(found[0]), text)
    made: list[Resource] = []
    start = 0
    for statement in bare.split(";")[:_MAX_STATEMENTS]:
        begin = start + len(statement) - len(statement.lstrip())
        start += len(statement) + 1
        if statement.strip():
            span = inp.text.span(begin, begin + len(statement.strip()))
            value = literal(statement.strip(), span)
            for name in ("statement", "cedar", "definition"):
                value = Value("map", span, fields=(Field(name, span, value),))
            made.append(resource("cedar-file", f"{inp.path.rsplit('/', 1)[-1]} line {span.line}", "cedar", span, value))
    return Contribution(resources=tuple(made))
