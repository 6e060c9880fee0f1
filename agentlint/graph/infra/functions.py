"""The functions of the infrastructure languages that this project works out, on plain values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

MAX_TEXT = 20_000
_ORDER: dict[str, Callable[[Any, Any], bool]] = {"lt": operator.lt, "gt": operator.gt, "le": operator.le, "ge": operator.ge}


class NotKnownError(Exception):
    """The result depends on something that is not known."""


def call(name: str, arguments: Sequence[Any]) -> Any:
    """Return what a function makes of plain arguments.

    Raises ``NotKnownError`` where it is none of ours, the arguments do not fit it, or the result would be huge.
    """
    try:
        made = _FUNCTIONS[name](*arguments)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise NotKnownError(name) from error
    if isinstance(made, str) and len(made) > MAX_TEXT:
        raise NotKnownError(name)
    return made


def _format(pattern: str, *arguments: Any) -> str:
    parts = pattern.replace("%%", "\0").split("%")
    if len(parts) - 1 != len(arguments) or any(part[:1] not in "sdvq" or not part for part in parts[1:]):
        raise ValueError(pattern)
    return "".join([parts[0], *(f"{_text(one)}{part[1:]}" for one, part in zip(arguments, parts[1:], strict=True))]).replace(
        "\0", "%"
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TypeError(type(value).__name__)


def _join(between: str, parts: list[Any]) -> str:
    return between.join(_text(part) for part in parts)


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):  # a pattern: never run on what a repository writes
        raise ValueError(old)
    return text[:MAX_TEXT].replace(old, new[:1000])


def _length(value: Any) -> int:
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise TypeError(type(value).__name__)


def _contains(values: Any, one: Any) -> bool:
    if isinstance(values, (str, list, dict)):
        return one in values
    raise TypeError(type(values).__name__)


def _ordered(name: str) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        return bool(_ORDER[name](float(left), float(right)))

    return compare


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "format": _format, "join": _join, "split": lambda between, text: text.split(between), "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(), "replace": _replace, "length": _length, "contains": _contains,
    "swapped-join": lambda parts, between: _join(between, parts), "swapped-split": lambda text, between: text.split(between),
    "empty": lambda value: _length(value) == 0, "startswith": lambda text, start: text.startswith(start),
    "endswith": lambda text, end: text.endswith(end), "last": lambda values: values[-1], "first": lambda values: values[0],
    **{name: _ordered(name) for name in _ORDER},
}  # fmt: skip
