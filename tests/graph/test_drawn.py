"""What the graph draws: each agent, tool and guardrail once, and the edges between them."""

from __future__ import annotations

import ast

import pytest

from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.repository import link
from agentlint.rulebook.index import ModelIndex
from agentlint.rulebook.load import shipped

INDEX = ModelIndex(shipped().models)
TOOL = "from langchain_core.tools import tool\n@tool\ndef send(to: str):\n    '''Send.'''\n"
BUILT = (
    TOOL
    + "from langgraph.graph import StateGraph\nfrom langgraph.prebuilt import ToolNode\nfrom langgraph.types import interrupt\n"
    "from langchain_openai import ChatOpenAI\nfrom langchain_core.messages import SystemMessage\n"
    "def ask(state):\n    m = ChatOpenAI(model='gpt-x').bind_tools([send])\n    interrupt('Go on?')\n"
    "    return m.invoke([SystemMessage(content='Be kind.')])\n"
    "b = StateGraph(dict)\nb.add_node('ask', ask)\nb.add_node('tools', ToolNode([send]))\nflow = b.compile()\n"
)


def graph(*codes: str):
    named = [(f"m{number}.py" if number else "m.py", code) for number, code in enumerate(codes)]
    files = [FileFacts(path=path, kind="python", python=lower(ast.parse(code), code)) for path, code in named]
    return link(files, INDEX).graph


def names(found, kind: str) -> list[str]:
    return [node.name for node in found.of_type(kind)]


def edges(found) -> set[tuple[str, str, str]]:
    return {
        (found.nodes[source].name, label, found.nodes[target].name)
        for source, links in found.out.items()
        for label, target in links
    }


def test_hand_made_graph_has_what_its_steps_use():
    found = graph(BUILT)
    assert names(found, "agent") == ["flow"]
    assert {("flow", "uses", "send"), ("flow", "runs_on", "gpt-x"), ("prompt", "instructs", "flow")} <= edges(found)
    assert ("flow", "asks", "langgraph.types.interrupt") in edges(found)


def test_steps_of_a_chained_builder_and_of_one_that_is_handed_over():
    chained = (
        "from langgraph.graph import StateGraph\nfrom langchain_openai import ChatOpenAI\ndef f(s):\n    ChatOpenAI(model='a')\n"
    )
    assert ("g", "runs_on", "a") in edges(graph(chained + "g = StateGraph(dict).add_node('f', f).compile()\n"))
    handed = "def fill(b: StateGraph):\n    b.add_node('f', f)\nb = StateGraph(dict)\nfill(b)\ng = b.compile()\n"
    assert ("g", "runs_on", "a") in edges(graph(chained + handed))


def test_a_step_that_is_an_agent_is_handed_to():
    code = BUILT + "outer = StateGraph(dict)\nouter.add_node('inner', flow)\ntop = outer.compile()\n"
    assert ("top", "hands_off", "flow") in edges(graph(code))


def test_compiled_supervisor_is_the_supervisor():
    code = "from langgraph_supervisor import create_supervisor\nboss = create_supervisor([], model='m', prompt='p')\napp = boss.compile()\n"
    assert names(graph(code), "agent") == ["boss"]


def test_function_of_the_functional_interface_is_an_agent():
    code = "from langgraph.func import entrypoint\nfrom langchain_openai import ChatOpenAI\n@entrypoint()\ndef chat(x):\n    ChatOpenAI(model='a')\n"
    assert ("chat", "runs_on", "a") in edges(graph(code))


def test_executor_is_the_agent_it_runs():
    code = (
        TOOL + "from langchain.agents import AgentExecutor, create_tool_calling_agent\n"
        "inner = create_tool_calling_agent(llm, [send], prompt)\nouter = AgentExecutor(agent=inner, tools=[send])\n"
    )
    assert names(graph(code), "agent") == ["inner"]
    assert names(
        graph("from langchain.agents import AgentExecutor\nouter = AgentExecutor(agent=given, tools=[])\n"), "agent"
    ) == ["outer"]


def test_wrapped_tool_is_the_tool():
    code = (
        "from google.adk.agents import Agent\nfrom google.adk.tools.crewai_tool import CrewaiTool\nfrom crewai_tools import SerperDevTool\n"
        "a = Agent(name='a', tools=[CrewaiTool(name='s', description='d', tool=SerperDevTool())])\n"
    )
    found = graph(code)
    assert names(found, "tool") == ["SerperDevTool"]
    assert ("a", "uses", "SerperDevTool") in edges(found)


def test_tool_class_is_one_tool():
    code = (
        "from crewai.tools import BaseTool\nclass T(BaseTool):\n    name: str = 't'\n"
        "    def _run(self, q: str):\n        return q\n    async def _arun(self, q: str):\n        return q\n"
    )
    assert names(graph(code), "tool") == ["t"]


def test_agent_class_that_names_its_base():
    code = (
        "from semantic_kernel.agents import AgentGroupChat, ChatCompletionAgent\nclass A(ChatCompletionAgent):\n    def __init__(self, kernel):\n"
        "        ChatCompletionAgent.__init__(self, kernel=kernel, name='a', instructions='Be kind.')\n"
        "def pair(k):\n    return A(k), A(k)\none, two = pair(k)\nchat = AgentGroupChat(agents=[one, two])\n"
    )
    found = graph(code)
    assert {("prompt", "instructs", "a"), ("chat", "hands_off", "a")} <= edges(found)


def test_kernel_gives_its_plugins_and_services():
    code = (
        "from semantic_kernel import Kernel\nfrom semantic_kernel.functions import kernel_function\n"
        "from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion\nclass P:\n    @kernel_function\n    def add(self, a: int):\n        return a\n"
        "k = Kernel()\nservice = OpenAIChatCompletion(ai_model_id='gpt-x')\nk.add_service(service)\nk.add_plugin(P(), plugin_name='p')\n"
        "async def answer(history):\n    return await service.get_chat_message_content(history, settings, kernel=k)\n"
    )
    assert {("answer", "uses", "add"), ("answer", "runs_on", "gpt-x")} <= edges(graph(code))


def test_what_a_method_of_an_agent_decorates_is_the_agents():
    code = (
        "from pydantic_ai import Agent\na = Agent('openai:gpt-x', name='a')\n@a.tool\ndef find(ctx, q: str):\n    return q\n"
        "@a.system_prompt\ndef style():\n    return 'Be brief.'\n"
    )
    found = graph(code)
    assert ("a", "uses", "find") in edges(found)
    assert any(label == "instructs" and target == "a" for _, label, target in edges(found))


def test_server_serves_its_tools():
    code = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef find(q: str):\n    return q\n"
    assert ("MCPServer", "serves", "find") in edges(graph(code))


def test_tools_added_in_another_place():
    tools = "from strands import Agent, tool\ntools = []\n@tool\ndef find(q: str):\n    return q\ntools.append(find)\n"
    assert ("build", "uses", "find") in edges(graph(tools + "def build():\n    return Agent(tools=tools)\n"))
    field = "class H:\n    def __init__(self):\n        self.tools = []\n    def fill(self):\n        self.tools.append(find)\n"
    assert ("make", "uses", "find") in edges(
        graph(tools + field + "    def make(self):\n        return Agent(tools=self.tools)\n")
    )


@pytest.mark.parametrize(
    "body",
    [
        "    name = 'find'\n    description = 'd'\n    input_schema = {}\n    def execute(self, q):\n        return open(q).read()\n",
        "    name = 'find'\n    def to_params(self):\n        return {}\n    def __call__(self, q):\n        return open(q).read()\n",
        "    @classmethod\n    def openai_schema(cls):\n        return {}\n    @classmethod\n    def execute(cls, q):\n        return open(q).read()\n",
        "    def __init__(self):\n        super().__init__(name='n', description='d', input_schema={})\n    def run(self, q):\n        return open(q).read()\n",
    ],
)
def test_class_that_describes_its_input_to_a_model_is_a_tool(body):
    found = graph("class Find(Base):\n" + body)
    assert [node.attrs["effects"] for node in found.of_type("tool")] == [["fs-read"]]


@pytest.mark.parametrize(
    "body",
    [
        "    name = 'n'\n    description = 'd'\n    def run(self, q):\n        return q\n",
        "    name = 'n'\n    description = 'd'\n    input_schema = {}\n    tools = []\n    def run(self, q):\n        return q\n",
        "    name = 'n'\n    description = 'd'\n    input_schema = {}\n    def execute(self, q):\n        raise NotImplementedError\n",
        "    def to_params(self):\n        return {}\n    def run(self, q):\n        return q\n",
    ],
)
def test_other_classes_are_no_tools(body):
    assert not names(graph("class Job:\n" + body), "tool")


def test_schema_that_is_given_as_a_tool():
    code = "from pydantic import BaseModel\nfrom langchain.agents import create_agent\nclass Done(BaseModel):\n    x: int\na = create_agent('m', tools=[Done])\n"
    found = graph(code)
    assert ("a", "uses", "Done") in edges(found)


def test_class_that_answers_messages_is_an_agent():
    code = (
        "from autogen_core import RoutedAgent\nfrom autogen_core.models import SystemMessage\nclass Coder(RoutedAgent):\n"
        "    def __init__(self):\n        super().__init__('A coder')\n        self._system = [SystemMessage(content='Write code.')]\n"
    )
    found = graph(code)
    assert names(found, "agent") == ["Coder"]
    assert ("prompt", "instructs", "Coder") in edges(found)


def test_entry_point_leads_to_the_agent_it_runs():
    code = (
        "from fastapi import FastAPI\nfrom agents import Agent, Runner\napp = FastAPI()\nhelper = Agent(name='helper')\n"
        "async def answer(text):\n    return await Runner.run(helper, text)\n@app.post('/chat')\nasync def chat(text: str):\n    return await answer(text)\n"
    )
    assert ("chat", "serves", "helper") in edges(graph(code))


def test_memory_is_the_agents():
    code = "from langchain.agents import create_agent\nfrom langgraph.checkpoint.memory import InMemorySaver\ns = InMemorySaver()\na = create_agent('m', checkpointer=s)\n"
    found = graph(code)
    assert any(label == "remembers" and source == "a" for source, label, _ in edges(found))


def test_guardrails_of_an_agent_are_drawn_once_each():
    code = (
        "from google.adk.agents import Agent\ndef before(callback_context, llm_request):\n    return None\ndef after(callback_context, llm_response):\n"
        "    return None\na = Agent(name='a', before_model_callback=before, after_model_callback=after)\n"
    )
    found = graph(code)
    assert names(found, "guardrail") == ["before", "after"]
    assert {("a", "guarded_by", "before"), ("a", "guarded_by", "after")} <= edges(found)


def test_model_from_the_environment_is_its_default():
    code = "import os\nfrom pydantic_ai import Agent\nMODEL = os.getenv('MODEL', 'openai:gpt-x')\na = Agent(MODEL)\n"
    assert names(graph(code), "model") == ["openai:gpt-x"]


def test_client_and_its_tools_are_one():
    code = "from strands import Agent\nfrom strands.tools.mcp import MCPClient\nc = MCPClient(connect)\na = Agent(tools=c.list_tools_sync())\n"
    found = graph(code)
    assert names(found, "tool") == ["MCPClient"]
    assert ("a", "uses", "MCPClient") in edges(found)


def test_modules_of_our_own_are_no_loggers():
    used = "from agents.helper import f\n"
    own = FileFacts(path="agents/helper.py", kind="python", python=lower(ast.parse("def f(): ...\n"), ""))
    main = FileFacts(path="main.py", kind="python", python=lower(ast.parse(used), used))
    assert not names(link([own, main], INDEX).graph, "logger")


def test_agent_is_called_what_holds_it():
    code = "from crewai import Agent\ndef make_writer():\n    return Agent(goal='g')\nclass C:\n    def f(self):\n        self.editor = Agent(goal='g')\n"
    assert names(graph(code), "agent") == ["make_writer", "editor"]
