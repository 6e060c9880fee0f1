"""Prompt templates: what they interpolate, and their role sections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentlint.core import lazy
from agentlint.parse.blank import regions

if TYPE_CHECKING:
    from agentlint.core.place import Span
    from agentlint.parse.text import Text

Syntax = Literal["single", "double", "dollar", "statement", "comment"]

_SINGLE = lazy.pattern(r"(\$?)\{([A-Za-z_][\w.]{0,100}(?:\[[\w'\"]{0,60}\]){0,5})(?:![rsa])?(?::[^{}\n]{0,40})?\}")
_NAME = lazy.pattern(r"[{%#\-+~#^/&>\s]*([A-Za-z_$.][\w.$]{0,100})")
_ROLE = lazy.pattern(
    r"[ \t]{0,8}(?:"
    r"<\|(?:(?:im_start|start_header_id)\|>)?[ \t]?(system|user|assistant|developer|tool)\b"
    r"|(?:\#{1,4}[ \t]*|\*\*|\[|<)?(system|user|assistant|human|ai|developer)"
    r"(?:[ \t]{1,2}(?:prompt|message|instructions))?"
    r"(?::(?:\*\*)?|\]:?|>|\*\*:?|:\])[ \t]*(?:$|(?=\S))"
    r"|<message[ \t]{1,4}role=[\"'](system|user|assistant|developer)[\"']"
    r"|\{\{#(system|user|assistant)[~}]"
    r"|\{%[-~]?[ \t]{0,4}(?:message|chat|role)[ \t]{1,4}(?:role[ \t]?=[ \t]?)?[\"']?(system|user|assistant)\b"
    r")",
    re.IGNORECASE,
)
_ROLES = {"human": "user", "ai": "assistant", "developer": "system"}
_MAX_LINE = 500


@dataclass(slots=True, frozen=True)
class Variable:
    """One interpolation. ``name`` is the variable (for a statement, its first word), ``source`` the whole text."""

    name: str
    source: str
    span: Span
    syntax: Syntax


@dataclass(slots=True, frozen=True)
class Section:
    """The text of one message role, from the line after its heading (or the heading's rest) to the next heading."""

    role: str
    span: Span
    start: int
    end: int


@dataclass(slots=True, frozen=True)
class PromptTemplate:
    """``sections`` is empty when the template marks no roles."""

    variables: tuple[Variable, ...]
    sections: tuple[Section, ...]

    def role_at(self, line: int, column: int) -> str:
        """Return the role of the section that holds a place, an empty string if none does."""
        for section in self.sections:
            span = section.span
            if (span.line, span.column) <= (line, column) < (span.end_line, span.end_column):
                return section.role
        return ""


def parse_template(text: Text) -> PromptTemplate:
    """Find the interpolations and role sections of a prompt template; never fails."""
    data = text.data
    double = regions(data)
    found = [_double(text, start, end) for start, end in double]
    index = 0
    for match in _SINGLE.finditer(data):
        while index < len(double) and double[index][1] <= match.start():
            index += 1
        if index < len(double) and double[index][0] < match.end():
            continue
        syntax: Syntax = "dollar" if match[1] else "single"
        found.append(Variable(match[2], match[0], text.span(match.start(), match.end()), syntax))
    return PromptTemplate(tuple(sorted(found, key=lambda variable: variable.span)), tuple(_sections(text)))


def _double(text: Text, start: int, end: int) -> Variable:
    source = text.data[start:end]
    syntax: Syntax = "statement" if source[1] == "%" else "comment" if source[1] == "#" else "double"
    name = _NAME.match(source, 2)
    return Variable(name[1] if name else "", source, text.span(start, end), syntax)


def _sections(text: Text) -> list[Section]:
    heads: list[tuple[str, int, int]] = []
    for start, line in zip(text.starts, text.lines, strict=True):
        match = _ROLE.match(line[:_MAX_LINE])
        if match is not None:
            role = next(group for group in match.groups() if group).lower()
            heads.append((_ROLES.get(role, role), start, start + match.end()))
    ends = [start for _, start, _ in heads[1:]] + [len(text.data)] * bool(heads)
    return [Section(role, text.span(begin, end), begin, end) for (role, _, begin), end in zip(heads, ends, strict=True)]
