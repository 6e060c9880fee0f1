"""The rulebook in memory."""

# Annotations are values here, not text: msgspec compiles text one by one when it first decodes, which takes milliseconds.

from collections.abc import Iterable

import msgspec

from agentlint.core.levels import Confidence, Persona, Severity
from agentlint.core.result import RuleInfo
from agentlint.rulebook.advice import by_package, section
from agentlint.rulebook.models import Model
from agentlint.rulebook.rules import Rule


class SecretType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A credential format: ``regex`` has one group, the secret; any match contains one of ``literals``.

    A match starts at a literal, or at most ``before`` characters before it. ``entropy`` is the least Shannon entropy
    of the secret, in bits per character. ``checksum`` names the scheme of its last characters. ``plugin`` (a
    ``module.Class`` of detect-secrets) gives a second opinion on what ``regex`` found.
    """

    id: str
    provider: str
    regex: str
    literals: tuple[str, ...]
    entropy: float = 0.0
    severity: str = "high"
    revoke: str = ""
    before: int = 0
    checksum: str = ""
    plugin: str = ""


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """All rules (by id order), models and vocabularies. ``digest`` changes whenever any of them does."""

    rules: tuple[Rule, ...] = ()
    models: tuple[Model, ...] = ()
    secrets: tuple[SecretType, ...] = ()
    kinds: dict[str, dict[str, str]] = {}
    digest: str = ""

    def rule(self, code: str) -> Rule | None:
        """Return the rule with this id or name."""
        wanted = code.lower()
        return next((r for r in self.rules if wanted in (r.id.lower(), r.name)), None)


def info(rule: Rule, models: Iterable[Model] = ()) -> RuleInfo:
    """Return what reports show of ``rule``, with what its page says of the packages of ``models``."""
    more = section(by_package(models, rule)) if rule.advice else ""
    return RuleInfo(
        id=rule.id,
        name=rule.name,
        category=rule.category,
        severity=Severity[rule.severity.upper()],
        confidence=Confidence[rule.confidence.upper()],
        persona=Persona[rule.persona.upper()],
        preview="preview" in rule.status,
        summary=rule.summary,
        cwe=rule.cwe,
        owasp=rule.owasp,
        atlas=rule.atlas,
        controls=rule.controls,
        kinds=rule.kinds,
        docs=f"{rule.docs.rstrip()}\n\n{more}\n" if more else rule.docs,
    )
