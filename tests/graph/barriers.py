"""What makes a value safe for a sink, and what only looks as if it did."""

from __future__ import annotations

from collections.abc import Callable

from graph.sketch import Sketch

Barrier = Callable[[Sketch, str], str]
SAFE: dict[str, Barrier] = {}
UNSAFE: dict[str, Barrier] = {}


def safe(name: str):
    return lambda function: SAFE.setdefault(name, function)


def unsafe(name: str):
    return lambda function: UNSAFE.setdefault(name, function)


def allowed(s: Sketch) -> str:
    """Declare a set of allowed words and return its name."""
    name = s.fresh("ALLOWED")
    words = s.rng.choice(('{"1", "2"}', '["1", "2"]', '("1", "2")', 'frozenset({"1", "2"})', '{"1": "one", "2": "two"}'))
    s.top(f"{name} = {words}")
    return name


def leave(s: Sketch) -> str:
    return s.rng.choice(('return "no"', 'raise ValueError("not allowed")'))


@safe("sanitizer of the kind")
def _(s: Sketch, e: str) -> str:
    if s.sink == "shell":
        s.use("import shlex")
        return s.let(f"shlex.quote({e})")
    if s.sink == "path":
        s.use("import os.path")
        return s.let(f"os.path.basename({e})")
    if s.sink == "url":
        return s.let(f'"https://api.example.com/items/" + {e}')
    if s.sink == "sql":
        s.use("import urllib.parse")
        return s.let(f"urllib.parse.quote({e})")
    return s.let(f"int({e})")


@safe("number")
def _(s: Sketch, e: str) -> str:
    return s.let(f"str(int({e}))" if s.rng.random() < 0.5 else f'f"{{int({e})}}"')


@safe("sanitizer in a helper")
def _(s: Sketch, e: str) -> str:
    f = s.fresh("clean")
    s.top(f"""
def {f}(text):
    return str(int(text))
""")
    return s.let(f"{f}({e})")


@safe("membership, early exit")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    extra = s.rng.choice(("", "", f" or len({v}) > 20", f" or not {v}"))
    s.line(f"if {v} not in {allowed(s)}{extra}:", f"    {leave(s)}")
    return v


@safe("membership, inside the branch")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f"if {v} in {allowed(s)}:" if s.rng.random() < 0.7 else f"if len({v}) < 9 and {v} in {allowed(s)}:")
    s.indent += 1
    return v


@safe("equality")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f'if {v} != "status":', f"    {leave(s)}")
    return v


@safe("assertion of a helper method")
def _(s: Sketch, e: str) -> str:
    c = s.fresh("Policy")
    s.top(f"""
class {c}:
    def __init__(self, names=("1", "2")):
        self.names = set(names)

    def check(self, text):
        if text not in self.names:
            raise ValueError("not allowed")
""")
    v = s.let(e)
    p = s.let(f"{c}()", "policy")
    s.line(f"{p}.check({v})")
    return v


@safe("look-up")
def _(s: Sketch, e: str) -> str:
    table = s.fresh("COMMANDS")
    s.top(f'{table} = {{"1": "ls", "2": "pwd"}}')
    return s.let(s.rng.choice((f"{table}[{e}]", f'{table}.get({e}, "ls")')))


@safe("look-up with a test")
def _(s: Sketch, e: str) -> str:
    table = s.fresh("COMMANDS")
    s.top(f'{table} = {{"1": "ls", "2": "pwd"}}')
    v = s.let(f"{table}.get({e})")
    s.line(f"if {v} is None:" if s.rng.random() < 0.5 else f"if not {v}:", f"    {leave(s)}")
    return v


@safe("fullmatch")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.use("import re")
    form = s.rng.randrange(4)
    if form == 0:
        s.line(f'if not re.fullmatch(r"[a-z0-9]+", {v}):', f"    {leave(s)}")
    elif form == 1:
        s.line(f'if re.fullmatch(r"[a-z0-9]+", {v}) is None:', f"    {leave(s)}")
    elif form == 2:
        m = s.let(f're.fullmatch(r"[a-z0-9]+", {v})', "m")
        s.line(f"if {m} is None:" if s.rng.random() < 0.5 else f"if not {m}:", f"    {leave(s)}")
    else:
        name = s.fresh("NAME")
        s.top(f'{name} = re.compile(r"[a-z0-9]+")')
        s.line(f"if not {name}.fullmatch({v}):", f"    {leave(s)}")
    return v


@safe("own validator raises")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("check")
    s.use("import re")
    test = s.rng.choice(('not re.fullmatch(r"[a-z0-9]+", text)', 'text not in ("1", "2")', "not text.isdigit()"))
    s.top(f"""
def {f}(text):
    if {test}:
        raise ValueError("not allowed")
""")
    s.line(f"{f}({v})")
    return v


@safe("own validator returns the value")
def _(s: Sketch, e: str) -> str:
    f = s.fresh("checked")
    s.top(f"""
def {f}(text):
    if text not in ("1", "2"):
        raise ValueError("not allowed")
    return text
""")
    return s.let(f"{f}({e})")


@safe("own predicate")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("is_allowed")
    body = s.rng.choice(
        (
            'return text in ("1", "2")',
            'if text in ("1", "2"):\n        return True\n    return False',
            "return bool(text.isdigit())",
        )
    )
    s.top(f"""
def {f}(text):
    {body}
""")
    s.line(f"if not {f}({v}):", f"    {leave(s)}")
    return v


@safe("own predicate in another file")
def _(s: Sketch, e: str) -> str:
    m, f, here = s.elsewhere(), s.fresh("is_allowed"), s.here
    s.here = m
    s.top(f"""
def {f}(text: str) -> bool:
    return text in {allowed(s)}
""")
    s.here = here
    s.use(s.import_of(m, f))
    v = s.let(e)
    s.line(f"if not {f}({v}):", f"    {leave(s)}")
    return v


@safe("enum")
def _(s: Sketch, e: str) -> str:
    c = s.fresh("Choice")
    s.use("import enum")
    s.top(f"""
class {c}(str, enum.Enum):
    one = "1"
    two = "2"
""")
    return s.let(f"{c}({e}).value")


@safe("constant overwrite")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f'{v} = "fixed"')
    return v


@safe("overwrite of what is not allowed")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f"if {v} not in {allowed(s)}:", f'    {v} = "1"')
    return v


@safe("every character listed")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(s.rng.choice((
        f'if not all(c in "abcdef0123" for c in {v}):', f'if any(c not in "abcdef0123" for c in {v}):', f'if not {v}.isalnum():',
        f'if not set({v}) <= set("abcdef0123"):',
    )), f"    {leave(s)}")  # fmt: skip
    return v


@unsafe("sanitizer of another kind")
def _(s: Sketch, e: str) -> str:
    if s.sink == "shell":
        s.use("import html")
        return s.let(f"html.escape({e}, quote=False)")
    s.use("import shlex")
    return s.let(f"shlex.split({e})[0]" if s.sink == "url" else f'shlex.join(["x", {e}]).replace("\'\\"\'\\"\'", "\'")')


@unsafe("test without an exit")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f"if {v} not in {allowed(s)}:", '    print("odd")')
    return v


@unsafe("test of another value")
def _(s: Sketch, e: str) -> str:
    v, w = s.let(e), s.let('"1"')
    s.line(f"if {w} not in {allowed(s)}:", f"    {leave(s)}")
    return v


@unsafe("test in one branch")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f"if {s.coin(False)}:", f"    if {v} not in {allowed(s)}:", f"        {leave(s)}")
    return v


@unsafe("test after the sink")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.after += [f"if {v} not in {allowed(s)}:", f"    {leave(s)}"]
    return v


@unsafe("the wrong way round")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f"if {v} in {allowed(s)}:", f"    {leave(s)}")
    return v


@unsafe("list of forbidden words")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f'if "reboot" in {v}:', f"    {leave(s)}")
    return v


@unsafe("either test")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f"if {v} not in {allowed(s)} and {s.coin(False)}:", f"    {leave(s)}")
    return v


@unsafe("validator that accepts all")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("is_allowed")
    s.top(f"""
def {f}(text):
    return {s.rng.choice(("True", "len(text) < 900", "bool(text)"))}
""")
    s.line(f"if not {f}({v}):", f"    {leave(s)}")
    return v


@unsafe("result not looked at")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("is_allowed")
    s.top(f"""
def {f}(text):
    return text in ("1", "2")
""")
    s.line(f"{f}({v})")
    return v


@unsafe("validator's error is swallowed")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("check")
    s.top(f"""
def {f}(text):
    if text not in ("1", "2"):
        raise ValueError("not allowed")
""")
    s.line("try:", f"    {f}({v})", "except ValueError:", "    pass")
    return v


@unsafe("changed after the test")
def _(s: Sketch, e: str) -> str:
    v, w = s.let('"1"'), s.let(e)
    s.line(f"if {v} not in {allowed(s)}:", f"    {leave(s)}", f"{v} = {w}")
    return v


@safe("validator in a try whose handlers leave")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("check")
    s.top(f"""
def {f}(text):
    if text not in ("1", "2"):
        raise ValueError("not allowed")
""")
    s.line("try:", f"    {f}({v})", "except ValueError:", '    return "no"')
    return v


@safe("test inside a with block")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.use("import threading")
    lock = s.let("threading.Lock()", "lock")
    s.line(f"with {lock}:", f"    if {v} not in {allowed(s)}:", f"        {leave(s)}")
    return v


@safe("match")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.line(f"match {v}:", '    case "1" | "2":', "        pass", "    case _:", f"        {leave(s)}")
    return v


@safe("flag")
def _(s: Sketch, e: str) -> str:
    v, ok = s.let(e), s.let("False", "ok")
    s.line(f"if {v} in {allowed(s)}:", f"    {ok} = True", f"if not {ok}:", f"    {leave(s)}")
    return v


@safe("own validator answers with a reason")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("problem")
    form = s.rng.randrange(3)
    answers = (('"not allowed"', "None"), ('(False, "not allowed")', '(True, "")'), ('["not allowed"]', "[]"))[form]
    s.top(f"""
def {f}(text):
    if text not in ("1", "2"):
        return {answers[0]}
    return {answers[1]}
""")
    if form == 1:
        s.line(f"ok, reason = {f}({v})", "if not ok:", f"    {leave(s)}")
    else:
        s.line(f"reason = {f}({v})", "if reason:" if form else "if reason is not None:", f"    {leave(s)}")
    return v


@safe("own predicate says what is wrong")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("is_bad")
    s.top(f"""
def {f}(text):
    return text not in ("1", "2")
""")
    s.line(f"if {f}({v}):", f"    {leave(s)}")
    return v


@safe("conditional expression with a test")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    return s.let(f'{v} if {v} in {allowed(s)} else "1"')


@safe("comprehension with a filter")
def _(s: Sketch, e: str) -> str:
    kept = s.let(f"[part for part in [{e}] if part in {allowed(s)}]", "kept")
    return s.let(f'(", ".join({kept}) or "1")')


@unsafe("own predicate finds forbidden words")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("is_bad")
    s.top(f"""
def {f}(text):
    return text in ("reboot", "halt")
""")
    s.line(f"if {f}({v}):", f"    {leave(s)}")
    return v


@unsafe("validator that raises on one word")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("check")
    s.top(f"""
def {f}(text):
    if text == "":
        raise ValueError("empty")
""")
    s.line(f"{f}({v})")
    return v


@unsafe("flag that is always set")
def _(s: Sketch, e: str) -> str:
    v, ok = s.let(e), s.let("True", "ok")
    s.line(f"if {v} in {allowed(s)}:", f"    {ok} = True", f"if not {ok}:", f"    {leave(s)}")
    return v


@unsafe("validator of another parameter")
def _(s: Sketch, e: str) -> str:
    v, f = s.let(e), s.fresh("check")
    s.top(f"""
def {f}(name, text):
    if name not in ("1", "2"):
        raise ValueError("not allowed")
""")
    s.line(f'{f}("1", {v})')
    return v


@unsafe("sanitized copy not used")
def _(s: Sketch, e: str) -> str:
    v = s.let(e)
    s.let(f"str(len({v}))", "clean")
    return v
