"""The vocabulary of text that steers models: ``rules/tables/text_signals.yaml``, or what a wheel makes of it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import msgspec

from agentlint.core import lazy
from agentlint.core.errors import RulebookError

NAME = "_text_signals.json"
_PACKAGE = Path(__file__).resolve().parent.parent
_SOURCES = (_PACKAGE / "_rules" / "tables" / "text_signals.yaml", _PACKAGE.parent / "rules" / "tables" / "text_signals.yaml")
_WORD = re.compile(r"[^\W_]\w*")
_PART = re.compile(r"\{\{(\w+)\}\}")
_MAX_NESTING = 4


class SignalRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pattern of a kind. ``guard``: ``negation`` when "do not" before it takes its meaning away."""

    kind: str
    any: tuple[str, ...]
    regex: str
    guard: str = ""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as written; ``resolved`` has the parts put in."""

    kinds: dict[str, str]
    signals: tuple[SignalRow, ...]
    combinations: dict[str, tuple[tuple[str, ...], ...]]
    windows: dict[str, int]
    reporting: str
    negation: str
    about: tuple[str, ...]
    parts: dict[str, str] = {}


class Vocabulary:
    """The table ready for use. Patterns are compiled when a text holds one of their literals."""

    def __init__(self, table: Table) -> None:
        self.meanings = table.kinds
        self.rows = table.signals
        self.patterns = tuple(lazy.pattern(row.regex, re.IGNORECASE | re.MULTILINE) for row in table.signals)
        self.combinations = table.combinations
        self.windows = table.windows
        self.reporting = lazy.pattern(table.reporting, re.IGNORECASE)
        self.negation = lazy.pattern(table.negation, re.IGNORECASE)
        self.about = table.about
        self._by_word: dict[str, list[tuple[int, str]]] = {}
        self._without_word: list[tuple[int, str]] = []
        for number, row in enumerate(table.signals):
            for literal in row.any:
                words = _WORD.findall(literal) if not literal.startswith("_") else []
                place = self._by_word.setdefault(max(words, key=len), []) if words else self._without_word
                place.append((number, literal))

    def candidates(self, lowered: str) -> dict[str, list[int]]:
        """Return the rows that may match in ``lowered`` text, by kind: one of their literals occurs in it."""
        found: set[int] = set()
        for word in self._by_word.keys() & set(_WORD.findall(lowered)):
            found.update(number for number, literal in self._by_word[word] if number not in found and literal in lowered)
        found.update(number for number, literal in self._without_word if number not in found and literal in lowered)
        kinds: dict[str, list[int]] = {}
        for number in sorted(found):
            kinds.setdefault(self.rows[number].kind, []).append(number)
        return kinds


def resolved(table: Table) -> Table:
    """Return ``table`` with the parts in place of their names; an unknown name stays as it is."""

    def whole(pattern: str) -> str:
        for _ in range(_MAX_NESTING):
            pattern = _PART.sub(lambda match: table.parts.get(match[1], match[0]), pattern)
        return pattern

    rows = tuple(msgspec.structs.replace(row, regex=whole(row.regex)) for row in table.signals)
    return msgspec.structs.replace(table, signals=rows, parts={})


def mistakes(table: Table) -> list[str]:
    """Return what is wrong with a resolved table, one line for each mistake."""
    from agentlint.rulebook.patterns import pattern_problem

    found = []
    for row in table.signals:
        where = f"text_signals.yaml: {row.kind}: {row.regex[:40]!r}"
        if row.kind not in table.kinds:
            found.append(f"{where}: the kind is not declared under `kinds`")
        if row.guard not in ("", "negation"):
            found.append(f"{where}: `guard` is `negation` or absent")
        if not row.any or any(literal != literal.lower() or not literal.strip() for literal in row.any):
            found.append(f"{where}: `any` holds at least one literal, in lower case")
        if "{{" in row.regex:
            found.append(f"{where}: names a part that does not exist")
        elif problem := pattern_problem(row.regex):
            found.append(f"{where}: {problem}")
    for surface, sets in table.combinations.items():
        if surface not in table.windows:
            found.append(f"text_signals.yaml: windows: `{surface}` is missing")
        for kind in {kind for kinds in sets for kind in kinds} - set(table.kinds):
            found.append(f"text_signals.yaml: combinations.{surface}: `{kind}` is not declared under `kinds`")
    return found


def read(path: Path) -> Table:
    """Return the resolved table in a YAML file; raise ``RulebookError`` with all mistakes."""
    try:
        table = resolved(msgspec.yaml.decode(path.read_bytes(), type=Table))
    except (OSError, msgspec.MsgspecError) as error:
        raise RulebookError(f"{path.name}: {error}") from error
    wrong = mistakes(table)
    if wrong:
        raise RulebookError("\n".join(wrong))
    return table


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return agentlint's vocabulary; raise ``RulebookError`` when it is missing or wrong."""
    compiled = _PACKAGE / NAME
    if compiled.is_file():
        try:
            return Vocabulary(msgspec.json.decode(compiled.read_bytes(), type=Table))
        except msgspec.MsgspecError as error:
            raise RulebookError(f"{compiled}: the installation is damaged ({error}); reinstall agentlint") from error
    for path in _SOURCES:
        if path.is_file():
            return Vocabulary(read(path))
    raise RulebookError("rules/tables/text_signals.yaml is missing from this installation; install the package again")
