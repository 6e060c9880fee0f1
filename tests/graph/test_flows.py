"""Guards, sanitizers and what the solver says of a flow."""

from __future__ import annotations

import pytest
from graph.linked import Linked

HEAD = "import html, os, re, shlex\nfrom flask import request\nALLOWED = {'a', 'b'}\n"


def found(body: str, kind: str = "shell", before: str = "") -> bool:
    """Whether a flow from the request to a sink of ``kind`` is found in the body of a function."""
    lines = "\n".join("    " + line for line in body.split("\n"))
    return bool(Linked(f"{HEAD}{before}\ndef handle():\n    x = request.args['q']\n{lines}\n").flows(kind))


@pytest.mark.parametrize(
    "body",
    [
        "if x in ALLOWED:\n    os.system(x)",
        "if x not in ALLOWED:\n    return\nos.system(x)",
        "if x not in ALLOWED:\n    raise ValueError\nos.system(x)",
        "if not (x in ALLOWED):\n    return\nos.system(x)",
        "if x in ALLOWED and len(x) < 9:\n    os.system(x)",
        "if x not in ALLOWED or len(x) > 9:\n    return\nos.system(x)",
        "if x.lower() not in ALLOWED:\n    return\nos.system(x)",
        "assert x in ALLOWED\nos.system(x)",
        "while x not in ALLOWED:\n    x = request.args['r']\nos.system(x)",
        "for name in [x]:\n    if name not in ALLOWED:\n        continue\n    os.system(name)",
        "os.system(x if x in ALLOWED else 'a')",
        "if x == 'a':\n    os.system(x)",
        "if x not in ('a', 'b'):\n    return\ny = 'ls ' + x\nos.system(y)",
        "if not re.fullmatch('[a-z]+', x):\n    return\nos.system(x)",
        "m = re.fullmatch('[a-z]+', x)\nif m is None:\n    return\nos.system(x)",
        "if not x.isalnum():\n    return\nos.system(x)",
        "if any(c not in 'abc' for c in x):\n    return\nos.system(x)",
        "if not set(x) <= set('abc'):\n    return\nos.system(x)",
        "os.system('ls ' + shlex.quote(x))",
        "os.system(f'ls {int(x)}')",
        "os.system({'a': 'ls'}[x])",
        "match x:\n    case 'a' | 'b':\n        os.system(x)",
        "def inner():\n    os.system(x)\nif x in ALLOWED:\n    inner()",
        "if x not in ALLOWED:\n    return\ndef inner():\n    os.system(x)\ninner()",
        "try:\n    n = ALLOWED[x]\nexcept KeyError:\n    return\nos.system(n)",
    ],
)
def test_safe(body: str) -> None:
    if body.startswith("def inner"):
        pytest.xfail("the test stands where the nested function is called, not where it is made")
    assert not found(body)


@pytest.mark.parametrize(
    "body",
    [
        "os.system(x)",
        "if x in ALLOWED:\n    pass\nos.system(x)",
        "if x not in ALLOWED:\n    os.system(x)",
        "if x not in ALLOWED:\n    print(x)\nos.system(x)",
        "if x in ALLOWED or len(x) < 9:\n    os.system(x)",
        "if x not in ALLOWED and len(x) > 9:\n    return\nos.system(x)",
        "os.system(x)\nif x not in ALLOWED:\n    return",
        "if y not in ALLOWED:\n    return\nos.system(x)",
        "if 'rm' in x:\n    return\nos.system(x)",
        "if x != 'a':\n    os.system(x)",
        "if x in ALLOWED:\n    x = request.args['r']\n    os.system(x)",
        "try:\n    assert x in ALLOWED\nexcept AssertionError:\n    pass\nos.system(x)",
        "os.system('ls ' + html.escape(x))",
        "shlex.quote(x)\nos.system(x)",
        "os.system(x if x in ALLOWED else x)",
        "if x not in ALLOWED:\n    return\nx = x + request.args['r']\nos.system(x)",
        "if not re.search('[a-z]', x):\n    return\nos.system(x)",
        "if isinstance(x, str):\n    os.system(x)",
    ],
)
def test_unsafe(body: str) -> None:
    assert found(body)


def test_a_sanitizer_is_for_its_kinds_only() -> None:
    assert not found("os.system(shlex.quote(x))")
    assert found("eval(shlex.quote(x))", "code-exec")
    assert not found("open(os.path.basename(x))", "path")
    assert found("os.system(os.path.basename(x))")


@pytest.mark.parametrize(
    ("validator", "use", "safe"),
    [
        ("if v not in ALLOWED:\n        raise ValueError", "check(x)", True),
        ("if v not in ALLOWED:\n        return False\n    return True", "if not check(x):\n    return", True),
        ("return v in ALLOWED", "if not check(x):\n    return", True),
        ("return v in ALLOWED", "if check(x):\n    return", False),
        ("return v not in ALLOWED", "if check(x):\n    return", True),
        ("return v not in ALLOWED", "if not check(x):\n    return", False),
        ("if v in ALLOWED:\n        raise ValueError", "check(x)", False),
        ("if not v:\n        raise ValueError", "check(x)", False),
        ("if v not in ALLOWED:\n        return 'bad'\n    return None", "if check(x):\n    return", True),
        ("if v not in ALLOWED:\n        return 'bad'\n    return None", "if check(x) is not None:\n    return", True),
        (
            "if v not in ALLOWED:\n        return False, 'bad'\n    return True, ''",
            "ok, why = check(x)\nif not ok:\n    return",
            True,
        ),
        ("for c in v:\n        if c not in 'abc':\n            raise ValueError", "check(x)", True),
        ("return True", "if not check(x):\n    return", False),
        ("print(v)", "check(x)", False),
        ("if v not in ALLOWED:\n        raise ValueError", "try:\n    check(x)\nexcept ValueError:\n    return", True),
        ("if v not in ALLOWED:\n        raise ValueError", "try:\n    check(x)\nexcept ValueError:\n    pass", False),
        ("if v not in ALLOWED:\n        raise ValueError", "check('a')", False),
        ("if v not in ALLOWED:\n        raise ValueError", "check(v=x)", True),
    ],
)
def test_own_validators(validator: str, use: str, safe: bool) -> None:
    assert found(f"{use}\nos.system(x)", before=f"def check(v):\n    {validator}\n") != safe


def test_a_validator_that_calls_a_validator() -> None:
    before = "def inner(w):\n    if w not in ALLOWED:\n        raise ValueError\ndef check(v):\n    inner(v)\n"
    assert found("check(x)\nos.system(x)", before=before) is True  # it raises nothing itself: one level is looked at
    assert not found("inner(x)\nos.system(x)", before=before)


def test_types_that_carry_no_text() -> None:
    code = "from agents import function_tool\nimport os, enum\nfrom typing import Literal\nclass E(enum.Enum):\n    a = 1\n"
    for annotation, flows in [
        ("str", 1),
        ("int", 0),
        ("Literal['a']", 0),
        ("E", 0),
        ("E | None", 0),
        ("list[str]", 1),
        ("list[int]", 0),
    ]:
        tool = f"@function_tool\ndef t(x: {annotation}):\n    os.system(f'ls {{x}}')\n"
        assert len(Linked(code + tool).flows()) == flows, annotation


def test_hops_run_from_source_to_sink() -> None:
    code = "def run(command):\n    os.system(command)\ndef handle():\n    run('ls ' + request.args['q'])\n"
    (path,) = Linked(HEAD + code).flows()
    assert [hop.note for hop in path.hops] == ["becomes part of a string", "passed to `run` as `command`"]
    assert path.formatted
    assert path.complete
    assert path.source.kind == "user-input"


def test_hops_of_a_function_with_two_callers() -> None:
    """What a caller gets back is told with that caller's own call."""
    code = "def wrap(text):\n    return 'x' + text\ndef one():\n    os.system(wrap('fixed'))\n    os.system(wrap(request.args['q']))\n"
    (path,) = Linked(HEAD + code).flows()
    assert [hop.note for hop in path.hops] == ["passed to `wrap` as `text`", "becomes part of a string", "returned by `wrap`"]


def test_each_call_gets_its_own_argument_back() -> None:
    code = "def same(v):\n    return v\ndef handle():\n    a = same(request.args['q'])\n    b = same('fixed')\n    os.system(b)\n    return a\n"
    assert not Linked(HEAD + code).flows()


def test_results_within_results() -> None:
    code = "def one(v):\n    return v\ndef two(v):\n    return one(one(v))\ndef handle():\n    x = two('a')\n    os.system(two(request.args['q']))\n"
    assert len(Linked(HEAD + code).flows()) == 1


def test_a_guarded_way_leaves_the_other_open() -> None:
    code = "def run(v):\n    os.system(v)\ndef handle():\n    x = request.args['q']\n    if x in ALLOWED:\n        run(x)\n    run(x)\n"
    assert len(Linked(HEAD + code).flows()) == 1


def test_the_same_answer_whatever_was_asked_before() -> None:
    code = "def run(v):\n    os.system(v)\n    eval(v)\n    os.system('ls ' + v)\ndef handle():\n    run(request.args['q'])\n"
    linked = Linked(HEAD + code)
    assert [path.sink.call for path in linked.flows()] == [path.sink.call for path in linked.flows()]
    assert len(linked.flows()) == 2
