"""Key paths: ``a.*.b``, ``**.url``, ``hooks.*[].command``, ``"key.with.dots".x``."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.errors import RulebookError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.document import Member, Node

ANY = "*"
DEEP = "**"
ITEM = "[]"
_SELF = "."
_UP = ".."


class Part(msgspec.Struct, frozen=True):
    """One step of a path: a literal key, or ``*``, ``**``, ``[]`` when ``literal`` is false."""

    text: str
    literal: bool = True


class Frame(msgspec.Struct):
    """A node in its surroundings: the member that holds it, its index in a sequence, and the frame around it."""

    node: Node
    member: Member | None = None
    parent: Frame | None = None
    index: int = -1


@lru_cache(maxsize=4096)
def parse_path(path: str) -> tuple[Part, ...]:
    """Split a key path; a wrong one raises ``RulebookError``."""
    parts: list[Part] = []
    position = 0
    while position < len(path):
        if path[position] == '"':
            end = path.find('"', position + 1)
            if end < 0:
                raise RulebookError(f"key path {path!r}: a quote is not closed")
            parts.append(Part(path[position + 1 : end]))
            position = end + 1
        elif path.startswith(ITEM, position):
            parts.append(Part(ITEM, literal=False))
            position += 2
        else:
            end = _end_of_word(path, position)
            word = path[position:end]
            if not word:
                raise RulebookError(f"key path {path!r}: a key is missing at position {position + 1}")
            parts.append(Part(word, literal=word not in (ANY, DEEP)))
            position = end
        position = _skip_dot(path, position)
    return tuple(parts)


def _end_of_word(path: str, start: int) -> int:
    end = start
    while end < len(path) and path[end] != "." and not path.startswith(ITEM, end):
        end += 1
    return end


def _skip_dot(path: str, position: int) -> int:
    if position < len(path) and path[position] == ".":
        if position + 1 == len(path):
            raise RulebookError(f"key path {path!r}: ends in a dot")
        return position + 1
    return position


def resolve(frame: Frame, key: str) -> list[Frame]:
    """Return the frames that the relative ``key`` names.

    ``""`` or ``.`` is ``frame``, ``..`` its parent, ``../a.b`` and ``a.b`` children, with ``*`` and ``[]`` for all of
    them. Nothing is returned where a key does not exist.
    """
    up, rest = split_key(key)
    start: Frame | None = frame
    for _ in range(up):
        start = start.parent if start is not None else None
    frames = [] if start is None else [start]
    for part in parse_path(rest):
        frames = [child for one in frames for child in _children(one, part)]
    return frames


@lru_cache(maxsize=4096)
def split_key(key: str) -> tuple[int, str]:
    """Return how many levels ``key`` climbs, and the path below."""
    up = 0
    rest = "" if key == _SELF else key
    while rest == _UP or rest.startswith("../"):
        up += 1
        rest = rest[3:]
    return up, rest


def _children(frame: Frame, part: Part) -> Iterator[Frame]:
    node = frame.node
    if part.literal:
        member = node.member(part.text)
        if member is not None:
            yield Frame(member.value, member, frame)
    elif part.text == ANY:
        yield from (Frame(member.value, member, frame) for member in node.members)
    elif part.text == ITEM:
        yield from (Frame(item, None, frame, index) for index, item in enumerate(node.items))
