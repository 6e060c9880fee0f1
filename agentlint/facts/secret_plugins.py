"""A second opinion from detect-secrets, asked only about lines that a format of ours has flagged."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

_WINDOW = 200


@cache
def _plugin(name: str) -> Any:
    """Return the detector ``module.Class`` of detect-secrets; its import takes a third of a second."""
    module, _, kind = name.rpartition(".")
    return getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), kind)()


def agrees(name: str, data: str, start: int, end: int) -> bool:
    """Tell whether the plugin ``name`` also finds a secret at ``start:end``; it is shown that line only, cut.

    ``analyze_string`` matches patterns and nothing else: the verification over the network is another method.
    """
    first = max(data.rfind("\n", 0, start) + 1, start - _WINDOW)
    last = data.find("\n", end)
    line = data[first : min(len(data) if last == -1 else last, end + _WINDOW)]
    secret = data[start:end]
    found = (str(value) for value in _plugin(name).analyze_string(line))
    return any(value and (value in secret or secret in value) for value in found)
