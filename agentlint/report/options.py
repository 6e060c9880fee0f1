"""How a report is to look. The same for all formats; each uses what applies to it."""

from __future__ import annotations

import msgspec


class ReportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Wishes of the user.

    ``width`` is in terminal cells. ``fail_on`` is a severity label or ``never``. ``root`` tells where the scanned root
    is: an absolute directory or URI becomes the base of SARIF locations, a relative one (``services/bot``) is put
    before every path in the formats that a code host resolves from the top of the repository (SARIF, GitHub, GitLab).
    ``notes``: whether the text report lists what could not be checked, or leaves that to ``text.notes``.
    """

    color: bool = False
    width: int = 80
    fail_on: str = "low"
    include_suppressed: bool = False
    unicode: bool = True
    verbose: bool = False
    root: str = ""
    notes: bool = True
