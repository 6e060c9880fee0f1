"""What a finding says: its rule's message filled with values of the scanned tree, and the levels of its case."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from agentlint.core import lazy
from agentlint.core.levels import Confidence, Persona, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentlint.rulebook.rules import FlowForm, MatchForm, NodeForm, ResourceForm

MAX_VALUE = 80
_MAX_LISTED = 5
_PLACEHOLDER = lazy.pattern(r"\{([\w@.*\[\]/-]{1,100})\}")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def fill(template: str, look: Callable[[str], Any]) -> str:
    """Return ``template`` with each ``{name}`` replaced by ``look(name)``, shown by ``show``.

    A name for which ``look`` returns ``None`` becomes ``?``. Values are never searched for further placeholders.
    """
    return _PLACEHOLDER.sub(lambda found: show(look(found[1])), template)


def show(value: Any) -> str:
    """Return ``value`` as one short line.

    Lists joined, control and invisible characters escaped, at most 80 characters.
    """
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        listed = ", ".join(show(item) for item in value[:_MAX_LISTED])
        return cut(listed + (", …" if len(value) > _MAX_LISTED else ""))
    if isinstance(value, dict):
        return cut(", ".join(show(str(key)) for key in list(value)[:_MAX_LISTED]))
    return cut(escape(str(value)[: MAX_VALUE * 4]))


def cut(text: str, size: int = MAX_VALUE) -> str:
    """Return ``text`` shortened to ``size`` characters; an ellipsis shows the cut."""
    return text if len(text) <= size else text[: size - 1] + "…"


def escape(text: str) -> str:
    r"""Return ``text`` with control, format, private-use and separator characters spelled as ``\u{…}``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(char) if unicodedata.category(char) in _INVISIBLE else char for char in text)


def _spelled(char: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char, f"\\u{{{ord(char):x}}}")


def levels(form: FlowForm | MatchForm | NodeForm | ResourceForm) -> dict[str, Any]:
    """Return the levels in which ``form`` differs from its rule, as keywords of a finding."""
    found: dict[str, Any] = {}
    if form.severity:
        found["severity"] = Severity[form.severity.upper()]
    if form.confidence:
        found["confidence"] = Confidence[form.confidence.upper()]
    if form.persona:
        found["persona"] = Persona[form.persona.upper()]
    return found
