from __future__ import annotations

import pytest

from agentlint.parse.document import Document
from agentlint.parse.hcl import parse_hcl
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text


def root(source: str):
    document = parse_hcl(Text(source))
    assert isinstance(document, Document), document
    return document.root


def test_blocks_labels_and_repeats():
    node = root('resource "t" "a" {\n  x = 1\n}\nresource "t" "b" {\n  inner {}\n  inner {\n    y = 2\n  }\n}\n')
    assert [member.key for member in node.members] == ["resource", "resource"]
    first, second = (member.value for member in node.members)
    assert (first.tag, first.get("__labels__").plain()) == ("resource", ["t", "a"])
    assert [member.key for member in second.members] == ["__labels__", "inner", "inner"]
    assert second.get("inner").get("y").scalar == 2


def test_values():
    node = root(
        'a = "x\\n\\"q\\" $${y}"\nb = 1.5\nc = -1\nd = true\ne = null\nf = ["s", var.y, 1,]\ng = { k = "v", "q" : 2, (var.k) = 3 }\n'
        'h = "a${var.x}b"\ni = jsonencode({a = 1})\nj = var.x ? 1 : 2\nk = [for s in l : s]\nl = ("p")\nm = ""\n'
    )
    assert node.get("a").scalar == 'x\n"q" ${y}'
    assert [node.get(key).scalar for key in "bcdelm"] == [1.5, -1, True, None, "p", ""]
    assert [(item.kind, item.scalar) for item in node.get("f").items] == [("str", "s"), ("expr", "var.y"), ("int", 1)]
    assert node.get("g").plain() == {"k": "v", "q": 2, "(var.k)": 3}
    assert [node.get(key).kind for key in "hijk"] == ["expr"] * 4
    assert node.get("h").scalar == '"a${var.x}b"'


def test_here_documents():
    node = root('a = <<-EOT\n    {"x": 1}\n      y\n  EOT\nb = <<EOT\n${v}\nEOT\n')
    assert (node.get("a").kind, node.get("a").tag, node.get("a").scalar) == ("str", "heredoc", '{"x": 1}\n  y\n')
    assert (node.get("b").kind, node.get("b").tag, node.get("b").scalar) == ("expr", "heredoc", "${v}\n")


def test_columns_count_code_points():
    node = root('é = "é😀" # x\nb = { "ü" = 1, c = 2 }\n')
    assert (node.get("é").span.column, node.get("é").span.end_column) == (5, 9)
    assert node.at("b", "c").span.column == 20


def test_templates():
    document = parse_hcl(Text('a = 1\n{% if x %}\nb = {{ y }}\nc = "{{ z }}w"\n{% endif %}\nd = [{{ v }}, "s"]\n'))
    assert document.templated
    assert [document.root.get(key).kind for key in "abcd"] == ["int", "expr", "expr", "seq"]
    assert document.root.get("c").scalar == '"{{ z }}w"'
    assert [item.kind for item in document.root.get("d").items] == ["expr", "str"]


@pytest.mark.parametrize(("source", "line"), [("a = 1\nb = \n", 2), ("a {", 1), ("a = [1,", 1), ("a = 1\n}\n", 2)])
def test_errors_name_the_line(source, line):
    problem = parse_hcl(Text(source))
    assert isinstance(problem, ParseProblem)
    assert abs(problem.line - line) <= 1


@pytest.mark.parametrize(
    "source", ["x = " + "[" * 300 + "]" * 300, "a {\n" * 1000 + "}\n" * 1000, "x = " + "{a=" * 500 + "1" + "}" * 500]
)
def test_depth_is_capped(source):
    assert parse_hcl(Text(source)).kind == "cap"


@pytest.mark.parametrize(
    "source",
    ["x = " + "(" * 50_000 + "1" + ")" * 50_000, "x = 1" + " + 1" * 50_000, "x = " + "[" * 100_000, "x = " + "-" * 10_000 + "1"],
)
def test_deep_expressions_do_no_harm(source):
    result = parse_hcl(Text(source))
    assert isinstance(result, (Document, ParseProblem))


def test_size_is_capped():
    assert parse_hcl(Text("# x\n" * 300_000)).kind == "cap"
