"""``try`` and ``match``: statements with many ways through."""

from __future__ import annotations

import ast
from collections import Counter
from typing import Any

from agentlint.core.place import Span
from agentlint.facts.python.expr import constant_text, lower_expr
from agentlint.facts.python.ir import Handler, Op
from agentlint.facts.python.scope import Env, Scope
from agentlint.facts.python.stmt import lower_body, register


def _try(s: Scope, node: Any) -> None:
    before: Env = dict(s.env or {})
    first = len(s.log)
    back = s.open_block("try")
    tried = s.block
    lower_body(s, node.body)
    if s.env is not None:
        lower_body(s, node.orelse)
    ends, blocks = [s.env], [s.block]
    inner = s.block
    interrupted = _interrupted(s, node, before, first)
    for handler in node.handlers:
        s.block = back
        s.open_block("except")
        s.env = dict(interrupted)
        if handler.type is not None:
            caught = lower_expr(s, handler.type)
            if handler.name:
                s.bind(handler.name, s.new(Op.EXCEPT, handler, "", (caught,)))
        silent = all(isinstance(x, ast.Pass) or _is_text(x) for x in handler.body)
        span = Span(handler.lineno, handler.col_offset + 1, handler.end_lineno, handler.end_col_offset + 1)
        s.handlers.append(Handler(span, tried, s.block, silent))
        lower_body(s, handler.body)
        ends.append(s.env)
        blocks.append(s.block)
    s.block = back
    s.env = s.join(node, first, *ends, ends=tuple(blocks))
    if all(end is None for end in ends[1:]):  # whoever gets past it has been through all of the body
        s.block = inner
        s.open_block("after")
    if node.finalbody:
        dead = s.env is None
        if dead:
            s.env = dict(interrupted)
        lower_body(s, node.finalbody)
        if dead:
            s.env = None


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _interrupted(s: Scope, node: Any, before: Env, first: int) -> Env:
    """What names may hold when the body was left somewhere in the middle."""
    env = dict(before)
    for name, count in Counter(s.log[first:]).items():
        if "." in name:  # an attribute: it may hold either value, so it is read again
            env.pop(name, None)
            continue
        for key in [key for key in env if key.startswith(name + ".")] if name in s.module.dotted_bases else ():
            del env[key]
        known = (before[name],) if name in before else ()
        values = tuple(dict.fromkeys((*known, *s.defs.get(name, ())[-count:])))
        if values:
            env[name] = values[0] if len(values) == 1 else s.new(Op.PHI, node, name, values)
    return env


def _match(s: Scope, node: ast.Match) -> None:
    subject = lower_expr(s, node.subject)
    start, since = s.env, len(s.log)
    back = s.block
    ends: list[Env | None] = []
    blocks: list[int] = []
    tests: list[int] = []
    exhaustive = False
    for case in node.cases:
        s.env = dict(start) if start is not None else None
        s.block = back
        test = _pattern(s, case.pattern, subject, node.subject)
        tests.append(test)
        s.open_block("if", test, True)
        if case.guard is not None:
            s.open_block("if", lower_expr(s, case.guard), True)
        exhaustive = exhaustive or (isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None)
        lower_body(s, case.body)
        ends.append(s.env)
        blocks.append(s.block)
    s.block = back
    s.env = s.join(node, since, *ends, None if exhaustive else start, ends=(*blocks, back))
    passed = [test for test, end in zip(tests, ends, strict=True) if end is not None]
    if exhaustive and None in ends and passed and min(passed) >= 0:
        s.open_block("if", s.new(Op.OP, node, "or", tuple(passed)), True)


def _pattern(s: Scope, pattern: ast.pattern, subject: int, node: ast.expr) -> int:
    """Bind what ``pattern`` captures; return the test it stands for, -1 if none."""
    if isinstance(pattern, ast.MatchValue):
        return s.new(Op.OP, node, "==", (subject, lower_expr(s, pattern.value)))
    if isinstance(pattern, ast.MatchOr):
        tests = [_pattern(s, option, subject, node) for option in pattern.patterns]
        return s.new(Op.OP, node, "or", tuple(tests)) if all(t >= 0 for t in tests) else -1
    if isinstance(pattern, ast.MatchAs):
        test = _pattern(s, pattern.pattern, subject, node) if pattern.pattern is not None else -1
        if pattern.name:
            s.bind(pattern.name, subject)
        return test
    if isinstance(pattern, ast.MatchStar) and pattern.name:
        s.bind(pattern.name, subject)
    elif isinstance(pattern, ast.MatchSequence):
        for index, part in enumerate(pattern.patterns):
            _pattern(s, part, s.new(Op.ITEM, node, str(index), (subject,)), node)
    elif isinstance(pattern, ast.MatchMapping):
        for key, part in zip(pattern.keys, pattern.patterns, strict=True):
            text = constant_text(key.value) if isinstance(key, ast.Constant) else ""
            _pattern(s, part, s.new(Op.ITEM, node, text, (subject,)), node)
    elif isinstance(pattern, ast.MatchClass):
        for name, part in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            _pattern(s, part, s.new(Op.ATTR, node, name, (subject,)), node)
        for part in pattern.patterns:
            _pattern(s, part, s.new(Op.ELEM, node, "", (subject,)), node)
    return -1


register(ast.Try, _try)
if hasattr(ast, "TryStar"):
    register(ast.TryStar, _try)
register(ast.Match, _match)
