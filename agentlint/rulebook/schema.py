"""JSON Schemas of the rulebook's files, from their types: editors complete with them, validation reports by them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from agentlint.rulebook.book import SecretType
from agentlint.rulebook.models import Model
from agentlint.rulebook.rules import Rule
from agentlint.rulebook.vocabulary import FIELDS, STATUSES, words

TYPES: Mapping[str, Any] = {"rule": Rule, "model": Model, "secret": tuple[SecretType, ...]}

# Fields that name arguments: a bare position (`arg: 0`) is read as its text.
ARGUMENT_FIELDS = frozenset({
    "arg", "args", "func", "name", "hints", "prompt", "tools", "model", "handoffs", "memory", "guardrails", "servers",
    "host", "transport", "auth", "app", "agent", "input", "decides", "names",
})  # fmt: skip


def schema(kind: str, kinds: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the JSON Schema of a ``rule``, ``model`` or ``secret`` file, with the words of ``kinds.yaml``."""
    made: dict[str, Any] = msgspec.json.schema(TYPES[kind])
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"agentlint {kind} file", **made}
    lists = words(kinds)
    for struct, definition in made["$defs"].items():
        properties = definition.get("properties", {})
        definition["description"] = " ".join(definition.get("description", "").split())
        for field, shape in properties.items():
            allowed = lists.get(FIELDS.get(f"{struct}.{field}", ""))
            if allowed is not None:
                (shape["items"] if shape.get("type") == "array" else shape)["enum"] = list(allowed)
            elif kind == "model" and struct != "Model" and field in ARGUMENT_FIELDS and shape.get("type") == "string":
                shape["type"] = ["string", "integer"]
    if kind == "rule":
        _rule_patterns(made["$defs"]["Rule"]["properties"])
    return made


def _rule_patterns(properties: dict[str, Any]) -> None:
    properties["id"]["pattern"] = "^[A-Z][A-Z0-9]{1,9}[0-9]{3}$"
    properties["name"]["pattern"] = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    properties["controls"]["items"]["pattern"] = "^R[0-9]{2}$"
    properties["status"]["propertyNames"] = {"enum": list(STATUSES)}
    properties["message"]["minLength"] = 1
    properties["summary"]["minLength"] = 1


def texts(kinds: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the published schema files: file name to content, the same bytes for the same types and kinds."""
    made = {f"{kind}.schema.json": schema(kind, kinds) for kind in TYPES}
    return {name: json.dumps(shape, indent=2, ensure_ascii=False) + "\n" for name, shape in made.items()}
