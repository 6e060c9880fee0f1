"""Which comments are inline ignores, and which line they speak about."""

from __future__ import annotations

import pytest

from agentlint.facts.ignores import ignores_in


def one(source: str, kind: str = "python"):
    (found,) = ignores_in(source, kind)
    return found


def test_comment_at_the_end_of_a_line_speaks_about_that_line():
    found = one("a = 1\nrun(x)  # agentlint: ignore[AL401] input is an enum\n")
    assert (found.line, found.rules, found.reason) == (2, ("AL401",), "input is an enum")
    assert (found.span.line, found.span.column) == (2, 9)


def test_comment_alone_speaks_about_the_next_line_of_code():
    assert one("# agentlint: ignore[AL401] why not\n\n# another comment\nrun(x)\n").line == 4


def test_ignore_file_speaks_about_line_zero():
    found = one("x = 1\n# agentlint: ignore-file[AL401,shell-injection] generated code\n")
    assert (found.line, found.rules) == (0, ("AL401", "shell-injection"))


@pytest.mark.parametrize(
    "text",
    ["# agentlint: ignore[AL401]", "# agentlint: ignore[AL401] --", "# agentlint: ignore[AL401]  # noqa: S602"],
)
def test_no_words_are_no_reason(text):
    assert one(f"x = 1  {text}\n").reason == ""


def test_other_comment_before_it_is_fine():
    assert one("x = 1  # noqa: S602  # agentlint: ignore[AL401] reviewed\n").reason == "reviewed"


@pytest.mark.parametrize(
    "source",
    [
        'x = "# agentlint: ignore[AL401] reason"\n',
        '"""\n# agentlint: ignore[AL401] reason\n"""\n',
        "# agentlint: something else\n",
        "# agentlint: ignored[AL401] reason\n",
    ],
)
def test_what_is_no_ignore_in_python(source):
    assert ignores_in(source, "python") == ()


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("javascript", "x()  // agentlint: ignore[AL401] reason"),
        ("mcp-client", '"a": 1, // agentlint: ignore[AL401] reason'),
        ("instructions", "Do it. <!-- agentlint: ignore[AL401] reason -->"),
        ("prompt", "Hello {{ x }} {# agentlint: ignore[AL401] reason #}"),
        ("dotenv", "KEY=1 ; agentlint: ignore[AL401] reason"),
        ("yaml", "a: 1 # agentlint: ignore[AL401] reason"),
        ("terraform", "a = 1 # agentlint: ignore[AL401] reason"),
        ("terraform", "a = 1 // agentlint: ignore[AL401] reason"),
        ("dockerfile", "# agentlint: ignore[AL401] reason"),
    ],
)
def test_comment_forms(kind, line):
    found = one(line + "\n", kind)
    assert (found.rules, found.reason) == (("AL401",), "reason")


def test_a_form_of_another_format_is_text():
    assert ignores_in("# agentlint: ignore[AL401] an example in a heading\n", "markdown") == ()
    assert ignores_in("url: http://agentlint: ignore[AL401] reason\n", "javascript") == ()


def test_line_endings_do_not_move_lines():
    for newline in ("\n", "\r\n", "\r"):
        found = one(f"a = 1{newline}b = 2  # agentlint: ignore[AL401] reason{newline}")
        assert (found.line, found.reason) == (2, "reason")


def test_broken_python_keeps_the_ignores_before_the_break():
    assert one("x = 1  # agentlint: ignore[AL401] reason\ny = (\n").line == 1


def test_long_hostile_lines_are_cheap():
    line = "x = 1  #" + " agentlint: ignore[" * 20_000
    assert len(ignores_in(line + "\n", "yaml")) <= 1
