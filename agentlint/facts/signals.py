"""Texts that steer a model: phrases of several kinds close to each other, by the vocabulary in ``rules/tables``."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING

import msgspec

from agentlint.facts.signal_context import Context
from agentlint.facts.signal_table import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentlint.facts.signal_table import Vocabulary

MAX_TEXT = 2_000_000
_MAX_MATCHES = 60
_MAX_CLUSTERS = 10
_HIDDEN = "hidden"
# Their "do not" is part of what they say; it does not turn what follows into its opposite.
_OWN_NEGATION = ("secrecy", "no-consent")


class Signal(msgspec.Struct, frozen=True):
    """A phrase: its kind and its offsets in the text."""

    kind: str
    start: int
    end: int


class Cluster(msgspec.Struct, frozen=True):
    """Signals of different kinds that together mean something, in the order of the text."""

    signals: tuple[Signal, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(signal.kind for signal in self.signals))


def clusters(text: str, surface: str, *, markdown: bool = False, concealed: Sequence[tuple[int, int]] = ()) -> list[Cluster]:
    """Return where ``text`` holds a combination of signals that is enough for ``surface``; at most ten places.

    ``concealed`` are ranges that people do not see (comments, invisible text). Time is linear in the text, of which the
    first two million characters are read.
    """
    words = vocabulary()
    text = text[:MAX_TEXT]
    lowered = text.lower()
    rows = _candidates(lowered)
    present = {*rows, _HIDDEN} if concealed else set(rows)
    wanted = [combination for combination in words.combinations[surface] if present.issuperset(combination)]
    if not wanted:
        return []
    found = _matches(text, lowered, words, rows, {kind for combination in wanted for kind in combination}, markdown)
    if concealed:
        found[_HIDDEN] = [Signal(_HIDDEN, start, end) for start, end in concealed]
    hits = [hit for combination in wanted for hit in _near(combination, found, words.windows[surface])]
    return _merged(hits)


@lru_cache(maxsize=1)
def _candidates(lowered: str) -> dict[str, list[int]]:
    """A text is judged on several surfaces, one after another."""
    return vocabulary().candidates(lowered)


def kinds_in(text: str) -> frozenset[str]:
    """Return the kinds of all signals in a short text, without regard to what surrounds them."""
    words = vocabulary()
    text = text[:MAX_TEXT]
    rows = words.candidates(text.lower())
    return frozenset(kind for kind, numbers in rows.items() if any(words.patterns[number].search(text) for number in numbers))


def _matches(
    text: str, lowered: str, words: Vocabulary, rows: dict[str, list[int]], kinds: set[str], markdown: bool
) -> dict[str, list[Signal]]:
    raw = {kind: _of_kind(text, words, rows.get(kind, ()), kind) for kind in kinds if kind != _HIDDEN}
    blanked = [(signal.start, signal.end) for kind in _OWN_NEGATION for signal in raw.get(kind, ())]
    context = Context(text, lowered, words, markdown=markdown)
    found: dict[str, list[Signal]] = {}
    for kind, signals in raw.items():
        guarded = any(words.rows[number].guard == "negation" for number in rows.get(kind, ()))
        found[kind] = [
            signal for signal in signals if context.is_meant(signal.start, signal.end, negatable=guarded, blanked=blanked)
        ]
    return found


def _of_kind(text: str, words: Vocabulary, numbers: Iterable[int], kind: str) -> list[Signal]:
    found = {
        (match.start(), match.end())
        for number in numbers
        for match in islice(words.patterns[number].finditer(text), _MAX_MATCHES)
    }
    return [Signal(kind, start, end) for start, end in sorted(found)]


def _near(combination: tuple[str, ...], found: dict[str, list[Signal]], window: int) -> Iterable[tuple[Signal, ...]]:
    """Yield, for each signal of the first kind, the nearest of the other kinds if all stand within ``window``."""
    first, *others = (found.get(kind, []) for kind in combination)
    for signal in first:
        if not others:
            yield (signal,)
            continue
        choices = [sorted(other, key=lambda s: abs(s.start - signal.start))[:3] for other in others]
        for chosen in product(*choices):
            group = (signal, *chosen)
            if _is_within(group, window):
                yield group
                break


def _is_within(group: tuple[Signal, ...], window: int) -> bool:
    hidden = [signal for signal in group if signal.kind == _HIDDEN]
    shown = [signal for signal in group if signal.kind != _HIDDEN]
    if any(not (hide.start <= signal.start < hide.end) for hide in hidden for signal in shown):
        return False
    return max(signal.start for signal in shown) - min(signal.start for signal in shown) <= window


def _merged(hits: list[tuple[Signal, ...]]) -> list[Cluster]:
    """Join hits that overlap, so that one passage is reported once."""
    groups: list[tuple[int, int, set[Signal]]] = []
    for hit in sorted(hits, key=lambda group: min(signal.start for signal in group)):
        shown = [signal for signal in hit if signal.kind != _HIDDEN]
        start, end = min(s.start for s in shown), max(s.end for s in shown)
        if groups and start <= groups[-1][1]:
            groups[-1] = (groups[-1][0], max(end, groups[-1][1]), groups[-1][2] | set(hit))
        else:
            groups.append((start, end, set(hit)))
    ordered = (sorted(signals, key=lambda s: (s.kind == _HIDDEN, s.start, s.end)) for _, _, signals in groups)
    return [Cluster(tuple(signals)) for signals in islice(ordered, _MAX_CLUSTERS)]
