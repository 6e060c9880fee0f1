"""What tells a live credential from a placeholder, a cut-off sample or a piece of other data."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from itertools import pairwise

from agentlint.core import lazy

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WORD = lazy.pattern(
    r"example|sample|dummy|placeholder|change.?me|replace|redacted|your[-_]|[-_]your|insert[-_]|fake|mock[-_]|notreal|"
    r"not[-_]a[-_]real|xxxx|0000000|1234567|abcdefg|deadbeef|foobar|[-_]here(?![a-z])|(?<![a-z])(?:test|demo)[-_]|[-_](?:test|demo)(?![a-z])",
    re.IGNORECASE,
)
_SAME = lazy.pattern(r"(.)\1{5}")
_OPEN = lazy.pattern(r"(?:<|\$\{|\{\{|%\(|\$\()[^<>{}\n]{0,20}$")
_CUT_OFF = lazy.pattern(r"(?:\.\.\.|…|\*\*\*|<|\$\{|\{)")
_RUN = lazy.pattern(r"[A-Za-z0-9+/_=-]*")
_MIN_RUN = 12
_LONG_RUN = 20
_LOOK = 256


def entropy(text: str) -> float:
    """Return the Shannon entropy of ``text`` in bits per character (0 for an empty text)."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values()) if size else 0.0


def base62(number: int, width: int) -> str:
    """Return ``number`` in base 62 (digits, upper case, lower case), padded with zeros to ``width`` characters."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(width, "0")


def checksum_holds(scheme: str, secret: str) -> bool:
    """Tell whether the last characters of ``secret`` are the checksum that ``scheme`` demands; true for no scheme.

    ``crc32-base62`` (GitHub, npm, Vercel): six characters, the CRC-32 of what stands between the prefix and them.
    """
    if scheme != "crc32-base62":
        return True
    body, check = secret.partition("_")[2][:-6], secret[-6:]
    return base62(zlib.crc32(body.encode("ascii", "replace")), 6) == check


def is_placeholder(secret: str, before: str, after: str) -> bool:
    """Tell whether ``secret`` is made up; ``before`` and ``after`` are what stands next to it on its line."""
    if _WORD.search(secret) or _SAME.search(secret) or secret.endswith("EXAMPLE"):
        return True
    if _OPEN.search(before) or _CUT_OFF.match(after):
        return True
    return _is_sequential(secret) or _repeats(secret)


def _is_sequential(secret: str) -> bool:
    """Tell whether eight neighbours count up or down (``abcdefgh``, ``87654321``)."""
    codes = [ord(char) for char in secret]
    up = down = 0
    for left, right in pairwise(codes):
        up = up + 1 if right - left == 1 else 0
        down = down + 1 if left - right == 1 else 0
        if up >= 6 or down >= 6:
            return True
    return False


def _repeats(secret: str) -> bool:
    """Tell whether the text is mostly one piece written again and again."""
    pairs = len(secret) - 1
    if pairs < 15:
        return False
    distinct = len({secret[i : i + 2] for i in range(min(pairs, 200))})
    return distinct < min(pairs, 200) * 0.5


def in_longer_run(data: str, start: int, end: int) -> bool:
    """Tell whether the hit is a piece of a longer encoded text, such as an image in base64 or a signed token."""
    left = data[max(0, start - _LOOK) : start]
    right = data[end : end + _LOOK]
    if left and (_joins(left[-1])):
        run = _RUN.match(left[::-1])
        if run is not None and _looks_encoded(run[0]):
            return True
    if right and _joins(right[0]):
        run = _RUN.match(right)
        if run is not None and _looks_encoded(run[0]):
            return True
    return "base64," in left[-40:] and _RUN.fullmatch(left[left.rfind("base64,") + 7 :]) is not None


def _joins(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in "+/_-=")


def _looks_encoded(run: str) -> bool:
    long_enough = len(run) >= (_MIN_RUN if "+" in run or "/" in run else _LONG_RUN)
    kinds = (str.isupper, str.islower, str.isdigit)
    return long_enough and all(any(kind(char) for char in run) for kind in kinds)
