"""Characters that a reader does not see and a model does: found in every kind of text, with what they spell."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec

from agentlint.core import lazy
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.hidden_decode import decode
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

Level = Literal["high", "medium", "low"]

_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef"
)
_PRIVATE = "\U000f0000-\U0010fffd"
_SUSPECT = lazy.pattern(f"[{_UNSEEN}{_PRIVATE}]+")  # one class is searched for fast; it holds all candidates
_CANDIDATE = lazy.pattern(f"[{_UNSEEN}]+|[{_PRIVATE}]{{8,}}")
_CONTROL = lazy.pattern("[\x00-\x08\x0e-\x1f\x7f]+")
_CONTROLS = ("\x1b", "\x08", "\x7f", "\x01", "\x02")
# Each begins with one character that is searched for fast, and tells whether the costly pattern below is worth a try.
_ESCAPED_HINTS = (
    lazy.pattern(r"\\(?:U000[eE]0|u(?:[dD][bB]40|\{0{0,2}[eE]0))"),
    lazy.pattern(r"&#(?:[xX][eE]0|917)"),
)
_ESCAPED = lazy.pattern(
    r"(?:\\U000e0(?:0[0-7]|1[0-9a-e])[0-9a-f]|\\u\{0{0,2}e0(?:0[0-7]|1[0-9a-e])[0-9a-f]\}"
    r"|\\udb40\\ud(?:c[0-7]|d[0-9a-e])[0-9a-f]"
    r"|&#xe0(?:0[0-7]|1[0-9a-e])[0-9a-f];|&#9175(?:0[4-9]|[1-9]\d)\d?;|&#9176(?:[01]\d|2[0-9]|3[01])\d?;){4,2000}",
    re.IGNORECASE,
)
_SHOWN = lazy.pattern(rf"[^{_UNSEEN}\[\](){{}}|^+*?.,;:\-\\\s]")
_CLEANS = lazy.pattern(
    r"(?i)\b(?:re|regex\w{0,3})\.\w{1,10}\(|\.(?:replace(?:all)?|strip|lstrip|rstrip|translate|sub|split|match|test|search|find\w{0,6}"
    r"|count|remove\w{0,20}|removeprefix|fromkeys|maketrans)\(|\b(?:frozenset|set|ord|any|all)\(|\b(?:not )?in [\"'\w]"
)
_MAX_TABLE = 40
_TABLE_REACH = 400
_PUSH = " " * 200
_PUSHED = lazy.pattern(r"[ \t]{200}[ \t]{0,20000}(?=([^\s|][^\n|]{0,400}))")

_OVERRIDES = frozenset("\u202d\u202e")
_EMBEDDINGS = frozenset("\u202a\u202b\u202c")
_ISOLATES = frozenset("\u2066\u2067\u2068\u2069")
_MARKS = frozenset("\u200e\u200f\u061c")
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff\u180e")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_EMOJI_JOINERS = frozenset("\ufe0f\u200d")
_CODE = frozenset(
    {"python", "javascript", "shell", "dockerfile", "workflow", "terraform", "bicep", "mcp-client", "agent-settings"}
)
_STEERING = frozenset(
    {
        "instructions",
        "skill",
        "prompt",
        "mcp-client",
        "mcp-server",
        "agent-card",
        "agent-settings",
        "crewai-agents",
        "crewai-tasks",
    }
)
_SYMBOLS = "\u00a9\u00ae\u203c\u2049\u20e3\u3030\u303d\u3297\u3299\u2122\u2139"
_MAX_RUNS = 2000
_MAX_NODES = 60


class Run(msgspec.Struct, frozen=True):
    """Hidden characters next to each other, by offsets; ``level`` is how sure it is that they are meant to deceive."""

    start: int
    end: int
    category: str
    level: Level
    text: str


def contribute(inp: FileInput) -> Contribution:
    """Return a ``hidden_text`` node for each run of hidden characters that natural text does not explain.

    Attributes: ``category``, ``level`` (high, medium, low), ``length``, ``code_points`` and ``decoded`` (what the run
    spells).
    """
    runs = list(runs_of(inp.text.data, inp.kind))
    if not runs:
        return Contribution()
    order = {"high": 0, "medium": 1, "low": 2}
    kept = sorted(sorted(runs, key=lambda run: order[run.level])[:_MAX_NODES], key=lambda run: run.start)
    nodes: list[NodeFact] = []
    for run in kept:
        span = inp.text.span(run.start, run.end)
        decoded = decode(run.text)
        attrs = {
            "category": run.category,
            "level": run.level,
            "length": len(run.text),
            "code_points": " ".join(f"U+{ord(char):04X}" for char in run.text[:6]) + (" …" if len(run.text) > 6 else ""),
            "decoded": decoded,
            "readable": bool(decoded),
            "kind": inp.kind,
        }
        nodes.append(NodeFact("hidden_text", f"hidden_text:{inp.path}#{run.start}", run.category, span, "", attrs))
    return Contribution(tuple(nodes), traits=("hidden-characters",))


def runs_of(data: str, kind: str) -> Iterator[Run]:
    """Yield the runs of hidden characters in ``data`` that need an explanation; at most 2,000 are looked at."""
    for match in islice(_candidates(data), _MAX_RUNS):
        yield from _judge(data, match.start(), match.end(), kind)
    if any(hint.search(data) for hint in _ESCAPED_HINTS):
        for match in _ESCAPED.finditer(data):
            yield Run(match.start(), match.end(), "escaped tag characters", "high", match[0])
    if _PUSH in data:
        for match in _PUSHED.finditer(data):
            level: Level = "low" if kind in ("markdown", "text", "notebook", "json", "yaml") else "medium"
            yield Run(match.end(), match.end() + len(match[1].rstrip()), "text behind blanks", level, match[1].rstrip())


def _candidates(data: str) -> Iterator[re.Match[str]]:
    if not data.isascii():
        for run in _SUSPECT.finditer(data):
            yield from _CANDIDATE.finditer(data, run.start(), run.end())
    elif any(control in data for control in _CONTROLS):  # a search for each is faster than one pattern
        yield from _CONTROL.finditer(data)


def _judge(data: str, start: int, end: int, kind: str) -> Iterator[Run]:
    run = data[start:end]
    verdict = _verdict(data, start, end, run, kind)
    if verdict is not None and not _is_table(data, start, end, run):
        yield Run(start, end, verdict[0], verdict[1], run)


def _is_table(data: str, start: int, end: int, run: str) -> bool:
    """Return whether the run stands in a literal that lists such characters, in code that looks for them or removes them.

    Such a literal holds nothing but invisible characters, each once, and the signs of lists, ranges and patterns; near it
    text is searched or cleaned. What spells something is no list.
    """
    if len(set(run)) < len(run) or len(run) > _MAX_TABLE or (len(run) > 1 and decode(run)):
        return False
    first = max(data.rfind("\n", 0, start) + 1, start - _TABLE_REACH)
    last = data.find("\n", end)
    last = min(last if last >= 0 else len(data), end + _TABLE_REACH)
    bounds = [(data.rfind(quote, first, start), data.find(quote, end, last)) for quote in "\"'/`"]
    bounds.append((data.rfind("[", first, start), data.find("]", end, last)))
    if not any(low >= 0 and high >= 0 and not _SHOWN.search(data, low + 1, high) for low, high in bounds):
        return False
    return _CLEANS.search(data, max(0, first - _TABLE_REACH), min(len(data), last + _TABLE_REACH)) is not None


def _verdict(data: str, start: int, end: int, run: str, kind: str) -> tuple[str, Level] | None:
    before = data[start - 1] if start else ""
    after = data[end] if end < len(data) else ""
    if any("\U000e0000" <= char <= "\U000e007f" for char in run):
        return None if _is_flag(before, run) else ("tag characters", "high")
    if any("\U000e0100" <= char <= "\U000e01ef" for char in run):
        return None if len(run) == 1 and _is_cjk(before) else ("variation selectors", "high" if len(run) > 1 else "medium")
    if run[0] >= "\U000f0000":
        return "private-use characters", "low"
    if any(char < " " or "\x7f" <= char <= "\x9f" for char in run):
        return "control characters", "medium" if kind in _STEERING or kind == "python" else "low"
    if _OVERRIDES & set(run):
        return "bidirectional override", "high"
    if (_EMBEDDINGS | _ISOLATES | _MARKS) & set(run):
        return _bidi(data, start, end, run, kind)
    if all("\ufe00" <= char <= "\ufe0f" for char in run):
        return ("variation selectors", "high") if len(run) > 2 else None
    return _zero_width(before, after, run, kind)


def _is_flag(before: str, run: str) -> bool:
    """Return whether the run ends a regional flag: at most six letters or digits and the end tag after a black flag."""
    tags = run[:-1]
    return (
        before == "\U0001f3f4"
        and run[-1] == "\U000e007f"
        and 0 < len(tags) <= 6
        and all(chr(ord(c) & 0x7F).isalnum() for c in tags)
    )


def _bidi(data: str, start: int, end: int, run: str, kind: str) -> tuple[str, Level] | None:
    left = max(data.rfind("\n", 0, start) + 1, start - 2000)
    right = data.find("\n", end)
    line = data[left : min(right if right >= 0 else len(data), end + 2000)]
    natural = any(unicodedata.bidirectional(char) in ("R", "AL") for char in line)
    if set(run) <= _MARKS:
        return None if natural or kind in ("markdown", "text", "notebook") else ("direction marks", "low")
    if _ISOLATES & set(run):
        opened = sum(line.count(char) for char in "\u2066\u2067\u2068")
        if opened != line.count("\u2069"):
            return "unbalanced bidirectional isolate", "high"
        return None if natural else ("bidirectional isolate", "medium" if kind in _CODE else "low")
    return None if natural else ("bidirectional embedding", "medium" if kind in _CODE or kind in _STEERING else "low")


def _zero_width(before: str, after: str, run: str, kind: str) -> tuple[str, Level] | None:
    visible = set(run) - _EMOJI_JOINERS
    if not visible and len(run) <= 3 and (_is_emoji(before) or _is_emoji(after)):
        return None
    if "\u180b" <= run[0] <= "\u180e" and "\u1800" <= before <= "\u18af":
        return None
    if len(run) >= 4:
        return "zero-width characters", "high"
    if set(run) & _FILLERS:
        return None if "\uac00" <= before <= "\ud7a3" or "\u1100" <= before <= "\u11ff" else ("invisible letters", "medium")
    if set(run) & _ZERO_WIDTH:
        if _joins_script(before) or _joins_script(after):
            return None
        inside = before.isascii() and before.isalpha() and after.isascii() and after.isalpha()
        return "zero-width characters", "medium" if inside and kind not in ("markdown", "text", "notebook") else "low"
    if run == "\u00ad":
        return None
    return "invisible characters", "low"


def _joins_script(char: str) -> bool:
    """Return whether ``char`` is of a script that uses joiners or zero-width spaces: not Latin, Greek, Cyrillic."""
    return bool(char) and char >= "\u0530" and unicodedata.category(char)[0] in "LM"


def _is_emoji(char: str) -> bool:
    return bool(char) and ("\U0001f000" <= char <= "\U0001faff" or "\u2190" <= char <= "\u2bff" or char in _SYMBOLS)


def _is_cjk(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff"
