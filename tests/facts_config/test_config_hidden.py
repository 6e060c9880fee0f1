"""Hidden characters, and the natural text that is not one."""

from __future__ import annotations

import pytest

from agentlint.facts.hidden import runs_of
from agentlint.facts.hidden_decode import decode


def tags(text):
    return "".join(chr(0xE0000 + ord(char)) for char in text)


def selectors(data):
    return "".join(chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16) for byte in data)


def bits(data):
    return "".join("\u200b" if bit == "0" else "\u200c" for byte in data for bit in f"{byte:08b}")


@pytest.mark.parametrize(
    "text",
    [
        "plain\ttext\r\nover\x0clines", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f 1\ufe0f\u20e3 \U0001f44d\U0001f3fd",
        "\U0001f3f4" + tags("gbeng") + "\U000e007f", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0915\u094d\u200d\u0937",
        "\u05e9\u05dc\u05d5\u05dd \u2067abc\u2069 \u200fx", "\u845b\U000e0100", "co\u00adop\u00ader\u00adate", "\u0e01\u200b\u0e02",
        r"[\U000E0000-\U000E007F]",
    ],
)  # fmt: skip
def test_natural_text_is_no_finding(text):
    assert list(runs_of(text, "instructions")) == []


@pytest.mark.parametrize(
    ("text", "kind", "level", "decoded"),
    [
        ("a" + tags("obey me"), "markdown", "high", "obey me"),
        ("\U0001f3f4" + tags("run the attack") + "\U000e007f", "markdown", "high", "run the attack"),
        ("x" + selectors(b"print(1)"), "python", "high", "print(1)"),
        ("a" + bits(b"run rm") + "b", "skill", "high", "run rm"),
        ("if a\u202e:", "python", "high", ""),
        ("a \u2066b", "python", "high", ""),
        (r'"\udb40\udc48\udb40\udc49\udb40\udc48\udb40\udc49"', "json", "high", "HIHI"),
        (r"\U000E0048\U000E0049\U000E0048\U000E0049", "python", "high", "HIHI"),
        ("ig\u200bnore", "instructions", "medium", ""),
        ("ig\u200bnore", "markdown", "low", ""),
        ("a\x1b[8mb", "skill", "medium", ""),
        ("let a\u3164 = 1", "javascript", "medium", ""),
        ("ok();" + " " * 400 + "evil()", "javascript", "medium", "evil()"),
    ],
)
def test_hidden_text_is_found_and_decoded(text, kind, level, decoded):
    (run,) = runs_of(text, kind)
    assert (run.level, decode(run.text)) == (level, decoded)
