"""Findings and notifications as SARIF results and notifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from agentlint.core import lazy
from agentlint.core.escape import for_markdown, scrub, visible
from agentlint.core.finding import Finding, Notification
from agentlint.core.fingerprint import VERSION, LineHasher
from agentlint.core.fix import Edit, Fix, Refusal
from agentlint.core.place import Span
from agentlint.report.sarif_rules import LEVEL
from agentlint.report.select import confidence_of, is_base, located, severity_of, with_next_step

BASE_ID = "%SRCROOT%"
MAX_RELATED = 100
MAX_STEPS = 10_000
_LINKED = 5
_LINK_LABEL = lazy.pattern(r"[\[\]\\]")


def uri_of(path: str, root: str = "") -> str:
    """Return the relative URI reference of ``path``, percent-encoded; an absolute path becomes a ``file:`` URI."""
    place = scrub(located(path.removeprefix("./"), root))
    return ("file://" if place.startswith("/") else "") + quote(place, safe="/")


def line_hash_lookup(source: Callable[[str], str | None]) -> Callable[[str, int], str]:
    """Return a function from path and line to ``primaryLocationLineHash`` (empty when the text is not at hand)."""
    hashers: dict[str, LineHasher | None] = {}

    def lookup(path: str, line: int) -> str:
        if path not in hashers:
            text = source(path)
            hashers[path] = None if text is None else LineHasher(text)
        hasher = hashers[path]
        return "" if hasher is None else hasher.hash(line)

    return lookup


class ResultWriter:
    """Turns findings into model objects. Holds what all results of one run share."""

    def __init__(
        self,
        rule_index: Mapping[str, int],
        line_hash: Callable[[str, int], str],
        root: str,
        *,
        suppressions: bool,
        fixes: Callable[[Finding], Fix | Refusal | None] = lambda _finding: None,
    ) -> None:
        import sarif_om

        self._om = sarif_om
        self._rule_index = rule_index
        self._line_hash = line_hash
        self._root = root
        self._base = BASE_ID if is_base(root) else None
        self._suppressions = suppressions
        self._fixes = fixes
        self._artifacts: dict[str, Any] = {}

    def result(self, finding: Finding) -> Any:
        om = self._om
        related = finding.related[:MAX_RELATED]
        return om.Result(
            message=self._message(finding),
            rule_id=finding.rule,
            rule_index=self._rule_index[finding.rule],
            level=LEVEL[severity_of(finding)],
            locations=[self._primary(finding)],
            related_locations=[
                self._location(place.path, place.span, place.message, number) for number, place in enumerate(related, 1)
            ]
            or None,
            code_flows=self._code_flows(finding),
            partial_fingerprints=self._fingerprints(finding),
            suppressions=self._suppressed(finding),
            fixes=self._edits(finding),
            properties=_properties(finding),
        )

    def notification(self, note: Notification) -> Any:
        om = self._om
        place = None
        if note.path:
            span = Span(note.line, 1, note.line, 1) if note.line > 0 else None
            place = [self._location(note.path, span)]
        return om.Notification(
            message=om.Message(text=text_of(with_next_step(note)) or note.kind),
            descriptor=om.ReportingDescriptorReference(id=note.kind),
            level=note.level,
            locations=place,
        )

    def _message(self, finding: Finding) -> Any:
        text = text_of(finding.message) or finding.rule
        linked = [
            f"[{_LINK_LABEL.sub('', text_of(place.message)) or 'related place'}]({number})"
            for number, place in enumerate(finding.related[:_LINKED], 1)
        ]
        if linked:
            text = f"{text}\n\nRelated: {'; '.join(linked)}"
        markdown = None
        if finding.fix:
            markdown = f"{for_markdown(finding.message)}\n\n**Fix:** {for_markdown(finding.fix)}"
        return self._om.Message(text=text, markdown=markdown)

    def _primary(self, finding: Finding) -> Any:
        om = self._om
        location = self._location(finding.path, finding.span)
        if finding.snippet and finding.span.line == finding.span.end_line:
            location.physical_location.context_region = om.Region(
                start_line=finding.span.line, snippet=om.ArtifactContent(text=visible(finding.snippet, keep="\t"))
            )
        if finding.symbol:
            location.logical_locations = [om.LogicalLocation(fully_qualified_name=visible(finding.symbol))]
        return location

    def _location(self, path: str, span: Span | None, message: str = "", number: int = -1) -> Any:
        om = self._om
        artifact = self._artifacts.get(path)
        if artifact is None:
            artifact = om.ArtifactLocation(uri=uri_of(path, self._root), uri_base_id=self._base)
            self._artifacts[path] = artifact
        return om.Location(
            id=number,
            physical_location=om.PhysicalLocation(
                artifact_location=artifact, region=None if span is None else self._region(span)
            ),
            message=om.Message(text=text_of(message)) if message else None,
        )

    def _region(self, span: Span) -> Any:
        line, column = max(span.line, 1), max(span.column, 1)
        end_line, end_column = max(span.end_line, line), max(span.end_column, 1)
        if end_line == line:
            end_column = max(end_column, column)
        return self._om.Region(start_line=line, start_column=column, end_line=end_line, end_column=end_column)

    def _code_flows(self, finding: Finding) -> list[Any] | None:
        om = self._om
        steps = finding.flow
        if not steps:
            return None
        if len(steps) > MAX_STEPS:
            steps = (*steps[: MAX_STEPS // 2], *steps[-MAX_STEPS // 2 :])
        places = [
            om.ThreadFlowLocation(
                location=self._location(step.path, step.span, step.message or step.kind),
                execution_order=number,
                importance="important" if step.kind == "step" else "essential",
                kinds=[step.kind],
            )
            for number, step in enumerate(steps, 1)
        ]
        return [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=places)])]

    def _fingerprints(self, finding: Finding) -> dict[str, str] | None:
        prints = {
            "primaryLocationLineHash": self._line_hash(finding.path, finding.span.line),
            VERSION: finding.fingerprint,
        }
        return {name: value for name, value in prints.items() if value} or None

    def _edits(self, finding: Finding) -> list[Any] | None:
        fix = self._fixes(finding)
        if not isinstance(fix, Fix):
            return None
        om = self._om
        by_path: dict[str, list[Edit]] = {}
        for edit in fix.edits:
            by_path.setdefault(edit.path, []).append(edit)
        changes = [
            om.ArtifactChange(
                artifact_location=self._location(path, None).physical_location.artifact_location,
                replacements=[
                    om.Replacement(
                        deleted_region=self._region(edit.span), inserted_content=om.ArtifactContent(text=edit.replacement)
                    )
                    for edit in edits
                ],
            )
            for path, edits in by_path.items()
        ]
        return [om.Fix(artifact_changes=changes, description=om.Message(text=text_of(fix.description)))]

    def _suppressed(self, finding: Finding) -> list[Any] | None:
        # SARIF: within a run, `suppressions` is on all results or on none.
        if not self._suppressions:
            return None
        if finding.suppressed is None:
            return []
        reason = text_of(finding.suppressed) or None
        return [self._om.Suppression(kind="inSource", state="accepted", justification=reason)]


def text_of(text: str) -> str:
    """Return ``text`` as a SARIF plain-text message, in which ``[a](b)`` from a scanned tree must not become a link."""
    return visible(text, keep="\n\t").replace("](", "] (")


def _properties(finding: Finding) -> dict[str, Any]:
    values: dict[str, Any] = {
        "category": finding.category,
        "severity": severity_of(finding).label,
        "confidence": confidence_of(finding).label,
        "controls": finding.controls,
        "fix": finding.fix and visible(finding.fix, keep="\n\t"),
        "cell": finding.cell and {"number": finding.cell.number, "line": finding.cell.line},
    }
    return {name: value for name, value in values.items() if value}
