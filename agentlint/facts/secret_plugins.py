"""A second opinion from detect-secrets, asked only about lines that a format of ours has flagged."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from agentlint.core import lazy

_BEFORE = 100
_AFTER = 2
_QUOTE = lazy.pattern(r"""\\["']|['`]""")


@cache
def _plugin(name: str) -> Any:
    """Return the detector ``module.Class`` of detect-secrets; its import takes a third of a second."""
    module, _, kind = name.rpartition(".")
    return getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), kind)()


def agrees(name: str, data: str, start: int, end: int) -> bool:
    """Tell whether the plugin ``name`` also finds a secret at ``start:end``; it is shown that piece of the line only.

    ``analyze_string`` matches patterns and nothing else: the verification over the network is another method. What it
    yields is often only a part of the match, so that its presence is all that counts.
    """
    first = max(data.rfind("\n", 0, start) + 1, start - _BEFORE)
    last = data.find("\n", end)
    line = data[first : min(len(data) if last == -1 else last, end + _AFTER)]
    line = _QUOTE.sub('"', line)  # some plugins know no other quote
    return any(True for _ in _plugin(name).analyze_string(line))
