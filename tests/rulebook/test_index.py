"""Which facts the index gives for a path."""

from __future__ import annotations

import pytest

from agentlint.rulebook.index import ModelIndex
from agentlint.rulebook.models import Logger, Model, Sanitizer, Sink, Source, Switch, Tool


def model(**parts) -> Model:
    return Model(**{"package": "pkg", "imports": ("pkg",), "checked": {}, **parts})


def sink(call: str, kind: str = "shell") -> Sink:
    return Sink(call=call, arg="0", kind=kind)


def test_exact_paths():
    index = ModelIndex([model(sinks=(sink("pkg.run"), sink("pkg.run", "argv"), sink("pkg.C().go")))])
    assert [s.kind for s in index.sinks("pkg.run")] == ["shell", "argv"]
    assert index.sinks("pkg.C().go")
    assert not index.sinks("pkg.C.go")
    assert not index.sinks("pkg.run.now")
    assert not index.sinks("pkg")


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("old.schema.Message", "new.messages.Message"),
        ("old.schema", "new.messages"),
        ("old.schemas.Message", "old.schemas.Message"),
        ("old.Client().get", "new.Client().get"),
        ("old.Clients().get", "old.Clients().get"),
        ("chain.a.x", "chain.d.x"),
        ("old.schema.special.X", "special.X"),
        ("make()().x", "pkg.Session().x"),
        ("other.thing", "other.thing"),
    ],
)
def test_aliases(path, normal):
    aliases = {
        "old.schema": "new.messages", "old.Client": "new.Client", "chain.a": "chain.b", "chain.b": "chain.c",
        "chain.c": "chain.d", "old.schema.special": "special", "make()()": "pkg.Session()",
    }  # fmt: skip
    assert ModelIndex([model(aliases=aliases)]).normalise(path) == normal


def test_alias_cycles_end():
    index = ModelIndex([model(aliases={"a": "b", "b": "a"})])
    assert index.normalise("a.x") in ("a.x", "b.x")
    growing = ModelIndex([model(aliases={"a": "a.a"})])
    assert growing.normalise("a.x").count("a.") <= 5


def test_facts_written_with_an_alias_are_found_by_either_name():
    index = ModelIndex([model(aliases={"old": "new"}, sinks=(sink("old.run"),))])
    assert index.sinks("old.run") == index.sinks("new.run") != ()


def test_any_attribute_and_name_beginnings():
    index = ModelIndex(
        [model(sinks=(sink("pkg.client().*"), sink("pkg.client().delete_*", "url"), sink("pkg.client().get", "sql")))]
    )
    assert {s.kind for s in index.sinks("pkg.client().put")} == {"shell"}
    assert {s.kind for s in index.sinks("pkg.client().delete_all")} == {"shell", "url"}
    assert [s.kind for s in index.sinks("pkg.client().get")] == ["sql", "shell"]
    assert not index.sinks("pkg.client().a.b")
    assert not index.sinks("pkg.client()")


def test_unknown_receivers_are_a_table_of_their_own():
    index = ModelIndex([model(sinks=(sink("*.execute", "sql"), sink("*.cursor().run", "sql")))])
    assert not index.sinks("x.execute")
    assert index.wild("execute", Sink) and index.wild("a.b.execute", Sink)
    assert index.wild("x.cursor().run", Sink) and not index.wild("x.run", Sink)
    assert not index.wild("execute", Tool)


def test_reads_match_by_prefix_and_respect_skip():
    source = Source(kind="user-input", read="flask.request", skip=("method",))
    index = ModelIndex([model(sources=(source,))])
    for path in ("flask.request", "flask.request.args", "flask.request.args.get", "flask.request.get_json()"):
        assert index.sources_read(path) == (source,)
    assert not index.sources_read("flask.request.method")
    assert not index.sources_read("flask.requests.args")
    assert not index.sources_read("flask")


def test_decorators_match_with_and_without_call():
    index = ModelIndex(
        [model(tools=(Tool(decorator="pkg.tool"),), sources=(Source(kind="tool-argument", params_of="pkg.tool"),))]
    )
    assert index.tools_by_decorator("pkg.tool") == index.tools_by_decorator("pkg.tool()") != ()
    assert index.params_of("pkg.tool()")


def test_sanitizers_guards_switches_loggers():
    index = ModelIndex(
        [
            model(
                sanitizers=(
                    Sanitizer(call="pkg.quote", sinks=("shell",)),
                    Sanitizer(guard="pkg.is_safe", sinks=("path",)),
                    Sanitizer(method="is_relative_to", sinks=("path",)),
                ),
                switches=(
                    Switch(kind="tls-off", call="pkg.get", arg="verify", equals=False),
                    Switch(kind="tls-off", assign="pkg.verify", equals=False),
                    Switch(kind="tracing-disabled", env="PKG_TRACE", equals="0"),
                ),
                loggers=(Logger(imports="pkg.trace"), Logger(call="pkg.log")),
            )
        ]
    )
    assert index.sanitizers("pkg.quote") and not index.sanitizers("pkg.is_safe")
    assert index.guards("pkg.is_safe") and not index.guards("pkg.quote")
    assert index.guard_methods("is_relative_to") and not index.guard_methods("resolve")
    assert index.switches_call("pkg.get") and index.switches_assign("pkg.verify") and index.switches_env("PKG_TRACE")
    assert not index.switches_call("pkg.verify")
    assert index.loggers_imports("pkg.trace.handlers") and not index.loggers_imports("pkg")
    assert index.loggers_call("pkg.log")


def test_packages_by_longest_import():
    index = ModelIndex([model(), model(package="pkg-extra", imports=("pkg.extra",))])
    assert index.package_of("pkg.run") == "pkg"
    assert index.package_of("pkg.extra.run") == "pkg-extra"
    assert index.package_of("pkgs.run") == ""


def test_tails_and_atoms_cover_every_way_to_meet_a_fact():
    index = ModelIndex(
        [
            model(
                sinks=(sink("pkg.C().go"), sink("*.execute")),
                sources=(Source(kind="user-input", read="flask.request"),),
                tools=(Tool(decorator="pkg.tool"), Tool(base="pkg.BaseTool", methods=("_run",))),
            )
        ]
    )
    assert {"go", "execute"} <= index.tails
    assert {b"go", b"execute", b"request", b"tool", b"BaseTool", b"pkg"} <= index.atoms


def test_shipped_models_make_an_index():
    from agentlint.rulebook.load import shipped

    index = ModelIndex(shipped().models)
    assert index.sinks("subprocess.run")
    assert index.package_of("openai.OpenAI().chat")
    assert len(index.tails) > 100
