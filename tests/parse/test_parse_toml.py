from __future__ import annotations

import importlib
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentlint.parse.document import Document
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text
from agentlint.parse.toml import parse_toml

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

SOURCE = """\
# comment
title = "a\\tb\\u00e9"
a.b.c = 1
a."x y" = 2
list = [1, 2.5, "x", ['y'], # note
  { k = 'v' },
]
inline = { x = 1, y.z = "s" }
long = \"\"\"
line1
line2 \\
   joined \\\"""quoted\"\"\"\"
raw = '''raw \\n'''
n = 1_000
h = 0xFF
neg = -17
inf = -inf
off = false
[tbl]
k = true
[tbl.sub."q r"]
k = 1
[[arr]]
n = 1
[[arr.inner]]
m = 1
[[arr]]
n = 2
[arr.child]
z = 1
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_values_are_those_of_the_standard_library(newline):
    document = parse_toml(Text(SOURCE.replace("\n", newline)))
    assert isinstance(document, Document), document
    assert document.root.plain() == tomllib.loads(SOURCE)


def test_places():
    text = Text(SOURCE)
    root = parse_toml(text).root
    assert (root.member("a").key_span.line, root.at("a", "b").members[0].key_span.column) == (3, 5)
    assert text.lines[root.get("neg").span.line - 1] == "neg = -17"
    for _, member, node in root.walk():
        if member is not None and node.kind == "int":
            line = text.lines[node.span.line - 1]
            assert int(line[node.span.column - 1 : node.span.end_column - 1].replace("_", ""), 0) == node.scalar
    second = root.get("arr").items[1]
    assert text.lines[second.span.line - 1] == "[[arr]]"


def test_dates_are_strings():
    assert parse_toml(Text("a = 2020-01-01 10:00:00Z\nb = 10:00:00\n")).root.plain() == {
        "a": "2020-01-01 10:00:00Z",
        "b": "10:00:00",
    }


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.integers(-(2**62), 2**62) | st.booleans() | st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_strings_and_numbers_survive(values):
    import json

    source = "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n".replace("\x7f", "\\u007f") for key, value in values.items()
    )
    assert parse_toml(Text(source)).root.plain() == values


@pytest.mark.parametrize(
    "source",
    [
        "a = ",
        "a",
        "[a",
        "a = [1",
        "a = [1 2]",
        "a = {b = 1",
        'a = "x',
        "[a]\n[a]",
        "x = 1 y = 2",
        "a = 1\na = 2",
        "= 1",
        "a.b = 1\na = 2",
        "[[a]]\n[a]",
    ],
)
def test_broken_input_is_a_problem(source):
    assert parse_toml(Text(source)).kind == "parse-error"


@pytest.mark.parametrize(
    "source", ["a." * 1_000_000 + "b = 1", "a = " + "[" * 1_000_000, "a = " + "{a = " * 100_000, "[" + "a." * 100_000 + "a]"]
)
def test_depth_is_capped(source):
    assert parse_toml(Text(source)).kind == "cap"


def test_many_tables_take_linear_time():
    document = parse_toml(Text("".join(f"[t{i}]\na = 1\n" for i in range(20_000))))
    assert len(document.root.members) == 20_000


def test_huge_numbers_are_a_problem_not_a_crash():
    assert isinstance(parse_toml(Text("a = " + "9" * 100_000)), ParseProblem)
