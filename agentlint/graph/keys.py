"""Which part of a value is meant: ``a`` then ``b`` for ``x["a"]["b"]``. An empty key is the whole."""

from __future__ import annotations

MAX_PARTS = 3
ANY = "?"
"""An index or key that is not known."""
NAMES = "\0names"
"""The names under which a dict keeps its parts, not what it keeps."""
_JOINT = "\x1f"


def inside(part: str, key: str) -> str:
    """Return the key of ``key`` inside part ``part`` of a larger value; an empty ``part`` is not known."""
    if not key or key[0] == "\0":
        return part or ANY
    return _JOINT.join([part or ANY, *key.split(_JOINT)][:MAX_PARTS])


def split(key: str) -> tuple[str, str]:
    """Return the first part of a key and the rest; both empty for the whole, the first ``?`` where it is not known."""
    if key[:1] == "\0":
        return "", ""
    first, _, rest = key.partition(_JOINT)
    return first, rest


def is_known(part: str) -> bool:
    """Whether a part names one element."""
    return part not in ("", ANY)
