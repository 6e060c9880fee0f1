"""The command lines of most scans, read without click: importing it takes as long as scanning a small file.

Whatever is not plain (another command, help, a wrong or rare option) is left to click, which then parses all of it.
"""

from __future__ import annotations

import os

from agentlint.cli import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_FLAGS = (
    "isolated", "no_cache", "no_ignores", "preview", "include_tests", "quiet", "verbose", "exit_zero",
    "include_suppressed", "no_color", "stats",
)  # fmt: skip
_REPEATED = ("select", "ignore", "formats")
_VALUES = ("target", "baseline")
_RARE = ("persona", "min_severity", "config", "jobs", "fail_on", "stdin_filename", "explain_flow")
_NAMES = {
    "-q": "quiet", "-v": "verbose", "-f": "formats", "--format": "formats", "-o": "target", "--output": "target",
    **{f"--{name.replace('_', '-')}": name for name in (*_FLAGS, "select", "ignore", "baseline")},
}  # fmt: skip
_COMPLETION = "_AGENTLINT_COMPLETE"


def parse(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Return the options of ``agentlint scan`` as click would give them; ``None`` if click has to read ``arguments``."""
    rest = list(arguments)
    if rest and rest[0] == "scan":
        del rest[0]
    elif (rest and rest[0] in COMMANDS) or _COMPLETION in os.environ:
        return None
    options: dict[str, Any] = dict.fromkeys(_FLAGS, False)
    options |= {name: [] for name in _REPEATED} | dict.fromkeys((*_VALUES, *_RARE))
    paths = []
    rest.reverse()
    while rest:
        argument = rest.pop()
        if not argument.startswith("-"):
            paths.append(argument)
            continue
        written, equals, value = argument.partition("=")
        name = _NAMES.get(written)
        if name is None or (equals and (name in _FLAGS or not written.startswith("--"))):
            return None
        if name in _FLAGS:
            options[name] = True
            continue
        if not equals:
            if not rest or (rest[-1].startswith("-") and rest[-1] != "-"):
                return None
            value = rest.pop()
        if name in _REPEATED:
            options[name].append(value)
        else:
            options[name] = value
    return options | {name: tuple(options[name]) for name in _REPEATED} | {"paths": _paths(paths)}


def _paths(paths: Sequence[str]) -> tuple[Any, ...]:
    from pathlib import Path

    return tuple(map(Path, paths))
