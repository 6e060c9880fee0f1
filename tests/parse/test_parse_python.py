from __future__ import annotations

import ast
import subprocess
import sys
import warnings

import pytest

from agentlint.parse.python import parse_python
from agentlint.parse.text import Text

DEEP = {
    "parentheses": "'(' * 100_000 + ')' * 100_000",
    "lists": "'[' * 20_000 + ']' * 20_000",
    "unary": "'-' * 100_000 + '1'",
    "not": "'not ' * 100_000 + '1'",
    "sum": "'1' + '+1' * 1_000_000",
    "sum over lines": "'x = (1' + '\\n + 1' * 300_000 + ')'",
    "sum after backslashes": "'x = 1' + ' + \\\\\\n1' * 300_000",
    "attributes": "'a' + '.b' * 1_000_000",
    "calls": "'a' + '()' * 1_000_000",
    "subscripts": "'a' + '[0]' * 1_000_000",
    "mixed": "'a' + '.b(1, 2)[3]' * 300_000",
    "lambdas": "'lambda: ' * 100_000 + '1'",
    "conditions": "'1 if 1 else ' * 100_000 + '1'",
    "elif": "'if a:\\n pass\\n' + 'elif a:\\n pass\\n' * 20_000",
    "indentation": "'\\n'.join(' ' * i + 'if 1:' for i in range(3_000))",
    "medium sum": "'1' + '+1' * 2_500",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_code_never_ends_the_interpreter(name):
    program = (
        "import sys\n"
        "from agentlint.parse.python import parse_python\n"
        "from agentlint.parse.text import Text\n"
        f"print(parse_python(Text({DEEP[name]})).kind)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "cap"), done.stderr[-500:]


@pytest.mark.parametrize(
    "source",
    ["x = [" + "0.1, -2.5, " * 20_000 + "]", "x = 1\n" + "y = a.b.c(-1) + 2\n" * 5_000, "s = (" + "'a'\n" * 5_000 + ")", "a = 1\n" * 10 + "#" + "+" * 20_000,
     "s = '" + "+" * 50_000 + "'", 's = """' + "\n- a" * 20_000 + '"""', "x = 1" + " + 1" * 200],
)  # fmt: skip
def test_large_code_that_is_not_deep_is_read(source):
    assert isinstance(parse_python(Text(source)), ast.Module)


def test_top_level_await_and_no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(parse_python(Text("await f()\nx = '\\d'\n1 is 1\nassert (1, 2)\n")), ast.Module)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\nprint 'a'\n", 2),
        ("try:\n  pass\nexcept A, e:\n  pass\n", 3),
        ("exec 'x'\n", 1),
        ("x = `1`\n", 1),
        ("raise A, 'b'\n", 1),
        ("x = 0777\n", 1),
        ("if a <> b: pass\n", 1),
    ],
)
def test_python_2_is_named(source, line):
    problem = parse_python(Text(source))
    assert "Python 2" in problem.message
    assert problem.line == line


def test_other_errors_are_not_called_python_2():
    problem = parse_python(Text("x = 1\ndef f(:\n  pass\n"))
    assert (problem.line, problem.kind) == (2, "parse-error")
    assert "Python 2" not in problem.message


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_agree_with_the_text(newline):
    tree = parse_python(Text(newline.join(["a = 1", "", "b = 2"])))
    assert [statement.lineno for statement in tree.body] == [1, 3]
