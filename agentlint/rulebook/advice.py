"""What a framework has against the flaw that a rule is about, in that framework's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentlint.rulebook.models import Model
from agentlint.rulebook.rules import Rule


def topics(model: Model) -> Mapping[str, str]:
    """Return what a model says by topic, approval included."""
    return {"approval": model.approval, **model.advice} if model.approval else model.advice


def advice(model: Model, rule: Rule) -> str:
    """Return what the package of ``model`` offers for ``rule``, an empty string if nothing is known."""
    known = topics(model)
    return "; or ".join(known[topic] for topic in rule.advice if topic in known)


def by_package(models: Iterable[Model], rule: Rule) -> dict[str, str]:
    """Return the advice of every package that has some for ``rule``, by package."""
    return {model.package: said for model in sorted(models, key=lambda m: m.package) if (said := advice(model, rule))}


def section(said: Mapping[str, str]) -> str:
    """Return advice as a section of a rule's page, an empty string if there is none."""
    lines = [f"- `{package}`: {text}" for package, text in said.items()]
    return "\n".join(["## In each framework", *lines]) if lines else ""
