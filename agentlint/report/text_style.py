"""Lines of styled text, and the two ways to print them: plain, or with terminal colours through rich."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from agentlint.core.escape import for_terminal

Chunk: TypeAlias = "tuple[str, str]"
Line: TypeAlias = "list[Chunk]"

STYLES = {
    "path": "bold",
    "place": "cyan",
    "critical": "bold magenta",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold blue",
    "info": "bold cyan",
    "rule": "bold",
    "dim": "dim",
    "mark": "bold red",
    "fix": "green",
    "ok": "bold green",
    "bad": "bold red",
    "warning": "yellow",
    "": "",
}


def paint(lines: Iterable[Line], *, color: bool) -> str:
    """Return ``lines`` as text that ends with a newline."""
    return _coloured(lines) if color else "".join(f"{_plain(line)}\n" for line in lines)


def _plain(line: Line) -> str:
    text = "".join(text for text, _ in _guarded(line)).rstrip()
    # Chunks may only together spell a logging command of a CI system.
    return for_terminal(text) if "##" in text else text


def _guarded(line: Line) -> Line:
    # A build log that starts a line with `::` is a command to the runner.
    for number, (text, style) in enumerate(line):
        stripped = text.lstrip()
        if stripped.startswith("::"):
            return [*line[:number], (text.replace("::", r"\::", 1), style), *line[number + 1 :]]
        if stripped:
            break
    return line


def _coloured(lines: Iterable[Line]) -> str:
    from rich.style import Style

    rendered = {name: Style.parse(style) for name, style in STYLES.items()}
    out = []
    for line in lines:
        chunks = _guarded(line)
        while chunks and not chunks[-1][0].strip():
            chunks = chunks[:-1]
        out.append("".join(rendered[style].render(text) if style else text for text, style in chunks))
        out.append("\n")
    return "".join(out)
