"""No output, cache entry or message holds a credential; facts of odd files survive their journey."""

from __future__ import annotations

import json

import msgspec
import pytest

import secretgen
from agentlint.facts.extract import extract
from agentlint.facts.secrets import SecretScanner
from agentlint.facts.values import is_credential
from agentlint.rulebook.load import shipped

SCANNER = SecretScanner(shipped().secrets)
KEY = secretgen.secret("openai-key", "leaks")
CHOSEN = "Harbor!" + "Blue77"
CODE = f'''"""Uses {KEY}."""
KEY = "{KEY}"
PROMPT = f"log in with {KEY} and " + KEY
connect(password="{CHOSEN}", host="db.acme-corp.io")


def run():
    """Never print {KEY}."""
    return {{"api_key": "{KEY}"}}
'''


@pytest.mark.parametrize(
    ("path", "kind", "source"),
    [
        ("app.py", "python", CODE),
        (".mcp.json", "mcp-client", json.dumps({"mcpServers": {"a": {"command": "x", "args": [f"--api-key={KEY}"], "env": {"K": KEY}}}})),
        ("AGENTS.md", "instructions", f"Use {KEY}\n"),
        ("Dockerfile", "dockerfile", f"FROM a\nENV OPENAI_API_KEY={KEY}\nRUN curl -H 'x: {KEY}' https://a.io\n"),
        ("docker-compose.yml", "compose", f"services:\n  a:\n    image: a\n    environment:\n      K: {KEY}\n    command: run {KEY}\n"),
        ("crew.yaml", "crewai-agents", f"a:\n  role: b\n  goal: use {KEY}\n  backstory: c\n"),
    ],
)  # fmt: skip
def test_facts_hold_no_credential(path, kind, source):
    packed = msgspec.msgpack.encode(extract(path, kind, source.encode(), SCANNER).facts)
    assert KEY.encode() not in packed
    assert CHOSEN.encode() not in packed


def test_lone_surrogates_can_be_stored():
    source = 'A = "\\ud800"\nB = {"\\udfff": f"\\udc00{A}", "x": "{} \\ud801".format(A)}\n\n\ndef f():\n    "\\ud800"\n'
    facts = extract("a.py", "python", source.encode(), SCANNER).facts
    assert facts.python is not None
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=type(facts)).path == "a.py"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEO4J_AUTH", "neo4j/mem0graph"),
        ("NEO4J_AUTH", "neo4j/password123"),
        ("MODEL_TOKEN", "text-embedding-3-large"),
        ("API_KEY", "gpt-4o-mini-2024"),
    ],
)
def test_words_with_digits_are_not_generated(name, value):
    assert not is_credential(name, value)


def test_harmless_options_stay_readable():
    from agentlint.facts.manifest import _safe_word

    assert _safe_word("--access-mode=unrestricted") == "--access-mode=unrestricted"
    assert "Harbor" not in _safe_word("--db-password=Harbor-Blue-of-old")


def test_the_same_secret_in_many_files_is_one_finding(tmp_path):
    from conftest import scan_directory

    for name in ("tests/test_a.py", "docs/a.md", "examples/a.py", "src/b.py", "src/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f'KEY = "{KEY}"\n')
    found = [finding for finding in scan_directory(tmp_path).findings if finding.rule == "AL101"]
    assert [finding.path for finding in found] == ["src/a.py"]
    assert [place.path for place in found[0].related] == ["src/b.py", "examples/a.py", "docs/a.md", "tests/test_a.py"]


def test_a_comment_allows_a_literal():
    for line in (
        f'password = "{CHOSEN}"  # pragma: allowlist secret',
        f'# pragma: allowlist nextline secret\npassword = "{CHOSEN}"',
    ):
        assert extract("a.py", "python", f"{line}\n".encode(), SCANNER).facts.literals == ()
        strict = SecretScanner(shipped().secrets, pragmas=False)
        assert extract("a.py", "python", f"{line}\n".encode(), strict).facts.literals != ()
