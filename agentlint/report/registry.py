"""The report formats by name. A format's module is imported when it is asked for."""

from __future__ import annotations

import importlib

from agentlint.core.errors import UsageError
from agentlint.core.result import ScanResult
from agentlint.report.options import ReportOptions

FORMATS: dict[str, str] = {
    name: f"agentlint.report.{name}" for name in ("text", "json", "sarif", "github", "gitlab", "junit", "markdown", "html")
}


def render(format_name: str, result: ScanResult, options: ReportOptions) -> str:
    """Return ``result`` in the format named ``format_name``.

    Raises:
        UsageError: there is no such format.
    """
    module = FORMATS.get(format_name)
    if module is None:
        raise UsageError(f"unknown format '{format_name}': use one of {', '.join(FORMATS)}")
    text: str = importlib.import_module(module).render(result, options)
    return text
