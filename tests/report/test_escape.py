from __future__ import annotations

import html
import xml.etree.ElementTree as ET

import pytest

from agentlint.core import escape
from report_samples import NASTY

UNSEEN = [
    "\x1b",
    "\x00",
    "\x07",
    "\x9b",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u2028",
    "\xad",
    "\U000e0041",
    "\udce9",
    "\u3164",
]


@pytest.mark.parametrize("char", UNSEEN)
@pytest.mark.parametrize(
    "function",
    [
        "for_terminal",
        "for_markdown",
        "for_html",
        "for_xml",
        "for_workflow_data",
        "for_workflow_property",
        "markdown_code",
    ],
)
def test_unseen_characters_become_visible_in_every_medium(function, char):
    shown = getattr(escape, function)(f"a{char}b")
    assert char not in shown
    assert f"{ord(char):x}" in shown


@pytest.mark.parametrize("text", ["plain", "日本語 é ñ", "emoji 😀", "a — b → c"])
def test_ordinary_text_stays_in_the_terminal(text):
    assert escape.for_terminal(text) == text


def test_terminal_text_is_one_line_without_tabs():
    assert escape.for_terminal("a\tb\nc\r") == "a    b\\nc\\r"


def test_logging_commands_of_build_systems_are_defused():
    shown = escape.for_terminal("##[error]x ##vso[task.setvariable]y")
    assert "##[" not in shown and "##vso[" not in shown


def test_workflow_command_data_and_properties():
    assert escape.for_workflow_data("100%\r\na\nb: c,d") == "100%25%0Aa%0Ab: c,d"
    assert escape.for_workflow_property("a:b,c%\n") == "a%3Ab%2Cc%25%0A"


def test_xml_parses_and_gives_the_text_back():
    root = ET.fromstring(f'<a b="{escape.for_xml(NASTY)}">{escape.for_xml(NASTY)}</a>')
    assert root.text == root.attrib["b"] == escape.visible(NASTY)


def test_html_has_no_markup_left():
    shown = escape.for_html("<img src=x onerror='a' title=\"b\">&amp;")
    assert not set("<>\"'") & set(shown) and html.unescape(shown) == "<img src=x onerror='a' title=\"b\">&amp;"


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://e/p.png)",
        "<img src=x>",
        "[a](b)",
        "`code`",
        "| cell |",
        "# head",
        "- item",
        "1. one",
        "@team",
        "https://evil",
        "www.evil.com",
        "$x$",
        "a\n\n# b",
        "**b** _i_ ~s~",
    ],
)
def test_markdown_renders_as_the_text_itself(text):
    markdown = (
        pytest.importorskip("markdown_it")
        .MarkdownIt("gfm-like", {"linkify": False, "html": True})
        .render(escape.for_markdown(text))
    )
    assert html.unescape(markdown.strip().removeprefix("<p>").removesuffix("</p>")) == text.replace("\n\n", " ")


@pytest.mark.parametrize("text", ["a`b", "``", "`", " x ", "", "a|b", "a\nb", "<script>"])
def test_markdown_code_span_cannot_be_left(text):
    rendered = pytest.importorskip("markdown_it").MarkdownIt().render(f"x {escape.markdown_code(text)} y").strip()
    assert rendered.startswith("<p>x <code>") and rendered.endswith("</code> y</p>") and rendered.count("<code>") == 1
