"""What would mend a finding: edits of files, or why there are none."""

from __future__ import annotations

import msgspec

from agentlint.core.place import Span


class Edit(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Text to put in the place of ``span`` (empty: to insert there) in the file ``path`` (relative to the root)."""

    path: str
    span: Span
    replacement: str


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """A change that mends a finding. All of ``edits`` belong together.

    ``unsafe``: it may change what the program does. ``variables`` are the environment variables that it reads from now
    on. ``left`` says what of the finding it does not mend.
    """

    description: str
    edits: tuple[Edit, ...]
    unsafe: bool = False
    variables: tuple[str, ...] = ()
    left: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """Why a finding that a fix exists for is left to its reader."""

    reason: str
