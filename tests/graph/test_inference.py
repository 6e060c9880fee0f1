"""What a value may be: classes, instances, functions, external objects."""

from __future__ import annotations

import pytest
from graph.linked import Linked

CLASS = """
class Base:
    kind = "base"
    def __init__(self, client: Client = None):
        self.client = client
        self.engine = Engine()
    def run(self): return self
    @property
    def tool(self): return Engine()
    @staticmethod
    def make(): return Engine()
    @classmethod
    def build(cls): return cls()
class Engine:
    def start(self): return 1
    def __call__(self, x): return Base()
    def __enter__(self): return self
class Child(Base):
    def run(self): return super().run()
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Engine()", ["inst Engine"]),
        ("Engine", ["cls Engine"]),
        ("Engine().start", ["function Engine.start"]),
        ("Base().engine", ["inst Engine"]),
        ("Base().engine.start", ["function Engine.start"]),
        ("Child().engine", ["inst Engine"]),
        ("Base().run", ["function Base.run"]),
        ("Child().run", ["function Child.run"]),
        ("Base().tool", ["inst Engine"]),
        ("Base.make()", ["inst Engine"]),
        ("Base().make()", ["inst Engine"]),
        ("Base.build()", ["inst Base"]),
        ("Engine()(1)", ["inst Base"]),
        ("[Engine()][0]", ["inst Engine"]),
        ("(1, Engine())[1]", ["inst Engine"]),
        ("{'a': Engine(), 'b': Base()}['b']", ["inst Base"]),
        ("{'a': Engine(), 'b': Base()}[key]", ["inst Engine", "inst Base"]),
        ("{'a': Engine()}.get('a')", ["inst Engine"]),
        ("Engine() if x else Base()", ["inst Engine", "inst Base"]),
        ("None or Engine()", ["inst Engine"]),
        ("getattr(Base(), 'run')", ["function Base.run"]),
        ("getattr(Base(), f'ru{x}')", ["function Base.run"]),
        ("functools.partial(Base, 1)", ["cls Base"]),
        ("copy.copy(Engine())", ["inst Engine"]),
        ("f'{x}'", ["builtins.str()"]),
        ("requests.Session().get", ["requests.get"]),
        ("pathlib.Path('a') / 'b'", ["pathlib.Path()"]),
        ("contextlib.ExitStack().enter_context(Engine())", ["inst Engine"]),
        ("contextlib.AsyncExitStack().enter_async_context(pathlib.Path('a'))", ["pathlib.Path()"]),
        ("pathlib.Path('a').__enter__()", ["pathlib.Path()"]),
        ("unknown()", ["builtins.unknown()"]),
    ],
)
def test_expressions(expression: str, expected: list[str]) -> None:
    linked = Linked(f"import contextlib, functools, copy, requests, pathlib\n{CLASS}\nx = {expression}\n")
    assert linked.what("x") == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("with Engine() as x: pass", ["inst Engine"]),
        ("async def f():\n    global x\n    x = await Engine()", ["inst Engine"]),
        ("for x in [Engine(), Base()]: pass", ["inst Engine", "inst Base"]),
        ("x, y = Engine(), 1", ["inst Engine"]),
        ("x: Engine = make()", ["builtins.make()"]),
        ("t = {}\nt['a'] = Engine()\nx = t['a']", ["inst Engine"]),
        ("t = []\nt.append(Engine())\nx = t[0]", ["inst Engine"]),
        ("for name, x in {'a': Engine()}.items(): pass", ["inst Engine"]),
        ("def f():\n    return Engine()\nx = f()", ["inst Engine"]),
        ("def f() -> Engine: ...\nx = f()", ["inst Engine"]),
        ("def f() -> 'Engine': ...\nx = f()", ["inst Engine"]),
        ("x = y = Engine()", ["inst Engine"]),
        ("if (x := Engine()): pass", ["inst Engine"]),
        ("b = Base()\nb.extra = Engine()\nx = Base().extra", ["inst Engine"]),
    ],
)
def test_statements(statements: str, expected: list[str]) -> None:
    assert Linked(f"{CLASS}\n{statements}\n").what("x") == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Engine", ["inst Engine"]),
        ("'Engine'", ["inst Engine"]),
        ("Engine | None", ["inst Engine"]),
        ("Optional[Engine]", ["inst Engine"]),
        ("Annotated[Engine, 1]", ["inst Engine"]),
        ("requests.Session", ["requests"]),
        ("Agent[Context]", ["agents.Agent()"]),
        ("str", ["builtins.str()"]),
    ],
)
def test_annotated_parameters(annotation: str, expected: list[str]) -> None:
    linked = Linked(f"import requests\nfrom agents import Agent\n{CLASS}\ndef f(x: {annotation}): pass\n")
    assert linked.what("x", "f") == expected


def test_generic_constructors() -> None:
    assert Linked("from agents import Agent\nx = Agent[Context](name='a')\n").what("x") == ["agents.Agent()"]


def test_fields_by_annotation() -> None:
    code = f"{CLASS}\nclass D:\n    engine: Engine\n    def f(self):\n        x = self.engine\n"
    assert Linked(code).what("x", "D.f") == ["inst Engine"]


def test_self_and_cls() -> None:
    code = "class C:\n    def f(self): pass\n    @classmethod\n    def g(cls): pass\n    @staticmethod\n    def h(self): pass\n"
    linked = Linked(code)
    assert linked.what("self", "C.f") == ["inst C"]
    assert linked.what("cls", "C.g") == ["cls C"]
    assert linked.what("self", "C.h") == []


def test_fields_of_a_sibling_class_stay_apart() -> None:
    code = "class B: pass\nclass C(B):\n    def f(self): self.x = open\nclass D(B):\n    def f(self): y = self.x\n"
    assert Linked(code).what("y", "D.f") == []


def test_fields_of_a_mixin() -> None:
    code = f"{CLASS}\nclass M: pass\nclass C(Base, M):\n    def f(self):\n        x = self.engine\n"
    assert Linked(code).what("x", "C.f") == ["inst Engine"]


def test_methods_of_external_bases() -> None:
    code = "from http.server import BaseHTTPRequestHandler\nclass H(BaseHTTPRequestHandler):\n    def do_GET(self):\n        x = self.path\n"
    assert Linked(code).what("x", "H.do_GET") == ["http.server.BaseHTTPRequestHandler().path"]


def test_modules_are_objects() -> None:
    linked = Linked({"a.py": "import requests\nclient = requests.Session()\n", "b.py": "import a\nx = a.client.post\n"})
    assert linked.what("x") == ["requests.post"]


def test_recursion_ends() -> None:
    assert Linked("def f():\n    return f()\nx = f()\n").what("x") == []
    assert Linked("class A(A): pass\nx = A().y\n").what("x") == []
    assert Linked("x = x.y.z\n").what("x") == []
