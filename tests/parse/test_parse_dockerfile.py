from __future__ import annotations

from agentlint.parse.document import Document
from agentlint.parse.dockerfile import parse_dockerfile
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text


def instructions(source: str):
    document = parse_dockerfile(Text(source))
    assert isinstance(document, Document)
    return document.root.items


def test_words_and_options():
    node = instructions("from --platform=$X python:3.11 AS base")[0]
    assert node.tag == "FROM"
    assert [item.text for item in node.items] == ["--platform=$X", "python:3.11", "AS", "base"]
    assert (node.items[1].span.column, node.items[1].span.end_column) == (20, 31)


def test_pairs():
    nodes = instructions('ARG A=1 B\nENV X="a b" Y=2 \\\n  # note\n\n    Z=3\nENV OLD the rest')
    assert nodes[0].items[0].plain() == {"A": "1", "B": None}
    assert nodes[1].items[0].plain() == {"X": "a b", "Y": "2", "Z": "3"}
    assert nodes[1].items[0].member("Z").key_span.line == 5
    assert nodes[1].items[0].member("Z").key_span.column == 5
    assert nodes[2].items[0].plain() == {"OLD": "the rest"}


def test_commands():
    nodes = instructions(
        'RUN --mount=type=secret,id=x a \\\n  # c\n  && b\nCMD ["a", "b\\"c"]\nHEALTHCHECK --interval=5s CMD curl x\nONBUILD RUN ls'
    )
    assert [(item.tag, item.text) for item in nodes[0].items] == [("", "--mount=type=secret,id=x"), ("shell", "a   && b")]
    assert nodes[0].items[1].span.end_line == 3
    assert nodes[1].items[0].tag == "exec"
    assert [item.text for item in nodes[1].items[0].items] == ["a", 'b"c']
    assert [item.text for item in nodes[2].items] == ["--interval=5s", "CMD", "curl x"]
    assert nodes[3].items[0].tag == "RUN"


def test_here_documents_are_no_instructions():
    nodes = instructions(
        "FROM a\nRUN <<EOF bash\nUSER root\nEOF\nCOPY <<-'X' /f\n\tUSER root\n\tX\nRUN cat <<<x && echo $((1<<2)) <<NEVER\nUSER app"
    )
    assert [node.tag for node in nodes] == ["FROM", "RUN", "COPY", "RUN", "USER"]
    assert nodes[1].items[-1].text == "USER root\n"
    assert nodes[1].items[-1].span.line == 3


def test_escape_directive():
    nodes = instructions("# escape=`\nFROM a\nRUN dir `\n  C:\\\nUSER x")
    assert [node.tag for node in nodes] == ["FROM", "RUN", "USER"]


def test_a_file_without_instructions_is_a_problem():
    assert isinstance(parse_dockerfile(Text("{{ all }}\n")), ParseProblem)
    assert parse_dockerfile(Text("")).root.items == []


def test_hostile_input():
    parse_dockerfile(Text("RUN x <<A\n" * 50_000))
    parse_dockerfile(Text("RUN " + "\\\n" * 200_000 + "x"))
    parse_dockerfile(Text("ONBUILD " * 100_000 + "RUN x"))
    parse_dockerfile(Text("CMD " + "[" * 100_000 + "]"))
    parse_dockerfile(Text("ENV " + "'\"" * 100_000))
