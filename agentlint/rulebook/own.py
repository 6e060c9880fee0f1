"""agentlint's own rulebook: the compiled catalogue of a wheel, else the YAML of a source checkout.

Every scan imports this module; what reads and checks YAML is imported only where there is no catalogue.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.errors import RulebookError
from agentlint.rulebook import catalog

if TYPE_CHECKING:
    from agentlint.rulebook.book import Rulebook

PACKAGE = Path(__file__).resolve().parent.parent


@cache
def shipped() -> Rulebook:
    """Return agentlint's own rulebook.

    Raises:
        RulebookError: A file is missing or breaks its schema. (Slower checks are left to
            ``load.load_directory``.)
    """
    compiled = PACKAGE / catalog.NAME
    if compiled.is_file():
        try:
            return catalog.parse(compiled.read_bytes())
        except msgspec.MsgspecError as error:
            raise RulebookError(f"{compiled}: the installation is damaged ({error}); reinstall agentlint") from error
    for directory in (PACKAGE / "_rules", PACKAGE.parent / "rules"):
        if (directory / "kinds.yaml").is_file():
            from agentlint.rulebook.load import load_directory

            return load_directory(directory, thorough=False)
    raise RulebookError(f"{PACKAGE}: the rules are missing from the installation; reinstall agentlint")
