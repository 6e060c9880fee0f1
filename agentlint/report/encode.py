"""JSON that any parser accepts and any terminal survives: ASCII only, no lone surrogates, ends with a newline."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from agentlint.core import lazy
from agentlint.core.escape import scrub

_NOT_PLAIN = lazy.pattern("[\x7f-\U0010ffff]")


def to_json(data: Any) -> str:
    """Return plain ``data`` (maps, lists, strings, numbers, booleans, ``None``) as compact JSON."""
    text = bytes(encoded(data)).decode()
    # Outside strings JSON is ASCII, so every other character stands in a string, where an escape means the same.
    if text.isascii() and "\x7f" not in text:
        return text + "\n"
    return _NOT_PLAIN.sub(_escape, text) + "\n"


def encoded(data: Any) -> msgspec.Raw:
    """Return plain ``data`` as a finished piece of JSON that may stand inside data given to ``to_json``."""
    try:
        return msgspec.Raw(msgspec.json.encode(data))
    except UnicodeEncodeError:
        return msgspec.Raw(msgspec.json.encode(_scrubbed(data)))


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def _scrubbed(data: Any) -> Any:
    if isinstance(data, str):
        return scrub(data)
    if isinstance(data, dict):
        return {scrub(key): _scrubbed(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_scrubbed(value) for value in data]
    return data
