"""Syntax of later Pythons is read by earlier ones, at the same places."""

from __future__ import annotations

import ast

import pytest

from agentlint.parse.newer import older
from agentlint.parse.python import parse_python
from agentlint.parse.text import decode

NEWER = [
    "type A = int\n",
    "type A[T] = list[T]\n",
    "def f[T: (int, str)](x: T) -> T:\n    return x\n",
    "class A[T](B):\n    async def g[**P](self): pass\n",
    'x = f"{d["a"]} {b}"\n',
    "y = f'{\"\\n\".join(z)}'\n",
    'z = f"{", ".join(f(a["k"]) for a in b)}"\n',
    'u = f"{x:%H:%M}" + f"{a["b"]:{c["w"]}}"\n',
]
OLD = ["type = 3\ntype[0] = 2\n", 'x = f"{{}} {a[1:2]} {x!r:>{n}}"\n', "x = 'it''s' # f\"{a[\"b\"]}\"\n", 'x = "type X = 1"\n']


@pytest.mark.parametrize("code", NEWER)
def test_newer_syntax_is_rewritten_in_place(code):
    rewritten = older(code)
    assert [len(line) for line in rewritten.split("\n")] == [len(line) for line in code.split("\n")]
    ast.parse(rewritten, feature_version=(3, 10))


@pytest.mark.parametrize("code", NEWER)
def test_newer_syntax_is_read(code):
    assert isinstance(parse_python(decode(code.encode())), ast.Module)


@pytest.mark.parametrize("code", OLD)
def test_the_rest_stays(code):
    assert older(code) == code


@pytest.mark.parametrize("code", ["def f(:\n", "x = f'{a\n", 'x = f"{"', "type\n", "def f[T(x): pass\n"])
def test_what_is_wrong_in_every_version_is_still_said(code):
    assert not isinstance(parse_python(decode(code.encode())), ast.Module) or code == "type\n"


@pytest.mark.parametrize("piece", ['f"{', "def f[", "type X = ", '"""', "{[(", "\\", "f'{\"", "f'{'"])
def test_long_input_takes_linear_time(piece):
    import time

    def cost(times: int) -> float:
        start = time.process_time()
        older((piece + "\n") * times)
        return time.process_time() - start

    cost(10)
    assert cost(8_000) < 12 * max(cost(2_000), 0.002)
