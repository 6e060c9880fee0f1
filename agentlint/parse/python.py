"""Python source to syntax tree, with guards for input that would exhaust the interpreter."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.limits import MAX_DEPTH
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.parse.text import Text

# Python 3.10 overflows the C stack at about 25,000 chained operators (with the 1 MB stack of Windows); later ones
# raise.
_MAX_CHAIN = 10_000
_MAX_TREE_DEPTH = 2 * MAX_DEPTH
_LONG_LINE = 600
_CONTINUING = "+-*/%@.~([&|^<\\"
_CHAIN_CHARACTERS = "+-*/%@.~([&|^<"
_PIECES = lazy.pattern(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'"
    r"|#[^\n]*|[(\[{]|[)\]}]|[,;\n]|[-+*/%@.~&|^<>]+|\w+",
    re.DOTALL,
)
_CONTINUED_LINES = 150
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_PYTHON_2 = (
    (lazy.pattern(r"\s*print\s+[^\s=(]"), "the print statement"),
    (lazy.pattern(r"\s*print\s*>>"), "the print statement"),
    (lazy.pattern(r"\s*except\s+[\w.()\[\], ]{1,200},\s*\w+\s*:"), "`except Type, name`"),
    (lazy.pattern(r"\s*exec\s+[^\s=(.]"), "the exec statement"),
    (lazy.pattern(r"\s*raise\s+[\w.]{1,100}\s*,"), "`raise Type, value`"),
    (lazy.pattern(r"[^'\"#]{0,400}`[^`]{1,200}`"), "backticks"),
    (lazy.pattern(r"[^'\"#]{0,400}<>"), "the <> operator"),
    (lazy.pattern(r"[^'\"#]{0,400}\b(?:0[0-7]+|[0-9]+[lL])\b"), "an old integer literal"),
    (lazy.pattern(r"[^'\"#]{0,400}\bur['\"]"), "a ur'' string"),
)
_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def parse_python(text: Text) -> ast.Module | ParseProblem:
    """Parse a module; ``await`` is allowed at its top level (notebooks).

    Returns a ``ParseProblem`` for what Python cannot parse (it names Python 2 where that is the likely cause) and for
    code nested or chained so deeply that a tree of it could not be walked. Statement nesting by ``elif`` may still
    reach about 1,000 levels: recursive walkers must expect ``RecursionError``.
    """
    chain = _chained(text.data)
    if chain:
        return ParseProblem(f"an expression with more than {_MAX_CHAIN} chained operators", chain, "cap")
    try:
        tree = _compiled(text.data)
    except SyntaxError as error:
        newer = _newer(text.data)
        if newer is None:
            return _syntax_problem(text, error)
        tree = newer
    except ValueError as error:  # NUL bytes, lone surrogates
        return ParseProblem(f"not Python source: {error}")
    except (RecursionError, MemoryError):
        return ParseProblem("nested too deeply for the Python parser", 0, "cap")
    if _suspicious(text) and _too_deep(tree):
        return ParseProblem(f"expressions nested deeper than {_MAX_TREE_DEPTH} levels", 0, "cap")
    return tree


def _compiled(data: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(data, "<source>", "exec", _FLAGS, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def _newer(data: str) -> ast.Module | None:
    """Read what only a later Python than ours can; ``None`` if that is not what is wrong."""
    from agentlint.parse.newer import older

    rewritten = older(data)
    try:
        return _compiled(rewritten) if rewritten != data else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _syntax_problem(text: Text, error: SyntaxError) -> ParseProblem:
    line = error.lineno or 0
    message = error.msg
    if "too many nested" in message or "too many levels" in message or "too complex" in message:
        return ParseProblem(message, line, "cap")
    for number in (line, line - 1):
        source = text.lines[number - 1][:2000] if 0 < number <= len(text.lines) else ""
        for pattern, what in _PYTHON_2:
            if pattern.match(source):
                return ParseProblem(f"looks like Python 2 ({what}); only Python 3 can be read", number)
    return ParseProblem(f"syntax error: {message}", line)


def _chained(data: str) -> int:
    """Return the line where an expression with too many chained operators starts, 0 if there is none."""
    if len(data) <= _MAX_CHAIN or sum(map(data.count, _CHAIN_CHARACTERS)) <= _MAX_CHAIN:
        return 0
    counts = [0]
    for match in _PIECES.finditer(data):
        piece = match[0]
        first = piece[0]
        if first in _OPEN:
            counts[-1] += 1
            if counts[-1] > _MAX_CHAIN:
                return data.count("\n", 0, match.start()) + 1
            counts.append(0)
        elif first in _CLOSE:
            if len(counts) > 1:
                counts.pop()
        elif first in ",;" or (first == "\n" and len(counts) == 1 and data[match.start() - 1 : match.start()] != "\\"):
            counts[-1] = 0
        elif first in _CHAIN_CHARACTERS:
            counts[-1] += len(piece)
            if counts[-1] > _MAX_CHAIN:
                return data.count("\n", 0, match.start()) + 1
    return 0


def _suspicious(text: Text) -> bool:
    """Tell cheaply whether one expression may be deep: long lines, or many that go on over an operator."""
    lines = text.lines
    if max(map(len, lines)) > _LONG_LINE:
        return True
    last = -1  # the last line that ends a run
    at = _CONTINUED_LINES
    while at < len(lines):  # a run that is too long reaches this line: most often one of the first looked at ends it
        end = next((number for number in range(at, last, -1) if _continues(lines[number]) is False), -1)
        if end < 0:
            run = 0
            for number in range(last + 1, len(lines)):
                continued = _continues(lines[number])
                run += continued is True
                if run > _CONTINUED_LINES:
                    return True
                if continued is False:
                    end = number
                    break
            else:
                return False
        last, at = end, end + _CONTINUED_LINES + 1
    return False


def _continues(line: str) -> bool | None:
    """Whether an expression goes on over a line by an operator; ``None`` for blank lines and comments, which say nothing."""
    bare = line.strip()
    if bare and (bare[0] in _CHAIN_CHARACTERS or bare[-1] in _CONTINUING):
        return True
    return False if bare and bare[0] != "#" else None


def _too_deep(tree: ast.AST) -> bool:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > _MAX_TREE_DEPTH:
            return True
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return False
