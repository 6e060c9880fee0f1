"""Syntax of later Pythons in the words of earlier ones, so that what is found does not depend on the Python that runs us.

Type parameters (``def f[T](x)``, ``class A[T]``) become blanks, ``type X = …`` an assignment, and inside the expressions of
an f-string, quotes of its own kind the other kind and escapes blanks. Every line keeps its length, so that places stay true.
"""

from __future__ import annotations

import re

from agentlint.core import lazy

_TYPE = lazy.pattern(r"^([ \t]*)type[ \t]+(\w{1,200})([ \t]*)(?=[\[=])", re.MULTILINE)
_DEFINED = lazy.pattern(
    r"^[ \t]*(?:(?:async[ \t]{1,20})?def|class)[ \t]{1,20}\w{1,200}[ \t]{0,20}(?=\[)"
    r"|^[ \t]*\w{1,200} {5}[ \t]{0,20}(?=\[)",
    re.MULTILINE,
)
_STRING = lazy.pattern(r"#[^\n]*|(?P<prefix>\b[rRbBuUfFtT]{1,2})?(?P<quote>\"\"\"|'''|\"|')")
_OTHER = {'"': "'", "'": '"'}
_MAX_PARAMETERS = 2_000


def older(source: str) -> str:
    """Return ``source`` with newer syntax rewritten; the same text when it has none. Takes linear time."""
    renamed = _TYPE.sub(lambda found: f"{found[1]}{found[2]}     {found[3]}", source)
    return _requoted(_without_parameters(renamed))


def _without_parameters(text: str) -> str:
    parts: list[str] = []
    last = 0
    for found in _DEFINED.finditer(text):
        end = _closing(text, found.end())
        if end > 0:
            parts += [text[last : found.end()], re.sub(r"[^\n]", " ", text[found.end() : end])]
            last = end
    return "".join([*parts, text[last:]])


def _closing(text: str, start: int) -> int:
    """The place after the bracket that closes the one at ``start``, 0 if that is too far away."""
    depth = 0
    for at in range(start, min(start + _MAX_PARAMETERS, len(text))):
        depth += (text[at] == "[") - (text[at] == "]")
        if depth == 0:
            return at + 1
    return 0


def _requoted(text: str) -> str:
    changed: dict[int, str] = {}
    at = 0
    while (found := _STRING.search(text, at)) is not None:
        at = found.end()
        quote = found["quote"]
        if quote is None:
            continue
        formatted = (found["prefix"] or "").lower().strip("rb") in ("f", "t")
        at = _formatted(text, at, quote, changed) if formatted else _plain(text, at, quote)
    return "".join(changed.get(place, letter) for place, letter in enumerate(text)) if changed else text


def _plain(text: str, at: int, quote: str) -> int:
    """The place after a string whose content begins at ``at``."""
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + len(quote)
        elif text[at] == "\n" and len(quote) == 1:
            return at
        else:
            at += 1
    return len(text)


def _formatted(text: str, at: int, quote: str, changed: dict[int, str]) -> int:
    """The place after an f-string whose content begins at ``at``; notes what has to change in its expressions."""
    depth = 0
    while at < len(text):
        letter = text[at]
        if depth == 0 and letter == "\\":
            at += 2
        elif depth == 0 and text.startswith(quote, at):
            return at + len(quote)
        elif depth == 0 and (letter == "\n" and len(quote) == 1):
            return at
        elif depth == 0 and text.startswith("{{", at):
            at += 2
        elif depth and letter in _OTHER:
            at = _nested(text, at, quote, changed)
        else:
            depth = max(0, depth + (letter in "{[(") - (letter in "}])")) if depth or letter == "{" else 0
            at += 1
    return len(text)


def _nested(text: str, at: int, quote: str, changed: dict[int, str]) -> int:
    """A string inside an expression of an f-string: it gets other quotes if it has those of the outer one."""
    letter = text[at]
    end = _plain(text, at + 1, letter)
    if letter == quote[0] and len(quote) == 1:
        changed[at] = changed[end - 1] = _OTHER[letter]
    for place in range(at + 1, end - 1):
        if text[place] in ("\\", quote[0], _OTHER[letter]):
            changed[place] = " "
            if text[place] == "\\":
                changed[place + 1] = " "
    return end
