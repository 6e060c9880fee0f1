"""What fills the variables of a system message's template."""

from __future__ import annotations

import ast

import pytest
from graph.probes import index

from agentlint.facts.python.lower import lower
from agentlint.facts.types import FileFacts
from agentlint.graph.repository import link
from agentlint.graph.sinks import find_sinks

CODE = """\
from flask import Flask, request
from langchain_core.messages import SystemMessage
from langchain_core.prompts import ChatPromptTemplate, HumanMessagePromptTemplate, SystemMessagePromptTemplate
from langchain_openai import ChatOpenAI
llm = ChatOpenAI()
prompt = ChatPromptTemplate.from_messages([("system", "You know {topic}. {{name}}"), ("human", "{name}")])
split = ChatPromptTemplate.from_messages([SystemMessagePromptTemplate.from_template("{topic}"), ("human", "{name}")])
fixed = ChatPromptTemplate.from_messages([SystemMessage("{topic}"), HumanMessagePromptTemplate.from_template("{name}")])
chain = prompt | llm

class Service:
    def __init__(self):
        self.chain = self.build()
    def build(self):
        return prompt | llm
    def run(self, inputs):
        return self.chain.invoke(inputs)

app = Flask(__name__)

@app.route("/")
def answer():
    outside = request.args["q"]
    CALL
"""


@pytest.mark.parametrize(
    ("call", "reached"),
    [
        ('chain.invoke({"topic": outside, "name": "x"})', True),
        ('chain.invoke({"topic": "x", "name": outside})', False),
        ("prompt.format_messages(topic=outside, name=1)", True),
        ("prompt.format_messages(topic=1, name=outside)", False),
        ('(split | llm).invoke({"topic": outside, "name": "x"})', True),
        ('(split | llm).invoke({"topic": "x", "name": outside})', False),
        ('(fixed | llm).invoke({"topic": outside, "name": outside})', False),
        ('Service().run({"topic": outside, "name": "x"})', True),
        ('Service().run({"topic": "x", "name": outside})', False),
        ('({"topic": lambda x: "x", "name": lambda x: x} | prompt | llm).invoke(outside)', False),
        ('chain.with_config({"tags": []}).invoke({"topic": outside, "name": "x"})', True),
    ],
)
def test_only_the_variables_of_the_system_message_count(call, reached):
    code = CODE.replace("CALL", call)
    repository = link([FileFacts(path="a.py", kind="python", python=lower(ast.parse(code), code))], index())
    sinks = [place for place in find_sinks(repository.program) if place.kind == "system-prompt"]
    assert any(repository.solver.reach(sink, {"user-input": True}) for sink in sinks) is reached
