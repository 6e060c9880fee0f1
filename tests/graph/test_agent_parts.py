"""Agents made through classes of ours, their prompts and models, and agents written as dicts."""

from __future__ import annotations

import ast

from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.repository import link
from agentlint.rulebook.index import ModelIndex
from agentlint.rulebook.load import shipped

INDEX = ModelIndex(shipped().models)


def graph(code: str):
    return link([FileFacts(path="m.py", kind="python", python=lower(ast.parse(code), code))], INDEX).graph


def names(found, kind: str) -> list[str]:
    return [node.name for node in found.of_type(kind)]


def test_class_without_constructor_makes_an_agent():
    code = "from google.adk.agents import LlmAgent\nclass Own(LlmAgent):\n    pass\na = Own(name='x', instruction='Be kind.')\n"
    assert names(graph(code), "agent") == ["x"]


def test_constructor_of_a_class_makes_the_agent():
    code = (
        "from google.adk.agents import LlmAgent\nclass Own(LlmAgent):\n    def __init__(self):\n"
        "        super().__init__(name='x', instruction='Be kind.')\na = Own()\n"
    )
    found = graph(code)
    assert names(found, "agent") == ["x"]
    assert [node.attrs["text"] for node in found.of_type("prompt")] == ["Be kind."]


def test_model_is_placed_where_it_is_made():
    code = (
        "from crewai import Agent, LLM\nllm = LLM(model='gpt-x')\n"
        "a = Agent(role='r', goal='g', backstory='b', llm=llm)\nb = Agent(role='s', goal='g', backstory='b', llm=llm)\n"
    )
    found = graph(code)
    assert [(node.name, node.span.line) for node in found.of_type("model")] == [("gpt-x", 2)]
    assert len(found.into[next(found.of_type("model")).id]) == 2


def test_model_that_is_handed_in_has_no_node():
    assert not names(graph("from crewai import Agent\ndef make(llm):\n    return Agent(role='r', llm=llm)\n"), "model")


def test_sub_agents_written_as_dicts():
    code = (
        "from deepagents import create_deep_agent\ndef send(to: str): ...\n"
        "create_deep_agent(model='m', subagents=[{'name': 'mail', 'system_prompt': 'Send.', 'tools': [send]}])\n"
    )
    found = graph(code)
    mail = next(node for node in found.of_type("agent") if node.name == "mail")
    assert [node.name for node in found.targets(mail.id, "uses")] == ["send"]


def test_tool_objects_of_our_classes_are_used():
    code = (
        "from crewai import Agent\nfrom crewai.tools import BaseTool\nclass T(BaseTool):\n    name: str = 'find'\n"
        "    def _run(self, q: str): ...\na = Agent(role='r', tools=[T()])\n"
    )
    found = graph(code)
    assert [node.name for node in found.targets(next(found.of_type("agent")).id, "uses")] == ["find"]


def test_registrar_is_no_tool():
    code = "from langchain_openai import ChatOpenAI\ndef add(a: str): ...\nChatOpenAI(model='m').bind_tools([add])\n"
    assert names(graph(code), "tool") == ["add"]


def test_system_messages_of_plain_calls_are_prompts():
    code = (
        "import openai\nopenai.OpenAI().chat.completions.create(model='m', "
        "messages=[{'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': 'Hi'}])\n"
    )
    found = graph(code)
    assert [node.attrs["text"] for node in found.of_type("prompt")] == ["Be brief."]
    assert names(found, "model") == ["m"]
    assert not names(found, "agent")
