"""Every model tests itself: its `expect:` lines hold, and each of its groups and kinds is exercised by one of them."""

from __future__ import annotations

import re
from functools import cache

import pytest

from agentlint.rulebook.index import ModelIndex
from agentlint.rulebook.load import shipped

MODELS = shipped().models
LINES = [
    pytest.param(model, line, id=f"{model.package}-{number}") for model in MODELS for number, line in enumerate(model.expect)
]
TOKENS = {
    "sources": ("source", "kind"),
    "sinks": ("sink", "kind"),
    "effects": ("effect", "effect"),
    "switches": ("switch", "kind"),
    "servers": ("server", "kind"),
    "tools": ("tool", ""),
    "agents": ("agent", ""),
    "gates": ("gate", ""),
    "answers": ("answer", ""),
    "throttles": ("throttle", ""),
    "limits": ("limit", ""),
    "loggers": ("logger", ""),
    "memories": ("memory", ""),
    "guardrails": ("guardrail", ""),
    "auth": ("auth", ""),
}


@cache
def index() -> ModelIndex:
    return ModelIndex(MODELS)


@pytest.mark.parametrize(("model", "line"), LINES)
def test_expectation_holds(model, line):
    from agentlint.graph.expect import found

    got = found(line.code, index())
    group, _, kind = line.finds.partition(":")
    if line.finds == "none":
        assert not got, line.code
    elif kind == "none":
        assert not any(token.partition(":")[0] == group for token in got), (line.code, got)
    else:
        assert line.finds in got, (line.code, got)


def required(model) -> set[str]:
    tokens = set()
    for group, (word, field) in TOKENS.items():
        for fact in getattr(model, group):
            tokens.add(f"{word}:{getattr(fact, field)}" if field else word)
    for fact in model.sanitizers:
        tokens.add("guard" if fact.guard or fact.method else "sanitizer")
    return tokens


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.package)
def test_every_group_and_kind_is_exercised(model):
    tested = {line.finds for line in model.expect}
    assert not required(model) - tested, "add `expect:` lines for these"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.package)
def test_model_says_what_it_was_checked_against(model):
    assert {"version", "date"} <= set(model.checked)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", model.checked["date"])
    assert model.imports or model.conventions
