"""The bill of materials of a repository's agents: CycloneDX 1.6 as JSON.

The same tree gives the same bytes: there is no serial number and no time in it. Prompts are named by their digest only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from agentlint.core.escape import visible
from agentlint.core.mask import mask_line
from agentlint.core.paths import is_test
from agentlint.graph.model import GraphNode, RepoGraph

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
ROOT = "repository"
MAX_OCCURRENCES = 50
_TYPES = {
    "agent": "application", "agent_card": "application", "tool": "application", "mcp_server": "application",
    "mcp_client": "application", "server": "application", "model": "machine-learning-model", "prompt": "data",
    "memory": "data", "resource": "platform",
}  # fmt: skip
_DATA = {"prompt": "configuration", "memory": "dataset"}
_STORES = ("knowledge", "memory", "vector", "opensearch", "data_source", "datasource", "_index")
_FORWARD = frozenset({"uses", "hands_off", "remembers", "guarded_by", "runs_on", "connects", "serves", "contains", "deployed_as"})
_BACKWARD = frozenset({"instructs"})
_SHOWN = {
    "agent": ("gated", "sandboxed"),
    "tool": ("effects", "gated", "sandboxed"),
    "mcp_client": ("transport", "command", "host", "pin", "client"),
    "mcp_server": ("transport", "host", "auth"),
    "agent_card": ("host", "schemes", "signed", "version"),
    "memory": ("durable", "what"),
    "model": ("provider", "made_by"),
    "prompt": ("role", "constant", "client"),
    "resource": ("resource_type", "native"),
}
_PURLS = {"npx": "npm", "bunx": "npm", "pnpm": "npm", "yarn": "npm", "npm": "npm", "uvx": "pypi", "uv": "pypi", "pipx": "pypi"}


def render(graph: RepoGraph, version: str, name: str, source: Callable[[str], str | None], *, tests: bool = False) -> str:
    """Return the bill as indented JSON.

    ``name`` is what the repository is called, ``source`` gives the text of a file (for digests), ``tests`` whether what
    stands in tests belongs to it.
    """
    nodes = [node for node in graph.nodes.values() if _belongs(node) and (tests or not is_test(node.path))]
    refs = {node.id: _ref(node) for node in nodes}
    groups: dict[str, list[GraphNode]] = {}
    for node in sorted(nodes, key=lambda node: (refs[node.id], node.path, node.span, node.id)):
        groups.setdefault(refs[node.id], []).append(node)
    data = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "agentlint", "version": version}]},
            "component": {"type": "application", "bom-ref": ROOT, "name": _cut(name) or ROOT},
        },
        "components": [_component(ref, group, source) for ref, group in groups.items()],
        "dependencies": _dependencies(graph, refs),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _belongs(node: GraphNode) -> bool:
    if node.type == "resource":
        kind = str(node.attrs.get("resource_type", "")).lower()
        return bool(node.attrs.get("agentic")) or any(word in kind for word in _STORES)
    return node.type in _TYPES and (node.type != "server" or node.attrs.get("kind") in ("mcp", "a2a"))


def _ref(node: GraphNode) -> str:
    """Return what names a component: its place, but one name for a model wherever it is used."""
    if node.type == "model" and node.attrs.get("id"):
        return f"model:{_cut(str(node.attrs.get('provider') or node.framework))}:{_cut(str(node.attrs['id']))}"
    digest = hashlib.sha256(node.id.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{node.type}:{_cut(node.path)}:{node.span.line}:{node.span.column}:{digest}"


def _component(ref: str, group: list[GraphNode], source: Callable[[str], str | None]) -> dict[str, Any]:
    node = group[0]
    made: dict[str, Any] = {"type": _kind(node), "bom-ref": ref, "name": _cut(node.name) or node.type}
    made |= _package(node)
    if node.type == "prompt":
        digest = _digest(node, source)
        made |= {"hashes": [{"alg": "SHA-256", "content": digest}]} if digest else {}
    if made["type"] == "data":
        made["data"] = [{"type": _DATA.get(node.type, "dataset"), "name": made["name"]}]
    made["properties"] = _properties(node)
    made["evidence"] = {
        "occurrences": [
            {"location": _cut(one.path), "line": one.span.line, **({"symbol": _cut(one.symbol)} if one.symbol else {})}
            for one in group[:MAX_OCCURRENCES]
        ]
    }
    return made


def _kind(node: GraphNode) -> str:
    if node.type == "resource" and any(word in str(node.attrs.get("resource_type", "")).lower() for word in _STORES):
        return "data"
    return _TYPES[node.type]


def _package(node: GraphNode) -> dict[str, Any]:
    """Return package, version and package URL of a configured server that is started from a registry."""
    package, version = str(node.attrs.get("package") or ""), str(node.attrs.get("package_version") or "")
    if node.type == "agent_card" or not package:
        return {}
    found: dict[str, Any] = {"version": _cut(version)} if version else {}
    kind = _PURLS.get(str(node.attrs.get("launcher", "")).split(" ", maxsplit=1)[0])
    if kind is None:
        return found
    package = package.removesuffix(f"@{version}").removesuffix(f"=={version}") if version else package
    name = package.lower().replace("_", "-") if kind == "pypi" else package
    purl = f"pkg:{kind}/{quote(_cut(name), safe='/')}"
    return {**found, "purl": f"{purl}@{quote(_cut(version), safe='')}" if version else purl}


def _properties(node: GraphNode) -> list[dict[str, str]]:
    shown: dict[str, Any] = {"type": node.type, "framework": node.framework}
    shown |= {key: node.attrs.get(key) for key in (*_SHOWN.get(node.type, ()), "package")}
    return [
        {"name": f"agentlint:{key}", "value": _text(value)}
        for key, value in sorted(shown.items())
        if value is not None and value not in ("", []) and not isinstance(value, Mapping)
    ]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, set, frozenset)):
        return _cut(", ".join(str(item) for item in value))
    return _cut(str(value))


def _digest(node: GraphNode, source: Callable[[str], str | None]) -> str:
    """Return the SHA-256 of what a prompt says, nothing where part of it is made when it runs."""
    if "text" in node.attrs:
        return str(node.attrs.get("digest", "")) if node.attrs.get("constant") and node.attrs["text"] else ""
    text = source(node.path)  # instructions, skills and templates are whole files
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest() if text else ""


def _dependencies(graph: RepoGraph, refs: Mapping[str, str]) -> list[dict[str, Any]]:
    found: dict[str, set[str]] = {ref: set() for ref in refs.values()}
    for start, edges in graph.out.items():
        for label, end in edges:
            if start not in refs or end not in refs:
                continue
            if label in _FORWARD:
                found[refs[start]].add(refs[end])
            elif label in _BACKWARD:
                found[refs[end]].add(refs[start])
    needed = {ref for ends in found.values() for ref in ends}
    found[ROOT] = set(found) - needed
    return [{"ref": ref, **({"dependsOn": sorted(ends - {ref})} if ends - {ref} else {})} for ref, ends in sorted(found.items())]


def _cut(text: str) -> str:
    return visible(mask_line(text[:400], 0))[:200]
