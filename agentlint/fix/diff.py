"""A change as a unified diff that shows no secret."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from agentlint.core.escape import for_terminal
from agentlint.core.finding import Finding
from agentlint.core.mask import mask_in_place, mask_line
from agentlint.fix.source import SourceFile
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import decode

_LEAST = 4
_WORDY = 16


def unified(file: SourceFile, new: bytes, secrets: Iterable[str]) -> list[str]:
    """Return the lines of the diff from ``file`` to its ``new`` content, with ``secrets`` masked and escaped for a terminal."""
    after = decode(new, python=file.kind == "python")
    if file.text is None or isinstance(after, ParseProblem):
        return []
    hidden = sorted({part for part in secrets if len(part) >= _LEAST}, key=len, reverse=True)
    lines = difflib.unified_diff(file.text.lines, after.lines, f"a/{file.path}", f"b/{file.path}", lineterm="")
    return [for_terminal(_masked(line, hidden)) for line in lines]


def _masked(line: str, hidden: Sequence[str]) -> str:
    for secret in hidden:
        if secret not in line:
            continue
        if len(secret) < _WORDY and secret.isidentifier():
            # A password that is a word must not hide that word in names.
            line = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", mask_in_place(secret), line)
        else:
            line = line.replace(secret, mask_in_place(secret))
    return mask_line(line, 0)


def secrets_in(file: SourceFile, findings: Iterable[Finding]) -> set[str]:
    """Return what stands at the places of findings about secrets in ``file``, line by line and without quotes."""
    found: set[str] = set()
    if file.text is None:
        return found
    for finding in findings:
        if finding.rule.startswith("AL1") and finding.path == file.path and finding.category in ("", "hardcoded-secret"):
            for span in (finding.span, *(place.span for place in finding.related if place.path == file.path)):
                found |= {line.strip().strip("\"'") for line in file.at(span).splitlines()}
    return found
