from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentlint.core.limits import MAX_DEPTH, MAX_NODES
from agentlint.parse.document import Document
from agentlint.parse.json import parse_json
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


def at(text: Text, span) -> str:
    return text.data[text.offset(span.line, span.column) : text.offset(span.end_line, span.end_column)]


@settings(max_examples=150, deadline=None)
@given(values, st.sampled_from([None, 0, 2, "\t"]), st.booleans(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_text_at_a_span_is_the_value(value, indent, ascii_only, newline):
    text = Text(json.dumps(value, indent=indent, ensure_ascii=ascii_only).replace("\n", newline))
    document = parse_json(text)
    assert isinstance(document, Document)
    assert document.root.plain() == value
    for _, member, node in document.root.walk():
        assert json.loads(at(text, node.span), strict=False) == node.plain()
        if member is not None:
            assert json.loads(at(text, member.key_span), strict=False) == member.key


def test_comments_and_trailing_commas():
    text = Text('// a\n{ /* b\n */ "x": [1, 2,], // c\n "u": "http://h/*x*/", }\n')
    document = parse_json(text)
    assert document.root.plain() == {"x": [1, 2], "u": "http://h/*x*/"}
    assert document.root.member("x").key_span.line == 3


def test_repeated_keys_are_kept_and_the_last_counts():
    root = parse_json(Text('{"a": 1, "a": 2}')).root
    assert [member.value.scalar for member in root.members] == [1, 2]
    assert root.get("a").scalar == 2


def test_surrogates():
    assert parse_json(Text(r'"\ud83d\ude00 \ud83d"')).root.scalar == "😀 \ufffd"


def test_part_of_a_text_keeps_its_places():
    text = Text('CMD\n ["a", "b"] rest')
    root = parse_json(text, 5, 15).root
    assert [(item.text, item.span.line, item.span.column) for item in root.items] == [("a", 2, 3), ("b", 2, 8)]


@pytest.mark.parametrize(
    ("source", "line"),
    [("{", 1), ('{"a":\n}', 2), ('{"a": 1\n "b": 2}', 2), ("[1 2]", 1), ('"a\nb"', 1), ("[1]\nx", 2), ("/* x", 1), ("[}", 1), ("{,}", 1),
     ("01", 1), ("tru", 1), ("1 2", 1), ("'a'", 1), ('{"a"', 1), ('{"a": ', 1)],
)  # fmt: skip
def test_errors_name_the_line(source, line):
    problem = parse_json(Text(source))
    assert isinstance(problem, ParseProblem)
    assert (problem.line, problem.kind) == (line, "parse-error")


def test_an_empty_file_has_no_roots():
    assert parse_json(Text(" \n")).roots == []


@pytest.mark.parametrize("source", ["[" * 1_000_000, '{"a":' * 1_000_000, "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)])
def test_depth_is_capped(source):
    assert parse_json(Text(source)).kind == "cap"


def test_size_is_capped():
    assert parse_json(Text("[" + "1," * (MAX_NODES + 1) + "]")).kind == "cap"


def test_huge_numbers_cost_nothing():
    assert parse_json(Text("9" * 1_000_000)).root.kind == "float"
