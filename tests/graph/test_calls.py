"""Who calls a function, with what, and what that does to the world."""

from __future__ import annotations

import pytest
from graph.linked import Linked

from agentlint.graph import call_index
from agentlint.graph.infra.python_calls import operations
from agentlint.graph.infra.python_signs import VERBS


@pytest.mark.parametrize(
    ("code", "callers"),
    [
        ("def g():\n    f(1)", ["g"]),
        ("import asyncio\nasync def g():\n    await asyncio.to_thread(f, 1)", ["g"]),
        ("import threading\ndef g():\n    threading.Thread(target=f, args=(1,)).start()", ["g"]),
        ("import functools\ndef g():\n    functools.partial(f, 1)()", ["g", "g"]),
        ("def g():\n    list(map(f, [1]))", ["g"]),
        ("from concurrent.futures import ThreadPoolExecutor as P\ndef g():\n    P().submit(f, 1)", ["g"]),
        ("T = {'a': f}\ndef g(k):\n    T[k](1)", ["g"]),
        ("T = {'a': f}\ndef g(k):\n    h = T.get(k)\n    h(1)", ["g"]),
        ("def g(func):\n    func(1)\ndef h():\n    g(f)", ["g"]),
        ("class B:\n    def __init__(self, on):\n        self.on = on\n    def go(self):\n        self.on(1)\nB(f)", ["B.go"]),
        ("def g(c):\n    h = f if c else print\n    h(1)", ["g"]),
        ("h = f\ndef g():\n    h(1)", ["g"]),
        ("def g():\n    for step in (f, print):\n        step(1)", ["g"]),
        ("def g():\n    print(f)", []),
    ],
)
def test_callers_of_a_function(code: str, callers: list[str]) -> None:
    assert Linked(f"def f(x):\n    pass\n{code}\n").callers("f") == callers


def test_callers_under_another_name() -> None:
    linked = Linked({"a.py": "def f(x): pass\n", "b.py": "from a import f as h\ndef g():\n    h(1)\n"})
    assert linked.callers("f") == ["g"]


def test_functions_of_one_name_are_told_apart() -> None:
    linked = Linked({"a.py": "def f(x): pass\n", "b.py": "def f(x): pass\ndef g():\n    f(1)\n"})
    assert linked.callers("f") == []


def test_callers_of_methods() -> None:
    code = "class C:\n    def m(self, x): pass\nclass D(C): pass\ndef g(d: D):\n    d.m(1)\n    C().m(2)\n    other.m(3)\n"
    assert Linked(code).passed("C.m", 1) == ["1", "2"]


def test_overriding_methods_have_the_callers_of_what_they_override() -> None:
    code = "class C:\n    def m(self, x): pass\nclass D(C):\n    def m(self, x): pass\ndef g(c: C):\n    c.m(1)\n"
    assert Linked(code).passed("D.m", 1) == ["1"]


def test_constructors() -> None:
    code = "class C:\n    def __init__(self, x): pass\n    @classmethod\n    def make(cls, y):\n        return cls(y)\nC('a')\n"
    assert Linked(code).passed("C.__init__", 1) == ["a", "y"]


def test_callable_objects() -> None:
    code = "class C:\n    def __call__(self, x): pass\nc = C()\ndef g():\n    c(1)\n    C()(2)\n"
    assert Linked(code).passed("C.__call__", 1) == ["1", "2"]


def test_static_and_class_methods() -> None:
    code = "class C:\n    @staticmethod\n    def s(x): pass\n    @classmethod\n    def c(cls, x): pass\nC.s(1)\nC().s(2)\nC.c(3)\nC().c(4)\n"
    linked = Linked(code)
    assert linked.passed("C.s", 0) == ["1", "2"]
    assert linked.passed("C.c", 1) == ["3", "4"]


@pytest.mark.parametrize(
    ("call", "passed"),
    [
        ("f('a', 'b')", [["a"], ["b"], [], []]),
        ("f('a', y='b')", [["a"], ["b"], [], []]),
        ("f(y='b', x='a')", [["a"], ["b"], [], []]),
        ("f('a', 'b', 'c', 'd')", [["a"], ["b"], ["c", "d"], []]),
        ("f('a', 'b', z='c')", [["a"], ["b"], [], ["c"]]),
        ("asyncio.to_thread(f, 'a', 'b')", [["a"], ["b"], [], []]),
        ("threading.Thread(target=f, args=('a',), kwargs={'y': 'b'})", [["tuple"], [""], [], []]),
    ],
)
def test_arguments(call: str, passed: list[list[str]]) -> None:
    linked = Linked(f"import asyncio, threading\ndef f(x, y=None, *rest, **more):\n    pass\n{call}\n")
    assert [linked.passed("f", position) for position in range(4)] == passed


def test_bound_arguments_come_first() -> None:
    code = "import functools\ndef f(x, y, z): pass\ng = functools.partial(f, 'a', z='c')\ng('b')\n"
    linked = Linked(code)
    assert linked.passed("f", 0) == ["a", "a"]
    assert linked.passed("f", 1) == ["b"]
    assert set(linked.passed("f", 2)) == {"c"}


def test_targets() -> None:
    code = "class C:\n    def __init__(self): pass\n    def __post_init__(self): pass\nC()\n"
    assert Linked(code).targets("C") == ["C.__init__", "C.__post_init__"]


def test_targets_of_an_abstract_method_are_what_overrides_it() -> None:
    code = "class C:\n    def m(self):\n        raise NotImplementedError\nclass D(C):\n    def m(self):\n        return 1\ndef g(c: C):\n    c.m()\n"
    assert Linked(code).targets("m") == ["C.m", "D.m"]


class TestEffects:
    def test_of_the_function_itself(self) -> None:
        assert Linked("import os\ndef f(x):\n    os.remove(x)\n").effects("f") == {"fs-delete"}

    def test_of_what_it_calls(self) -> None:
        files = {
            "a.py": "import os\nclass C:\n    def wipe(self, x):\n        os.remove(x)\n",
            "b.py": "import asyncio\nfrom a import C\nasync def f(x):\n    await asyncio.to_thread(C().wipe, x)\n",
        }
        assert "fs-delete" in Linked(files).effects("f")

    def test_of_handlers_in_a_table(self) -> None:
        code = "import os\ndef wipe(x):\n    os.remove(x)\nT = {'a': wipe}\ndef f(k, x):\n    T[k](x)\n"
        assert "fs-delete" in Linked(code).effects("f")

    def test_of_an_abstract_step(self) -> None:
        code = (
            "import os\nclass B:\n    def run(self, x):\n        self.step(x)\n    def step(self, x):\n        raise NotImplementedError\n"
            "class C(B):\n    def step(self, x):\n        os.remove(x)\ndef f(b: B, x):\n    b.run(x)\n"
        )
        assert "fs-delete" in Linked(code).effects("f")

    def test_recursion_ends(self) -> None:
        assert Linked("import os\ndef f(x):\n    g(x)\ndef g(x):\n    f(x)\n    os.remove(x)\n").effects("f") == {"fs-delete"}

    def test_what_is_only_mentioned_has_none(self) -> None:
        assert Linked("import os\ndef wipe(x):\n    os.remove(x)\ndef f(x):\n    return wipe\n").effects("f") == set()


SHARED_NAMES = (
    "class A:\n    def run(self, x): pass\n"
    "class B(A):\n    def run(self, x): pass\n    def more(self):\n        super().run(0)\n"
    "class C:\n    def run(self, x): pass\n"
    "class D:\n    def __call__(self, x): pass\n"
    "def run(x): pass\n"
    "def one(a: A, b: B, c: C, other, func):\n"
    + "".join(f"    a.run({i})\n    b.run({i})\n    c.run({i})\n    other.run({i})\n    run({i})\n" for i in range(10))
    + "    func(1)\ndef two():\n    one(A(), B(), C(), None, run)\n    run = D()\n    run(1)\n"
)


@pytest.mark.parametrize("function", ["A.run", "B.run", "C.run", "D.__call__", "run", "one", "two"])
def test_names_that_many_share_have_the_callers_that_a_look_at_every_call_finds(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed = Linked(SHARED_NAMES)
    found = indexed.calls.callers(indexed.function(function))
    monkeypatch.setattr(call_index, "FEW", 10**9)
    plain = Linked(SHARED_NAMES)
    assert found == plain.calls.callers(plain.function(function))
    assert found or function == "two"


def test_the_vocabulary_has_no_operation_that_the_cheap_signs_miss() -> None:
    assert operations()
    assert all(name.startswith(VERBS) for name in operations())


def test_guards_and_steps_answer_again_what_they_answered() -> None:
    """Two sinks of one kind behind one value: what the first search worked out must not change what the second finds."""
    one = "import subprocess\nfrom flask import request\ndef run(c):\n    subprocess.run(c, shell=True)\n"
    code = f"{one}    subprocess.run(c, shell=True)\ndef view():\n    run(request.args['a'])\n"
    paths = Linked(code).flows()
    assert len(paths) == 2
    assert [hop.site for hop in paths[0].hops] == [hop.site for hop in paths[1].hops]
