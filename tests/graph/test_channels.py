"""State that a graph hands to each of its nodes."""

from __future__ import annotations

import ast

import pytest
from graph.probes import index

from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.repository import link
from agentlint.graph.sinks import find_sinks

HEAD = """\
import subprocess
from langchain_openai import ChatOpenAI
from langgraph.graph import END, StateGraph
from langgraph.types import Command, Send
from flask import request, Flask
web = Flask(__name__)
llm = ChatOpenAI()

def last(state):
    subprocess.run(state["word"], shell=True)
    return {"done": True}

"""
BUILD = """
graph = StateGraph(dict)
graph.add_node("first", first)
graph.add_node("last", last)
flow = graph.compile()
"""
RUN = """
@web.route("/run")
def run():
    return flow.invoke({"question": request.args["q"], "word": "ls"})
"""


def kinds(*sources):
    """The kinds of sources that reach the shell, by file."""
    files = [FileFacts(path=f"app/f{n}.py", kind="python", python=lower(ast.parse(code), code)) for n, code in enumerate(sources)]
    repository = link(files, index())
    wanted = {"user-input": True, "model-output": True}
    sinks = [place for place in find_sinks(repository.program) if place.kind == "shell"]
    return sorted({path.source.kind for sink in sinks for path in repository.solver.reach(sink, wanted)})


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ('return {"word": "date"}', []),
        ('return {"word": state["question"]}', ["user-input"]),
        ('return {"word": llm.invoke(state["question"]).content}', ["model-output"]),
        ('state["word"] = state["question"]\n    return state', ["user-input"]),
        ('return {**state, "word": state.get("question")}', ["user-input"]),
        ('return Command(goto="last", update={"word": state["question"]})', ["user-input"]),
        ('return Command(goto="last", update={"other": state["question"]})', []),
        ('out = {}\n    out["word"] = state["question"]\n    return out', ["user-input"]),
        ('return {"other": state["question"]}', []),
    ],
)
def test_what_a_node_gives_back_is_read_by_the_others(first, expected):
    assert kinds(f"{HEAD}def first(state):\n    {first}\n{BUILD}{RUN}") == expected


def test_a_name_that_nobody_writes_still_comes_from_outside():
    code = f"{HEAD}def first(state):\n    return {{}}\n{BUILD}"
    assert kinds(code) == ["model-output"]


def test_two_graphs_keep_their_states_apart():
    other = """
def second(state):
    return {"word": state["question"]}
lone = StateGraph(dict)
lone.add_node("second", second)
alone = lone.compile()
@web.route("/lone")
def start():
    return alone.invoke({"question": request.args["q"]})
"""
    quiet = f'{HEAD}def first(state):\n    return {{"word": "date"}}\n{BUILD}'
    assert kinds(quiet + other) == []
    assert kinds(quiet + other.replace("lone.add_node", 'graph.add_node("more", alone)\nlone.add_node')) == ["user-input"]


def test_a_run_through_a_builder_in_another_file():
    nodes = f'{HEAD}def first(state):\n    return {{"word": state["question"]}}\n'
    build = (
        "from langgraph.graph import StateGraph\nfrom f0 import first, last\n"
        "def build():\n    made = StateGraph(dict).add_node('first', first).add_node('last', last)\n    return made.compile()\n"
    )
    run = "from f1 import build\nfrom flask import request\ndef go():\n    return build().invoke({'question': request.args['q'], 'word': ''})\n"
    assert kinds(nodes, build, run) == ["user-input"]


def test_what_is_sent_to_one_node():
    sent = 'def first(state):\n    return {"other": 1}\ndef fan(state):\n    return [Send("last", {"word": request.args["q"]})]\n'
    code = f'{HEAD}{sent}{BUILD}graph.add_conditional_edges("first", fan)\n'
    assert kinds(code) == ["user-input"]


EVENTS = """\
import subprocess
from llama_index.core.workflow import Event, StartEvent, StopEvent, Workflow, step
from llama_index.llms.openai import OpenAI

class Found(Event):
    word: str
    fixed: str

class Flow(Workflow):
    llm = OpenAI()

    @step
    async def first(self, ev: StartEvent) -> Found:
        reply = await self.llm.acomplete("x")
        return Found(word=reply.text, fixed="date")

    @step
    async def last(self, ev: Found) -> StopEvent:
        subprocess.run(ev.WORD, shell=True)
        return StopEvent()
"""


@pytest.mark.parametrize(("word", "expected"), [("word", ["model-output"]), ("fixed", [])])
def test_a_message_holds_what_the_sender_put_into_it(word, expected):
    assert kinds(EVENTS.replace("WORD", word)) == expected


def test_a_message_that_nobody_makes_comes_from_outside():
    assert kinds(EVENTS.replace('return Found(word=reply.text, fixed="date")', "return None").replace("WORD", "fixed")) == [
        "model-output"
    ]
