"""Everything a scan can be told, from the command line and the configuration."""

from __future__ import annotations

from typing import Any

import msgspec

from agentlint.core.levels import Persona, Severity
from agentlint.core.limits import MAX_FILE_BYTES


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a scan.

    ``fail_on`` ``None`` means never, ``jobs`` 0 as many as there are processors. ``max_file_size`` is in bytes. Paths
    are absolute or relative to the working directory, globs relative to the scanned root. ``attest`` holds, per
    recommendation, who attests a manual control (owner, date, expires, link) and in which ``place`` of the configuration.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    persona: Persona = Persona.REGULAR
    min_severity: Severity = Severity.INFO
    fail_on: Severity | None = Severity.LOW
    exclude: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    baseline: str = ""
    rule_dirs: tuple[str, ...] = ()
    model_dirs: tuple[str, ...] = ()
    severity: dict[str, Severity] = {}
    max_file_size: int = MAX_FILE_BYTES
    allow_hosts: tuple[str, ...] = ()
    trusted_mcp_packages: tuple[str, ...] = ()
    attest: dict[str, dict[str, str]] = {}
    isolated: bool = False
    use_cache: bool = True
    jobs: int = 0
    no_ignores: bool = False
    preview: bool = False
    include_tests: bool = False
    stdin_filename: str = ""
    include_suppressed: bool = False
    cache_dir: str = ""


def honours_ignores(settings: Settings) -> bool:
    """Return whether comments in the scanned files may exempt what they stand beside."""
    return not (settings.no_ignores or settings.isolated)


def file_phase(settings: Settings) -> dict[str, Any]:
    """Return the settings that decide what a worker finds in a file; they are part of the cache key."""
    return {
        "max_file_size": settings.max_file_size,
        "include_tests": settings.include_tests,
        "allow_hosts": sorted(settings.allow_hosts),
        "trusted_mcp_packages": sorted(settings.trusted_mcp_packages),
        "ignores": honours_ignores(settings),
    }
