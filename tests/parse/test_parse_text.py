from __future__ import annotations

import pytest

from agentlint.core.place import Span
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text, decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_and_utf8_are_decoded(encoding):
    text = decode("é\nb".encode(encoding))
    assert isinstance(text, Text)
    assert text.data == "é\nb"
    assert not text.lossy


def test_other_bytes_are_read_as_latin_1_and_marked():
    text = decode(b"caf\xe9")
    assert (text.data, text.lossy) == ("café", True)


def test_python_is_as_strict_as_python():
    assert isinstance(decode(b"x = '\xe9'", python=True), ParseProblem)
    assert decode(b"#!/x\n# -*- coding: latin-1 -*-\nx = '\xe9'", python=True).data.endswith("'é'")
    assert decode(b"# a\n# b\n# coding: latin-1\n", python=True).encoding == "utf-8"


@pytest.mark.parametrize(
    "name", [b"zlib", b"hex", b"punycode", b"idna", b"rot13", b"unicode_escape", b"nonsense", b"undefined", b"../x"]
)
def test_declared_encodings_that_are_no_text_are_refused(name):
    assert isinstance(decode(b"# coding: " + name + b"\nx = 1\n", python=True), ParseProblem)


def test_nul_bytes_are_binary_and_named_with_their_line():
    problem = decode(b"a\nb\0c")
    assert isinstance(problem, ParseProblem)
    assert problem.line == 2


def test_broken_utf16_is_a_problem():
    assert isinstance(decode(b"\xff\xfe\x00"), ParseProblem)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_editors(newline):
    text = Text(newline.join(["a\u2028b\x0cc", "", "é😀x"]))
    assert text.lines == ["a\u2028b\x0cc", "", "é😀x"]
    assert text.position(text.data.index("x")) == (3, 3)
    assert text.data[text.offset(3, 2)] == "😀"
    assert text.span(0, len(text.data)) == Span(1, 1, 3, 4)


def test_positions_at_the_ends():
    assert Text("").position(0) == (1, 1)
    assert Text("a\n").position(2) == (2, 1)
    assert Text("a").offset(9, 9) == 1
