"""Why a file could not be parsed."""

from __future__ import annotations

from typing import Literal

import msgspec


class ParseProblem(msgspec.Struct, frozen=True):
    """``kind`` is ``cap`` when a limit was reached, else ``parse-error``; ``line`` is 1-based, 0 when unknown."""

    message: str
    line: int = 0
    kind: Literal["parse-error", "cap"] = "parse-error"
