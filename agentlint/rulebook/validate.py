"""What no schema can say of rules and models: words, docs headings, patterns, dotted paths, duplicates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from agentlint.core import lazy
from agentlint.parse.document import Node
from agentlint.rulebook.book import SecretType
from agentlint.rulebook.mistakes import Mistake, cut, suggest
from agentlint.rulebook.models import Model
from agentlint.rulebook.patterns import pattern_problem
from agentlint.rulebook.rules import Rule
from agentlint.rulebook.schema import ARGUMENT_FIELDS
from agentlint.rulebook.tree import line_at
from agentlint.rulebook.vocabulary import FIELDS, FOUND, HEADINGS


def arguments_as_text(plain: object) -> object:
    """Return model data with bare argument positions (``arg: 0``) as text, as the types want them."""
    if not isinstance(plain, dict):
        return plain
    return {group: [_fact(f) for f in facts] if isinstance(facts, list) else facts for group, facts in plain.items()}


def _fact(fact: object) -> object:
    if not isinstance(fact, dict):
        return fact
    return {
        key: str(value) if key in ARGUMENT_FIELDS and isinstance(value, int) and not isinstance(value, bool) else value
        for key, value in fact.items()
    }


def misspelt(value: object, lists: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a rule or model holds a word that its list does not have (where: see ``structure``)."""
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(i for i in item if isinstance(i, msgspec.Struct))
            continue
        for attribute, name in _plan(type(item)):
            got = getattr(item, attribute)
            allowed = lists[name]
            if any(word not in allowed for word in (got if isinstance(got, tuple) else (got,))):
                return True
        stack.extend(v for f in item.__struct_fields__ if isinstance(v := getattr(item, f), (tuple, msgspec.Struct)))
    return False


_PLANS: dict[type, tuple[tuple[str, str], ...]] = {}


def _plan(kind: type) -> tuple[tuple[str, str], ...]:
    """Return attribute and list name of the closed fields of a struct type."""
    plan = _PLANS.get(kind)
    if plan is None:
        plan = _PLANS[kind] = tuple(
            (f.name, FIELDS[f"{kind.__name__}.{f.encode_name}"])
            for f in msgspec.structs.fields(kind)
            if f"{kind.__name__}.{f.encode_name}" in FIELDS
        )
    return plan


_HEADING = lazy.pattern(r"^ {0,3}#{1,6} +(.+?)[ #]*$", re.MULTILINE)
_USE_INSTEAD = lazy.pattern(r"^(?:\*\*)?Use instead:?(?:\*\*)?:?\s*$", re.MULTILINE)
_PATTERN_KEYS = ("matches", "not_matches")


def rule_semantics(rule: Rule, root: Node, file: str, check_modules: frozenset[str] | None) -> Iterator[Mistake]:
    """Yield what no schema can say of one rule.

    ``check_modules`` are the names of the modules in ``checks/``; ``None`` means that the rule may not have one.
    """
    if not (rule.flow or rule.match or rule.node or rule.absent or rule.resource or rule.check or rule.engine):
        text = "the rule decides nothing: give `flow`, `match`, `node`, `absent`, `resource` or `check: true`"
        yield Mistake(file, line_at(root, ()), text)
    if rule.check:
        line, module = line_at(root, (), "check"), f"{rule.id.lower()}_{rule.name.replace('-', '_')}"
        if check_modules is None:
            yield Mistake(file, line, "`check` needs Python, which is never loaded from a project")
        elif module not in check_modules:
            yield Mistake(file, line, f"agentlint/checks/{module}.py does not exist")
    headings = {match[1].strip() for match in _HEADING.finditer(rule.docs)}
    if _USE_INSTEAD.search(rule.docs):
        headings.add("Use instead")
    for heading in (h for h in HEADINGS if h not in headings):
        text = f"docs lack the heading `## {heading}`{suggest(heading, headings)}"
        yield Mistake(file, line_at(root, (), "docs"), text)
    yield from _patterns(root, file)


def _patterns(root: Node, file: str) -> Iterator[Mistake]:
    for _path, member, node in root.walk():
        if member is not None and member.key in _PATTERN_KEYS and node.kind == "str":
            problem = pattern_problem(node.text)
            if problem:
                yield Mistake(file, member.key_span.line, f"`{member.key}`: {problem}")


_PART = r"[^\W\d]\w*(?:\(\)){0,3}"
_SYMBOL = lazy.pattern(rf"(?:\*\.?)?{_PART}(?:\.{_PART})*(?:(?:\.\w*)?\*)?")
_FOUND_KINDS = {
    "source": "sources", "sink": "sinks", "effect": "effects", "switch": "switches", "server": "servers",
}  # fmt: skip
_PATH_FIELDS = ("call", "read", "params_of", "handler", "guard", "decorator", "base", "assign", "imports", "returns_of")

_NAME_FIELDS = ("method", "env", "entry", "folder", "returns", "described", "schema", "describes", "params", "runs")


def model_semantics(model: Model, root: Node, file: str, lists: Mapping[str, tuple[str, ...]]) -> Iterator[Mistake]:
    """Yield what no schema can say of one model: paths, one place per fact, the language of ``expect``."""
    for group, index, fact in facts_of(model):
        line = line_at(root, (group, index))
        paths = [(f, getattr(fact, f)) for f in _PATH_FIELDS if getattr(fact, f, "")]
        for field, symbol in paths:
            if not _SYMBOL.fullmatch(symbol):
                yield Mistake(file, line, f"`{cut(symbol)}` is not a dotted path (`{field}` of `{group}`)")
        named = len(paths) + len([name for name in _NAME_FIELDS if getattr(fact, name, "")])
        lone_argument = group == "guardrails" and bool(getattr(fact, "arg", ""))
        if not named and not lone_argument:
            yield Mistake(file, line, f"the fact in `{group}` names no place")
        elif named > 1 and group in ("sources", "sanitizers"):
            yield Mistake(file, line, f"a fact in `{group}` names one place, this one names {named}")
    for topic in model.advice:
        if topic not in lists.get("advice", ()):
            text = f"`advice` knows no topic `{cut(topic)}`{suggest(topic, lists.get('advice', ()))}"
            yield Mistake(file, line_at(root, ("advice",), topic), text)
    for index, expect in enumerate(model.expect):
        group, _, kind = expect.finds.partition(":")
        line = line_at(root, ("expect", index), "finds")
        if group not in FOUND and expect.finds != "none":
            yield Mistake(file, line, f"`finds: {cut(expect.finds)}` starts with no known group{suggest(group, FOUND)}")
        allowed = lists.get(_FOUND_KINDS.get(group, ""))
        if allowed and kind not in (*allowed, "none"):
            yield Mistake(file, line, f"`finds: {cut(expect.finds)}` has no known kind{suggest(kind, allowed)}")


def facts_of(model: Model) -> Iterator[tuple[str, int, Any]]:
    """Yield group, index and fact for every fact of ``model`` (``expect`` lines are not facts)."""
    for field in model.__struct_fields__:
        value = getattr(model, field)
        if field != "expect" and isinstance(value, tuple):
            for index, fact in enumerate(value):
                if isinstance(fact, msgspec.Struct):
                    yield field, index, fact


def fact_key(group: str, fact: Any) -> tuple[object, ...]:
    """Return what must be unique among facts: group, place, argument, kind and condition."""
    names = (
        *_PATH_FIELDS, *_NAME_FIELDS, "takes", "arg", "kind", "effect", "scope", "func",
        "methods", "args", "to", "part", "each", "listed",
    )  # fmt: skip
    parts = tuple(getattr(fact, name, "") for name in names)
    extra = tuple(repr(getattr(fact, name, "")) for name in ("sinks", "when", "equals", "one_of", "truthy", "absent"))
    return (group, *parts, *extra)


def secret_semantics(files: Sequence[tuple[str, Node, tuple[SecretType, ...]]]) -> Iterator[Mistake]:
    """Yield what no schema can say of credential formats: one group, linear patterns, unique ids."""
    seen: set[str] = set()
    for file, root, types in files:
        for index, kind in enumerate(types):
            line = line_at(root, (index,))
            problem = pattern_problem(kind.regex)
            if not problem and re.compile(kind.regex).groups != 1:
                problem = "the pattern must have exactly one group, the secret"
            if problem:
                yield Mistake(file, line, f"`{kind.id}`: {problem}")
            if kind.id in seen:
                yield Mistake(file, line, f"id `{kind.id}` is used twice")
            if not kind.literals or any(not text for text in kind.literals):
                yield Mistake(file, line, f"`{kind.id}` needs literals for the prefilter")
            seen.add(kind.id)
