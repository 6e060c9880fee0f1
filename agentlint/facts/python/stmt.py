"""Statements: assignments, branches, loops, exits."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from agentlint.facts.python.expr import const_key, lower_expr
from agentlint.facts.python.ir import MUTATORS, Exit, Op, Store
from agentlint.facts.python.scope import Scope


def lower_body(s: Scope, body: Iterable[ast.stmt]) -> None:
    """Lower statements in order; what follows an exit in the same body is dead and skipped."""
    for statement in body:
        if s.env is None:
            return
        handler = _STMT.get(type(statement))
        if handler is not None:
            handler(s, statement)


def bind_target(s: Scope, target: ast.expr, value: int) -> None:
    """Assign ``value`` to a target: a name, an attribute, an item, or a pattern of them."""
    kind = type(target)
    if kind is ast.Name:
        s.bind(target.id, value)  # type: ignore[attr-defined]
    elif kind is ast.Tuple or kind is ast.List:
        _unpack(s, target.elts, value)  # type: ignore[attr-defined]
    elif kind is ast.Starred:
        bind_target(s, target.value, value)  # type: ignore[attr-defined]
    elif kind is ast.Attribute:
        _store_attribute(s, target, value)  # type: ignore[arg-type]
    elif kind is ast.Subscript:
        _store_item(s, target, value)  # type: ignore[arg-type]


def _unpack(s: Scope, targets: list[ast.expr], value: int) -> None:
    found = s.values[value]
    direct = found.op is Op.SEQ and len(found.args) == len(targets) and "*" not in found.keys and found.text != "comp"
    for index, target in enumerate(targets):
        if direct:
            bind_target(s, target, found.args[index])
        elif type(target) is ast.Starred:
            bind_target(s, target, value)
        else:
            bind_target(s, target, s.new(Op.ITEM, target, str(index), (value,)))


def _store_attribute(s: Scope, target: ast.Attribute, value: int) -> None:
    base = lower_expr(s, target.value)
    s.stores.append(Store(base, target.attr, value, s.block))
    if type(target.value) is ast.Name and s.env is not None:
        s.module.dotted_bases.add(target.value.id)
        dotted = f"{target.value.id}.{target.attr}"
        s.env[dotted] = value
        s.log.append(dotted)


def _store_item(s: Scope, target: ast.Subscript, value: int) -> None:
    base = lower_expr(s, target.value)
    index = lower_expr(s, target.slice)
    changed = s.new(Op.UPDATE, target, const_key(target.slice), (base, value, index))
    s.updates.append(changed)
    _rebind(s, target.value, changed)


def _rebind(s: Scope, holder: ast.expr, changed: int) -> None:
    """Put a changed container back where it was read from."""
    if type(holder) is ast.Name:
        _outer(s, holder.id)
        s.bind(holder.id, changed)
    elif type(holder) is ast.Attribute:
        _store_attribute(s, holder, changed)


def _outer(s: Scope, name: str) -> None:
    """A container that is changed here but made in an enclosing scope counts as written there."""
    if s.kind in ("function", "lambda") and name not in s.defs:
        s.globals.add(name)


def _assign(s: Scope, node: ast.Assign) -> None:
    value = lower_expr(s, node.value)
    _note_call(s, node.value, value)
    for target in node.targets:
        bind_target(s, target, value)


def _ann_assign(s: Scope, node: ast.AnnAssign) -> None:
    annotation = lower_expr(s, node.annotation) if s.kind in ("class", "module") else -1
    value = lower_expr(s, node.value) if node.value is not None else -1
    if s.kind == "class" and type(node.target) is ast.Name:
        s.module.note_field(s, node.target.id, annotation, value)
    if value >= 0:
        bind_target(s, node.target, value)


def _aug_assign(s: Scope, node: ast.AugAssign) -> None:
    load: Any = ast.copy_location(type(node.target)(**{**vars(node.target), "ctx": ast.Load()}), node.target)
    combined = ast.copy_location(ast.BinOp(left=load, op=node.op, right=node.value), node)
    bind_target(s, node.target, lower_expr(s, combined))


def _expr_statement(s: Scope, node: ast.Expr) -> None:
    value = lower_expr(s, node.value)
    _note_call(s, node.value, value)
    call = node.value.value if type(node.value) is ast.Await else node.value
    if type(call) is ast.Call and type(call.func) is ast.Attribute and s.env is not None:
        holder = call.func.value
        if type(holder) is ast.Name and (holder.id in s.env or call.func.attr in MUTATORS):
            base = lower_expr(s, holder)
            _outer(s, holder.id)
            s.bind(holder.id, s.new(Op.MUTATE, node, call.func.attr, (base, value)))
        elif type(holder) is ast.Attribute and type(holder.value) is ast.Name and call.args:
            base = lower_expr(s, holder)
            _store_attribute(s, holder, s.new(Op.MUTATE, node, call.func.attr, (base, value)))
    elif type(call) is ast.Call and type(call.func) is ast.Name and call.func.id == "setattr" and len(call.args) == 3:
        _set_attribute(s, call, value)


def _set_attribute(s: Scope, node: ast.Call, call: int) -> None:
    """``setattr(base, "name", value)``."""
    args = s.values[call].args
    name = const_key(node.args[1])
    if name and s.values[call].op is Op.CALL:
        s.stores.append(Store(args[1], name, args[3], s.block))


def _note_call(s: Scope, node: ast.expr, value: int) -> None:
    if type(node) is ast.Call or type(node) is ast.Await:
        s.statements.append(value)


def _return(s: Scope, node: ast.Return) -> None:
    if node.value is not None:
        s.exits.append(Exit(lower_expr(s, node.value), s.block))
    s.mark_return()
    s.env = None


def _raise(s: Scope, node: ast.Raise) -> None:
    if node.exc is not None:
        lower_expr(s, node.exc)
    s.raises.append(s.block)
    s.mark_return()
    s.env = None


def _if(s: Scope, node: ast.If) -> None:
    test = lower_expr(s, node.test)
    start, since = s.env, len(s.log)
    back = s.open_block("if", test, True)
    s.env = dict(start) if start is not None else None
    lower_body(s, node.body)
    then, inner = s.env, s.block
    s.block = back
    s.open_block("if", test, False)
    s.env = dict(start) if start is not None else None
    lower_body(s, node.orelse)
    other, otherwise = s.env, s.block
    s.block = back
    s.env = s.join(node, since, then, other, ends=(inner, otherwise))
    if then is None and other is not None:
        s.block = otherwise if node.orelse == [] else _rest(s, test, False)
    elif other is None and then is not None:
        s.block = _rest(s, test, True)
    s.module.note_main_guard(s, node)


def _rest(s: Scope, test: int, outcome: bool) -> int:
    s.open_block("if", test, outcome)
    return s.block


def _loop(s: Scope, node: Any, kind: str, enter: Callable[[], None], test_of: ast.expr | None) -> None:
    start, since = dict(s.env or {}), len(s.log)
    phis: dict[str, int] = {}
    for name in dict.fromkeys(assigned_names(node.body)):
        if name in start:
            phis[name] = s.new(Op.PHI, node, name, (start[name],))
            start[name] = phis[name]
    s.env = dict(start)
    test = lower_expr(s, test_of) if test_of is not None else -1
    back = s.open_block(kind, test, True)
    loop = s.block
    s.loops.append(loop)
    s.breaks.append([])
    s.continues.append([])
    enter()
    lower_body(s, node.body)
    s.loops.pop()
    left = s.breaks.pop()
    s.block = back
    end = s.join(node, since, s.env, *s.continues.pop())
    if end is not None:
        for name, phi in phis.items():
            last = end.get(name, phi)
            if last != phi:
                s.values[phi].args += (last,)
        end = {**end, **phis}  # a loop is left from its head, where these names are what they are there
    s.env = s.join(node, since, start, end) if kind != "while-true" else None
    if s.env is not None:
        if test >= 0 and not left:
            s.open_block("if", test, False)
        lower_body(s, node.orelse)
    s.env = s.join(node, since, s.env, *left)
    if s.env is None and kind != "while-true":
        s.env = start


def _for(s: Scope, node: ast.For | ast.AsyncFor) -> None:
    source = lower_expr(s, node.iter)
    _loop(s, node, "loop", lambda: bind_target(s, node.target, s.new(Op.ELEM, node.iter, "", (source,))), None)


def _while(s: Scope, node: ast.While) -> None:
    endless = type(node.test) is ast.Constant and bool(node.test.value)
    _loop(s, node, "while-true" if endless else "loop", lambda: None, node.test)


def assigned_names(body: Iterable[ast.stmt]) -> Iterable[str]:
    """Yield the names that statements of a loop assign or mutate, without looking into expressions."""
    stack = list(body)
    while stack:
        node: Any = stack.pop()
        kind = type(node)
        if kind is ast.Assign:
            for target in node.targets:
                yield from _target_names(target)
        elif kind in (ast.AugAssign, ast.AnnAssign):
            yield from _target_names(node.target)
        elif kind is ast.Expr:
            call = node.value.value if type(node.value) is ast.Await else node.value
            if type(call) is ast.Call and type(call.func) is ast.Attribute and type(call.func.value) is ast.Name:
                yield call.func.value.id
        elif kind in (ast.For, ast.AsyncFor):
            yield from _target_names(node.target)
        elif kind in (ast.With, ast.AsyncWith):
            for item in node.items:
                if item.optional_vars is not None:
                    yield from _target_names(item.optional_vars)
        for name in ("body", "orelse", "finalbody"):
            stack.extend(getattr(node, name, ()) if kind not in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef) else ())
        for handler in getattr(node, "handlers", ()):
            stack.extend(handler.body)
        for case in getattr(node, "cases", ()):
            stack.extend(case.body)


def _target_names(target: ast.expr) -> Iterable[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _target_names(item)
    elif isinstance(target, (ast.Starred, ast.Subscript)):
        yield from _target_names(target.value)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        yield f"{target.value.id}.{target.attr}"


def _break(s: Scope, _node: ast.Break) -> None:
    if s.breaks and s.env is not None:
        s.breaks[-1].append(s.env)
    s.mark_exit()
    s.env = None


def _continue(s: Scope, _node: ast.Continue) -> None:
    if s.continues and s.env is not None:
        s.continues[-1].append(s.env)
    s.env = None


def _with(s: Scope, node: ast.With | ast.AsyncWith) -> None:
    back = s.block
    for item in node.items:
        value = lower_expr(s, item.context_expr)
        if item.optional_vars is not None:
            bind_target(s, item.optional_vars, value)
    s.open_block("with")
    opened = s.block
    lower_body(s, node.body)
    carry_tests(s, opened, back)


def carry_tests(s: Scope, opened: int, back: int) -> None:
    """Leave block ``opened``, which always runs to its end, for ``back``: what was tested on the way still holds."""
    tests: list[list[object]] = []
    block = s.block
    while block > opened:
        tests.append(s.blocks[block])
        block = int(s.blocks[block][0])  # type: ignore[call-overload]
    s.block = back
    for entry in reversed(tests):
        if entry[1] == "if":
            s.open_block("if", entry[2], entry[3])  # type: ignore[arg-type]


def _assert(s: Scope, node: ast.Assert) -> None:
    s.asserts += 1
    s.open_block("if", lower_expr(s, node.test), True)


def _delete(s: Scope, node: ast.Delete) -> None:
    for target in node.targets:
        if type(target) is ast.Name and s.env is not None:
            s.env.pop(target.id, None)
            s.log.append(target.id)


def _global(s: Scope, node: ast.Global | ast.Nonlocal) -> None:
    s.globals.update(node.names)


def _function(s: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    s.bind(node.name, s.new(Op.FUNC, node, str(s.module.declare(s, node))))


def _class(s: Scope, node: ast.ClassDef) -> None:
    s.bind(node.name, s.new(Op.CLASS, node, str(s.module.declare_class(s, node))))


def _import(s: Scope, node: ast.Import) -> None:
    for alias in node.names:
        target = alias.name if alias.asname else alias.name.partition(".")[0]
        s.imports.append(s.new(Op.IMPORT, node, target))
        s.bind(alias.asname or target, s.imports[-1])
        if not alias.asname and "." in alias.name:
            s.module.imported.add(alias.name)


def _import_from(s: Scope, node: ast.ImportFrom) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            s.module.stars.append(module)
        else:
            s.imports.append(s.new(Op.IMPORT, node, f"{module}:{alias.name}"))
            s.bind(alias.asname or alias.name, s.imports[-1])


_STMT: dict[type, Callable[[Scope, Any], None]] = {
    ast.Assign: _assign, ast.AnnAssign: _ann_assign, ast.AugAssign: _aug_assign, ast.Expr: _expr_statement, ast.Return: _return,
    ast.Raise: _raise, ast.If: _if, ast.For: _for, ast.AsyncFor: _for, ast.While: _while, ast.Break: _break,
    ast.Continue: _continue, ast.With: _with, ast.AsyncWith: _with, ast.Assert: _assert, ast.Delete: _delete,
    ast.Global: _global, ast.Nonlocal: _global, ast.FunctionDef: _function, ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class, ast.Import: _import, ast.ImportFrom: _import_from,
}  # fmt: skip


def register(kind: type, handler: Callable[[Scope, Any], None]) -> None:
    """Add the lowering of a statement kind that lives in a module of its own."""
    _STMT[kind] = handler
