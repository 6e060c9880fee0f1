from __future__ import annotations

from agentlint.parse.dotenv import parse_dotenv
from agentlint.parse.text import Text


def test_values_quotes_and_comments():
    source = 'A=1\r\nexport B="x \\"y\\"" # c\n# D=1\nC=\'multi\nline=x\'\nE=abc # note\nF=#\nG=a#b\n  H = i \nnot a line\nI=\nJ=\'open\n'
    root = parse_dotenv(Text(source)).root
    assert root.plain() == {
        "A": "1",
        "B": 'x "y"',
        "C": "multi\nline=x",
        "E": "abc",
        "F": "",
        "G": "a#b",
        "H": "i",
        "I": "",
        "J": "'open",
    }


def test_places():
    root = parse_dotenv(Text("\nexport KEY='v'\n")).root
    member = root.members[0]
    assert (member.key_span.line, member.key_span.column) == (2, 8)
    assert (member.value.span.column, member.value.span.end_column) == (12, 15)


def test_many_open_quotes_take_linear_time():
    assert len(parse_dotenv(Text('A="x\n' * 20_000)).root.members) >= 1
