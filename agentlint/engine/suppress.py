"""Inline ignores: which findings they suppress, and which of them say nothing (AL900, AL901)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from agentlint.core.finding import Finding
from agentlint.engine.select import nearest, resolve

if TYPE_CHECKING:
    from agentlint.core.result import RuleInfo
    from agentlint.facts.types import IgnoreComment

WITHOUT_REASON = "AL900"
UNUSED = "AL901"


class Ignored(msgspec.Struct, frozen=True):
    """The findings that stay (also those about ignores), and those that an ignore with a reason covers."""

    active: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]


def apply(
    findings: Iterable[Finding],
    ignores: Mapping[str, tuple[IgnoreComment, ...]],
    rules: Mapping[str, RuleInfo],
    judged: Callable[[str, str], bool],
) -> Ignored:
    """Split ``findings`` by ``ignores`` (by path) and add the findings AL900 and AL901.

    ``judged(path, rule)`` says whether the scan could have found all that ``rule`` finds in ``path``: only then is an
    ignore that suppresses nothing reported.
    """
    comments = {path: [_Comment(comment, rules) for comment in found] for path, found in ignores.items()}
    active: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        _split(finding, comments.get(finding.path, ()), active, suppressed)
    for path, found in comments.items():
        for extra in [e for comment in found for e in comment.remarks(path, judged)]:
            _split(extra, found, active, suppressed)
    return Ignored(tuple(active), tuple(suppressed))


def _split(finding: Finding, comments: Iterable[_Comment], active: list[Finding], suppressed: list[Finding]) -> None:
    for comment in comments:
        if comment.covers(finding):
            suppressed.append(msgspec.structs.replace(finding, suppressed=comment.fact.reason))
            return
    active.append(finding)


class _Comment:
    def __init__(self, fact: IgnoreComment, rules: Mapping[str, RuleInfo]) -> None:
        self.fact = fact
        self.known = rules
        self.ids = {code: resolve(code, rules) for code in fact.rules}
        self.used: set[str] = set()

    def covers(self, finding: Finding) -> bool:
        """Whether this ignore suppresses ``finding``; remembers which of its codes did."""
        if self.fact.line and self.fact.line not in (finding.span.line, finding.span.end_line):
            own = finding.rule in (WITHOUT_REASON, UNUSED) and finding.span == self.fact.span
            if not own:
                return False
        codes = [code for code, ids in self.ids.items() if finding.rule in ids]
        self.used.update(codes)
        return bool(codes and self.fact.reason)

    def remarks(self, path: str, judged: Callable[[str, str], bool]) -> Iterable[Finding]:
        """Yield what is wrong with the ignore itself."""
        span = self.fact.span
        if not self.fact.rules:
            message = "this ignore names no rule, so it suppresses nothing: write `agentlint: ignore[RULE] reason`"
            yield Finding(rule=WITHOUT_REASON, path=path, span=span, message=message)
            return
        if not self.fact.reason:
            message = f"this ignore of {', '.join(self.fact.rules)} gives no reason, so it suppresses nothing"
            yield Finding(rule=WITHOUT_REASON, path=path, span=span, message=message)
            return
        for code, ids in self.ids.items():
            if not ids:
                close = nearest(code, [*self.known, *(rule.name for rule in self.known.values())])
                hint = f"; did you mean {close}?" if close else ""
                message = f"there is no rule {code[:60]!r}{hint}"
            elif code in self.used or ids & {WITHOUT_REASON, UNUSED} or not all(judged(path, rule) for rule in ids):
                continue
            else:
                message = f"nothing here is reported by {code}: remove the ignore"
            yield Finding(rule=UNUSED, path=path, span=span, message=message, subject=code[:60])
