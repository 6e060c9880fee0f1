"""Names that look like other names: letters of other alphabets, and case."""

from __future__ import annotations

import unicodedata

_HOMOGLYPHS = str.maketrans("аеорсухіјѕԁԛԝһӏɡɑοανκιτρυ", "aeopcyxijsdqwhlgaoavkitpu")


def to_latin(name: str) -> str:
    """Return ``name`` in lower case, with letters that look like Latin ones in their place and without accents."""
    folded = unicodedata.normalize("NFKD", name.lower()).translate(_HOMOGLYPHS)
    return "".join(char for char in folded if not unicodedata.combining(char))


def mixes_alphabets(name: str) -> bool:
    """Return whether a name has Latin letters beside letters that only look so."""
    lower = name.lower()
    return not name.isascii() and any("a" <= char <= "z" for char in lower) and lower.translate(_HOMOGLYPHS) != lower
