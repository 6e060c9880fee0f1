"""Code made to exhaust the front end, the linker or the solver: no crash, no unbounded work."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from graph.probes import index

from agentlint.core.limits import MAX_FILE_BYTES
from agentlint.facts.python.ir import PythonFacts
from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.repository import link
from agentlint.graph.sinks import find_sinks
from agentlint.parse.problem import ParseProblem
from agentlint.parse.python import parse_python
from agentlint.parse.text import Text

LIMIT = 10.0
HEAD = "from flask import request\nimport os\n"
WANTED = dict.fromkeys(("user-input", "tool-argument"))


def facts_of(code: str) -> PythonFacts | None:
    """The front end as a worker runs it; ``None`` where it says that a cap was reached."""
    tree = parse_python(Text(code))
    if isinstance(tree, ParseProblem):
        assert tree.kind == "cap", tree.message
        return None
    try:
        return lower(tree, code)
    except RecursionError:
        return None


def flows(*sources: str) -> list[str]:
    """Link the files and search every sink."""
    files = []
    for number, code in enumerate(sources):
        assert len(code) <= MAX_FILE_BYTES
        found = facts_of(code)
        if found is not None:
            files.append(FileFacts(path=f"m{number}.py", kind="python", python=found))
    repository = link(files, index())
    solver = repository.solver
    return [path.source.kind for sink in find_sinks(repository.program) for path in solver.reach(sink, WANTED)]


def lines(count: int, line: Callable[[int], str]) -> str:
    return "\n".join(map(line, range(count)))


SINK = "    os.system(x)\n"
CASES = {
    "many statements": HEAD
    + "def f():\n    x = request.args['q']\n"
    + lines(50_000, lambda n: f"    x = x + '{n}'")
    + "\n"
    + SINK,
    "many plain statements": HEAD
    + "def f():\n    x = request.args['q']\n"
    + lines(50_000, lambda n: f"    v{n} = {n}")
    + "\n"
    + SINK,
    "ring of functions": HEAD
    + lines(10_000, lambda n: f"def f{n}(x):\n    return f{(n + 1) % 10_000}(x)")
    + "\ndef g():\n    os.system(f0(request.args['q']))\n",
    "ring of statements": HEAD
    + lines(10_000, lambda n: f"def f{n}(x):\n    os.system(x)\n    f{(n + 1) % 10_000}(x)")
    + "\ndef g():\n    f0(request.args['q'])\n",
    "complete graph": HEAD
    + lines(150, lambda n: f"def f{n}(x):\n    os.system(x)\n" + lines(150, lambda k: f"    f{k}(x)"))
    + "\ndef g():\n    f0(request.args['q'])\n",
    "deep inheritance": HEAD
    + "class C0:\n    def run(self, x):\n        os.system(x)\n"
    + lines(3_000, lambda n: f"class C{n + 1}(C{n}):\n    pass")
    + "\ndef g():\n    C3000().run(request.args['q'])\n",
    "wide inheritance": HEAD
    + "class B:\n    def run(self, x):\n        return self.step(x)\n    def step(self, x):\n        raise NotImplementedError\n"
    + lines(3_000, lambda n: f"class C{n}(B):\n    def step(self, x):\n        return x")
    + "\ndef g(b: B):\n    os.system(b.run(request.args['q']))\n",
    "its own base": HEAD + "class A(A):\n    def f(self):\n        os.system(self.x)\n" + "class B(C): pass\nclass C(B): pass\n",
    "its own attribute": HEAD + "class A:\n    def f(self):\n        self.a = self.a.a.a\n        os.system(self.a.a)\n",
    "long elif chain": HEAD
    + "def f():\n    x = request.args['q']\n    if x == '0':\n        y = 0\n"
    + lines(2_000, lambda n: f"    elif x == '{n}':\n        y = {n}")
    + "\n    os.system(y)\n",
    "many branches": HEAD
    + "def f():\n    x = request.args['q']\n"
    + lines(5_000, lambda n: f"    if x == '{n}':\n        v{n} = x")
    + "\n"
    + SINK,
    "branches of one name": HEAD
    + "def f(c):\n    x = request.args['q']\n"
    + lines(5_000, lambda n: f"    if c({n}):\n        x = x + '{n}'")
    + "\n"
    + SINK,
    "many parameters": HEAD
    + f"def f({', '.join(f'p{n}' for n in range(10_000))}):\n    os.system(p9999)\n"
    + f"def g():\n    f({', '.join(['request.args[0]'] * 10_000)})\n",
    "huge dict": HEAD + "D = {" + ", ".join(f"'k{n}': 'v{n}'" for n in range(100_000)) + "}\n\ndef f(k):\n    os.system(D[k])\n",
    "dict of handlers": HEAD
    + lines(3_000, lambda n: f"def h{n}(x):\n    os.system(x)")
    + "\nD = {"
    + ", ".join(f"'k{n}': h{n}" for n in range(3_000))
    + "}\n"
    + "def f(k):\n    D[k](request.args['q'])\n",
    "many appends": HEAD
    + "ITEMS = []\n"
    + lines(5_000, lambda n: f"def f{n}(x):\n    ITEMS.append(x)")
    + "\ndef g():\n    f0(request.args['q'])\n    os.system(ITEMS[0])\n",
    "appends in a row": HEAD
    + "def g():\n    items = []\n"
    + lines(20_000, lambda n: f"    items.append('{n}')")
    + "\n    os.system(items[0])\n",
    "many tries": HEAD
    + "def f():\n    x = request.args['q']\n"
    + lines(3_000, lambda n: f"    try:\n        x = g(x)\n        y{n} = x\n    except ValueError:\n        x = '{n}'")
    + "\n"
    + SINK,
    "callbacks in callbacks": HEAD
    + lines(2_000, lambda n: f"def f{n}(func, x):\n    return f{n + 1}(func, func(x))")
    + "\ndef g():\n    os.system(f0(g, request.args['q']))\n",
    "loops in loops": HEAD
    + "def f():\n    x = request.args['q']\n"
    + lines(18, lambda n: "    " * (n + 1) + f"for i{n} in x:")
    + "\n"
    + "    " * 19
    + "x = x + i17\n"
    + SINK,
    "every statement handed on": HEAD
    + "def put(d, x):\n    d['k'] = x\n"
    + "def f():\n    x = request.args['q']\n    d = {}\n"
    + lines(10_000, lambda n: "    put(d, x)")
    + "\n    os.system(d['k'])\n",
    "validators of validators": HEAD
    + lines(2_000, lambda n: f"def c{n}(x):\n    if not c{(n + 1) % 2_000}(x):\n        raise ValueError\n    return True")
    + "\ndef f():\n    x = request.args['q']\n    c0(x)\n"
    + SINK,
    "aliases of aliases": HEAD
    + "a0 = request.args['q']\n"
    + lines(10_000, lambda n: f"def f{n}():\n    global a{n + 1}\n    a{n + 1} = a{n}")
    + "\nos.system(a10000)\n",
    "decorators": HEAD + lines(5_000, lambda n: "@wrap") + "\ndef f(x):\n    os.system(x)\n",
    "nested functions": HEAD + lines(90, lambda n: " " * n + f"def f{n}(x{n}):") + "\n" + " " * 90 + "os.system(x0)\n",
    "nested lambdas": HEAD + "f = " + "lambda x: " * 150 + "x\n",
    "attribute chain": HEAD + "os.system(request" + ".args" * 900 + ")\n",
    "call chain": HEAD + "os.system(request" + ".get('q')" * 400 + ")\n",
    "long sum": HEAD + "os.system(" + " + ".join(["request.args['q']"] * 3_000) + ")\n",
    "many globals": HEAD
    + lines(3_000, lambda n: f"def f{n}():\n    global G\n    G = G + '{n}'")
    + "\ndef g():\n    os.system(G)\n",
}


@pytest.mark.parametrize("name", CASES)
def test_one_file(name: str) -> None:
    started = time.process_time()
    flows(CASES[name])
    assert time.process_time() - started < LIMIT


def test_cyclic_imports() -> None:
    ring = [
        f"from m{(n + 1) % 300} import *\nfrom m{(n + 1) % 300} import name{n}\nimport os\ndef f{n}():\n    os.system(name{n})\n"
        for n in range(300)
    ]
    started = time.process_time()
    flows(*ring)
    assert time.process_time() - started < LIMIT


def test_imports_of_itself() -> None:
    assert flows("from m0 import x\nimport m0\nimport os\nos.system(x)\nos.system(m0.x.m0.x)\nx = m0.x\n") == []


def test_files_that_inherit_from_each_other() -> None:
    ring = [
        f"import os\nfrom m{(n + 1) % 200} import C{(n + 1) % 200}\nclass C{n}(C{(n + 1) % 200}):\n    def f{n}(self):\n        os.system(self.x)\n"
        for n in range(200)
    ]
    started = time.process_time()
    flows(*ring)
    assert time.process_time() - started < LIMIT


def test_what_is_found_among_all_that() -> None:
    assert flows(CASES["deep inheritance"]) in (["user-input"], [])  # bases are followed to a bound
    assert "user-input" in flows(CASES["ring of statements"])
    assert "user-input" in flows(CASES["many branches"])
    assert "user-input" in flows(CASES["huge dict"] + "\ndef g():\n    os.system(request.args['q'])\n")
