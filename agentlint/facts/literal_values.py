"""What a literal is that stands where a credential is expected: generated, chosen, a phrase, a placeholder, or something else."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from agentlint.core import lazy
from agentlint.facts.literal_names import parts
from agentlint.facts.secret_filters import is_placeholder
from agentlint.facts.values import bare, classify, looks_random

Shape = Literal["", "random", "chosen", "phrase", "placeholder"]

_LONGEST = 512
_CHOSEN = lazy.pattern(r"[\x21-\x7e]{6,40}")
_SYMBOL = lazy.pattern(r"[!@#%^&*+?~=]")
_PLAIN_SYMBOL = lazy.pattern(r"\A[\w!@#%^&*+?~=.-]*[!@#%^&*+?~][\w!@#%^&*+?~=.-]*\Z")
_ASKS = lazy.pattern(r"(?i)your|change|replace|example|placeholder|insert|\*\*|##|xxx|@[a-z0-9-]+\.")
_IDENTIFIER = lazy.pattern(r"[A-Za-z]+[0-9]{0,2}(?:[._/:-][A-Za-z0-9]{1,20}){1,8}")
_CONSTANT = lazy.pattern(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_WORDS = lazy.pattern(r"[A-Za-z][A-Za-z0-9]*(?:[-_ .][A-Za-z0-9]+){0,9}[!?.]?")
_SYNTAX = lazy.pattern(r"[<>{}|\[\]();\\`\"]|\$\(|://|\.\.|%[sd(]|^[./~#$]|^0x|@[\w-]+\.\w|^\(|^!|^--|^[a-z]+:[a-z]")
_TO_CHANGE = lazy.pattern(
    r"(?i)change[-_ ]?(?:me|this|it|in[-_ ]prod)|your[-_ ]?(?:[a-z0-9]+[-_ ]){0,5}(?:secret|key)|replace[-_ ]?(?:me|this|with)"
    r"|secret|insecure|default|dev[-_]"
)
_ADMIN = lazy.pattern(
    r"(?i)(?:admin|root|password|passw0rd|changeme|change[-_]me|letmein|welcome|default|secret|administrator|master)[\w!@#-]{0,12}"
)
# Values that are published by design: analytics, publishable and site keys.
_PUBLISHED = lazy.pattern(r"(?:phc_|pk_(?:live|test)_|pk-lf-|pk\.eyJ|sb_publishable_|G-[A-Z0-9]{8,}$|UA-\d)")


@lru_cache(maxsize=4096)
def shape_of(name: str, value: str) -> Shape:
    """Return the shape of ``value`` under ``name``; empty for what is no credential at all."""
    text = bare(value)
    if not 4 <= len(text) <= _LONGEST or "\n" in text or not text.isascii():
        return ""
    if _is_name(name, text) or _PUBLISHED.match(text):
        return ""
    kind = classify(text)
    if kind in ("reference", "empty"):
        return ""
    if _meets_policies(text) and not _ASKS.search(text):
        return "chosen"
    if kind == "placeholder" or is_placeholder(text, "", ""):
        if kind == "literal" and text.count("-") >= 3 and _WORDS.fullmatch(text):
            return "phrase"
        return "placeholder" if not _SYNTAX.search(text) and (_TO_CHANGE.search(text) or _ADMIN.fullmatch(text)) else ""
    if looks_random(text) and not _SYNTAX.search(text):
        return "random"
    if _SYNTAX.search(text):
        return "chosen" if _is_chosen(text) and not _SYNTAX.search(_SYMBOL.sub("", text)) else ""
    if _is_chosen(text):
        return "chosen"
    if _ADMIN.fullmatch(text):
        return "placeholder"
    return "phrase" if len(text) >= 6 and _WORDS.fullmatch(text) else ""


def _is_chosen(text: str) -> bool:
    """Tell whether a person made this up as a password: letters mixed with digits or symbols, and no name of something."""
    if not _CHOSEN.fullmatch(text) or not any(char.isalpha() for char in text):
        return False
    symbols = _SYMBOL.search(text) is not None
    digits = sum(char.isdigit() for char in text)
    if _IDENTIFIER.fullmatch(text) and not symbols:
        return False
    return digits >= 2 or (symbols and (digits >= 1 or any(char.isupper() for char in text)))


def _meets_policies(text: str) -> bool:
    """Tell whether ``text`` is what password policies ask for: upper and lower case, digits, symbols."""
    kinds = (str.isupper, str.islower, str.isdigit)
    return (
        8 <= len(text) <= 40
        and all(any(kind(char) for char in text) for kind in kinds)
        and _PLAIN_SYMBOL.search(text) is not None
    )


def _is_name(name: str, text: str) -> bool:
    """Tell whether the value is what something is called: the key itself, an environment variable, a field."""
    if _CONSTANT.fullmatch(text):
        return True
    words, own = parts(text), parts(name)
    if not words or words == own:
        return bool(words)
    return len(words) == 2 and "_" in text and text.islower() and len(words[-1]) > 3 and "".join(words) in "".join(own)


def is_identifier_like(text: str) -> bool:
    """Tell whether ``text`` is written as code writes names: ``jwt_secret``, ``accessToken``."""
    return text.isidentifier() and ("_" in text or any(char.isupper() for char in text[1:])) and not text.isupper()
