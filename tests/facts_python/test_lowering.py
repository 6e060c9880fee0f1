"""Python source to values, blocks and definitions."""

from __future__ import annotations

import ast

from agentlint.facts.python.ir import Class, Function, Op, PythonFacts, Value
from agentlint.facts.python.lower import lower


def facts(code: str) -> PythonFacts:
    return lower(ast.parse(code), code)


def function(code: str, name: str = "f") -> Function:
    return next(f for f in facts(code).functions if f.name == name)


def cls(code: str, name: str = "C") -> Class:
    return next(c for c in facts(code).classes if c.name == name)


def argument(found: Function, callee: str = "sink") -> Value:
    """The first argument of the call of ``callee``."""
    for value in found.values:
        if value.op is Op.CALL and found.values[value.args[0]].text == callee:
            return found.values[value.args[1]]
    raise AssertionError(f"no call of {callee}")


def behind(found: Function, value: Value) -> set[str]:
    """The names and constants a value is made of, in this function."""
    seen: set[int] = set()
    todo = list(value.args) if value.op is not Op.PARAM else []
    texts = {value.text}
    while todo:
        number = todo.pop()
        if number not in seen:
            seen.add(number)
            inner = found.values[number]
            texts.add(inner.text)
            todo += inner.args if inner.op is not Op.PARAM else ()
    return texts


def guarding(found: Function, callee: str = "sink") -> list[tuple[str, bool]]:
    """The operators of the tests around a call, innermost first, and how they came out."""
    block = next(v.block for v in found.values if v.op is Op.CALL and found.values[v.args[0]].text == callee)
    tests = []
    while block >= 0:
        entry = found.blocks[block]
        if entry.test >= 0:
            tests.append((found.values[entry.test].text, entry.outcome))
        block = entry.parent
    return tests


class TestVariables:
    def test_an_overwrite_is_another_value(self) -> None:
        assert argument(function("def f(a):\n    x = a\n    x = 'fixed'\n    sink(x)")).text == "fixed"

    def test_branches_join(self) -> None:
        found = function("def f(a, c):\n    if c:\n        x = a\n    else:\n        x = 'b'\n    sink(x)")
        value = argument(found)
        assert value.op is Op.PHI
        assert behind(found, value) == {"x", "a", "b"}

    def test_a_join_remembers_where_each_value_comes_from(self) -> None:
        found = function("def f(a, c):\n    x = 'b'\n    if c == 1:\n        x = a\n    sink(x)")
        value = argument(found)
        blocks = {found.values[arg].text: found.blocks[int(key)] for arg, key in zip(value.args, value.keys, strict=True)}
        assert blocks["a"].outcome is True
        assert blocks["b"].outcome is False

    def test_a_branch_that_leaves_does_not_join(self) -> None:
        found = function("def f(a, c):\n    x = 'b'\n    if c:\n        x = a\n        return x\n    sink(x)")
        assert argument(found).text == "b"

    def test_a_name_of_one_branch_only(self) -> None:
        assert argument(function("def f(a, c):\n    if c:\n        x = a\n    sink(x)")).text == "a"

    def test_a_deleted_name_is_gone(self) -> None:
        assert argument(function("def f(a):\n    x = a\n    del x\n    sink(x)")).op is Op.NAME

    def test_augmented_assignment_keeps_what_was_there(self) -> None:
        found = function("def f(a, b):\n    x = a\n    x += b\n    sink(x)")
        assert {"a", "b"} <= behind(found, argument(found))

    def test_unpacking_of_a_display_is_exact(self) -> None:
        assert argument(function("def f(a):\n    x, y = a, 'b'\n    sink(y)")).text == "b"

    def test_unpacking_of_something_else_asks_for_an_item(self) -> None:
        value = argument(function("def f(a):\n    x, *y = a\n    sink(x)"))
        assert (value.op, value.text) == (Op.ITEM, "0")

    def test_nested_unpacking(self) -> None:
        assert argument(function("def f(a):\n    (x, (y, z)) = 1, (2, a)\n    sink(z)")).text == "a"

    def test_walrus(self) -> None:
        assert argument(function("def f(a):\n    if (x := a):\n        pass\n    sink(x)")).text == "a"

    def test_an_attribute_of_a_local_object(self) -> None:
        assert argument(function("def f(self, a):\n    self.x = a\n    sink(self.x)")).text == "a"

    def test_rebinding_an_object_forgets_its_attributes(self) -> None:
        assert argument(function("def f(o, a):\n    o.x = a\n    o = g()\n    sink(o.x)")).op is Op.ATTR

    def test_an_item_is_an_update(self) -> None:
        value = argument(function("def f(a):\n    d = {}\n    d['k'] = a\n    sink(d)"))
        assert (value.op, value.text) == (Op.UPDATE, "k")

    def test_a_method_call_may_change_its_receiver(self) -> None:
        value = argument(function("def f(a):\n    d = []\n    d.append(a)\n    sink(d)"))
        assert (value.op, value.text) == (Op.MUTATE, "append")


class TestLoops:
    def test_what_is_assigned_in_a_loop_is_carried_round(self) -> None:
        code = "def f(a, xs):\n    x = y = 'b'\n    for i in xs:\n        sink(x)\n        x = y\n        y = a"
        found = function(code)
        assert {"a", "b"} <= behind(found, argument(found))

    def test_after_a_loop_either_may_hold(self) -> None:
        found = function("def f(a, xs):\n    x = 'b'\n    for i in xs:\n        x = a\n    sink(x)")
        assert {"a", "b"} <= behind(found, argument(found))

    def test_continue(self) -> None:
        code = "def f(a, xs):\n    x = 'b'\n    for i in xs:\n        if i:\n            x = a\n            continue\n        x = 'c'\n    sink(x)"
        found = function(code)
        assert {"a", "b", "c"} <= behind(found, argument(found))

    def test_break_out_of_an_endless_loop(self) -> None:
        found = function(
            "def f(a):\n    while True:\n        x = a\n        if g():\n            break\n        x = 'b'\n    sink(x)"
        )
        assert argument(found).text == "a"

    def test_after_an_endless_loop_without_break_nothing_runs(self) -> None:
        found = function("def f(a):\n    while True:\n        g()\n    sink(a)")
        assert not [v for v in found.values if v.op is Op.NAME and v.text == "sink"]

    def test_an_element_of_what_is_iterated(self) -> None:
        value = argument(function("def f(xs):\n    for x in xs:\n        sink(x)"))
        assert value.op is Op.ELEM

    def test_a_loop_that_can_be_left_is_marked(self) -> None:
        left = function("def f():\n    while True:\n        if g():\n            break")
        kept = function("def f():\n    while True:\n        g()")
        exits = [next(b.exits for b in found.blocks if b.kind == "while-true") for found in (left, kept)]
        assert exits == [True, False]

    def test_a_comprehension_has_names_of_its_own(self) -> None:
        found = function("def f(a, xs):\n    x = a\n    y = [x for x in xs]\n    sink(x)")
        assert argument(found).text == "a"

    def test_a_comprehension_filters(self) -> None:
        assert ("in", True) in guarding(function("def f(xs):\n    return [sink(x) for x in xs if x in ALLOWED]"))


class TestBlocks:
    def test_inside_a_branch(self) -> None:
        assert guarding(function("def f(a):\n    if a in X:\n        sink(a)")) == [("in", True)]
        assert guarding(function("def f(a):\n    if a in X:\n        pass\n    else:\n        sink(a)")) == [("in", False)]

    def test_after_an_early_exit(self) -> None:
        for leave in ("return", "raise E", "return 1"):
            assert guarding(function(f"def f(a):\n    if a not in X:\n        {leave}\n    sink(a)")) == [("not in", False)]

    def test_after_a_branch_that_does_not_leave(self) -> None:
        assert guarding(function("def f(a):\n    if a not in X:\n        g()\n    sink(a)")) == []

    def test_after_an_else_that_leaves(self) -> None:
        assert guarding(function("def f(a):\n    if a in X:\n        g()\n    else:\n        return\n    sink(a)")) == [
            ("in", True)
        ]

    def test_after_continue(self) -> None:
        code = "def f(xs):\n    for a in xs:\n        if a not in X:\n            continue\n        sink(a)"
        assert guarding(function(code)) == [("not in", False)]

    def test_assert(self) -> None:
        assert guarding(function("def f(a):\n    assert a in X\n    sink(a)")) == [("in", True)]

    def test_a_test_inside_with_holds_after_it(self) -> None:
        assert guarding(function("def f(a):\n    with lock:\n        if a not in X:\n            return\n    sink(a)")) == [
            ("not in", False)
        ]

    def test_a_test_inside_try_holds_after_it_if_handlers_leave(self) -> None:
        code = "def f(a):\n    try:\n        if a not in X:\n            return\n    except E:\n        {}\n    sink(a)"
        assert guarding(function(code.format("return"))) == [("not in", False)]
        assert guarding(function(code.format("pass"))) == []

    def test_and_or_and_conditional_expressions(self) -> None:
        assert guarding(function("def f(a):\n    return a in X and sink(a)")) == [("in", True)]
        assert guarding(function("def f(a):\n    return a in X or sink(a)")) == [("in", False)]
        assert guarding(function("def f(a):\n    return sink(a) if a in X else 0")) == [("in", True)]

    def test_match_on_values(self) -> None:
        code = "def f(a):\n    match a:\n        case 'x':\n            sink(a)"
        assert guarding(function(code)) == [("==", True)]

    def test_match_with_a_default_that_leaves(self) -> None:
        code = (
            "def f(a):\n    match a:\n        case 'x' | 'y':\n            pass\n        case _:\n            return\n    sink(a)"
        )
        assert guarding(function(code)) == [("or", True)]


class TestTry:
    def test_a_handler_sees_both_values(self) -> None:
        found = function("def f(a):\n    x = 'b'\n    try:\n        x = a\n        g()\n    except E:\n        sink(x)")
        assert {"a", "b"} <= behind(found, argument(found))

    def test_a_handler_that_leaves_does_not_join(self) -> None:
        assert argument(function("def f(a):\n    try:\n        x = a\n    except E:\n        return\n    sink(x)")).text == "a"

    def test_finally_runs_in_any_case(self) -> None:
        assert argument(function("def f(a):\n    try:\n        return a\n    finally:\n        sink(a)")).text == "a"

    def test_silent_handlers(self) -> None:
        found = function("def f():\n    try:\n        g()\n    except E:\n        pass\n    except F:\n        h()")
        assert [handler.silent for handler in found.handlers] == [True, False]

    def test_the_exception_is_no_value_from_outside(self) -> None:
        assert argument(function("def f():\n    try:\n        g()\n    except E as e:\n        sink(e)")).op is Op.EXCEPT


class TestMatch:
    def test_captures(self) -> None:
        code = "def f(a):\n    match a:\n        case {'k': x}:\n            sink(x)"
        value = argument(function(code))
        assert (value.op, value.text) == (Op.ITEM, "k")

    def test_class_patterns(self) -> None:
        value = argument(function("def f(a):\n    match a:\n        case Call(name=x):\n            sink(x)"))
        assert (value.op, value.text) == (Op.ATTR, "name")

    def test_alternatives_join(self) -> None:
        code = "def f(a):\n    match a:\n        case 1:\n            x = a\n        case _:\n            x = 'b'\n    sink(x)"
        found = function(code)
        assert {"a", "b"} <= behind(found, argument(found))


class TestStrings:
    def test_all_ways_to_build_one(self) -> None:
        for text in (
            "f'ls {a}'",
            "'ls ' + a",
            "'ls %s' % a",
            "'ls {}'.format(a)",
            "'ls {x}'.format(x=a)",
            "'ls %(a)s' % {'a': a}",
        ):
            found = function(f"def f(a):\n    sink({text})")
            assert argument(found).op is Op.TEXT, text
            assert "a" in behind(found, argument(found)), text

    def test_plus_is_flat(self) -> None:
        found = function("def f(a, b):\n    sink('x' + a + 'y' + b)")
        assert [found.values[arg].text for arg in argument(found).args] == ["x", "a", "y", "b"]

    def test_numbers_are_not_text(self) -> None:
        assert argument(function("def f(a, b):\n    sink(a + b)")).op is Op.OP


class TestFunctions:
    def test_parameters_and_their_kinds(self) -> None:
        found = function("def f(a, /, b, *c, d=1, **e): pass")
        assert [(p.name, p.kind) for p in found.params] == [("a", "pos"), ("b", "pos"), ("c", "*"), ("d", "kw"), ("e", "**")]

    def test_defaults_and_decorators_belong_to_the_enclosing_scope(self) -> None:
        found = facts("@deco('x')\ndef f(a: int = LIMIT) -> str: pass")
        outer, inner = found.functions
        assert outer.values[outer.values[inner.decorators[0]].args[0]].text == "deco"
        assert outer.values[inner.params[0].default].text == "LIMIT"
        assert outer.values[inner.params[0].annotation].text == "int"
        assert outer.values[inner.returns].text == "str"

    def test_returns_and_yields_are_exits(self) -> None:
        found = function("def f(a, b):\n    if a:\n        return a\n    yield b\n    yield from b")
        assert [found.values[leave.value].text for leave in found.exits] == ["a", "b", "b"]

    def test_closures_list_all_values_of_a_name(self) -> None:
        found = function("def f(a):\n    x = a\n    x = 'b'\n    def g():\n        return x\n    return g")
        assert [found.values[i].text for i in found.defs["x"]] == ["a", "b"]

    def test_a_nonlocal_name_is_looked_up_again(self) -> None:
        code = "def f(a):\n    x = ''\n    def g(b):\n        nonlocal x\n        x = b\n    g(a)\n    sink(x)"
        assert argument(function(code)).op is Op.NAME
        assert function(code, "g").globals == ("x",)

    def test_global_names(self) -> None:
        assert function("def f(a):\n    global X\n    X = a").globals == ("X",)

    def test_a_container_of_an_outer_scope_that_is_changed(self) -> None:
        for change in ("STATE['k'] = a", "STATE.append(a)", "STATE.update(k=a)"):
            assert function(f"def f(a):\n    {change}").globals == ("STATE",), change
        assert function("def f(a):\n    LOG.info(a)").globals == ()

    def test_lambdas(self) -> None:
        found = facts("f = lambda a, b=1: a + b")
        assert [(f.kind, [p.name for p in f.params], len(f.exits)) for f in found.functions[1:]] == [("lambda", ["a", "b"], 1)]

    def test_async(self) -> None:
        assert function("async def f(a):\n    sink(await a)").is_async
        assert argument(function("async def f(a):\n    sink(await a)")).text == "a"

    def test_nesting(self) -> None:
        found = facts("class C:\n    def m(self):\n        def inner(): pass")
        assert [f.qualname for f in found.functions if f.kind == "function"] == ["C.m", "C.m.inner"]
        assert [f.owner for f in found.functions if f.kind == "function"] == [0, -1]

    def test_doc_and_main_guard(self) -> None:
        assert function('def f():\n    """Says what."""').doc == "Says what."
        assert facts("if __name__ == '__main__':\n    main()").main_guard
        assert not facts("if x == '__main__':\n    main()").main_guard


class TestClasses:
    def test_methods_fields_and_bases(self) -> None:
        found = cls("class C(B, metaclass=M):\n    '''Doc.'''\n    x: int\n    y: str = 'a'\n    z = 1\n    def m(self): pass")
        assert list(found.methods) == ["m"]
        assert list(found.fields) == ["x", "y", "z"]
        assert found.fields["x"][1] == -1
        assert len(found.bases) == 1
        assert found.doc == "Doc."

    def test_names_of_the_body_are_no_globals_of_methods(self) -> None:
        found = facts("class C:\n    x = 1\n    def m(self):\n        return x")
        method = found.functions[2]
        assert method.values[method.exits[0].value].op is Op.NAME

    def test_stores(self) -> None:
        found = function("class C:\n    def f(self, a):\n        self.x = a\n        other.y = a\n        setattr(self, 'z', a)")
        assert [(store.attr, found.values[store.value].text) for store in found.stores] == [("x", "a"), ("y", "a"), ("z", "a")]


class TestImports:
    def test_forms(self) -> None:
        found = facts("import a.b\nimport c as d\nfrom e import f as g\nfrom ..h import i\nfrom j import *")
        module = found.functions[0]
        assert {n: module.values[ids[0]].text for n, ids in module.defs.items()} == {"a": "a", "d": "c", "g": "e:f", "i": "..h:i"}
        assert found.stars == ("j",)

    def test_try_import_keeps_both(self) -> None:
        module = facts("try:\n    import fast as m\nexcept ImportError:\n    import slow as m").functions[0]
        assert [module.values[i].text for i in module.defs["m"]] == ["fast", "slow"]


class TestPlaces:
    def test_columns_count_characters(self) -> None:
        found = function("def f(a):\n    x = 'äöü'; sink(a)")
        call = next(v for v in found.values if v.op is Op.CALL)
        assert (call.line, call.column, call.end_column) == (2, 16, 23)

    def test_wide_characters(self) -> None:
        found = function("def f(a):\n    x = '𝒳𝒴'; sink(a)")
        assert next(v.column for v in found.values if v.op is Op.CALL) == 15

    def test_lines_of_a_multi_line_call(self) -> None:
        call = next(v for v in function("def f(a):\n    sink(\n        a,\n    )").values if v.op is Op.CALL)
        assert (call.line, call.end_line) == (2, 4)


def test_dead_code_is_skipped() -> None:
    found = function("def f(a):\n    return a\n    sink(a)")
    assert not [v for v in found.values if v.op is Op.CALL]


def test_calls_imports_and_updates_are_listed() -> None:
    found = function("def f(a):\n    import m\n    d = {}\n    d['k'] = g(a)\n    return [h(x) for x in d]")
    assert [found.values[i].op for i in found.calls] == [Op.CALL, Op.CALL]
    assert [found.values[i].text for i in found.imports] == ["m"]
    assert [found.values[i].text for i in found.updates] == ["k"]


def test_statements_are_calls_whose_result_is_not_tested() -> None:
    found = function("def f(a):\n    check(a)\n    x = make(a)\n    if ok(a):\n        pass")
    assert [found.values[found.values[i].args[0]].text for i in found.statements] == ["check", "make"]


def test_facts_survive_the_cache() -> None:
    import msgspec

    found = facts(
        "class C(B):\n    x: int = 1\n    def m(self, a):\n        if a in X:\n            self.y = a\n        return f'{a}'"
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=PythonFacts) == found
