from __future__ import annotations

from agentlint.parse.markdown import parse_markdown
from agentlint.parse.text import Text


def test_front_matter_and_body_keep_their_lines():
    text = Text("---\nname: x\ntools: [a, b]\n---\n# Hi\n```Bash\nls\n```\n> ~~~\n> q\n")
    file = parse_markdown(text)
    assert file.front.plain() == {"name": "x", "tools": ["a", "b"]}
    assert file.front.member("tools").key_span.line == 3
    assert file.body_span.line == 5
    assert text.data[file.body_start :].startswith("# Hi")
    assert [(fence.language, text.data[fence.start : fence.end]) for fence in file.fences] == [("bash", "ls\n"), ("", "> q\n")]
    assert file.fences[0].span.line == 7


def test_front_matter_that_is_no_yaml_is_read_by_line():
    file = parse_markdown(
        Text("---\ndescription: Use when: always\n  and more\nglobs: *.py\ntools:\n  - Bash\n  - 'Read'\n---\nbody")
    )
    assert file.front.plain() == {"description": "Use when: always and more", "globs": "*.py", "tools": ["Bash", "Read"]}
    assert file.problem is not None
    assert file.front.member("globs").value.span.line == 4


def test_toml_front_matter():
    assert parse_markdown(Text("+++\na = 1\n+++\nx")).front.plain() == {"a": 1}


def test_without_front_matter():
    for source in ("", "# x\n---\na: 1\n---\n", "---\nnever closed\n"):
        file = parse_markdown(Text(source))
        assert file.front is None
        assert file.body_start == 0


def test_windows_line_ends():
    file = parse_markdown(Text("---\r\nname: x\r\n---\r\nbody\r\n"))
    assert file.front.plain() == {"name": "x"}
    assert file.body_span.line == 4


def test_fences_close_only_with_as_many_marks():
    file = parse_markdown(Text("````md\n```py\nx\n```\n````\n```sh\ny"))
    assert [fence.language for fence in file.fences] == ["md", "sh"]


def test_hostile_front_matter_is_a_problem():
    file = parse_markdown(Text("---\na: " + "[" * 100_000 + "\n---\nbody"))
    assert file.problem is not None
    assert file.problem.kind == "cap"
