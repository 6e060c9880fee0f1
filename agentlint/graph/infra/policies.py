"""AWS policy documents: statements with their places, whatever language they were written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from agentlint.core.place import Span
from agentlint.facts.infra.aws_calls import preset_table
from agentlint.facts.infra.model import fold
from agentlint.graph.infra.estate import Located
from agentlint.graph.infra.plain import UNKNOWN
from agentlint.graph.infra.values import Values


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Lists hold what is literal, ``${}`` for holes; ``unknown`` names the fields that hold more.

    ``preset``: a template or method of a framework wrote it, so single actions of it cannot be taken away.
    """

    path: str
    span: Span
    effect: str = ""
    actions: tuple[tuple[str, Span], ...] = ()
    resources: tuple[tuple[str, Span], ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    negated: bool = False
    preset: bool = False
    condition: bool = False
    keys: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    unknown: frozenset[str] = field(default_factory=frozenset)

    @property
    def allows(self) -> bool:
        """Whether it grants what it lists."""
        return self.effect == "Allow" and not self.negated

    @property
    def everywhere(self) -> bool:
        """Whether it is about every resource."""
        return any(text == "*" for text, _ in self.resources)


def statements(values: Values, document: Located, *, rendered: bool = False) -> list[Statement]:
    """Return the statements of a policy document; ``rendered``: an absent effect allows (Terraform's data source)."""
    found: list[Statement] = []
    for one in values.ways(document):
        if one.value.kind not in ("map", "join"):
            continue
        hits = [way for at in _named(values, one, "statement") for way in values.ways(at)]
        for hit in [branch for choice in hits for branch in _branches(values, choice)]:
            found += [
                _statement(values, way, rendered=rendered)
                for item in values.items(hit)
                for way in _branches(values, item)
                if way.value.kind == "map"
            ]
    return found


def templated(values: Values, item: Located) -> list[Statement]:
    """Return what the policy templates of SAM in a list of policies grant."""
    found: list[Statement] = []
    for way in values.ways(item):
        for one in way.value.fields:
            actions = _templates().get(one.name.replace("_", "").lower())
            if actions:
                granted = tuple((action, one.span) for action in actions)
                found.append(Statement(way.path, one.span, "Allow", granted, preset=True, unknown=frozenset({"resources"})))
    return found


@lru_cache(maxsize=1)
def _templates() -> dict[str, tuple[str, ...]]:
    return {name.lower(): actions for name, actions in preset_table().templates.items()}


def _named(values: Values, at: Located, name: str) -> list[Located]:
    """Return the properties of a name as they are written, also below joined maps."""
    return [one for one in values.fields(at) if fold(one.name) == name]


def _branches(values: Values, item: Located) -> list[Located]:
    """Return both branches of a choice that is not known: either may be deployed."""
    if item.value.kind == "unknown" and not item.value.data and len(item.value.items) == 2:
        return [way for branch in item.value.items for way in values.ways(item.of(branch))]
    return [item]


def _statement(values: Values, at: Located, *, rendered: bool) -> Statement:
    unknown: set[str] = set()
    effect, _ = values.follow(at, ["effect"])
    word = str(effect[0].value.data) if effect and effect[0].value.kind == "lit" else ""
    if not word and rendered and not any(field.name == "effect" for field in at.value.fields):
        word = "Allow"
    names = {field.name.lower().replace("_", "") for field in at.value.fields}
    keys, constants, conditioned = _condition(values, at)
    return Statement(
        path=at.path,
        span=at.value.span,
        effect=word.capitalize(),
        actions=_texts(values, at, "action", unknown),
        resources=_texts(values, at, "resource", unknown),
        principals=_principals(values, at, unknown),
        negated=bool(names & {"notaction", "notresource", "notprincipal"}),
        preset="preset" in names,
        condition=conditioned,
        keys=keys,
        values=constants,
        unknown=frozenset(unknown if word else {*unknown, "effect"}),
    )


def _texts(values: Values, at: Located, key: str, unknown: set[str]) -> tuple[tuple[str, Span], ...]:
    found: list[tuple[str, Span]] = []
    hits, unsure = values.follow(at, [key])
    if unsure:
        unknown.add(f"{key}s")
    for hit in hits:
        for item in values.items(hit):
            if item.value.kind == "lit" and isinstance(item.value.data, str):
                place = item.value.span if item.path == at.path else at.value.span
                found.append((item.value.data, place))
            else:
                unknown.add(f"{key}s")
                if item.value.kind == "text" and isinstance(item.value.data, str):
                    found.append((item.value.data, item.value.span if item.path == at.path else at.value.span))
    return tuple(found)


def _principals(values: Values, at: Located, unknown: set[str]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    hits, unsure = values.follow(at, ["principal"])
    if unsure:
        unknown.add("principals")
    for hit in hits:
        if hit.value.kind == "lit":
            found.append(("*", str(hit.value.data)))
            continue
        plain = values.plain(hit)
        blocks = [plain] if isinstance(plain, dict) else plain if isinstance(plain, list) else []
        for block in blocks:
            if isinstance(block, dict) and "identifiers" in block:
                block = {str(block.get("type", "")): block["identifiers"]}  # noqa: PLW2901 - one shape for both spellings
            for kind, names in block.items() if isinstance(block, dict) else ():
                for name in names if isinstance(names, list) else [names]:
                    if isinstance(name, str):
                        found.append((str(kind).lower(), name))
                    else:
                        unknown.add("principals")
    return tuple(found)


def _condition(values: Values, at: Located) -> tuple[frozenset[str], frozenset[str], bool]:
    hits, unsure = values.follow(at, ["condition"])
    keys: set[str] = set()
    constants: set[str] = set()
    for hit in hits:
        plain = values.plain(hit)
        blocks = plain if isinstance(plain, list) else [plain]
        for block in blocks:
            if not isinstance(block, dict):
                continue
            if "variable" in block:
                block = {str(block.get("test")): {str(block["variable"]): block.get("values")}}  # noqa: PLW2901
            for tests in block.values():
                for key, wanted in tests.items() if isinstance(tests, dict) else ():
                    keys.add(str(key).lower())
                    constants.update(_constants(wanted))
    return frozenset(keys), frozenset(constants), bool(keys) or unsure or any(hit.value.kind != "lit" for hit in hits)


def _constants(wanted: Any) -> list[str]:
    return [str(one) for one in (wanted if isinstance(wanted, list) else [wanted]) if one is not UNKNOWN]
