"""Agent cards, crews, langgraph.json, instruction files and prompt templates."""

from __future__ import annotations

import json

import pytest
from support_config import nodes, read

BASE = {"name": "A", "description": "d", "version": "1", "capabilities": {}, "skills": [{"id": "s", "name": "S"}]}
URL = {"url": "https://a.acme-tools.dev/"}
OIDC = {"type": "openIdConnect", "openIdConnectUrl": "https://id.acme-tools.dev/"}
INTERFACES = {"supportedInterfaces": [{"url": "https://a.acme-tools.dev/", "protocolBinding": "GRPC", "protocolVersion": "1.0"}]}


def card(**more):
    (found,) = nodes("agent_card", "agent-card.json", "agent-card", json.dumps({**BASE, **more}))
    return found


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        (INTERFACES, "1.0"),
        ({**URL, "protocolVersion": "0.3.0"}, "0.3"),
        ({**URL, "signatures": []}, "0.3"),
        ({**URL, "protocolVersion": "0.2.6"}, "0.2.5"),
        ({**URL, "preferredTransport": "GRPC"}, "0.2.5"),
        (URL, "0.2"),
    ],
)
def test_card_versions(fields, version):
    assert card(**fields).attrs["version"] == version


@pytest.mark.parametrize(
    ("fields", "schemes", "secure"),
    [
        ({**URL}, [], False),
        ({**URL, "securitySchemes": {"o": OIDC}}, ["openIdConnect"], False),
        ({**URL, "securitySchemes": {"o": OIDC}, "security": [{"o": []}]}, ["openIdConnect"], True),
        ({**URL, "securitySchemes": {"o": OIDC}, "security": [{}]}, ["openIdConnect"], False),
        ({**INTERFACES, "securitySchemes": {"m": {"mtlsSecurityScheme": {}}}}, ["mutualTLS"], False),
        (
            {
                **INTERFACES,
                "securitySchemes": {"m": {"mtlsSecurityScheme": {}}},
                "securityRequirements": [{"schemes": {"m": {}}}],
            },
            ["mutualTLS"],
            True,
        ),
    ],
)
def test_card_security(fields, schemes, secure):
    attrs = card(**fields).attrs
    assert (attrs["schemes"], attrs["has_security"]) == (schemes, secure)


def test_card_abilities_move_between_versions():
    assert card(**INTERFACES, capabilities={"extendedAgentCard": True, "pushNotifications": True}).attrs["extended"] is True
    assert card(**URL, capabilities={"extendedAgentCard": True}).attrs["extended"] is False
    assert card(**URL, supportsAuthenticatedExtendedCard=True).attrs["extended"] is True


def test_a_file_that_is_no_card_gives_nothing():
    assert nodes("agent_card", "agent.json", "agent-card", '{"name": "x", "skills": 3}') == []


def test_a_crew():
    agents = read(
        "config/agents.yaml",
        "crewai-agents",
        "writer:\n  role: Writer on {topic}\n  goal: g\n  allow_delegation: true\n",
    )
    tasks = read(
        "config/tasks.yaml",
        "crewai-tasks",
        "write:\n  description: About {topic}\n  agent: writer\n  human_input: true\n",
    )
    (agent,) = agents.nodes
    (task,) = tasks.nodes
    assert (agent.type, agent.attrs["placeholders"], agent.attrs["allow_delegation"]) == ("agent", ["topic"], True)
    assert (task.type, task.attrs["human_input"]) == ("prompt", True)
    assert [(edge.source, edge.label, edge.target) for edge in tasks.edges] == [(task.id, "instructs", agent.id)]


def test_a_langgraph_deployment():
    source = '{"graphs": {"chat": "./src/g.py:graph"}, "auth": {"path": "./a.py:auth"}}'
    found = read("langgraph.json", "langgraph", source)
    server, graph = found.nodes
    assert (server.attrs["auth"], graph.attrs["file"], graph.attrs["symbol"]) == (True, "./src/g.py", "graph")
    assert "langgraph-auth" in found.traits
    assert read("langgraph.json", "langgraph", '{"graphs": {}}').traits == ()


def test_an_instruction_file():
    source = "---\nname: deploy\n---\nRead @docs/a.md and @~/private.md.\n!`git status`\n<!-- note -->\n"
    (prompt,) = nodes("prompt", ".claude/commands/deploy.md", "instructions", source)
    wanted = {
        "role": "command",
        "imports": ["docs/a.md", "~/private.md"],
        "outside_imports": ["~/private.md"],
        "commands": ["git status"],
    }
    assert {key: prompt.attrs[key] for key in wanted} == wanted
    assert prompt.spans["commands"].line == 5


def test_a_prompt_template_knows_its_system_variables():
    source = "system:\nYou help {{ company }}.\nuser:\n{{ question }}\n"
    (prompt,) = nodes("prompt", "prompts/a.j2", "prompt", source)
    assert (prompt.attrs["system_variables"], prompt.attrs["user_variables"]) == (["company"], ["question"])


@pytest.mark.parametrize(
    "kind",
    ["mcp-client", "agent-settings", "editor-settings", "agent-card", "langgraph", "crewai-agents", "crewai-tasks"],
)
@pytest.mark.parametrize(
    "source",
    [
        "[]", "{}", "null", '"text"', "3", '{"mcpServers": 3, "hooks": [1, {"a": []}], "permissions": [], "graphs": [], "tasks": {"a": 1}}',
        '{"mcpServers": {"a": null, "b": [], "c": {"command": {"path": 1}, "args": {"x": 1}, "env": [1], "url": 5, "transport": []}}}',
        '{"hooks": {"A": [[[]], {"hooks": 3}, "x", {"command": {}}]}, "tasks": [null, {"runOptions": 1}], "permission": {"a": {"b": 1}}}',
        '{"name": 1, "skills": 2, "url": 3, "securitySchemes": [], "security": {"a": 1}, "supportedInterfaces": {"a": 1}}',
    ],
)  # fmt: skip
def test_values_of_the_wrong_shape_are_survived(kind, source):
    read("x.json", kind, source)
