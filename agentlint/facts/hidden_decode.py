"""What hidden characters spell."""

from __future__ import annotations

from agentlint.core import lazy

_MAX = 400
_BITS = 8
_ESCAPE = lazy.pattern(r"(?i)\\u(db40)\\u(d[c-f][0-9a-f]{2})|(?:\\U000|\\u\{0{0,2}|&#x)(e0[01][0-9a-f]{2})|&#(\d{6});")


def decode(run: str) -> str:
    """Return the text that ``run`` spells in one of the known ways, cut to 400 characters; empty when there is none.

    Known are: tag characters (ASCII moved up), variation selectors (one byte each), two kinds of zero-width
    characters as bits,
    escape sequences of the first two, and text that stands there in the open behind blanks.
    """
    points = [ord(char) for char in run[: _MAX * 10]]
    if run.startswith(("\\", "&#")):
        points = _unescaped(run[: _MAX * 14])
    if points and points[0] < 0xA0 and not run.startswith(("\\", "&#")):
        return run[:_MAX] if run.isprintable() else ""
    tags = "".join(chr(point - 0xE0000) for point in points if 0xE0020 <= point <= 0xE007E)
    if tags:
        return tags[:_MAX]
    data = bytes(byte for point in points if (byte := _selector(point)) >= 0)
    if len(data) > 1:
        return _readable(data)
    return _bits(points)


def _selector(point: int) -> int:
    if 0xFE00 <= point <= 0xFE0F:
        return point - 0xFE00
    return point - 0xE0100 + 16 if 0xE0100 <= point <= 0xE01EF else -1


def _unescaped(text: str) -> list[int]:
    found = []
    for match in _ESCAPE.finditer(text):
        if match[2]:
            found.append(0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00)
        else:
            found.append(int(match[3], 16) if match[3] else int(match[4]))
    return found


def _readable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    good = sum(char.isprintable() or char in "\n\t" for char in text)
    return text[:_MAX] if text and good >= len(text) * 0.8 and "\ufffd" not in text else ""


def _bits(points: list[int]) -> str:
    kinds = sorted(set(points))
    if len(kinds) != 2 or len(points) < _BITS:
        return ""
    for zero in kinds:
        bits = "".join("0" if point == zero else "1" for point in points)
        whole = len(bits) // _BITS * _BITS
        text = _readable(bytes(int(bits[i : i + _BITS], 2) for i in range(0, whole, _BITS)))
        if text and text.isascii():
            return text
    return ""
