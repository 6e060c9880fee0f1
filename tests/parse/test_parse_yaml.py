from __future__ import annotations

import pytest

from agentlint.core.limits import MAX_NODES
from agentlint.parse.document import Document
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text
from agentlint.parse.yaml import parse_yaml


def root(source: str):
    document = parse_yaml(Text(source))
    assert isinstance(document, Document), document
    return document.root


def test_keys_are_strings_and_scalars_are_typed_as_in_yaml_1_2():
    node = root("on: push\n1: yes\nnull: off\na: true\nb: 012\nc: 0x1F\nd: 1.5\ne: ~\nf: 'true'\ng: 1_000\nh: .inf\ni: 1e3\n")
    assert node.plain() == {
        "on": "push", "1": "yes", "null": "off", "a": True, "b": "012", "c": 31, "d": 1.5, "e": None, "f": "true", "g": "1_000",
        "h": float("inf"), "i": 1000.0,
    }  # fmt: skip


def test_places():
    node = root("a:\n  é: 'x y' # note\n  l: [1, {k: v}]\n")
    member = node.get("a").member("é")
    assert (member.key_span.line, member.key_span.column, member.key_span.end_column) == (2, 3, 4)
    assert (member.value.span.column, member.value.span.end_column) == (6, 11)
    assert node.get("a").span.end_line == 3
    assert node.at("a", "l").items[1].get("k").span.column == 14


def test_lines_are_those_of_editors():
    assert root("a: 'x\u2028y\x85z'\nb: 1\n").member("b").key_span.line == 2
    assert root("a: 1\r\nb: 2\r\n").member("b").key_span.line == 2


def test_several_documents():
    document = parse_yaml(Text("a: 1\n---\nb: &x 2\n---\nc: *x\n"))
    assert [node.plain() for node in document.roots] == [{"a": 1}, {"b": 2}, {"c": None}]  # anchors end with their document


def test_tags_stay():
    node = root("a: !Ref Foo\nb: !Join ['', [x]]\nc: !GetAtt {x: 1}\nd: !!str 5\ne: !!int '5'\n")
    assert (node.get("a").kind, node.get("a").tag, node.get("a").text) == ("expr", "!Ref", "Foo")
    assert (node.get("b").kind, node.get("b").tag) == ("seq", "!Join")
    assert node.get("c").tag == "!GetAtt"
    assert (node.get("d").scalar, node.get("e").scalar) == ("5", 5)


def test_aliases_and_merges():
    node = root("x: &x {a: 1, b: 2}\ny: *x\nz:\n  <<: *x\n  b: 3\nw: {<<: [*x, {c: 4}]}\n")
    assert node.get("y") is node.get("x")
    assert node.get("z").plain() == {"a": 1, "b": 3}
    assert node.get("w").plain() == {"a": 1, "b": 2, "c": 4}


def test_an_alias_inside_its_own_anchor_is_null():
    node = root("a: &a\n  b: *a\n")
    assert node.at("a", "b").kind == "null"


def test_alias_bombs_stay_small():
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
    assert sum(1 for _ in root(bomb).walk()) < 10_000
    wide = "a: &a [" + "x, " * 40 + "]\nb: [" + "*a, " * 20_000 + "]\n"
    document = parse_yaml(Text(wide))
    assert isinstance(document, ParseProblem) or sum(1 for _ in document.root.walk()) <= MAX_NODES + 1


@pytest.mark.parametrize(
    "source", ["[" * 3_000_000, "{" * 30_000, "- " * 100_000, "{a: " * 30_000, "? " * 100_000, "[a, " * 30_000]
)
def test_depth_is_capped(source):
    assert parse_yaml(Text(source)).kind == "cap"


@pytest.mark.parametrize("source", ["a: b: c", "a: [1", "\t- x", "a: 'x", "*x: 1\n- y", "%YAML", "a: \x1b"])
def test_broken_input_is_a_problem(source):
    assert isinstance(parse_yaml(Text(source)), ParseProblem)


def test_templates_are_read_with_their_values_unknown():
    source = "{{- if .Values.on }}\nimage: {{ .Values.image }}\nport: 80\n{{ .Values.key }}: x\n{{ toYaml .x | nindent 2 }}\n{{- end }}\n"
    document = parse_yaml(Text(source))
    assert document.templated
    node = document.root
    assert (node.get("image").kind, node.get("image").scalar) == ("expr", "{{ .Values.image }}")
    assert node.get("port").span.line == 3
    assert node.get("{{ .Values.key }}").text == "x"


def test_a_file_that_parses_is_not_touched():
    document = parse_yaml(Text('a: "{{ x }}"\nicon: "\ue000"\n'))
    assert not document.templated
    assert document.root.plain() == {"a": "{{ x }}", "icon": "\ue000"}


def test_unclosed_templates_cost_nothing():
    assert isinstance(parse_yaml(Text("a: b: {{" + "{{ {% {# " * 200_000)), ParseProblem)


def test_empty():
    assert parse_yaml(Text("")).roots == []
    assert parse_yaml(Text("# only a comment\n")).roots == []
