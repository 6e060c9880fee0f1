"""A literal secret in Python becomes a look-up in the environment."""

from __future__ import annotations

import ast
import re

from agentlint.core.finding import Finding
from agentlint.core.fix import Edit, Fix, Refusal
from agentlint.core.place import Span
from agentlint.fix.names import Names, variable_name
from agentlint.fix.python_source import PythonSource
from agentlint.rulebook.rules import FixForm

_PREFIX = re.compile(r"([A-Za-z]{0,2})(\"\"\"|'''|\"|')")


class _Refused(Exception):  # noqa: N818 - it is an answer, not an error
    pass


def environment(source: PythonSource, form: FixForm, finding: Finding, names: Names) -> Fix | Refusal:
    """Return the fix that reads the secret of ``finding``, at all its places in the file, from the environment."""
    spans = [finding.span, *(place.span for place in finding.related if place.path == finding.path)]
    edits: list[Edit] = []
    variables: list[str] = []
    reasons: list[str] = []
    for span in dict.fromkeys(spans):
        try:
            found, name = _Place(source, form, finding, span).edits(names)
        except _Refused as refused:
            reasons.append(f"line {span.line}: {refused}")
            continue
        edits += found
        variables.append(name)
    if not edits:
        return Refusal("; ".join(reasons))
    used = tuple(dict.fromkeys(variables))
    return Fix(
        description=form.say.replace("{name}", ", ".join(used)),
        edits=tuple(dict.fromkeys(edits)),
        unsafe=form.unsafe,
        variables=used,
        left="; ".join(reasons),
    )


class _Place:
    """One literal of a secret."""

    def __init__(self, source: PythonSource, form: FixForm, finding: Finding, span: Span) -> None:
        self.source, self.form, self.finding, self.span = source, form, finding, span
        self.start, self.end = source.file.offsets(span)
        self.chain = source.around(self.start, self.end)
        self.node = self.chain[-1]
        self.parents = self.chain[:-1][::-1]

    def edits(self, names: Names) -> tuple[list[Edit], str]:
        """Return the edits and the variable's name; raises ``_Refused``."""
        self._check_place()
        literal = _Literal(self)
        parent = self.parents[0]
        given = self._reader(parent)
        context = self._context()
        name = given or names.name(literal.secret, variable_name(context, self.finding.subject, self.form.names))
        symbol = self.source.symbol(self.form.symbol, self.span.line, module=True)
        if symbol is None:
            module = self.form.symbol.partition(".")[0]
            raise _Refused(f"the name `{module}` means something else in this file, or an import of it has no line of its own")
        written, added = symbol
        edits = [added] if added is not None else []
        removed = self._setter(parent, name)
        if removed is not None:
            return [removed], name
        if given:
            start, end = self.source.range(parent) or (0, 0)
            return [*edits, self.source.file.edit(start, end, f'{written}["{name}"]')], name
        spaced = self.source.text.data[literal.begin - 1 : literal.begin].isidentifier()  # `return"..."`
        made = literal.replaced(written, name, " " if spaced else "")
        return [*edits, *(self.source.file.edit(*change) for change in made)], name

    def _check_place(self) -> None:
        if not (
            isinstance(self.node, ast.JoinedStr)
            or (isinstance(self.node, ast.Constant) and isinstance(self.node.value, (str, bytes)))
        ):
            raise _Refused("it does not stand in a string (a comment, perhaps); remove it by hand")
        parent = self.parents[0]
        if isinstance(parent, ast.Expr):
            raise _Refused("it stands in a docstring; remove it by hand")
        if any(isinstance(node, ast.pattern) for node in self.parents):
            raise _Refused("a pattern of `match` cannot hold an expression")
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod) and parent.left is self.node:
            raise _Refused("the text is a format for `%`")
        if isinstance(parent, ast.Attribute) and parent.attr in ("format", "format_map"):
            raise _Refused("the text is a format")
        inner: ast.AST = self.node
        for node in self.parents:
            if getattr(node, "annotation", None) is inner or getattr(node, "returns", None) is inner:
                raise _Refused("it stands in an annotation")
            inner = node

    def _reader(self, parent: ast.AST) -> str:
        """Return the variable that a look-up with this literal as its default reads."""
        if not isinstance(parent, ast.Call) or self.source.dotted(parent.func) not in self.form.readers:
            return ""
        first = parent.args[0] if parent.args else None
        if first is self.node or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return ""
        return first.value if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,80}", first.value) else ""

    def _setter(self, parent: ast.AST, name: str) -> Edit | None:
        """Return the removal of a statement that only puts the secret into the environment under ``name``."""
        if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or parent.value is not self.node:
            return None
        target = parent.targets[0]
        if not isinstance(target, ast.Subscript) or self.source.dotted(target.value) != self.form.symbol:
            return None
        if not (isinstance(target.slice, ast.Constant) and target.slice.value == name):
            return None
        siblings = getattr(self.parents[1], "body", [])
        text = self.source.text
        first, last = parent.lineno, parent.end_lineno or parent.lineno
        start = text.starts[first - 1]
        end = text.starts[last] if last < len(text.starts) else len(text.data)
        whole = text.data[start:end].strip()
        rest = whole.removeprefix(self.source.code(parent)).lstrip()
        alone = whole.startswith(self.source.code(parent)) and rest[:1] in ("", "#")
        if not alone or len(siblings) < 2 or parent not in siblings:
            raise _Refused("the statement sets the variable itself; remove it and set the variable outside")
        return self.source.file.edit(start, end, "")

    def _context(self) -> str:
        """Return the name that holds the value: of a variable, an argument, a key or a parameter."""
        inner: ast.AST = self.node
        for node in self.parents:
            found = _holder(node, inner)
            if found:
                return found
            if isinstance(node, ast.stmt):
                break
            inner = node
        return ""


def _holder(node: ast.AST, inner: ast.AST) -> str:
    if isinstance(node, ast.keyword):
        return node.arg or ""
    if isinstance(node, ast.Dict):
        key = next((key for key, value in zip(node.keys, node.values, strict=True) if value is inner), None)
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    if isinstance(node, ast.arguments):
        return _parameter(node, inner)
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return ""


def _parameter(node: ast.arguments, default: ast.AST) -> str:
    positional = [*node.posonlyargs, *node.args]
    pairs = [
        *zip(reversed(positional), reversed(node.defaults), strict=False),
        *zip(node.kwonlyargs, node.kw_defaults, strict=True),
    ]
    return next((parameter.arg for parameter, value in pairs if value is default), "")


class _Literal:
    """The string that holds the secret: prefix, quotes, and what stands before and after the secret in it."""

    def __init__(self, place: _Place) -> None:
        begin, end = place.source.range(place.node) or (0, 0)
        code = place.source.text.data[begin:end]
        opening = _PREFIX.match(code)
        if opening is None or not code.endswith(opening[2]) or len(code) < len(opening[0]) + len(opening[2]):
            raise _Refused("the string is made of several parts")
        self.begin, self.end = begin, end
        self.prefix, self.quote = opening[1].lower(), opening[2]
        self.inner = begin + len(opening[0])
        inner = code[len(opening[0]) : -len(self.quote)]
        if _several(place.node, self.prefix, inner, self.quote):
            raise _Refused("the string is made of several parts")
        start = max(place.start - begin - len(opening[0]), 0)
        stop = min(place.end - begin - len(opening[0]), len(inner))
        self.before, self.secret, self.after = inner[:start], inner[start:stop], inner[stop:]
        if not self.secret.strip():
            raise _Refused("the place of the secret is not known exactly")

    def replaced(self, symbol: str, name: str, gap: str) -> list[tuple[int, int, str]]:
        """Return what to put where, as offsets and text; ``gap`` goes before the expression.

        What stands beside the secret is never repeated: it may hold another one.
        """
        if not self.before.strip() and not self.after.strip() and "f" not in self.prefix:
            read = f'{gap}{symbol}["{name}"]'
            return [(self.begin, self.end, f"{read}.encode()" if "b" in self.prefix else read)]
        if "b" in self.prefix:
            raise _Refused("it is a part of bytes")
        if len(self.quote) == 3 and "\n" in self.secret:
            raise _Refused("it is a part of a text of several lines")
        inner_quote = "'" if self.quote[0] == '"' else '"'
        start = self.inner + len(self.before)
        changes = [(start, start + len(self.secret), f"{{{symbol}[{inner_quote}{name}{inner_quote}]}}")]
        if "f" in self.prefix:
            if _depth(self.before):
                raise _Refused("it stands inside an expression of an f-string")
            return changes
        if "\\N{" in self.before + self.after:
            raise _Refused("the text names characters")
        whole = f"{self.before}{' ' * len(self.secret)}{self.after}"
        changes += [(self.inner + at, self.inner + at + 1, char * 2) for at, char in enumerate(whole) if char in "{}"]
        unicode = self.prefix == "u"
        return [(self.begin, self.begin + unicode, f"{gap}f"), *changes]


def _depth(text: str) -> int:
    plain = text.replace("{{", "").replace("}}", "")
    return plain.count("{") - plain.count("}")


def _several(node: ast.AST, prefix: str, inner: str, quote: str) -> bool:
    """Return whether adjacent strings make the value: then the quote occurs inside, unescaped."""
    bare = re.sub(r"\\.", "", inner, flags=re.DOTALL)
    if "f" in prefix and isinstance(node, ast.JoinedStr):
        bare = re.sub(r"\{[^{}]*\}", "", bare)
    return quote in bare
