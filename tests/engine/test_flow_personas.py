"""Flows that only the pedantic are told of, beside the same flow that everybody is."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentlint.core.finding import Persona
from agentlint.engine.run import scan
from agentlint.engine.settings import Settings

PAGE = """
import requests
from openai import OpenAI

client = OpenAI()

def ask(question):
    page = {fetched}.text
    return client.chat.completions.create(model="m", messages=[{{"role": "system", "content": "Use:" + page}}])
"""
ROUTE = """
import httpx
from fastapi import APIRouter, Depends, FastAPI

{router} = APIRouter()
app = FastAPI()
app.include_router({router})

@{router}.post("/models")
def models(address: str):
    return httpx.get(address).json()
"""
TYPED = """
import streamlit as st

with open({typed}) as file:
    st.text(file.read())
"""
CODE = """
def run(text):
    exec({code})
"""


@pytest.mark.parametrize(
    ("rule", "shown", "kept"),
    [
        ("AL401", PAGE.format(fetched='requests.get("https://a.dev", params={"q": question})'), PAGE.format(fetched='requests.get("https://a.dev/b")')),
        ("AL414", ROUTE.format(router="router"), ROUTE.format(router="admin_router")),
        ("AL413", TYPED.format(typed="st.chat_input()"), TYPED.format(typed='st.text_input("File")')),
        ("AL410", CODE.format(code='f"x = {text}"'), CODE.format(code="text")),
    ],
)  # fmt: skip
def test_who_is_told(tmp_path: Path, rule: str, shown: str, kept: str) -> None:
    for text, wanted in ((shown, {"app.py": Persona.REGULAR}), (kept, {"app.py": Persona.PEDANTIC})):
        (tmp_path / "app.py").write_text(text)
        result = scan((tmp_path,), Settings(isolated=True, use_cache=False, jobs=1, persona=Persona.PEDANTIC, select=(rule,)))
        assert {finding.path: finding.persona for finding in result.findings} == wanted


def test_a_service_inside_a_sandbox_runs_what_it_is_asked(tmp_path: Path) -> None:
    text = (
        "from flask import Flask, request\napp = Flask(__name__)\n\n@app.post('/')\ndef run():\n    exec(request.json['code'])\n"
    )
    for folder in ("sandbox", "server"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "app.py").write_text(text)
    result = scan((tmp_path,), Settings(isolated=True, use_cache=False, jobs=1, persona=Persona.PEDANTIC, select=("AL410",)))
    told = {finding.path: finding.persona for finding in result.findings}
    assert told == {"sandbox/app.py": Persona.PEDANTIC, "server/app.py": Persona.REGULAR}
