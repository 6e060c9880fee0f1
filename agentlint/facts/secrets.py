"""Values in published credential formats, in any file."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from agentlint.core import lazy
from agentlint.core.digest import blake2b
from agentlint.core.mask import mask
from agentlint.facts.secret_filters import checksum_holds, entropy, in_longer_run, is_placeholder
from agentlint.facts.types import SecretFact

if TYPE_CHECKING:
    from agentlint.parse.text import Text
    from agentlint.rulebook.book import SecretType

MAX_HITS = 20_000
MAX_FACTS = 500
_REACH = 2400
_PLAIN_BYTES = 300_000  # measured: so much data is searched for each literal in the time that compiling the pattern takes
_LONGEST_NAME = 60
_ALLOWED = lazy.pattern(r"pragma:\s{0,3}(?:allow|white)list[ -]secret")
_ALLOWED_NEXT = lazy.pattern(r"pragma:\s{0,3}(?:allow|white)list[ -]nextline[ -]secret")
_NAME = lazy.pattern(r"([A-Za-z_][\w.-]{0,59})[\"'\]]{0,2}(?::[ ]?str)?\s{0,3}(?::|=|,|\()\s{0,3}(?:[bfru]{0,2}[\"'`])?$")
_ESCAPES = frozenset("nrt")


class _Format:
    """A credential format; its pattern is compiled when a literal of it is first seen."""

    __slots__ = ("_pattern", "kind", "order")

    def __init__(self, kind: SecretType) -> None:
        self.kind = kind
        self.order = (-max(map(len, kind.literals)), kind.id)
        self._pattern: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = re.compile(self.kind.regex)
        return self._pattern


class _Group:
    """Literals that begin alike: looked for one by one until so much was read that one pattern for all pays."""

    __slots__ = ("_bytes", "_inside", "_left", "_literals", "_plain", "_text")

    def __init__(self, literals: Sequence[str], inside: Container[str]) -> None:
        self._literals, self._inside = literals, inside
        self._plain = [literal.encode() for literal in literals]
        self._left = _PLAIN_BYTES
        self._bytes: re.Pattern[bytes] | None = None
        self._text: re.Pattern[str] | None = None

    def may_match(self, data: bytes) -> bool:
        if self._bytes is None:
            self._left -= len(data)
            if self._left > 0:
                return any(literal in data for literal in self._plain)
            self._bytes = re.compile(_tree("", self._literals, self._inside).encode())
        return self._bytes.search(data) is not None

    @property
    def text(self) -> re.Pattern[str]:
        if self._text is None:
            self._text = re.compile(_tree("", self._literals, self._inside))
        return self._text


class Credentials(NamedTuple):
    """The credentials in a file, and the line from which on they were no longer looked for (0: all was read)."""

    facts: list[SecretFact]
    unread: int = 0


class SecretScanner:
    """All formats behind one prefilter. Built once per process; ``scan`` keeps no state that changes its answer."""

    def __init__(self, types: Sequence[SecretType], *, pragmas: bool = True) -> None:
        """Prepare the formats; ``types`` come from the rulebook, whose validation has checked their patterns.

        Without ``pragmas`` no comment of the scanned file exempts a line, whatever a call of ``scan`` says.
        """
        self._pragmas = pragmas
        formats = [_Format(kind) for kind in types]
        self._by_literal: dict[str, list[_Format]] = {}
        for form in formats:
            for literal in form.kind.literals:
                self._by_literal.setdefault(literal, []).append(form)
        inside = {literal for form in formats if form.kind.before for literal in form.kind.literals}
        self._groups = [_Group(group, inside) for group in _groups(self._by_literal)]
        self._nested: dict[str, list[str]] = {}

    def may_match(self, data: bytes) -> bool:
        """Tell whether any literal of any format stands in ``data`` (UTF-8, or any encoding that contains ASCII)."""
        return any(group.may_match(data) for group in self._groups)

    def allows(self, text: Text, line: int) -> bool:
        """Tell whether a comment ``pragma: allowlist secret`` exempts the 1-based ``line``."""
        return self._pragmas and "pragma:" in text.data and _allows_line(text, line)

    def scan(self, data: bytes, text: Text, *, pragmas: bool = True) -> list[SecretFact]:
        """Return the credentials in a file, in file order; at most 500.

        ``data`` are the bytes of ``text``. ``pragmas``: a comment ``pragma: allowlist secret`` (of detect-secrets)
        exempts its line. Of formats that fit one place, that of the longest text is reported.
        """
        return self.read(data, text, pragmas=pragmas).facts

    def read(self, data: bytes, text: Text, *, pragmas: bool = True) -> Credentials:
        """Return what ``scan`` returns, and where a cap ended the search."""
        wide = text.encoding.startswith(("utf-16", "utf-32"))
        present = [group.text for group in self._groups if wide or group.may_match(data)]
        if not present:
            return Credentials([])
        pragmas = pragmas and self._pragmas
        places, unread = _places(text.data, present)
        facts: list[SecretFact] = []
        last_end = -1
        for start, end, form in sorted(self._hits(text.data, places), key=lambda hit: (hit[0], -hit[1], hit[2].order)):
            if start < last_end or (pragmas and _is_allowed(text, start)):
                continue
            if len(facts) >= MAX_FACTS:
                unread = start if unread is None else min(start, unread)
                break
            last_end = end
            facts.append(_fact(text, start, end, form))
        return Credentials(facts, 0 if unread is None else text.position(unread)[0])

    def _hits(self, source: str, places: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int, _Format]]:
        """Yield what passes all filters. Formats that look back never read a character twice: time stays linear."""
        done: dict[_Format, int] = {}
        for position, longest in places:
            for literal in self._shorter(longest):
                for form in self._by_literal[literal]:
                    found = _match(form, source, position, done)
                    if found is None:
                        continue
                    start, end = found.span(1)
                    if _is_live(form, source, start, end):
                        yield start, end, form

    def _shorter(self, longest: str) -> list[str]:
        """Return the literals that ``longest`` begins with, itself among them."""
        known = self._nested.get(longest)
        if known is None:
            known = self._nested[longest] = [literal for literal in self._by_literal if longest.startswith(literal)]
        return known


def _places(source: str, present: Iterable[re.Pattern[str]]) -> tuple[list[tuple[int, str]], int | None]:
    """Return where literals stand, in order, and the first place that the cap left out."""
    places: list[tuple[int, str]] = []
    left_out = []
    for pattern in present:
        found = [(match.start(), match[0]) for match in islice(pattern.finditer(source), MAX_HITS + 1)]
        left_out += [place for place, _ in found[MAX_HITS:]]
        places += found[:MAX_HITS]
    return sorted(places), min(left_out, default=None)


def _match(form: _Format, source: str, position: int, done: dict[_Format, int]) -> re.Match[str] | None:
    before = form.kind.before
    limit = position + _REACH
    if not before:
        return form.pattern.match(source, position, limit)
    first = max(position - before, done.get(form, 0), 0)
    done[form] = position
    return form.pattern.search(source, first, min(limit, position + before + 200))


def _is_live(form: _Format, source: str, start: int, end: int) -> bool:
    secret = source[start:end]
    kind = form.kind
    if kind.id == "private-key":
        return entropy(secret) >= 4.5 and not is_placeholder(secret[30:90], "", "")
    if not _stands_alone(source, start, end) or entropy(secret) < kind.entropy:
        return False
    if not checksum_holds(kind.checksum, secret) or in_longer_run(source, start, end):
        return False
    prefix = max((text for text in kind.literals if secret.startswith(text)), key=len, default="")
    before = source[max(0, start - 24) : start].rpartition("\n")[2]
    if is_placeholder(secret[len(prefix) :], before, source[end : end + 5]):
        return False
    if kind.plugin:
        from agentlint.facts.secret_plugins import agrees

        return agrees(kind.plugin, source, start, end)
    return True


def _stands_alone(source: str, start: int, end: int) -> bool:
    """Tell whether the secret is a word of its own: ``sk-`` in ``task-`` is not, nor a part of a longer token."""
    if start:
        char = source[start - 1]
        escaped = char in _ESCAPES and source[start - 2 : start - 1] == "\\"
        if (char.isalnum() or char == "_") and not escaped:
            return False
    after = source[end : end + 1]
    return not (after.isalnum() or after == "_" or (after == "-" and "-" in source[start:end][5:]))


def _is_allowed(text: Text, start: int) -> bool:
    if "pragma:" not in text.data:
        return False
    return _allows_line(text, text.position(start)[0])


def _allows_line(text: Text, line: int) -> bool:
    own = text.lines[line - 1]
    above = text.lines[line - 2] if line > 1 else ""
    return bool(_ALLOWED.search(own[-400:]) or _ALLOWED_NEXT.search(above[-400:]))


def _fact(text: Text, start: int, end: int, form: _Format) -> SecretFact:
    source, secret = text.data, text.data[start:end]
    before = source[max(0, start - _LONGEST_NAME - 12) : start].rpartition("\n")[2]
    name = _NAME.search(before)
    return SecretFact(
        type=form.kind.id,
        span=text.span(start, end),
        masked=mask(secret),
        digest=digest(form.kind.id, secret),
        context=name[1] if name else "",
        provider=form.kind.provider,
        severity=form.kind.severity,
        revoke=form.kind.revoke,
    )


Scanner = SecretScanner


def digest(kind: str, secret: str) -> str:
    """Return a name for ``secret``: equal secrets of one format have equal names in every file and run.

    The key is fixed per format. It must be, to group the same secret between workers, files and runs without keeping
    state; and it may be, because these formats carry some 80 random bits or more, which no list of candidates covers.
    It keeps the digest from being compared with plain hashes of the same secret elsewhere.
    """
    key = f"agentlint/secret/{kind}".encode()[:64]
    return blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=16, key=key).hexdigest()


def _groups(literals: Iterable[str]) -> list[list[str]]:
    """Split literals by their first character: ``re`` skips fast to a known character; rare ones share a group."""
    groups: dict[str, list[str]] = {}
    for literal in sorted(literals):
        groups.setdefault(literal[0] if literal[0].islower() else "", []).append(literal)
    return list(groups.values())


def _tree(prefix: str, rests: Sequence[str], inside: Container[str]) -> str:
    """Return a pattern for the longest literal that stands here; those not ``inside`` words must begin one.

    The test for the beginning comes last: a look-behind in front would be tried at every character.
    """
    branches: dict[str, list[str]] = {}
    for rest in rests:
        if rest:
            branches.setdefault(rest[0], []).append(rest[1:])
    made = [re.escape(char) + _tree(prefix + char, below, inside) for char, below in sorted(branches.items())]
    if "" in rests:
        word = re.escape(prefix)
        made.append("" if prefix in inside else rf"(?:(?<![A-Za-z0-9]{word})|(?<=\\[nrt]{word}))")
    return made[0] if len(made) == 1 else f"(?:{'|'.join(made)})"
