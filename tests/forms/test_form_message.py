"""Messages show scanned values without trusting them."""

from __future__ import annotations

from agentlint.engine.forms.message import escape, fill, show


def test_placeholders_are_filled_and_unknown_names_show_a_question_mark():
    values = {"name": "shop", "count": 3, "flag": True, "list": ["a", "b"]}
    assert fill("{name}: {count} {flag} {list} {other}", values.get) == "shop: 3 true a, b ?"


def test_a_value_is_not_searched_for_placeholders_or_format_fields():
    assert fill("{a}", {"a": "{b} {0.__class__} %s", "b": "secret"}.get) == "{b} {0.__class__} %s"


def test_values_are_cut_to_eighty_characters():
    assert len(show("x" * 5000)) == 80
    assert len(show(["x" * 70] * 9)) <= 80


def test_control_and_invisible_characters_are_spelled_out():
    shown = escape("a\x1b[31m\u202e\U000e0041\n")
    assert shown == "a\\u{1b}[31m\\u{202e}\\u{e0041}\\n"
    assert escape("naïve 日本 ok") == "naïve 日本 ok"
