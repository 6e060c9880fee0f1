from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentlint.parse.api import Parsed, format_of, parse
from agentlint.parse.problem import ParseProblem


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [("mcp-client", ".codex/config.toml", "toml"), ("mcp-client", ".mcp.json", "json"), ("mcp-client", "x.yaml", "yaml"),
     ("mcp-server", "smithery.yaml", "yaml"), ("mcp-server", "manifest.json", "json"), ("instructions", ".cursorrules", "markdown"),
     ("agent-settings", ".aider.conf.yml", "yaml"), ("agent-settings", ".roomodes", "json"), ("prompt", "p.prompt.yml", "yaml"),
     ("prompt", "p.txt", "prompt"), ("prompt", "p.md", "prompt"), ("cloudformation", "t.template", "yaml"), ("cloudformation", "t.json", "json"),
     ("shell", "a.sh", "text"), ("javascript", "a.json", "text"), ("python", "a.py", "python")],
)  # fmt: skip
def test_kind_and_name_decide_the_format(kind, path, expected):
    assert format_of(kind, path) == expected


KINDS = ["python", "notebook", "json", "yaml", "toml", "markdown", "prompt", "dockerfile", "terraform", "dotenv", "text", "shell"]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(KINDS), st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_input_raises(kind, data):
    assert isinstance(parse(kind, "file", data), (Parsed, ParseProblem))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.lists(
        st.sampled_from(
            list("{}[]()\"'`#:=-,<>%!&*|\\\n\r\t aE01.~$/")
            + ["{{", "}}", "{%", "EOF", "RUN ", "---\n", "[[", '"""', "<<", "\ue000", "é"]
        ),
        max_size=60,
    ).map("".join),
)
def test_no_punctuation_raises(kind, source):
    assert isinstance(parse(kind, "file", source.encode()), (Parsed, ParseProblem))


def test_binary_data_is_a_problem_in_every_kind():
    for kind in KINDS:
        assert isinstance(parse(kind, "file", b"\x00\x01\x02"), ParseProblem)


def test_front_matter_is_the_document():
    parsed = parse("skill", "a/SKILL.md", b"---\nname: x\n---\nbody")
    assert parsed.document.root.plain() == {"name": "x"}
    assert parsed.markdown.body_start == 16
