"""Nodes that are only together what a rule is about: one finding, both places, and no second one."""

from __future__ import annotations

from agentlint.core.finding import Finding
from agentlint.core.place import Span
from agentlint.engine.forms.node import run
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.rulebook.rules import NodeForm, Rule, Test

HOOK = NodeForm(type=("hook",), where=(Test(key="when", equals="session-start"),))
TASK = NodeForm(type=("hook",), where=(Test(key="when", equals="folder-open"),))


def rule(*forms: NodeForm) -> Rule:
    return Rule(
        id="AL990", name="x", category="x", severity="low", confidence="low", message="m", docs="", summary="", kinds=(),
        status={}, node=forms,
    )  # fmt: skip


def graph(*whens: str) -> RepoGraph:
    made = RepoGraph()
    for number, when in enumerate(whens):
        made.add(GraphNode("hook", f"{number}", when, f"{when}.json", Span(1, 1, 1, 2), attrs={"when": when}))
    return made


def found(made: RepoGraph, *forms: NodeForm) -> list[Finding]:
    return list(run(rule(*forms), made, lambda code, path, span, message, **more: Finding(
        rule=code, path=path, span=span, message=message, **more)))  # fmt: skip


def test_the_other_place_is_related_and_not_reported_again():
    pair = NodeForm(type=("hook",), where=HOOK.where, also=(TASK,))
    alone = NodeForm(type=("hook",))
    findings = found(graph("session-start", "folder-open"), pair, alone)
    assert [f.path for f in findings] == ["session-start.json"]
    assert [r.path for r in findings[0].related] == ["folder-open.json"]


def test_alone_it_is_what_the_later_form_says():
    pair = NodeForm(type=("hook",), where=HOOK.where, also=(TASK,))
    findings = found(graph("folder-open"), pair, NodeForm(type=("hook",)))
    assert [(f.path, f.related) for f in findings] == [("folder-open.json", ())]


def test_never_keeps_silent():
    form = NodeForm(type=("hook",), where=TASK.where, never=(HOOK,))
    assert len(found(graph("folder-open"), form)) == 1
    assert not found(graph("folder-open", "session-start"), form)
