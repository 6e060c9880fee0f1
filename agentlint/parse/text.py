"""Bytes to text: encoding, and places in lines and columns."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from itertools import accumulate

from agentlint.core import lazy
from agentlint.core.place import Span
from agentlint.parse.problem import ParseProblem

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = lazy.pattern(rb"[ \t\f]*#[^\r\n]{0,200}?coding[:=][ \t]*([-\w.]{1,40})")
_BLANK = lazy.pattern(rb"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)")
_NEWLINE = lazy.pattern(r"\r\n|\n|\r")
# These decode in quadratic time, or make text that is not what an editor shows.
_REFUSED_CODECS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


class Text:
    """Decoded text and its lines.

    Lines end at LF, CR LF or CR, as in editors and in Python's tokenizer (not at the other separators that
    ``str.splitlines`` knows). ``lossy``: the bytes were no UTF-8 and were read as Latin-1. A byte order mark is no
    part of ``data``.
    """

    __slots__ = ("_lines", "_starts", "data", "encoding", "lossy")

    def __init__(self, data: str, encoding: str = "utf-8", *, lossy: bool = False) -> None:
        self.data = data
        self.encoding = encoding
        self.lossy = lossy
        self._starts: list[int] | None = None
        self._lines: list[str] | None = None

    @property
    def starts(self) -> list[int]:
        """The offset at which each line starts; the first is 0."""
        if self._starts is None:
            if "\r" in self.data:
                self._starts = [0, *(match.end() for match in _NEWLINE.finditer(self.data))]
            else:
                self._starts = list(accumulate(map((1).__add__, map(len, self.lines[:-1])), initial=0))
        return self._starts

    @property
    def lines(self) -> list[str]:
        """All lines without their terminators; text that ends with a newline has an empty last line."""
        if self._lines is None:
            self._lines = self.data.split("\n") if "\r" not in self.data else _NEWLINE.split(self.data)
        return self._lines

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column (in code points) of ``offset``."""
        starts = self.starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the range from offset ``start`` to offset ``end`` (exclusive)."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(line, column, end_line, end_column)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a 1-based line and column; places outside the text give its nearest end."""
        starts = self.starts
        if line > len(starts):
            return len(self.data)
        return min(starts[max(line, 1) - 1] + column - 1, len(self.data))


def decode(data: bytes, *, python: bool = False) -> Text | ParseProblem:
    """Decode a file.

    A byte order mark decides; else, for Python, the encoding declaration of PEP 263; else UTF-8. Files that are no
    UTF-8 are read as Latin-1 and marked ``lossy``, Python files are refused as Python itself refuses them. NUL in the
    text means binary.
    """
    encoding, skip = "utf-8", 0
    for mark, name in _BOMS:
        if data.startswith(mark):
            encoding, skip = name, len(mark)
            break
    if python and not skip:
        declared = _declared(data)
        if isinstance(declared, ParseProblem):
            return declared
        encoding = declared
    lossy = False
    try:
        text = data[skip:].decode(encoding)
    except (UnicodeError, ValueError) as error:
        if python or skip:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            return ParseProblem(f"not valid {encoding} text", data.count(b"\n", 0, start + skip) + 1)
        text, encoding, lossy = data.decode("latin-1"), "latin-1", True
    if "\0" in text:
        return ParseProblem("binary data: the file holds NUL bytes", text.count("\n", 0, text.index("\0")) + 1)
    return Text(text, encoding, lossy=lossy)


def _declared(data: bytes) -> str | ParseProblem:
    match = _COOKIE.match(data)
    if match is None:
        first = _BLANK.match(data)
        match = _COOKIE.match(data, first.end()) if first else None
    if match is None:
        return "utf-8"
    name = match[1].decode("ascii", "replace")
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        codec = None
    if codec is None or codec.name.replace("-", "_") in _REFUSED_CODECS or not getattr(codec, "_is_text_encoding", True):
        return ParseProblem(f"unknown encoding {name!r} in the encoding declaration", 1)
    return codec.name
