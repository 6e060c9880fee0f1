r"""Text that comes from a scanned tree, made safe for the medium that shows it.

Every function first makes visible what a reader cannot see: control characters, terminal escapes, bidirectional and
zero-width characters, tag characters and lone surrogates become ``\x1b``, ``\u202e``, ``\U000e0041``.
"""

from __future__ import annotations

import re

from agentlint.core import lazy

_UNSEEN = lazy.pattern(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800"
    "\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_SURROGATE = lazy.pattern("[\ud800-\udfff]")
_MARKDOWN = lazy.pattern(r"[\\`*_\[\]<>|~!&$@{}]")
_AUTOLINK = lazy.pattern(r"(?i)://|www\.|mailto:|xmpp:")
_BREAKS = lazy.pattern(r"[\r\n]+")
_BLOCK_START = lazy.pattern(r"^(\s*)([-+=#]|\d{1,9}(?=[.)]))")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"}
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_HTML_TABLE = str.maketrans(_HTML)
TAB = "    "


def visible(text: str, keep: str = "") -> str:
    """Return ``text`` with every unseen character written as a backslash escape, except those in ``keep``."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else _code(found[0]), text)


def _code(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return {"\n": r"\n", "\r": r"\r"}.get(char, f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def scrub(text: str) -> str:
    """Return ``text`` with lone surrogates replaced, so that it can be encoded as UTF-8."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def for_terminal(text: str) -> str:
    """Return one line for a terminal or a build log.

    It holds no control characters, no tabs and no logging commands of CI systems.
    """
    shown = visible(text.replace("\t", TAB))
    return shown.replace("##[", r"##\[").replace("##vso[", r"##vso\[") if "##" in shown else shown


def for_markdown(text: str) -> str:
    """Return one line of Markdown that renders as ``text``.

    It holds no markup, links, images, mentions or HTML; line breaks become spaces.
    """
    line = visible(_BREAKS.sub(" ", text).replace("\t", " "))
    line = _MARKDOWN.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), line)
    line = _AUTOLINK.sub(lambda found: "".join(f"&#{ord(c)};" if c in ":." else c for c in found[0]), line)
    return _BLOCK_START.sub(lambda found: f"{found[1]}&#{ord(found[2])};" if len(found[2]) == 1 else found[0], line, count=1)


def markdown_code(text: str) -> str:
    """Return ``text`` as a Markdown code span that neither ends early nor breaks a table row."""
    line = visible(_BREAKS.sub(" ", text).replace("\t", TAB)).replace("|", "\u2223")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if not line.strip() or line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line or ' '}{pad}{fence}"


def for_html(text: str) -> str:
    """Return ``text`` for HTML content or a quoted attribute; line feeds and tabs stay."""
    return visible(text, keep="\n\t").translate(_HTML_TABLE)


def for_xml(text: str) -> str:
    """Return ``text`` for XML 1.0 content or a quoted attribute, with only characters that XML allows."""
    return visible(text.replace("\r\n", "\n"), keep="\n\t").translate(_HTML_TABLE)


def for_workflow_data(text: str) -> str:
    """Return ``text`` as the message of a GitHub workflow command (``::error ::message``): always one line."""
    return visible(text.replace("\r\n", "\n"), keep="\n\t").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def for_workflow_property(text: str) -> str:
    """Return ``text`` as a property value of a GitHub workflow command (``file=``, ``title=``)."""
    return for_workflow_data(text).replace(":", "%3A").replace(",", "%2C")
