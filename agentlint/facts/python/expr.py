"""Expressions to values."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from agentlint.facts.python.ir import Exit, Op
from agentlint.facts.python.scope import Scope

MAX_CONST = 2_000
CONST_TAIL = 16
MAX_PARTS = 100
_FIELD = re.compile(r"\{([A-Za-z_0-9]*)[^{}]*\}")
_VERBS = frozenset({"SELECT", "INSERT", "DELETE", "UPDATE"})
_QUERY = re.compile(
    r"\s*(?:SELECT\b.{1,1500}?\bFROM\b|INSERT\s+INTO\s|DELETE\s+FROM\s|UPDATE\s+\S+\s+SET\s"
    r"|select\s+\*\s+from\s|insert\s+into\s|delete\s+from\s+\S+\s+where\s|update\s+\S+\s+set\s+\S+\s*=)",
    re.DOTALL,
)
"""How a query of a database begins, in capitals or so that no sentence does."""
_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.MatMult: "@",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>", ast.Eq: "==", ast.NotEq: "!=",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.And: "and", ast.Or: "or", ast.Not: "not", ast.UAdd: "+", ast.USub: "-", ast.Invert: "~",
}  # fmt: skip


def lower_expr(s: Scope, node: ast.expr) -> int:
    """Lower ``node`` and return the id of its value."""
    return _EXPR.get(type(node), _other)(s, node)


def constant_text(value: object, limit: int = MAX_CONST) -> str:
    """Return a constant as the text rules compare with; of a long one, its beginning and its very end.

    Half a surrogate pair, which no encoding can carry, becomes ``?``.
    """
    text = value if isinstance(value, str) else repr(value)
    if len(text) > limit:
        text = text[: limit - CONST_TAIL] + text[-CONST_TAIL:]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _constant(s: Scope, node: ast.Constant) -> int:
    return s.new(Op.CONST, node, constant_text(node.value), (), (type(node.value).__name__,))


def _name(s: Scope, node: ast.Name) -> int:
    env = s.env
    if env is not None:
        found = env.get(node.id)
        if found is not None:
            return found
    return s.new(Op.NAME, node, node.id)


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for a chain of names, else an empty string."""
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    if type(node) is not ast.Name:
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def _attribute(s: Scope, node: ast.Attribute) -> int:
    value = node.value
    if type(value) is ast.Name and s.env is not None and value.id in s.module.dotted_bases:
        found = s.env.get(f"{value.id}.{node.attr}")
        if found is not None:
            return found
    return s.new(Op.ATTR, node, node.attr, (lower_expr(s, value),))


def _subscript(s: Scope, node: ast.Subscript) -> int:
    base = lower_expr(s, node.value)
    index = lower_expr(s, node.slice)
    return s.new(Op.ITEM, node, const_key(node.slice), (base, index))


def const_key(node: ast.expr) -> str:
    """Return a constant key as text, else an empty string."""
    if type(node) is ast.Constant:
        return constant_text(node.value)
    if type(node) is ast.UnaryOp and type(node.op) is ast.USub and type(node.operand) is ast.Constant:
        return f"-{node.operand.value!r}"
    return ""


def _call(s: Scope, node: ast.Call) -> int:
    func = node.func
    if (
        type(func) is ast.Attribute
        and func.attr == "format"
        and type(func.value) is ast.Constant
        and isinstance(func.value.value, str)
    ):
        return _format_call(s, node, func.value)
    args = [lower_expr(s, func)]
    keys = [""]
    for arg in node.args:
        if type(arg) is ast.Starred:
            args.append(lower_expr(s, arg.value))
            keys.append("*")
        else:
            args.append(lower_expr(s, arg))
            keys.append("")
    for keyword in node.keywords:
        args.append(lower_expr(s, keyword.value))
        keys.append(keyword.arg or "**")
    value = s.new(Op.CALL, node, "", tuple(args), tuple(keys))
    s.calls.append(value)
    return value


def _format_call(s: Scope, node: ast.Call, template: ast.Constant) -> int:
    positional = [lower_expr(s, arg.value if type(arg) is ast.Starred else arg) for arg in node.args]
    named = {keyword.arg or "**": lower_expr(s, keyword.value) for keyword in node.keywords}
    parts: list[int] = []
    used: set[int] = set()
    end, auto = 0, 0
    text = constant_text(template.value, MAX_CONST * 2)
    for match in _FIELD.finditer(text):
        parts.append(s.new(Op.CONST, template, text[end : match.start()], (), ("str",)))
        end = match.end()
        field = match[1]
        if not field:
            field, auto = str(auto), auto + 1
        index = int(field) if field.isdecimal() and len(field) < 6 else -1
        value = positional[index] if 0 <= index < len(positional) else named.get(field, -1)
        if value >= 0:
            parts.append(value)
            used.add(value)
    parts.append(s.new(Op.CONST, template, text[end:], (), ("str",)))
    parts += [value for value in (*positional, *named.values()) if value not in used]
    return _put_together(s, node, "format", tuple(parts))


def _put_together(s: Scope, node: Any, how: str, parts: tuple[int, ...]) -> int:
    """A text made of parts; one that reads like a query of a database is remembered."""
    made = s.new(Op.TEXT, node, how, parts)
    first = s.values[parts[0]] if parts else None
    if first is not None and first.op is Op.CONST and first.text.lstrip()[:6].upper() in _VERBS:
        known = [value.text if (value := s.values[part]).op is Op.CONST else "?" for part in parts[:MAX_PARTS]]
        if _QUERY.match("".join(known)[:MAX_CONST]):
            s.queries.append(made)
    return made


def _is_text(s: Scope, value: int) -> bool:
    found = s.values[value]
    return found.op is Op.TEXT or (found.op is Op.CONST and found.keys == ("str",))


def _binop(s: Scope, node: ast.BinOp) -> int:
    chain: list[ast.BinOp] = []
    left: ast.expr = node
    while type(left) is ast.BinOp:
        chain.append(left)
        left = left.left
    value = lower_expr(s, left)
    for step in reversed(chain):
        value = _binary(s, step, value, lower_expr(s, step.right))
    return value


def _binary(s: Scope, node: ast.BinOp, left: int, right: int) -> int:
    kind = type(node.op)
    if kind is ast.Add and (_is_text(s, left) or _is_text(s, right)):
        first = s.values[left]
        flat = first.op is Op.TEXT and first.text == "+" and len(first.args) < MAX_PARTS
        parts = first.args if flat else (left,)
        if flat and s.queries and s.queries[-1] == left:
            s.queries.pop()
        return _put_together(s, node, "+", (*parts, right))
    if kind is ast.Mod and _is_text(s, left):
        operand = s.values[right]
        return _put_together(s, node, "%", (left, *(operand.args if operand.op in (Op.SEQ, Op.DICT) else (right,))))
    return s.new(Op.OP, node, _OPERATORS[kind], (left, right))


_SIMPLE = (ast.Name, ast.Constant, ast.Compare, ast.Attribute)


def _boolop(s: Scope, node: ast.BoolOp) -> int:
    is_and = type(node.op) is ast.And
    args = [lower_expr(s, node.values[0])]
    back = s.block
    for operand in node.values[1:]:
        if not isinstance(operand, _SIMPLE):
            s.open_block("if", args[-1], is_and)
        args.append(lower_expr(s, operand))
    s.block = back
    return s.new(Op.OP, node, "and" if is_and else "or", tuple(args))


def _unary(s: Scope, node: ast.UnaryOp) -> int:
    operator = _OPERATORS[type(node.op)]
    return s.new(Op.OP, node, operator if operator != "-" else "neg", (lower_expr(s, node.operand),))


def _compare(s: Scope, node: ast.Compare) -> int:
    args = [lower_expr(s, node.left), *[lower_expr(s, c) for c in node.comparators]]
    return s.new(Op.OP, node, " ".join([_OPERATORS[type(op)] for op in node.ops]), tuple(args))


def _ifexp(s: Scope, node: ast.IfExp) -> int:
    test = lower_expr(s, node.test)
    back = s.open_block("if", test, True)
    yes = s.block
    then = lower_expr(s, node.body)
    s.block = back
    s.open_block("if", test, False)
    no = s.block
    other = lower_expr(s, node.orelse)
    s.block = back
    return s.new(Op.PHI, node, "", (then, other), (str(yes), str(no)))


def _joined(s: Scope, node: Any) -> int:
    parts = [lower_expr(s, part.value if hasattr(part, "conversion") else part) for part in node.values]
    return _put_together(s, node, "f", tuple(parts))


def _sequence(s: Scope, node: Any) -> int:
    args: list[int] = []
    keys: list[str] = []
    for item in node.elts:
        starred = type(item) is ast.Starred
        args.append(lower_expr(s, item.value if starred else item))
        keys.append("*" if starred else "")
    return s.new(Op.SEQ, node, type(node).__name__.lower(), tuple(args), tuple(keys))


def _dict(s: Scope, node: ast.Dict) -> int:
    args: list[int] = []
    keys: list[str] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            keys.append("**")
        else:
            keys.append(const_key(key))
            if not keys[-1]:
                lower_expr(s, key)
        args.append(lower_expr(s, value))
    return s.new(Op.DICT, node, "", tuple(args), tuple(keys))


def _comprehension(s: Scope, node: Any) -> int:
    from agentlint.facts.python.stmt import bind_target

    saved, back = s.env, s.block
    s.env = dict(saved) if saved is not None else None
    for generator in node.generators:
        source = lower_expr(s, generator.iter)
        s.open_block("loop")
        bind_target(s, generator.target, s.new(Op.ELEM, generator.iter, "", (source,)))
        for condition in generator.ifs:
            s.open_block("if", lower_expr(s, condition), True)
    is_dict = type(node) is ast.DictComp
    args = (lower_expr(s, node.value), lower_expr(s, node.key)) if is_dict else (_kept(s, node),)
    s.env, s.block = saved, back
    return s.new(Op.DICT, node, "", args, ("", "key")) if is_dict else s.new(Op.SEQ, node, "comp", args, ("",))


def _kept(s: Scope, node: Any) -> int:
    """The element of a comprehension, as a value of the block in which all its conditions hold."""
    element = lower_expr(s, node.elt)
    filtered = any(generator.ifs for generator in node.generators)
    return s.new(Op.PHI, node.elt, "", (element,)) if filtered else element


def _lambda(s: Scope, node: ast.Lambda) -> int:
    return s.new(Op.FUNC, node, str(s.module.declare(s, node)))


def _await(s: Scope, node: Any) -> int:
    return lower_expr(s, node.value)


def _yield(s: Scope, node: Any) -> int:
    if node.value is None:
        return s.new(Op.CONST, node, "None", (), ("NoneType",))
    value = lower_expr(s, node.value)
    s.exits.append(Exit(value, s.block))
    return s.new(Op.OP, node, "yield", (value,) if type(node) is ast.YieldFrom else ())


def _named(s: Scope, node: ast.NamedExpr) -> int:
    value = lower_expr(s, node.value)
    s.bind(node.target.id, value)
    return value


def _slice(s: Scope, node: ast.Slice) -> int:
    return s.new(Op.OP, node, "slice", tuple(lower_expr(s, part) for part in (node.lower, node.upper, node.step) if part))


def _other(s: Scope, node: ast.expr) -> int:
    parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return s.new(Op.OP, node, type(node).__name__, tuple(lower_expr(s, part) for part in parts))


_EXPR: dict[type, Callable[[Scope, Any], int]] = {
    ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute, ast.Subscript: _subscript, ast.Call: _call,
    ast.BinOp: _binop, ast.BoolOp: _boolop, ast.UnaryOp: _unary, ast.Compare: _compare, ast.IfExp: _ifexp,
    ast.JoinedStr: _joined, ast.List: _sequence, ast.Tuple: _sequence, ast.Set: _sequence, ast.Dict: _dict,
    ast.ListComp: _comprehension, ast.SetComp: _comprehension, ast.GeneratorExp: _comprehension, ast.DictComp: _comprehension,
    ast.Lambda: _lambda, ast.Await: _await, ast.Starred: _await, ast.Yield: _yield, ast.YieldFrom: _yield,
    ast.NamedExpr: _named, ast.Slice: _slice,
}  # fmt: skip
if hasattr(ast, "TemplateStr"):
    _EXPR[ast.TemplateStr] = _joined
