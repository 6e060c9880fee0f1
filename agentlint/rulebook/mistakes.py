"""All structural mistakes of a rulebook file at once, each with its line and the nearest right word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from agentlint.core import lazy
from agentlint.parse.document import Node
from agentlint.rulebook.schema import schema
from agentlint.rulebook.tree import line_at

Path: TypeAlias = "tuple[str | int, ...]"
_BARE_NEGATION = lazy.pattern(rb"[{,][ \t]{0,20}!\w")


class Mistake(msgspec.Struct, frozen=True, order=True):
    """What is wrong in a rulebook file; ``line`` is 1-based."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return ``file:line: text``."""
        return f"{self.file}:{self.line}: {self.text}"


def structure(kind: str, root: Node, file: str, kinds: Mapping[str, Mapping[str, str]]) -> Iterator[Mistake]:
    """Yield where ``root`` breaks the schema of a ``rule``, ``model`` or ``secret`` file."""
    import jsonschema

    shape = schema(kind, kinds)
    for error in jsonschema.Draft202012Validator(shape).iter_errors(root.plain()):
        yield from _explain(error, root, file)


def _explain(error: Any, root: Node, file: str) -> Iterator[Mistake]:
    path: Path = tuple(error.absolute_path)
    where = f" in `{_show(path)}`" if path else ""
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = list(error.schema.get("properties", {}))
        for key in error.instance:
            if key not in known:
                yield Mistake(file, line_at(root, path, key), f"unknown field `{cut(key)}`{where}{suggest(key, known)}")
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield Mistake(file, line_at(root, path), f"field `{key}` is missing{where}")
    elif error.validator == "enum":
        allowed = [str(word) for word in error.validator_value]
        text = f"`{cut(error.instance)}` is not a word for `{_show(path)}`{suggest(error.instance, allowed)}"
        yield Mistake(file, line_at(root, path), text)
    elif error.validator == "type":
        wanted = error.validator_value
        wanted = " or ".join(wanted) if isinstance(wanted, list) else wanted
        hint = "; put it in quotes" if wanted == "string" and isinstance(error.instance, (int, float)) else ""
        yield Mistake(file, line_at(root, path), f"`{_show(path) or 'the file'}` must be a {wanted}{hint}")
    else:
        yield Mistake(file, line_at(root, path), f"`{_show(path) or 'the file'}`: {cut(error.message, 160)}")


def suggest(word: object, known: Iterable[str]) -> str:
    """Return `` (did you mean `x`?)`` for the nearest of ``known``, or nothing."""
    near = difflib.get_close_matches(str(word)[:80], list(known), n=1, cutoff=0.6)
    return f" (did you mean `{near[0]}`?)" if near else ""


def cut(value: object, length: int = 60) -> str:
    """Return the text of ``value`` for a message: one line, printable, at most ``length`` characters."""
    text = str(value)
    text = "".join(c if c.isprintable() else "?" for c in text[: length + 1])
    return text if len(text) <= length else text[:length] + "…"


def _show(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{cut(step)}" for step in path).lstrip(".")


def bare_negations(data: bytes, file: str) -> Iterator[Mistake]:
    """Yield the lines of a model where a condition ``!name`` lacks its quotes: YAML takes it for a tag and drops it."""
    for number, line in enumerate(data.split(b"\n"), 1):
        if _BARE_NEGATION.search(line):
            yield Mistake(file, number, "a key that begins with `!` must stand in quotes")


def unread(root: Node, file: str) -> Iterator[Mistake]:
    """Yield what a YAML reader would drop or change silently: repeated keys, tags, aliases of large parts."""
    for _path, _member, node in root.walk():
        if node.kind == "expr" or node.tag:
            text = f"`{cut(node.tag)}`: tags are not supported; put a leading `!` in quotes"
            yield Mistake(file, node.span.line, text)
        seen: set[str] = set()
        for member in node.members:
            if member.key in seen:
                yield Mistake(file, member.key_span.line, f"the key `{cut(member.key)}` stands here a second time")
            seen.add(member.key)
