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


def written(path: str) -> str:
    """Code that names ``path``: a wildcard stands for some name, an unknown receiver for a parameter."""
    path = path.replace("*.", "unknown.", 1) if path.startswith("*.") else path
    path = path + "x" if path.endswith("*") else path
    return path.replace("*", "x").removeprefix("builtins.")


def probes(model) -> str:
    """A program that calls, decorates with and inherits from everything that ``model`` speaks of."""
    roots = {path.partition(".")[0].removesuffix("()") for _, _, path in spoken(model)} - {"builtins", "*"}
    lines = [f"import {root}" for root in sorted(roots) if root.isidentifier()]
    for number, (field, fact, path) in enumerate(spoken(model)):
        code = written(path)
        if field in ("decorator", "params_of", "returns_of"):
            lines.append(f"@{code}\ndef decorated{number}(value): return value")
        elif field == "base":
            lines.append(f"class Based{number}({code}):\n    field = 1")
        elif field == "read":
            lines.append(f"read{number} = {code}")
        else:
            lines.append(f"called{number} = {code}(1)")
    return "\n".join(lines) + "\n"


def spoken(model):
    for group in LOOKUPS:
        for fact in getattr(model, group):
            for field in ("call", "decorator", "base", "params_of", "returns_of", "handler", "read"):
                path = getattr(fact, field, "")
                if path:
                    yield field, fact, path


LOOKUPS = {
    "sources": ("sources_call", "sources_read", "params_of", "handlers"),
    "sinks": ("sinks", "sinks_returned"),
    "sanitizers": ("sanitizers", "sanitizer_reads"),
    "propagators": ("propagators",),
    "tools": ("tools_by_call", "tools_by_decorator", "tools_by_base"),
    "agents": ("agents",),
    "runs": ("runs",),
    "effects": ("effects",),
    "gates": ("gates",),
    "guardrails": ("guardrails_call", "guardrails_decorator"),
    "memories": ("memories",),
    "loggers": ("loggers_call",),
    "switches": ("switches_call",),
    "servers": ("servers",),
    "auth": ("auth",),
    "limits": ("limits",),
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.package)
def test_each_line_is_found_from_code(model):
    """No alias, no other model and no misspelling keeps a fact from being found where code names its symbol."""
    import ast

    from agentlint.facts.python.ir import Op
    from agentlint.facts.python.lower import lower
    from agentlint.facts.types import FileFacts
    from agentlint.graph.program import Program

    code = probes(model)
    program = Program([FileFacts(path="model.py", kind="python", python=lower(ast.parse(code), code))], index())
    paths = set()
    for number, function in enumerate(program.functions):
        for value_id, value in enumerate(function.values):
            if value.op in (Op.ATTR, Op.NAME, Op.IMPORT):
                paths.update(program.inference.paths((number, value_id)))
            if value.op is Op.CALL:
                paths.update(program.inference.paths((number, value.args[0])))
    names = {path.rpartition(".")[2] for path in paths}
    found = {
        id(fact)
        for path in paths
        for lookups in LOOKUPS.values()
        for lookup in lookups
        for fact in getattr(index(), lookup)(path)
    }
    for _, fact, path in spoken(model):
        if path.startswith("*."):
            assert path[2:].rpartition(".")[2] in names
        elif path.startswith("*"):
            continue  # any base whose name ends so: there is no symbol to write
        else:
            assert id(fact) in found, f"{path} is not found: {fact}"
