from __future__ import annotations

import pytest

from agentlint.parse.template import parse_template
from agentlint.parse.text import Text


def found(source: str):
    return [(variable.name, variable.syntax) for variable in parse_template(Text(source)).variables]


def test_every_kind_of_interpolation():
    source = 'Hi {name} {{ x.y }} {% if a %} ${z} {{{raw}}} {"json": {"a": 1}} {a!r:>3} {# note #} {items[0]}'
    assert found(source) == [
        ("name", "single"), ("x.y", "double"), ("if", "statement"), ("z", "dollar"), ("raw", "double"), ("a", "single"),
        ("note", "comment"), ("items[0]", "single"),
    ]  # fmt: skip


def test_code_is_no_interpolation():
    assert found("function f() { return 1 } {} {1} { x }") == []


def test_places():
    variable = parse_template(Text("a\né {name}")).variables[0]
    assert (variable.span.line, variable.span.column, variable.span.end_column) == (2, 3, 9)


@pytest.mark.parametrize(
    "heading",
    [
        "system:",
        "System Prompt:",
        "# System:",
        "<|im_start|>system",
        "<|system|>",
        "[SYSTEM]",
        "<system>",
        "**system**:",
        "{{#system~}}",
    ],
)
def test_roles(heading):
    template = parse_template(Text(f"{heading}\nYou are {{x}}\nuser:\nHi {{y}}\n"))
    assert [section.role for section in template.sections] == ["system", "user"]
    line = [variable.span for variable in template.variables if variable.name in ("x", "y")]
    assert [template.role_at(span.line, span.column) for span in line] == ["system", "user"]


def test_prose_has_no_roles():
    assert parse_template(Text("The system is good.\nUsers like it: yes\n")).sections == ()


def test_hostile_input_takes_linear_time():
    for piece in ("{a" * 500_000, "{{ " * 300_000, "#" * 500_000, "{a[" * 300_000):
        parse_template(Text(piece))
