"""Policy files of Azure API Management: whether they check who calls."""

from __future__ import annotations

from agentlint.core.place import Span
from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.infra.build import resource
from agentlint.facts.infra.model import Field, Value, literal

_MAX_TEXT = 300_000
_CHECKS = ("<validate-jwt", "<validate-azure-ad-token", "<check-header", "<validate-client-certificate", "<ip-filter",
           "<authentication-certificate", 'statuscode="401"', 'code="401"')  # fmt: skip


def contribute(inp: FileInput) -> Contribution:
    """Return the policy file as a resource ``checks: true|false``; nothing for another text."""
    text = inp.text.data
    if not inp.path.endswith(".xml") or "<policies" not in text[:_MAX_TEXT]:
        return Contribution()
    span = Span(1, 1, 1, 1)
    fields = (Field("checks", span, literal(checks_caller(text), span)),)
    made = resource("apim-policy-file", inp.path.rsplit("/", 1)[-1], "apim", span, Value("map", span, None, fields))
    return Contribution(resources=(made,))


def checks_caller(text: str) -> bool:
    """Whether a policy refuses callers that it does not know."""
    lowered = text[:_MAX_TEXT].lower()
    return any(sign in lowered for sign in _CHECKS)
