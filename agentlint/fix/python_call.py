"""Arguments and functions of calls in Python, changed as rules say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from agentlint.core.finding import Finding
from agentlint.core.fix import Edit, Fix, Refusal
from agentlint.fix.python_source import PythonSource
from agentlint.rulebook.rules import FixForm

if TYPE_CHECKING:
    import libcst


def rewrite(source: PythonSource, form: FixForm, finding: Finding) -> Fix | Refusal | None:
    """Return the change that ``form`` makes at ``finding``; ``None`` when nothing there is what the form speaks of."""
    start, end = source.file.offsets(finding.span)
    chain = source.around(start, end)
    for node in _nodes(source, chain):
        made = _callee(source, form, node) if form.do == "callee" else _argument(source, form, node)
        if isinstance(made, list):
            return Fix(description=form.say, edits=tuple(made), unsafe=form.unsafe)
        if made is not None:
            return Refusal(made)
    return None


def _nodes(source: PythonSource, chain: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield what a form may speak of: from the place outwards within its statement, then what made the receiver."""
    calls = []
    for node in reversed(chain):
        if isinstance(node, ast.stmt):
            if isinstance(node, ast.Assign):
                yield node
            break
        if isinstance(node, (ast.Call, ast.Dict)):
            yield node
        if isinstance(node, ast.Call):
            calls.append(node)
    for call in calls:
        receiver: ast.AST = call.func
        while isinstance(receiver, (ast.Attribute, ast.Call)):
            receiver = receiver.func if isinstance(receiver, ast.Call) else receiver.value
            if isinstance(receiver, ast.Call):
                yield receiver
        if isinstance(receiver, ast.Name):
            yield from _maker(source, receiver.id)


def _maker(source: PythonSource, name: str) -> Iterator[ast.Call]:
    """Yield the call whose result ``name`` is, if it is bound once in the file."""
    bindings = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    ]
    made = [
        node.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]
    if len(bindings) == 1 and len(made) == 1 and isinstance(made[0], ast.Call):
        yield made[0]


def _speaks_of(source: PythonSource, form: FixForm, call: ast.Call) -> bool:
    return not form.calls or source.dotted(call.func) in form.calls


def _argument(source: PythonSource, form: FixForm, node: ast.AST) -> list[Edit] | str | None:
    if isinstance(node, ast.Assign):
        return _assigned(source, form, node)
    if isinstance(node, ast.Dict):
        return _entry(source, form, node)
    if not isinstance(node, ast.Call) or not _speaks_of(source, form, node):
        return None
    for keyword in node.keywords:
        if keyword.arg and fnmatchcase(keyword.arg, form.argument):
            if form.equals and source.code(keyword.value) not in form.equals:
                continue
            if not (form.to or form.symbol):
                return _without(source, node, keyword.arg)
            return _valued(source, form, keyword.value)
    given = any(keyword.arg == form.argument for keyword in node.keywords)
    if 0 <= form.position < len(node.args) and not any(isinstance(arg, ast.Starred) for arg in node.args):
        return _valued(source, form, node.args[form.position]) if form.to or form.symbol else "it is given by position"
    if form.add and form.calls and not given:
        if any(isinstance(arg, ast.Starred) for arg in node.args) or any(keyword.arg is None for keyword in node.keywords):
            return "arguments are unpacked, and may hold it already"
        return _with(source, form, node)
    return None


def _value(source: PythonSource, form: FixForm, line: int) -> tuple[str, list[Edit]] | None:
    """Return the text that a form puts in, and the import it needs; ``None`` where the name is taken."""
    if not form.symbol:
        return form.to, []
    symbol = source.symbol(form.symbol, line, module=False)
    if symbol is None:
        return None
    written, added = symbol
    return (form.to or "{symbol}").replace("{symbol}", written), [added] if added is not None else []


def _valued(source: PythonSource, form: FixForm, value: ast.expr) -> list[Edit] | str | None:
    made = _value(source, form, value.lineno)
    if made is None:
        return f"the name `{form.symbol.rpartition('.')[2]}` means something else in this file"
    text, added = made
    start, end = source.range(value) or (0, 0)
    if source.text.data[start:end] == text:
        return None
    return [*added, source.file.edit(start, end, text)]


def _assigned(source: PythonSource, form: FixForm, node: ast.Assign) -> list[Edit] | None:
    target = node.targets[0]
    if not form.assigned or len(node.targets) != 1 or not isinstance(target, ast.Attribute):
        return None
    if not fnmatchcase(target.attr, form.argument) or (form.equals and source.code(node.value) not in form.equals):
        return None
    start, end = source.range(node.value) or (0, 0)
    return [source.file.edit(start, end, form.assigned)]


def _entry(source: PythonSource, form: FixForm, node: ast.Dict) -> list[Edit] | str | None:
    if form.calls or not form.to:
        return None
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and fnmatchcase(key.value, form.argument):
            if form.equals and source.code(value) not in form.equals:
                continue
            return _valued(source, form, value)
    return None


def _callee(source: PythonSource, form: FixForm, node: ast.AST) -> list[Edit] | str | None:
    if not isinstance(node, ast.Call) or not _speaks_of(source, form, node):
        return None
    if len(node.args) + len(node.keywords) > form.at_most:
        return "the call has arguments that its safe form does not take"
    made = _value(source, form, node.lineno)
    if made is None:
        return f"the name `{form.symbol.rpartition('.')[2]}` means something else in this file"
    text, added = made
    start, end = source.range(node.func) or (0, 0)
    return [*added, source.file.edit(start, end, text)]


def _without(source: PythonSource, call: ast.Call, name: str) -> list[Edit] | str:
    parsed = _concrete(source, call)
    if parsed is None:
        return "the call is written in a way that cannot be changed safely"
    arguments = list(parsed.args)
    at = next((i for i, arg in enumerate(arguments) if arg.keyword is not None and arg.keyword.value == name), None)
    if at is None:
        return "the argument is not written out"
    removed = arguments.pop(at)
    if at == len(arguments) and at > 0:
        arguments[-1] = _last(arguments[-1], removed)
    return _changed(source, call, parsed.with_changes(args=arguments))


def _last(argument: libcst.Arg, removed: libcst.Arg) -> libcst.Arg:
    """Return ``argument`` as the last one: it ends as the ``removed`` one did, and keeps its own comment."""
    import libcst

    blank = argument.comma.whitespace_after if isinstance(argument.comma, libcst.Comma) else None
    commented = isinstance(blank, libcst.ParenthesizedWhitespace) and blank.first_line.comment is not None
    if not commented:
        return argument.with_changes(comma=removed.comma, whitespace_after_arg=removed.whitespace_after_arg)
    after = removed.comma.whitespace_after if isinstance(removed.comma, libcst.Comma) else removed.whitespace_after_arg
    if isinstance(after, libcst.ParenthesizedWhitespace):
        assert isinstance(blank, libcst.ParenthesizedWhitespace)
        assert isinstance(argument.comma, libcst.Comma)
        kept = blank.with_changes(last_line=after.last_line, indent=after.indent)
        return argument.with_deep_changes(argument.comma, whitespace_after=kept)
    return argument


def _with(source: PythonSource, form: FixForm, call: ast.Call) -> list[Edit] | str:
    import libcst

    parsed = _concrete(source, call)
    made = _value(source, form, call.lineno)
    if parsed is None or made is None:
        return "the call is written in a way that cannot be changed safely"
    text, added = made
    equal = libcst.AssignEqual(libcst.SimpleWhitespace(""), libcst.SimpleWhitespace(""))
    new = libcst.Arg(libcst.parse_expression(text), keyword=libcst.Name(form.argument), equal=equal)
    arguments = list(parsed.args)
    if arguments:
        last = arguments[-1]
        several = isinstance(parsed.whitespace_before_args, libcst.ParenthesizedWhitespace)
        between = parsed.whitespace_before_args if several else libcst.SimpleWhitespace(" ")
        new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        comma = libcst.Comma(whitespace_after=between)
        arguments[-1] = last.with_changes(comma=comma, whitespace_after_arg=libcst.SimpleWhitespace(""))
    return [*added, *_changed(source, call, parsed.with_changes(args=[*arguments, new]))]


def _concrete(source: PythonSource, call: ast.Call) -> libcst.Call | None:
    """Return the concrete tree of a call alone: parsing all of its file would take a hundred times as long."""
    import libcst

    code = source.code(call)
    try:
        parsed = libcst.parse_expression(f"({code})")
    except (libcst.ParserSyntaxError, RecursionError):
        return None
    return parsed if isinstance(parsed, libcst.Call) else None


def _changed(source: PythonSource, call: ast.Call, new: libcst.Call) -> list[Edit]:
    import libcst

    start, end = source.range(call) or (0, 0)
    code = libcst.Module([]).code_for_node(new)
    return [source.file.edit(start, end, code[1:-1])]
