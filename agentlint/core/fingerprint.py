"""Identities of findings: the line hash of code scanning, and agentlint's own fingerprint."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate
from operator import mul

import msgspec

from agentlint.core import lazy
from agentlint.core.digest import sha256
from agentlint.core.finding import Finding
from agentlint.core.limits import MAX_SNIPPET
from agentlint.core.mask import SecretMark, mask_line, secret_marks

VERSION = "agentlint/v1"
_BLOCK = 100
_MASK64 = (1 << 64) - 1
# Windows are differences of prefix sums over chunks: 37 is odd, so its powers can be divided out modulo 2**64.
_CHUNK = 2048
_INVERSE = pow(37, -1, 1 << 64)
_LONE_SURROGATE = lazy.pattern("[\ud800-\udfff]")
_LINE_BREAK = lazy.pattern(r"\r\n|\r|\n")
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def split_lines(text: str) -> list[str]:
    """Return the lines of ``text`` as editors count them: only CR, LF and CRLF end a line."""
    return _LINE_BREAK.split(text) if "\r" in text else text.split("\n")


class LineHasher:
    """The ``primaryLocationLineHash`` of one file's lines, computed only as far down as asked.

    A hash covers the 100 UTF-16 units from the line's start on, blanks left out, so later lines matter to it; the
    number after the colon counts equal hashes above, so all earlier lines matter too.
    """

    def __init__(self, text: str) -> None:
        kept = _decoded_as_upload(text).replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
        data = kept.encode(_UTF16, "surrogatepass")
        # The end of the file counts as one unit 65535, followed by zeros.
        self._units = memoryview(data + b"\xff\xff" + bytes(2 * _BLOCK)).cast("H")
        lines = kept.split("\n")
        astral = len(data) != 2 * len(kept)
        sizes = (len(line.encode(_UTF16, "surrogatepass")) // 2 + 1 if astral else len(line) + 1 for line in lines)
        self._starts = list(accumulate(sizes, initial=0))[:-1]
        self._hashes: list[str] = []
        self._seen: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._starts)

    def hash(self, line: int) -> str:
        """Return the hash of the 1-based ``line``; an empty string when the file has no such line."""
        if not 1 <= line <= len(self._starts):
            return ""
        while len(self._hashes) < line:
            self._extend()
        return self._hashes[line - 1]

    def _extend(self) -> None:
        """Hash the lines that start in the next chunk which has any."""
        first = len(self._hashes)
        origin = self._starts[first]
        until = bisect_left(self._starts, origin + _CHUNK, first)
        powers, inverses = _tables()
        sums = list(accumulate(map(mul, self._units[origin : origin + _CHUNK + _BLOCK], powers), initial=0))
        sums.extend(sums[-1:] * (_CHUNK + _BLOCK + 1 - len(sums)))
        seen = self._seen
        for start in self._starts[first:until]:
            at = start - origin
            value = ((sums[at + _BLOCK] - sums[at]) * inverses[_CHUNK - at]) & _MASK64
            seen[value] = count = seen.get(value, 0) + 1
            self._hashes.append(f"{value:x}:{count}")


@cache
def _tables() -> tuple[tuple[int, ...], tuple[int, ...]]:
    powers = tuple(pow(37, _CHUNK + _BLOCK - 1 - k, 1 << 64) for k in range(_CHUNK + _BLOCK))
    return powers, tuple(accumulate(range(_CHUNK), lambda value, _: value * _INVERSE & _MASK64, initial=1))


def _decoded_as_upload(text: str) -> str:
    # The uploader decodes bytes that are not UTF-8 to U+FFFD; here they may have been kept as lone surrogates.
    if text.isascii() or not _LONE_SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text)


def line_hashes(text: str) -> list[str]:
    """Return the ``primaryLocationLineHash`` of every line of ``text``, as GitHub code scanning computes it."""
    hasher = LineHasher(text)
    hasher.hash(len(hasher))
    return [hasher.hash(line) for line in range(1, len(hasher) + 1)]


def line_hash(text: str, line: int) -> str:
    """Return the ``primaryLocationLineHash`` of the 1-based ``line``; an empty string when there is no such line."""
    return LineHasher(text).hash(line)


def finding_fingerprint(rule: str, path: str, symbol: str, snippet_normalised: str, occurrence: int) -> str:
    """Return 32 hex digits that stay when lines move or other code changes.

    ``snippet_normalised`` is the finding's line with runs of blanks as one; ``occurrence`` counts from 1 the findings
    for which all else is equal.
    """
    import json

    identity = json.dumps([VERSION, rule, path, symbol, snippet_normalised, occurrence])
    digest: str = sha256(identity.encode("ascii")).hexdigest()
    return digest[:32]


def assign(findings: Iterable[Finding], source: Callable[[str], str | None]) -> tuple[Finding, ...]:
    """Return ``findings`` in the same order with ``snippet`` and ``fingerprint`` filled.

    ``source`` gives a file's text, ``None`` when it cannot be read. A snippet that is there already is kept (masked).
    """
    given = tuple(findings)
    marks = secret_marks(given)
    lines: dict[str, list[str]] = {}
    for path in {finding.path for finding in given}:
        text = source(path)
        lines[path] = [] if text is None else split_lines(text)
    masked: dict[tuple[str, int], str] = {}
    snippets = [_snippet(finding, lines[finding.path], marks.get(finding.path, ()), masked) for finding in given]
    counts: dict[tuple[str, str, str, str], int] = {}
    filled: dict[int, Finding] = {}
    for index in sorted(range(len(given)), key=lambda i: given[i].order):
        finding, snippet = given[index], snippets[index]
        identity = (
            finding.rule,
            finding.path,
            finding.symbol,
            " ".join((snippet or finding.subject or finding.message).split()),
        )
        counts[identity] = occurrence = counts.get(identity, 0) + 1
        filled[index] = msgspec.structs.replace(finding, snippet=snippet, fingerprint=finding_fingerprint(*identity, occurrence))
    return tuple(filled[index] for index in range(len(given)))


def _snippet(finding: Finding, lines: Sequence[str], marks: Sequence[SecretMark], masked: dict[tuple[str, int], str]) -> str:
    span = finding.span
    if finding.snippet:
        return mask_line(finding.snippet, 0)[:MAX_SNIPPET]
    if not 1 <= span.line <= len(lines):
        return ""
    # A line of a minified file can be long and hold many findings: it is masked once.
    key = (finding.path, span.line)
    line = masked.get(key)
    if line is None:
        line = masked[key] = mask_line(lines[span.line - 1], span.line, marks)
    if len(line.strip()) <= MAX_SNIPPET:
        return line.strip()
    start = max(0, min(span.column - 1 - MAX_SNIPPET // 4, len(line) - MAX_SNIPPET))
    return line[start : start + MAX_SNIPPET].strip()
