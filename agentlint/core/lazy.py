"""Regular expressions that are compiled when they are first used: compiling all at import would dominate a small scan."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Lazy:
    """Stands for a compiled pattern; each of its methods is looked up once."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), name)  # re keeps what it has compiled
        setattr(self, name, found)
        return found


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what behaves like ``re.compile(source, flags)``; a wrong pattern raises ``re.error`` on first use."""
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))
