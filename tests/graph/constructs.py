"""How a value may travel through a Python program. ``kill`` constructs have a twin through which it does not."""

from __future__ import annotations

from graph.sketch import Construct, Sketch

CONSTRUCTS: dict[str, tuple[Construct, ...]] = {}
KILLS: set[str] = set()
ASYNC: set[str] = set()


def construct(name: str, *, kill: bool = False, is_async: bool = False):
    def add(function: Construct) -> Construct:
        CONSTRUCTS[name] = (*CONSTRUCTS.get(name, ()), function)
        if kill:
            KILLS.add(name)
        if is_async:
            ASYNC.add(name)
        return function

    return add


def q(text: str) -> str:
    return '"' + text + '"'


@construct("assignment")
def _(s: Sketch, e: str, safe: bool) -> str:
    return s.let(s.let(e))


@construct("overwrite", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let('"fixed"')
    s.line(f"{v} = {e}")
    if safe:
        s.line(f'{v} = "fixed"')
    return v


@construct("branch join", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.fresh()
    s.line(f"{v} = {e if safe else q('fixed')}", f"if {s.coin(True)}:", f"    {v} = {q('other') if safe else e}")
    if safe:
        s.line("else:", f'    {v} = "fixed"')
    elif s.rng.random() < 0.5:
        s.line(f"elif {s.coin(True)}:", f'    {v} = "third"', "else:", f'    {v} = "fourth"')
    return v


@construct("early exit", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let(e if safe else '"fixed"')
    s.line(f"if {s.coin(not safe)}:", f"    {v} = {e}")
    if safe:
        s.line('    return "no"')
        s.line(f'{v} = "fixed"')
    return v


@construct("conditional expression", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    return s.let(f'"a" if {s.coin(True)} else "b"' if safe else f'{e} if {s.coin(True)} else "b"')


@construct("or default")
def _(s: Sketch, e: str, safe: bool) -> str:
    return s.let(f'{e} or "default"')


@construct("f-string", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    if safe:
        return s.let(f'f"{s.prefix}{{len({e})}}{s.suffix}"')
    v = s.let(e)
    return s.let(f'f"{s.prefix}{{{v}}}{s.suffix}"')


@construct("percent")
def _(s: Sketch, e: str, safe: bool) -> str:
    form = s.rng.choice(('"{p}%s{s}" % {e}', '"{p}%s{s}" % ({e},)', '"{p}%(a)s{s}" % {{"a": {e}}}'))
    return s.let(form.format(p=s.prefix, s=s.suffix, e=e))


@construct("format", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    if safe:
        return s.let(f'"{s.prefix}{{a}}{s.suffix}".format(a="x")')
    form = s.rng.choice(('"{p}{{}}{s}".format({e})', '"{p}{{0}}{s}".format({e})', '"{p}{{a}}{s}".format(a={e})'))
    if s.rng.random() < 0.3:
        template = s.let(f'"{s.prefix}{{a}}{s.suffix}"', "template")
        return s.let(f"{template}.format(a={e})")
    return s.let(form.format(p=s.prefix, s=s.suffix, e=e))


@construct("plus")
def _(s: Sketch, e: str, safe: bool) -> str:
    return s.let(f'"{s.prefix}" + {e} + "{s.suffix}"')


@construct("augmented assignment")
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let(f'"{s.prefix}"')
    s.line(f"{v} += {e}", f'{v} += "{s.suffix}"')
    return v


@construct("join")
def _(s: Sketch, e: str, safe: bool) -> str:
    parts = s.let(f'["{s.prefix}", {e}, "{s.suffix}"]', "parts")
    return s.let(f'"".join({parts})')


@construct("join")
def _(s: Sketch, e: str, safe: bool) -> str:
    parts = s.let("[]", "parts")
    s.line(f"for piece in ({e},):", f"    {parts}.append(piece)")
    return s.let(f'"".join({parts})')


@construct("comprehension", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    if safe:
        return s.let(f'["a" for _ in [{e}]][0]')
    form = s.rng.choice((
        "[part for part in [{e}]][0]",
        '"".join(part.strip() for part in [{e}])',
        '{{k: k for k in [{e}]}}.popitem()[1]',
        "[b for a in [[{e}]] for b in a][0]",
        "list({{part for part in [{e}]}})[0]",
    ))  # fmt: skip
    return s.let(form.format(e=e))


@construct("unpacking", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    a, b = s.fresh(), s.fresh()
    form = s.rng.choice(
        (f'{a}, {b} = "x", {e}', f'({a}, {b}) = ["x", {e}]', f'{a}, *{b} = ["x", {e}]', f'{a}, ({b}, _) = "x", ({e}, 1)')
    )
    s.line(form)
    if safe:
        return a
    return s.let(f"{b}[0]") if "*" in form else b


@construct("with")
def _(s: Sketch, e: str, safe: bool) -> str:
    c, v = s.fresh("Session"), s.fresh()
    s.top(f"""
class {c}:
    def __init__(self, text):
        self.text = text

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return False
""")
    s.line(f"with {c}({e}) as held:", f"    {v} = held.text")
    return v


@construct("with")
def _(s: Sketch, e: str, safe: bool) -> str:
    f, v = s.fresh("opened"), s.fresh()
    s.use("import contextlib")
    s.top(f"""
@contextlib.contextmanager
def {f}(text):
    yield text
""")
    s.line(f"with {f}({e}) as held:", f"    {v} = held")
    return v


@construct("walrus")
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.fresh()
    s.line(f"if ({v} := {e}):", "    pass")
    return v


@construct("await", kill=True, is_async=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("fetch")
    s.top(f"""
async def {f}(text):
    return {'"fixed"' if safe else "text"}
""")
    return s.let(f"await {f}({e})")


@construct("await", is_async=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("fetch")
    s.use("import asyncio")
    s.top(f"""
async def {f}(text):
    return {'"fixed"' if safe else "text"}
""")
    form = s.rng.choice(("asyncio.gather({f}({e}), {f}('a'))", "asyncio.wait_for({f}({e}), 5)", "asyncio.create_task({f}({e}))"))
    v = s.let("await " + form.format(f=f, e=e))
    return s.let(f"{v}[0]") if "gather" in form else v


@construct("generator")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("pieces")
    body = s.rng.choice(("yield text", "yield from [text]", "for part in (text, 'b'):\n        yield part"))
    s.top(f"""
def {f}(text):
    {body}
""")
    form = s.rng.choice(("next({f}({e}))", "list({f}({e}))[0]", '"".join(x for x in {f}({e}) if x != "b")', "loop"))
    if form == "loop":
        v = s.let('"x"')
        s.line(f"for piece in {f}({e}):", f"    {v} = piece", "    break")
        return v
    return s.let(form.format(f=f, e=e))


@construct("async generator", is_async=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f, v = s.fresh("stream"), s.let('"x"')
    s.top(f"""
async def {f}(text):
    yield text
""")
    s.line(f"async for piece in {f}({e}):", f"    {v} = piece")
    return v


@construct("lambda", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("shape")
    s.line(f"{f} = lambda text: " + ('"fixed"' if safe else f'"{s.prefix}" + text + "{s.suffix}"'))
    return s.let(f"{f}({e})")


@construct("partial", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f, p = s.fresh("pick"), s.fresh("bound")
    s.use("import functools")
    s.top(f"""
def {f}(first, second):
    return {"second" if safe else "first"}
""")
    s.line(f"{p} = functools.partial({f}, {e})")
    return s.let(f'{p}("x")')


@construct("partial")
def _(s: Sketch, e: str, safe: bool) -> str:
    f, p = s.fresh("pick"), s.fresh("bound")
    s.use("from functools import partial")
    s.top(f"""
def {f}(first, second="b"):
    return {'"fixed"' if safe else "second"}
""")
    s.line(f'{p} = partial({f}, "a")' if s.rng.random() < 0.5 else f"{p} = partial({f}, second={e})")
    return s.let(f"{p}(second={e})" if '"a"' in s.body[-1] else f'{p}("a")')


@construct("decorator", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    d, f = s.fresh("traced"), s.fresh("echo")
    s.use("import functools")
    s.top(f"""
def {d}(func):
    @functools.wraps(func)
    def inner(*args, **kwargs):
        return func(*args, **kwargs)

    return inner
""")
    s.top(f"""
@{d}
def {f}(text):
    return {'"fixed"' if safe else "text"}
""")
    return s.let(f"{f}({e})")


@construct("decorator")
def _(s: Sketch, e: str, safe: bool) -> str:
    d, f = s.fresh("retry"), s.fresh("echo")
    s.top(f"""
def {d}(times=3):
    def wrap(func):
        def inner(text):
            return func(text)
        return inner
    return wrap
""")
    s.top(f"""
@{d}(times=2)
def {f}(text):
    return {'"fixed"' if safe else "text"}
""")
    return s.let(f"{f}({e})")


@construct("dataclass field", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Job")
    s.use("from dataclasses import dataclass, field")
    s.top(f"""
@dataclass
class {c}:
    command: str
    label: str = "none"
""")
    box = s.let(s.rng.choice((f"{c}(command={e})", f"{c}({e})", f'{c}({e}, "b")')), "job")
    return s.let(f"{box}.{'label' if safe else 'command'}")


@construct("dataclass method", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Job")
    s.use("from dataclasses import dataclass")
    s.top(f"""
@dataclass
class {c}:
    command: str
    label: str = "none"

    def line(self):
        return self.{"label" if safe else "command"}
""")
    box = s.let(s.rng.choice((f"{c}(command={e})", f"{c}({e})")), "job")
    return s.let(f"{box}.line()")


@construct("named tuple", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Pair")
    s.use("from typing import NamedTuple")
    s.top(f"""
class {c}(NamedTuple):
    left: str
    right: str = "r"
""")
    box = s.let(f"{c}({e})", "pair")
    if not safe and s.rng.random() < 0.5:
        v = s.fresh()
        s.line(f"{v}, _ = {box}")
        return v
    return s.let(f"{box}.{'right' if safe else 'left'}")


@construct("pydantic field", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Request")
    s.use("from pydantic import BaseModel")
    s.top(f"""
class {c}(BaseModel):
    command: str
    label: str = "none"
""")
    how = s.rng.choice(("{c}(command={e})", '{c}(**{{"command": {e}}})', '{c}.model_validate({{"command": {e}}})'))
    box = s.let(how.format(c=c, e=e), "request_")
    if not safe and s.rng.random() < 0.3:
        return s.let(f'{box}.model_dump()["command"]')
    return s.let(f"{box}.{'label' if safe else 'command'}")


@construct("dict key", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    key = "b" if safe else "a"
    d = s.fresh("table")
    how = s.rng.randrange(5)
    if how == 0:
        s.line(f'{d} = {{"a": {e}, "b": "x"}}')
    elif how == 1:
        s.line(f'{d} = dict(a={e}, b="x")')
    elif how == 2:
        s.line(f'{d} = {{"b": "x"}}', f'{d}["a"] = {e}')
    elif how == 3:
        s.line(f'{d} = {{"b": "x"}}', f'{d}.update({{"a": {e}}})')
    else:
        s.line(f'{d} = {{**{{"a": {e}}}, "b": "x"}}')
    return s.let(s.rng.choice((f'{d}["{key}"]', f'{d}.get("{key}")', f'{d}.get("{key}", "y")', f'{d}.pop("{key}")')))


@construct("dict overwrite", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    d = s.let('{"a": "x"}', "table")
    s.line(f'{d}["a"] = {e}')
    if safe:
        s.line(f'{d}["a"] = "fixed"')
    return s.let(f'{d}["a"]')


@construct("dict iteration")
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let('"x"')
    d = s.let(f'{{"a": {e}}}', "table")
    form = s.rng.choice((f"for k, value in {d}.items():", f"for value in {d}.values():"))
    s.line(form, f"    {v} = value")
    return v


@construct("nested container", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    d = s.let(f'{{"tool": {{"args": [{e}], "name": "n"}}}}', "call")
    return s.let(f'{d}["tool"]["name"]' if safe else f'{d}["tool"]["args"][0]')


@construct("list append")
def _(s: Sketch, e: str, safe: bool) -> str:
    items = s.let("[]", "items")
    how = s.rng.choice(("{l}.append({e})", "{l}.extend([{e}])", "{l} += [{e}]", "{l}.insert(0, {e})", "{l} = {l} + [{e}]"))
    s.line(how.format(l=items, e=e))
    return s.let(s.rng.choice((f"{items}[0]", f"{items}[-1]", f"{items}.pop()", f'" ".join({items})')))


@construct("list append in a helper")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("collect")
    s.top(f"""
def {f}(bucket, text):
    bucket.append(text)
""")
    items = s.let("[]", "items")
    s.line(f"{f}({items}, {e})")
    return s.let(f"{items}[0]")


@construct("tuple index", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    t = s.let(f'("x", {e})', "pair")
    return s.let(f"{t}[{0 if safe else 1}]")


@construct("slice")
def _(s: Sketch, e: str, safe: bool) -> str:
    return s.let(f"{e}[:500]")


@construct("string methods", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    if safe:
        return s.let(s.rng.choice((f"str(len({e}))", f"str({e} == 'a')", f"str({e}.count('a'))", f"str({e}.startswith('a'))")))
    v = s.let(e)
    form = s.rng.choice((
        "{v}.strip()", '{v}.replace("zzz", "")', "{v}.encode().decode()", "str({v})", "json.loads(json.dumps({v}))",
        '{v}.split("\\n")[0]', '"%s" % {v}', "repr({v})[1:-1].strip('\"')", "textwrap.dedent({v})", '"{{}}".format({v})', "{v}[:]",
        '({v} + "")', "copy.copy({v})", 'max({v}, "")', '{v}.partition("\\n")[0]', "copy.deepcopy({v})", "next(iter([{v}]))",
        'sorted([{v}])[0]', "list(reversed([{v}]))[0]", "[x for _, x in enumerate([{v}])][0]", "[a for a, b in zip([{v}], [1])][0]",
    ))  # fmt: skip
    s.use("import copy", "import json", "import textwrap")
    return s.let(form.format(v=v))


@construct("dispatch table", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f, g, table = s.fresh("run"), s.fresh("noop"), s.fresh("TABLE")
    s.top(f"""
def {f}(text):
    return text
""")
    s.top(f"""
def {g}(text):
    return "fixed"
""")
    s.top(f'{table} = {{"run": {f}, "noop": {g}}}')
    key = "noop" if safe else "run"
    if s.rng.random() < 0.5:
        return s.let(f'{table}["{key}"]({e})')
    handler = s.let(f'{table}.get("{key}")' if s.rng.random() < 0.5 else f'{table}["{key}"]', "handler")
    return s.let(f"{handler}({e})")


@construct("dispatch by variable", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f, g, table = s.fresh("run"), s.fresh("noop"), s.fresh("TABLE")
    back = '"fixed"' if safe else "text"
    s.use("import random")
    for name in (f, g):
        s.top(f"""
def {name}(text):
    return {back}
""")
    s.top(f'{table} = {{"run": {f}, "noop": {g}}}')
    key = s.let('random.choice(["run", "noop"])', "key")
    handler = s.let(s.rng.choice((f"{table}[{key}]", f"{table}.get({key})", f"{table}.get({key}, {g})")), "handler")
    return s.let(f"{handler}({e})")


@construct("dispatch on self", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Router")
    s.top(f"""
class {c}:
    def __init__(self):
        self.handlers = {{"run": self.run, "stop": self.stop}}

    def run(self, text):
        return {'"fixed"' if safe else "text"}

    def stop(self, text):
        return "stopped"

    def handle(self, name, text):
        return self.handlers[name](text)
""")
    return s.let(f'{c}().handle("run", {e})')


@construct("getattr", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Tools")
    s.top(f"""
class {c}:
    def tool_run(self, text):
        return {'"fixed"' if safe else "text"}

    def tool_stop(self, text):
        return "stopped"

    def other(self, text):
        return text

    def dispatch(self, name, text):
        {s.rng.choice(('method = getattr(self, f"tool_{name}")', 'method = getattr(self, "tool_" + name, None)', 'method = getattr(self, "tool_%s" % name)'))}
        return method(text)
""")
    return s.let(f'{c}().dispatch("run", {e})')


@construct("inherited method", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    b, c = s.fresh("Base"), s.fresh("Child")
    s.top(f"""
class {b}:
    def shape(self, text):
        return {'"fixed"' if safe else "text"}
""")
    s.top(f"""
class {c}({b}):
    pass
""")
    return s.let(f"{c}().shape({e})")


@construct("overridden method", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    b, c = s.fresh("Base"), s.fresh("Child")
    s.use("import abc")
    s.top(f"""
class {b}(abc.ABC):
    def run(self, text):
        return self.step(text)

    @abc.abstractmethod
    def step(self, text):
        raise NotImplementedError
""")
    s.top(f"""
class {c}({b}):
    def step(self, text):
        return {'"fixed"' if safe else "text"}
""")
    if s.rng.random() < 0.5:
        return s.let(f"{c}().run({e})")
    f = s.fresh("drive")
    s.top(f"""
def {f}(worker: {b}, text):
    return worker.step(text)
""")
    return s.let(f"{f}({c}(), {e})")


@construct("field across methods", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Holder")
    s.top(f"""
class {c}:
    def __init__(self):
        self.kept = "a"
        self.other = "b"

    def put(self, text):
        self.kept = text

    def get(self):
        return self.{"other" if safe else "kept"}
""")
    h = s.let(f"{c}()", "holder")
    s.line(f"{h}.put({e})")
    return s.let(f"{h}.get()" if s.rng.random() < 0.6 else f"{h}.{'other' if safe else 'kept'}")


@construct("field set outside", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Holder")
    s.top(f"""
class {c}:
    def __init__(self):
        self.kept = "a"
        self.other = "b"

    def get(self):
        return self.{"other" if safe else "kept"}
""")
    h = s.let(f"{c}()", "holder")
    s.line(f"{h}.kept = {e}" if s.rng.random() < 0.7 else f'setattr({h}, "kept", {e})')
    return s.let(f"{h}.get()")


@construct("constructor field", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Holder")
    s.top(f"""
class {c}:
    def __init__(self, text, label="b"):
        self.kept = text
        self.label = label

    def line(self):
        return self.{"label" if safe else "kept"} + ""
""")
    h = s.let(f"{c}({e})", "holder")
    return s.let(f"{h}.line()" if s.rng.random() < 0.5 else f"{h}.{'label' if safe else 'kept'}")


@construct("field of a list", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Queue")
    s.top(f"""
class {c}:
    def __init__(self):
        self.items = []
        self.others = ["a"]

    def push(self, text):
        self.items.append(text)

    def last(self):
        return self.{"others" if safe else "items"}[-1]
""")
    h = s.let(f"{c}()", "queue")
    s.line(f"{h}.push({e})")
    return s.let(f"{h}.last()")


@construct("field of a dict")
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Store")
    s.top(f"""
class {c}:
    def __init__(self):
        self.data = {{}}

    def put(self, key, text):
        self.data[key] = text

    def get(self, key):
        return self.data{s.rng.choice(("[key]", ".get(key)", '.get(key, "none")'))}
""")
    h = s.let(f"{c}()", "store")
    s.line(f'{h}.put("k", {e})')
    return s.let(f'{h}.get("k")')


@construct("class attribute", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Config")
    s.top(f"""
class {c}:
    command = "a"
    other = "b"

    @classmethod
    def set(cls, text):
        cls.command = text
""")
    s.line(f"{c}.command = {e}" if s.rng.random() < 0.5 else f"{c}.set({e})")
    if s.rng.random() < 0.5:
        f = s.fresh("read")
        s.top(f"""
def {f}():
    return {c}.{"other" if safe else "command"}
""")
        return s.let(f"{f}()")
    return s.let(f"{c}.{'other' if safe else 'command'}")


@construct("module global", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    g, o, f, r = s.fresh("CURRENT"), s.fresh("OTHER"), s.fresh("remember"), s.fresh("recall")
    s.top(f'{g} = ""\n{o} = "b"')
    s.top(f"""
def {f}(text):
    global {g}
    {g} = text
""")
    s.top(f"""
def {r}():
    return {o if safe else g}
""")
    s.line(f"{f}({e})")
    return s.let(f"{r}()")


@construct("global container", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    g, o, f = s.fresh("STATE"), s.fresh("OTHER"), s.fresh("remember")
    is_list = s.rng.random() < 0.4
    s.top(f'{g} = []\n{o} = ["b"]' if is_list else f'{g} = {{}}\n{o} = {{"k": "b"}}')
    change = (
        f"{g}.append(text)"
        if is_list
        else s.rng.choice((f'{g}["k"] = text', f"{g}.update(k=text)", f'{g}.setdefault("k", text)'))
    )
    s.top(f"""
def {f}(text):
    {change}
""")
    s.line(f"{f}({e})")
    name = o if safe else g
    return s.let(f"{name}[-1]" if is_list else s.rng.choice((f'{name}["k"]', f'{name}.get("k")')))


@construct("closure", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("make")
    s.top(f"""
def {f}(text):
    def inner():
        return {'"fixed"' if safe else "text"}

    return inner
""")
    return s.let(f"{f}({e})()")


@construct("closure", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("inner")
    v = s.let(e)
    s.line(f"def {f}(extra):", f"    return {'extra' if safe else v}")
    return s.let(f'{f}("x")')


@construct("nonlocal")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("collect")
    s.top(f"""
def {f}(text):
    kept = ""

    def inner(part):
        nonlocal kept
        kept = part

    inner(text)
    return kept
""")
    return s.let(f"{f}({e})")


@construct("callback", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f, apply = s.fresh("shape"), s.fresh("apply")
    s.top(f"""
def {f}(text):
    return {'"fixed"' if safe else "text"}
""")
    how = s.rng.randrange(3)
    if how == 0:
        return s.let(f"list(map({f}, [{e}]))[0]")
    if how == 1:
        s.use("from concurrent.futures import ThreadPoolExecutor")
        pool = s.let("ThreadPoolExecutor()", "pool")
        return s.let(f"{pool}.submit({f}, {e}).result()")
    s.top(f"""
def {apply}(func, text):
    return func(text)
""")
    return s.let(f"{apply}({f}, {e})")


@construct("thread")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("work")
    s.use("import threading")
    t = s.let(
        f"threading.Thread(target={f}, args=({e},))"
        if s.rng.random() < 0.6
        else f'threading.Thread(target={f}, kwargs={{"text": {e}}})',
        "thread",
    )
    s.line(f"{t}.start()", f"{t}.join()")
    s.begin(f"def {f}(text):")
    return "text"


@construct("super")
def _(s: Sketch, e: str, safe: bool) -> str:
    b, c = s.fresh("Base"), s.fresh("Child")
    s.top(f"""
class {b}:
    def __init__(self, text):
        self.text = text

    def run(self, text):
        return text
""")
    s.top(f"""
class {c}({b}):
    def __init__(self, text):
        super().__init__(text)

    def run(self, text):
        return super().run(text)
""")
    return s.let(f"{c}({e}).text" if s.rng.random() < 0.5 else f'{c}("a").run({e})')


@construct("property", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Holder")
    s.top(f"""
class {c}:
    def __init__(self, text):
        self._text = text

    @property
    def command(self):
        return {'"fixed"' if safe else "self._text"}
""")
    return s.let(f"{c}({e}).command")


@construct("property setter")
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Holder")
    s.top(f"""
class {c}:
    def __init__(self):
        self._text = ""

    @property
    def command(self):
        return self._text

    @command.setter
    def command(self, text):
        self._text = text
""")
    h = s.let(f"{c}()", "holder")
    s.line(f"{h}.command = {e}")
    return s.let(f"{h}.command")


@construct("cross-file helper", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    m, f, here = s.elsewhere(), s.fresh("shape"), s.here
    s.here = m
    s.top(f"""
def {f}(text):
    return {'"fixed"' if safe else "text"}
""")
    s.here = here
    if s.rng.random() < 0.3:
        s.use(s.import_of(m))
        return s.let(f"{m}.{f}({e})")
    alias = s.fresh("renamed") if s.rng.random() < 0.3 else ""
    s.use(s.import_of(m, f"{f} as {alias}" if alias else s.rng.choice((f, "*"))))
    return s.let(f"{alias or f}({e})")


@construct("cross-file class", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    m, middle, c, here = s.elsewhere(), s.elsewhere(), s.fresh("Worker"), s.here
    s.here = m
    s.top(f"""
class {c}:
    def __init__(self, text):
        self.text = text

    def line(self):
        return {'"fixed"' if safe else "self.text"}
""")
    s.here = middle
    s.use(s.import_of(m, c))
    s.here = here
    s.use(s.import_of(middle, c))
    return s.let(f"{c}({e}).line()")


@construct("cross-file sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    m, f = s.elsewhere(), s.fresh("work")
    s.use(s.import_of(m, f))
    s.line(f"{f}({e})")
    s.here = m
    s.begin(f"def {f}(text):")
    return "text"


@construct("to_thread", is_async=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("work")
    s.use("import asyncio")
    how = s.rng.choice(("asyncio.to_thread({f}, {e})", "asyncio.get_running_loop().run_in_executor(None, {f}, {e})", "loop"))
    if how == "loop":
        loop = s.let("asyncio.get_running_loop()", "loop")
        how = loop + ".run_in_executor(None, {f}, {e})"
    s.line("await " + how.format(f=f, e=e))
    s.begin(f"def {f}(text):")
    return "text"


@construct("to_thread result", kill=True, is_async=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("work")
    s.use("import asyncio")
    s.top(f"""
def {f}(text):
    return {'"fixed"' if safe else "text"}
""")
    return s.let(f"await asyncio.to_thread({f}, {e})")


@construct("method as sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Runner")
    s.line(f"{c}().run({e})")
    s.begin(f"class {c}:", "    def run(self, text):", indent=2)
    return "text"


@construct("keyword arguments")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("pick")
    s.top(f"""
def {f}(first, *, second="b", **extra):
    return second
""")
    form = s.rng.choice(("{f}('a', second={e})", "{f}('a', **{{'second': {e}}})", "{f}(*['a'], second={e})", "kwargs"))
    if form == "kwargs":
        options = s.let(f'{{"second": {e}}}', "options")
        return s.let(f"{f}('a', **{options})")
    return s.let(form.format(f=f, e=e))


@construct("other argument", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("pick")
    s.top(f"""
def {f}(first, second="b"):
    return {"first" if safe else "second"}
""")
    return s.let(s.rng.choice((f'{f}("a", {e})', f'{f}("a", second={e})', f'{f}(second={e}, first="a")', f'{f}(*("a", {e}))')))


@construct("var args", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("pick")
    if s.rng.random() < 0.5:
        s.top(f"""
def {f}(first, *rest):
    return {"first" if safe else "rest[0]"}
""")
        return s.let(f'{f}("a", {e})')
    s.top(f"""
def {f}(first, **rest):
    return {"first" if safe else 'rest["cmd"]'}
""")
    return s.let(f'{f}("a", cmd={e})')


@construct("two results", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f, v = s.fresh("both"), s.fresh()
    s.top(f"""
def {f}(text):
    return "fixed", text
""")
    s.line(f"{v}, _ = {f}({e})" if safe else f"_, {v} = {f}({e})")
    return v


@construct("result dict", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("pack")
    s.top(f"""
def {f}(text):
    return {{"command": text, "status": "ok"}}
""")
    return s.let(f'{f}({e})["{"status" if safe else "command"}"]')


@construct("object argument", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c, f = s.fresh("Job"), s.fresh("use")
    s.use("from dataclasses import dataclass")
    s.top(f"""
@dataclass
class {c}:
    command: str
    label: str = "none"
""")
    s.top(f"""
def {f}(job{s.rng.choice((": " + c, ""))}):
    return job.{"label" if safe else "command"}
""")
    return s.let(f"{f}({c}({e}))")


@construct("dict argument", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("use")
    s.top(f"""
def {f}(job):
    return job["{"label" if safe else "command"}"]
""")
    return s.let(f'{f}({{"command": {e}, "label": "x"}})')


@construct("callable object", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Shape")
    s.top(f"""
class {c}:
    def __call__(self, text):
        return {'"fixed"' if safe else "text"}
""")
    f = s.let(f"{c}()", "shape")
    return s.let(f"{f}({e})")


@construct("static and class methods", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Helper")
    s.top(f"""
class {c}:
    def __init__(self, text):
        self.text = text

    @staticmethod
    def shape(text):
        return {'"fixed"' if safe else "text"}

    @classmethod
    def make(cls, text):
        return cls({'"fixed"' if safe else "text"})
""")
    return s.let(s.rng.choice((f"{c}.shape({e})", f"{c}.make({e}).text", f'{c}("a").shape({e})')))


@construct("try")
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.fresh()
    form = s.rng.randrange(3)
    if form == 0:
        s.line("try:", f"    {v} = {e}", "except ValueError:", f'    {v} = "x"')
    elif form == 1:
        s.line(f"{v} = {e}", "try:", '    int("x")', "except ValueError:", "    pass")
    else:
        s.line(f'{v} = "x"', "try:", f"    {v} = {e}", "finally:", "    pass")
    return v


@construct("try", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let('"x"')
    s.line("try:", f"    {v} = {e}", '    int("x")', "except ValueError:", "    pass")
    if safe:
        s.line("finally:", f'    {v} = "fixed"')
    return v


@construct("loop", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let('"x"')
    form = s.rng.randrange(3)
    if form == 0:
        s.line(f"for part in [{e}]:", f"    {v} = part")
    elif form == 1:
        n = s.let("0", "n")
        s.line(f"while {n} < 2:", f"    {v} = {e}", f"    {n} += 1")
    else:
        w = s.let('"x"')
        s.line("for _ in range(3):", f"    {v} = {w}", f"    {w} = {e}")
    if safe:
        s.line(f'{v} = "fixed"')
    return v


@construct("loop and break")
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.fresh()
    s.line("while True:", f"    {v} = {e}", f"    if {s.coin(True)}:", "        break", f'    {v} = "x"')
    return v


@construct("match", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.fresh()
    if safe:
        s.line(f"match {e}:", '    case "a" | "b":', f'        {v} = "one"', "    case _:", f'        {v} = "other"')
        return v
    form = s.rng.randrange(4)
    if form == 0:
        s.line(f"match {e}:", "    case str() as got:", f"        {v} = got", "    case _:", f'        {v} = "other"')
    elif form == 1:
        s.line(f'match ["a", {e}]:', "    case [_, got]:", f"        {v} = got", "    case _:", f'        {v} = "other"')
    elif form == 2:
        s.line(f'match {{"k": {e}}}:', '    case {"k": got}:', f"        {v} = got", "    case _:", f'        {v} = "other"')
    else:
        s.line(f"match {e}:", '    case "a":', f'        {v} = "x"', "    case got:", f"        {v} = got")
    return v


@construct("recursion")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("descend")
    s.top(f"""
def {f}(text, depth):
    if depth == 0:
        return text
    return {f}(text, depth - 1)
""")
    return s.let(f"{f}({e}, 3)")


@construct("text buffer")
def _(s: Sketch, e: str, safe: bool) -> str:
    s.use("import io", "import queue")
    if s.rng.random() < 0.5:
        b = s.let("io.StringIO()", "buffer")
        s.line(f"{b}.write({e})")
        return s.let(f"{b}.getvalue()")
    b = s.let("queue.Queue()", "jobs")
    s.line(f"{b}.put({e})")
    return s.let(f"{b}.get()")


@construct("conditional definition")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("shape")
    s.top(f"""
try:
    from missing_accelerator import {f}
except ImportError:
    def {f}(text):
        return text
""")
    return s.let(f"{f}({e})")


@construct("local import")
def _(s: Sketch, e: str, safe: bool) -> str:
    m, f, here = s.elsewhere(), s.fresh("shape"), s.here
    s.here = m
    s.top(f"""
def {f}(text):
    return text
""")
    s.here = here
    s.line(s.import_of(m, f))
    return s.let(f"{f}({e})")


@construct("shared instance", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    m, c, i, here = s.elsewhere(), s.fresh("Service"), s.fresh("service"), s.here
    s.here = m
    s.top(f"""
class {c}:
    def shape(self, text):
        return {'"fixed"' if safe else "text"}
""")
    s.top(f"{i} = {c}()")
    s.here = here
    s.use(s.import_of(m, i))
    return s.let(f"{i}.shape({e})")


@construct("composed object", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    a, b = s.fresh("Engine"), s.fresh("Service")
    s.top(f"""
class {a}:
    def shape(self, text):
        return {'"fixed"' if safe else "text"}
""")
    how = s.rng.randrange(3)
    if how == 0:
        s.top(f"""
class {b}:
    def __init__(self):
        self.engine = {a}()

    def run(self, text):
        return self.engine.shape(text)
""")
        return s.let(f"{b}().run({e})")
    if how == 1:
        s.top(f"""
class {b}:
    def __init__(self, engine: {a}):
        self.engine = engine

    def run(self, text):
        return self.engine.shape(text)
""")
    else:
        s.top(f"""
class {b}:
    engine: {a}

    def __init__(self, engine):
        self.engine = engine

    def run(self, text):
        return self.engine.shape(text)
""")
    return s.let(f"{b}({a}()).run({e})")


@construct("continue in a loop")
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let('"x"')
    s.line("for n in range(2):", "    if n == 1:", f"        {v} = {e}", "        continue", f'    {v} = "y"')
    return v


@construct("handlers that leave", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    v = s.let('"x"' if not safe else e)
    s.line("try:", f"    {v} = " + ('"fixed"' if safe else e), "except ValueError:", '    return "no"')
    return v


@construct("dispatch into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    f, table = s.fresh("work"), s.fresh("TABLE")
    how = s.rng.randrange(3)
    if how == 0:
        s.line(f'{{"run": {f}}}["run"]({e})')
    elif how == 1:
        s.line(f'{table} = {{"run": {f}, "print": print}}', f'handler = {table}.get("run")', f"handler({e})")
    else:
        s.line(f"for step in ({f},):", f"    step({e})")
    s.begin(f"def {f}(text):")
    return "text"


@construct("registry into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    f, table = s.fresh("work"), s.fresh("REGISTRY")
    s.line(f'{table}["run"] = {f}', f'{table}["run"]({e})')
    s.top(f"{table} = {{}}")
    s.begin(f"def {f}(text):")
    return "text"


@construct("getattr into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Tools")
    s.line(f'{c}().dispatch("run", {e})')
    s.begin(
        f"class {c}:", "    def dispatch(self, name, text):", '        return getattr(self, f"tool_{name}")(text)', "",
        "    def tool_run(self, text):", indent=2,
    )  # fmt: skip
    return "text"


@construct("callback into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    f, apply = s.fresh("work"), s.fresh("apply")
    s.top(f"""
def {apply}(func, text):
    return func(text)
""")
    s.line(f"{apply}({f}, {e})")
    s.begin(f"def {f}(text):")
    return "text"


@construct("handler field into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    f, c = s.fresh("work"), s.fresh("Bus")
    s.top(f"""
class {c}:
    def __init__(self, handler):
        self.handler = handler

    def send(self, text):
        self.handler(text)
""")
    s.line(f"{c}({f}).send({e})" if s.rng.random() < 0.5 else f"{c}(handler={f}).send({e})")
    s.begin(f"def {f}(text):")
    return "text"


@construct("partial into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("work")
    s.use("import functools")
    s.line(f"job = functools.partial({f}, {e})", "job()")
    s.begin(f"def {f}(text):")
    return "text"


@construct("override into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    b, c = s.fresh("Base"), s.fresh("Child")
    s.top(f"""
class {b}:
    def run(self, text):
        return self.step(text)

    def step(self, text):
        raise NotImplementedError
""")
    s.line(f"{c}().run({e})")
    s.begin(f"class {c}({b}):", "    def step(self, text):", indent=2)
    return "text"


@construct("callable object into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Runner")
    s.line(f"runner = {c}()", f"runner({e})")
    s.begin(f"class {c}:", "    def __call__(self, text):", indent=2)
    return "text"


@construct("closure into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    f, v = s.fresh("inner"), s.let(e)
    s.line(f"def {f}():")
    s.after.insert(0, f"{'    ' * (s.indent - s.base)}{f}()")
    s.indent += 1
    return v


@construct("thread class into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Worker")
    s.use("import threading")
    worker = s.let(f"{c}({e})", "worker")
    s.line(f"{worker}.start()", f"{worker}.join()")
    s.begin(
        f"class {c}(threading.Thread):", "    def __init__(self, text):", "        super().__init__()", "        self.text = text", "",
        "    def run(self):", indent=2,
    )  # fmt: skip
    return "self.text"


@construct("lambda into the sink", is_async=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f, v = s.fresh("work"), s.let(e)
    s.use("import asyncio")
    s.line(f"await asyncio.to_thread(lambda: {f}({v}))")
    s.begin(f"def {f}(text):")
    return "text"


@construct("data method into the sink")
def _(s: Sketch, e: str, safe: bool) -> str:
    c = s.fresh("Job")
    s.use("from dataclasses import dataclass")
    job = s.let(f"{c}({e})", "job")
    s.line(f"{job}.run()")
    s.begin("@dataclass", f"class {c}:", "    command: str", '    label: str = "x"', "", "    def run(self):", indent=2)
    return "self.command"


@construct("shared list of a closure", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("collect")
    s.top(f"""
def {f}(text):
    found, other = [], ["b"]

    def add(part):
        found.append(part)

    add(text)
    return {"other" if safe else "found"}
""")
    return s.let(f"{f}({e})[-1]")


@construct("dict copied", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    d = s.let(f'{{"a": {e}, "b": "x"}}', "table")
    s.use("import copy")
    other = s.let(s.rng.choice((f"dict({d})", f"{{**{d}}}", f"copy.deepcopy({d})", f"{d}.copy()", f"{d} | {{}}")), "other")
    return s.let(f'{other}["{"b" if safe else "a"}"]')


@construct("dict changed by a helper", kill=True)
def _(s: Sketch, e: str, safe: bool) -> str:
    f = s.fresh("fill")
    s.top(f"""
def {f}(record, text):
    record["a"] = text
""")
    d = s.let('{"b": "x"}', "record")
    s.line(f"{f}({d}, {e})")
    return s.let(f'{d}["{"b" if safe else "a"}"]')
