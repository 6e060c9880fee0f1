"""File kinds: from the name, then from the first look at the content."""

from __future__ import annotations

import re

from agentlint.core import lazy
from agentlint.discover import names

_DOCKERFILE = lazy.pattern(r"(?:docker|container)file(?:[.\-_][\w.\-]+)?|[\w.\-]+[.\-_](?:docker|container)file")
_COMPOSE = lazy.pattern(r"(?:docker-)?compose(?:[.\-_][\w.\-]+)?\.ya?ml|[\w\-]+[.\-](?:docker-)?compose\.ya?ml")
_ENV = lazy.pattern(r"\.env(?:[.\-_][\w.\-]+)?|[\w\-]+\.env(?:\.[\w\-]+)?")
_PROMPT_NAME = lazy.pattern(r"(?:[\w\-]*[_-])?(?:system[_-]?(?:prompt|message)|prompt)s?\.(?:md|txt|j2|jinja2?|ya?ml)")
_TEMPLATED = lazy.pattern(r"\.(?:j2|jinja2?|tmpl|tpl)$")
_MCP_NAME = lazy.pattern(
    r"(?:[\w.\-]*[_.\-])?mcp(?:[_.\-]?(?:servers?|config|settings|client))*(?:[_.\-][\w.\-]*)?\.(?:jsonc?|ya?ml|toml)"
)
_HEAD = 200_000

GENERIC = frozenset({"json", "yaml", "toml", "markdown", "shell", "javascript", "text"})
REFINABLE = frozenset({"json", "yaml", "toml", "prompt", "mcp-client", "agent-card"})

_MCP_WRAPPER = lazy.pattern(
    rb"""(?:["']?mcp_?[sS]ervers["']?\s{0,20}[:=]|\[\[?mcp_servers\b|["']context_servers["']\s{0,20}:|\bmcp_servers\s{0,20}=|["'\n]mcp["']?\s{0,8}:[\s{]{1,40}["']?servers["']?\s{0,8}:)"""
)
_SERVERS = lazy.pattern(rb"""["']?servers["']?\s{0,20}:\s{0,200}[{\n]""")
_SERVER_ENTRY = lazy.pattern(rb"""["']?(?:command|url|serverUrl|httpUrl)["']?\s{0,20}[:=]\s{0,20}["'\[\w]""")
_CARD_VERSION = lazy.pattern(rb'"(?:supportedInterfaces|protocolVersion|preferredTransport|defaultInputModes)"\s{0,20}:')
_CARD_SKILLS = lazy.pattern(rb'"(?:skills|capabilities)"\s{0,20}:\s{0,20}[\[{]')
_SCHEMA = lazy.pattern(
    rb'\A\s{0,200}\{\s{0,200}(?:"(?:\$id|title|description|\$comment|definitions)"[^\n]{0,400}\n?\s{0,200}){0,3}"\$schema"\s{0,20}:\s{0,20}"https?://json-schema\.org'
)
_CFN = lazy.pattern(
    rb"""(?:^|[{,]\s{0,80})\s{0,20}["']?(?:AWSTemplateFormatVersion["']?\s{0,20}:|Transform["']?\s{0,20}:\s{0,20}["'\[]?\s{0,20}-?\s{0,20}["']?AWS::)""",
    re.MULTILINE,
)
_CFN_TYPE = lazy.pattern(rb"""["']?Type["']?\s{0,20}:\s{0,20}["']?(?:AWS|Custom)::\w""")
_CFN_RESOURCES = lazy.pattern(rb"""(?:^|[{,]\s{0,80})["']?Resources["']?\s{0,20}:""", re.MULTILINE)
_K8S_VERSION = re.compile(
    rb"""(?:^(?:- )?|[{,]\s{0,80})["']?apiVersion["']?\s{0,20}:\s{0,20}["']?(?:\{\{|[a-z0-9.\-]+/v[0-9]|v1\b)""",
    re.MULTILINE,
)
_K8S_KIND = re.compile(rb"""(?:^(?:- )?|[{,]\s{0,80})["']?kind["']?\s{0,20}:\s{0,20}["']?[A-Z{]\w*""", re.MULTILINE)
_SERVICES = lazy.pattern(
    rb"""^services:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n){0,20}[ \t]+["']?[\w.\-]+["']?:""", re.MULTILINE
)
_SERVICE_KEY = lazy.pattern(rb"^[ \t]{2,8}(?:image|build|container_name|depends_on|env_file|entrypoint):", re.MULTILINE)
_ROLE = lazy.pattern(rb"^[ \t]+(?:role|goal|backstory)[ \t]*:", re.MULTILINE)
_GOAL = lazy.pattern(rb"^[ \t]+(?:goal|backstory)[ \t]*:", re.MULTILINE)
_EXPECTED = lazy.pattern(rb"^[ \t]+expected_output[ \t]*:", re.MULTILINE)
_DESCRIPTION = lazy.pattern(rb"^[ \t]+(?:description|agent)[ \t]*:", re.MULTILINE)
_PROMPT_KEYS = lazy.pattern(
    rb"""^[ \t]*(?:- )?["']?(?:system_?prompt|system|prompt|template|messages|instructions|user_?prompt)["']?[ \t]*:""",
    re.MULTILINE,
)
_YAML_JOB = lazy.pattern(rb"^on:|^jobs:", re.MULTILINE)
_LOCK = lazy.pattern(rb"@generated|DO NOT EDIT", re.IGNORECASE)


def kind_of(path: str) -> str | None:
    """Return the kind of the file at ``path`` (parts joined by ``/``) as its name says; ``None``: nothing to scan.

    Names are compared without regard to case. ``refine`` then looks at the content.
    """
    lowered = path.lower()
    name = lowered.rsplit("/", 1)[-1]
    if name in names.LOCK_FILES or name.endswith(names.GENERATED_ENDINGS):
        return None
    return _by_place(lowered, name) or names.NAMES.get(name) or _by_shape(lowered, name)


def _by_place(lowered: str, name: str) -> str | None:
    """Return the kind that the directory decides."""
    parts = lowered.split("/")
    for count in (2, 3):
        kind = names.PATHS.get("/".join(parts[-count:]))
        if kind is not None:
            return kind
    if len(parts) > 2 and "skills" in parts[:-2] and name.endswith((".md", ".txt")):
        return "skill" if name == "skill.md" else _skill_file(parts)
    whole = f"/{lowered}"
    if "/." not in whole or (name in names.NAMES and name != "mcp.json"):
        return None
    for directory, endings, kind in names.DIRECTORIES:
        if f"/{directory}" in whole and name.endswith(endings):
            return kind
    return None


def _skill_file(parts: list[str]) -> str | None:
    """Text beside a SKILL.md is read by the agent too; a directory called skills alone says nothing."""
    home = parts[parts.index("skills") - 1] if parts.index("skills") else ""
    return "instructions" if home.startswith(".") else None


def _by_shape(lowered: str, name: str) -> str | None:
    if (
        "file" in name
        and _DOCKERFILE.fullmatch(name)
        and not name.endswith((".md", ".py", ".json", ".sh", ".ts", ".js", ".txt", ".dockerignore"))
    ):
        return "dockerfile"
    if "compose" in name and _COMPOSE.fullmatch(name):
        return "compose"
    dot = name.rfind(".")
    suffix = name[dot:] if dot >= 0 else ""
    if (
        ".env" in name
        and _ENV.fullmatch(name)
        and suffix
        not in (
            ".py",
            ".js",
            ".ts",
            ".json",
            ".yaml",
            ".yml",
            ".md",
            ".sh",
            ".go",
            ".tf",
        )
    ):
        return "dotenv"
    if name.endswith(names.PROMPT_ENDINGS) or (("prompt" in name or "message" in name) and _PROMPT_NAME.fullmatch(name)):
        return "prompt"
    if suffix in names.PROMPT_FILE_SUFFIXES and not names.PROMPT_DIRECTORIES.isdisjoint(lowered.split("/")[:-1]):
        return "prompt" if name not in ("readme.md", "changelog.md", "license.md", "index.md") else "markdown"
    if suffix in (".j2", ".jinja", ".jinja2", ".tmpl", ".tpl"):
        return _of_template(lowered, name)
    return names.SUFFIXES.get(suffix)


def _of_template(lowered: str, name: str) -> str | None:
    """Templates of other formats (``values.yaml.j2``) are text; the rest are prompts where the path says so."""
    inner = _TEMPLATED.sub("", name)
    if "." in inner:
        return "prompt" if inner.endswith((".md", ".txt")) and "prompt" in lowered else "text"
    return "prompt" if "prompt" in lowered else "text"


def refine(kind: str, path: str, data: bytes) -> str:
    """Return the kind of a file after a look at its bytes; only generic kinds and ambiguous names change.

    Data of an unexpected shape stays generic: a wrong special kind costs more than a missed one.
    """
    head = data[:_HEAD]
    name = path.rsplit("/", 1)[-1].lower()
    if kind == "json":
        return _json(name, head)
    if kind == "yaml":
        return _yaml(name, head)
    if kind == "toml":
        return "mcp-client" if _MCP_WRAPPER.search(head) and _SERVER_ENTRY.search(head) else "toml"
    if kind == "prompt" and name.endswith((".yaml", ".yml")):
        return "prompt" if _PROMPT_KEYS.search(head) else "yaml"
    if kind == "mcp-client" and name == "mcp.json" and "/." not in f"/{path}" and not _names_servers(head):
        return "json"
    if kind == "agent-card" and not _is_card(head):
        return "json"
    return kind


def _json(name: str, head: bytes) -> str:
    if name in ("package.json", "tsconfig.json", "composer.json") or _SCHEMA.search(head):
        return "json"
    if name == "manifest.json":
        return "mcp-server" if _is_bundle(head) else "json"
    if name == "server.json" and b"static.modelcontextprotocol.io/schemas/" in head:
        return "mcp-server"
    if name == "server.json" and b'"registryType"' in head and b'"packages"' in head:
        return "mcp-server"
    if _is_client(head, strict=not _MCP_NAME.fullmatch(name)):
        return "mcp-client"
    if _is_card(head):
        return "agent-card"
    return _cloud(head) or "json"


def _yaml(name: str, head: bytes) -> str:
    if name in ("agents.yaml", "agents.yml") and len(_ROLE.findall(head, 0)) >= 2 and _GOAL.search(head):
        return "crewai-agents"
    if name in ("tasks.yaml", "tasks.yml") and _EXPECTED.search(head) and _DESCRIPTION.search(head):
        return "crewai-tasks"
    if _is_client(head):
        return "mcp-client"
    found = _cloud(head)
    if found is not None:
        return found
    if _SERVICES.search(head) and _SERVICE_KEY.search(head) and not _YAML_JOB.search(head):
        return "compose"
    return "yaml"


def _cloud(head: bytes) -> str | None:
    if _CFN.search(head) or (_CFN_RESOURCES.search(head) and _CFN_TYPE.search(head)):
        return "cloudformation"
    if _K8S_VERSION.search(head) and _K8S_KIND.search(head):
        return "kubernetes"
    return None


def _names_servers(head: bytes) -> bool:
    return _MCP_WRAPPER.search(head) is not None or _SERVERS.search(head) is not None


def _is_client(head: bytes, *, strict: bool = True) -> bool:
    if _SERVER_ENTRY.search(head) is None:
        return False
    return _MCP_WRAPPER.search(head) is not None or (not strict and _SERVERS.search(head) is not None)


def _is_card(head: bytes) -> bool:
    return (
        b'"name"' in head
        and b'"description"' in head
        and _CARD_SKILLS.search(head) is not None
        and _CARD_VERSION.search(head) is not None
        and b'"version"' in head
        and not _SCHEMA.search(head)
    )


def _is_bundle(head: bytes) -> bool:
    if b'"dxt_version"' in head:
        return True
    return b'"server"' in head and (b'"mcp_config"' in head or b'"entry_point"' in head)
