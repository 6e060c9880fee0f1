"""A corpus of credentials and of what looks like them, made when tests run; no value is ever stored."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import uuid
from collections.abc import Callable, Iterator

import secretgen

Case = tuple[str, str, str]
"""Path, kind, content."""


def notebook(code: str = "", output: str = "") -> str:
    cells = [
        {"cell_type": "code", "source": code.splitlines(keepends=True), "outputs": [{"output_type": "stream", "text": [output]}]}
    ]
    return json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}, indent=1)


FORMATS: dict[str, Callable[[str], Case]] = {
    "assignment": lambda s: ("app.py", "python", f"import os\n\n{s}\n" if "=" in s else f"import os\n\nVALUE = '{s}'\n"),
    "argument": lambda s: ("app.py", "python", f"client = Client({json.dumps(s)}, timeout=3)\n"),
    "entry": lambda s: ("app.py", "python", f"settings = {{'value': {json.dumps(s)}}}\n"),
    "fallback": lambda s: ("app.py", "python", f"import os\nvalue = os.getenv('VALUE', {json.dumps(s)})\n"),
    "parameter": lambda s: ("app.py", "python", f"def run(value={json.dumps(s)}):\n    return value\n"),
    "header": lambda s: ("app.py", "python", f"headers = {{'Authorization': 'Bearer ' + {json.dumps(s)}}}\n"),
    "yaml": lambda s: ("config.yaml", "yaml", f"a:\n  b: {s}\n"),
    "toml": lambda s: ("config.toml", "toml", f"[a]\nb = '{s}'\n"),
    "dotenv": lambda s: (".env", "dotenv", f"A=1\n{s if '=' in s else 'VALUE=' + s}\n"),
    "hcl": lambda s: ("main.tf", "terraform", f'provider "a" {{\n  b = "{s}"\n}}\n' if '"' not in s else f"# {s}\n"),
    "compose": lambda s: ("docker-compose.yml", "compose", f"services:\n  a:\n    image: a\n    environment:\n      VALUE: {s}\n"),
    "workflow": lambda s: (
        ".github/workflows/a.yml", "workflow", f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      VALUE: {s}\n    steps: []\n",
    ),
    "shell": lambda s: ("run.sh", "shell", f"#!/bin/sh\n{s if '=' in s else 'export VALUE=' + s}\n./run\n"),
    "markdown": lambda s: ("README.md", "markdown", f"# Setup\n\n    {s}\n"),
    "prompt": lambda s: ("prompts/system.md", "prompt", f"You may use {s} .\n"),
    "source of a notebook": lambda s: ("a.ipynb", "notebook", notebook(f"x = '''{s}'''\n")),
    "output of a notebook": lambda s: ("a.ipynb", "notebook", notebook("print(x)\n", f"{s}\n")),
}  # fmt: skip


def known_formats(per_type: int = 4) -> Iterator[tuple[str, str, Case]]:
    """Yield type, context and file: every type, each in other contexts."""
    names = list(FORMATS)
    for number, type_id in enumerate(sorted(secretgen.types())):
        for step in range(per_type):
            name = names[(number * per_type + step * 5) % len(names)]
            text = secretgen.in_context(type_id, f"corpus{step}")
            if ('"' in text or "\n" in text) and name not in ("assignment", "shell", "markdown", "dotenv"):
                name = "markdown"
            yield type_id, name, FORMATS[name](text)


def value(rng: random.Random, size: int = 28) -> str:
    """Return a generated key of no published format."""
    while True:
        text = "".join(rng.choices(string.ascii_letters + string.digits, k=size))
        if sum(map(str.isdigit, text)) >= 3 and any(map(str.isupper, text)) and not text[:2].isdigit():
            return text


KEYS = [
    "api_key",
    "CRM_API_KEY",
    "clientSecret",
    "access_token",
    "webhook_secret",
    "service_password",
    "jwt_secret",
    "auth-token",
]
NAMED: dict[str, Callable[[str, str], Case]] = {
    "python": lambda n, v: ("app.py", "python", f'{n.replace("-", "_")} = "{v}"\n'),
    "argument": lambda n, v: ("app.py", "python", f'c = Client({n.replace("-", "_")}="{v}")\n'),
    "entry": lambda n, v: ("app.py", "python", f'c = {{"{n}": "{v}"}}\n'),
    "item": lambda n, v: ("app.py", "python", f'c = {{}}\nc["{n}"] = "{v}"\n'),
    "attribute": lambda n, v: ("app.py", "python", f'import a\na.{n.replace("-", "_")} = "{v}"\n'),
    "field": lambda n, v: ("app.py", "python", f'class S(B):\n    {n.replace("-", "_")}: str = Field(default="{v}")\n'),
    "parameter": lambda n, v: ("app.py", "python", f'def f(a, *, {n.replace("-", "_")}: str = "{v}"):\n    return a\n'),
    "fallback": lambda n, v: ("app.py", "python", f'import os\nx = os.environ.get("{n.upper().replace("-", "_")}", "{v}")\n'),
    "or": lambda n, v: ("app.py", "python", f'import os\n{n.replace("-", "_")} = os.getenv("X") or "{v}"\n'),
    "option": lambda n, v: ("app.py", "python", f'p.add_argument("--{n.replace("_", "-")}", default="{v}")\n'),
    "yaml": lambda n, v: ("c.yaml", "yaml", f"a:\n  {n}: {v}\n"),
    "json": lambda n, v: ("c.json", "json", json.dumps({"a": {n: v}}, indent=1)),
    "toml": lambda n, v: ("c.toml", "toml", f'[a]\n{n} = "{v}"\n'),
    "hcl": lambda n, v: ("main.tf", "terraform", f'provider "a" {{\n  {n.replace("-", "_")} = "{v}"\n}}\n'),
    "dotenv": lambda n, v: (".env", "dotenv", f"{n.upper().replace('-', '_')}={v}\n"),
    "shell": lambda n, v: ("a.sh", "shell", f"export {n.upper().replace('-', '_')}='{v}'\n"),
    "typescript": lambda n, v: ("a.ts", "javascript", f'export const c = {{ "{n}": "{v}" }};\n'),
    "entries": lambda n, v: ("k.yaml", "yaml", f"env:\n  - name: {n}\n    value: {v}\n"),
    "notebook": lambda n, v: ("a.ipynb", "notebook", notebook(f'{n.replace("-", "_")} = "{v}"\n')),
}  # fmt: skip


def named_values() -> Iterator[tuple[str, str, Case]]:
    """Yield name, context and file with a generated key of no published format."""
    rng = random.Random("named")
    for context, make in NAMED.items():
        for name in KEYS:
            yield name, context, make(name, value(rng))


SIGNED = ["jwt_secret", "SECRET_KEY", "session_secret", "token_secret", "encryption_key", "JWT_SIGNING_KEY"]
PHRASES = [
    "agents-jwt-default-secret",
    "change-me-in-production",
    "my-test-key-but-longer-than-32-bytes",
    "super-secret-signing-key-1",
]


def defaults() -> Iterator[tuple[str, str, Case]]:
    """Yield name, context and file with a well-known default that signs."""
    for context in ("python", "field", "parameter", "fallback", "or", "option"):
        for name in SIGNED:
            for phrase in PHRASES:
                yield name, context, NAMED[context](name.lower() if context in ("parameter", "option") else name, phrase)


NOT_NAMES = [
    "max_tokens",
    "token_limit",
    "public_key",
    "api_key_name",
    "next_token",
    "cache_key",
    "password_field",
    "secret_name",
    "sort_key",
    "etag",
]
NOT_VALUES = [
    "${API_KEY}", "{{ api_key }}", "$API_KEY", "<your-api-key>", "your-api-key-here", "sk-...", "xxxxxxxxxxxxxxxxxxxxxxxx", "changeme", "REPLACE_ME",
    "OPENAI_API_KEY", "api_key", "https://login.acme-corp.io/oauth/token", "/run/secrets/api-key-1", "not-needed", "EMPTY", "os.environ", "gpt-4o-mini-2024",
    "text-embedding-3-large", "client_secret_basic", "application/json", "sk-xxxxxxxxxxxxxxxxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE", "prod/agent/openai-key",
    "%(api_key)s", "op://vault/item/field", "vault:secret/data/agent#key", "None", "...", "Bearer <token>", "Bearer ${TOKEN}",
]  # fmt: skip


def harmless() -> Iterator[tuple[str, str, Case]]:
    """Yield what is no credential: other names with random values, secret names with other values, data that looks random."""
    rng = random.Random("harmless")
    for context, make in NAMED.items():
        for name in NOT_NAMES:
            yield name, context, make(name, value(rng))
        for number, text in enumerate(NOT_VALUES):
            if context not in ("attribute", "item", "or"):
                yield text, context, make(("api_key", "CRM_API_KEY", "access_token", "auth-token")[number % 4], text)
    for number in range(40):
        data = rng.randbytes(600)
        png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()
        yield "image", "notebook", ("a.ipynb", "notebook", notebook("show()\n", f"data:image/png;base64,{png}"))
        yield (
            "hash",
            "text",
            ("a.txt", "text", f"{hashlib.sha256(data).hexdigest()}  a-{number}.whl\nsha1={hashlib.sha1(data).hexdigest()}\n"),
        )
        yield (
            "id",
            "python",
            ("a.py", "python", f'RUN_ID = "{uuid.UUID(bytes=data[:16])}"\nCOMMIT = "{hashlib.sha1(data).hexdigest()}"\n'),
        )
        yield "url", "yaml", ("a.yaml", "yaml", f"image: https://cdn.acme-corp.io/{value(rng, 40)}.png?v={value(rng, 12)}\n")
