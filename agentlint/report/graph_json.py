"""The graph as JSON."""

from __future__ import annotations

import json
from typing import Any


def render(data: dict[str, Any]) -> str:
    """Return ``graph_data`` as indented JSON."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
