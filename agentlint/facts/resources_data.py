"""The tables under ``rules/tables``: what the infrastructure front ends know of services, actions and programs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from agentlint.core.errors import RulebookError

_PACKAGE = Path(__file__).resolve().parent.parent
Table = TypeVar("Table")
_HOMES = (_PACKAGE / "_rules" / "tables", _PACKAGE.parent / "rules" / "tables")


class IamTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lower-case service prefixes, actions and principals; ``groups`` name sets of actions that rules ask for."""

    no_resource_level: frozenset[str]
    telemetry: frozenset[str]
    groups: dict[str, frozenset[str]]
    agent_services: frozenset[str]
    compute_services: frozenset[str]
    deployer_services: frozenset[str]
    broad_policies: dict[str, str]


class SignTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names by which a workload is recognised as an agent."""

    model_keys: frozenset[str]
    words: tuple[str, ...]
    generic: frozenset[str]
    other_agents: frozenset[str]
    groups: frozenset[str]


class AgentAction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An action that runs an agent, and which of its inputs mean what."""

    uses: str
    aliases: tuple[str, ...] = ()
    actor_check: bool = False
    open_to: tuple[str, ...] = ()
    open_bots: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    sandbox: tuple[str, ...] = ()
    token: tuple[str, ...] = ()
    default_tools: str = "broad"


class AgentCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A program that runs an agent; ``batch`` words make it act alone, ``packages`` are its names in registries."""

    program: str
    batch: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


class SafetyOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An option (with ``value``, where one is needed) that removes approval or sandbox; empty ``programs``: of any."""

    option: str
    value: str = ""
    programs: tuple[str, ...] = ()


class InputValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value of an action's input."""

    input: str
    value: str


class ActionTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of agents in workflows and on command lines."""

    actions: tuple[AgentAction, ...]
    commands: tuple[AgentCommand, ...]
    safety_off: tuple[SafetyOff, ...]
    safety_off_inputs: tuple[InputValue, ...]
    transcript_inputs: tuple[InputValue, ...]
    own_credentials: tuple[str, ...]
    foreign_triggers: frozenset[str]
    actor_text: frozenset[str]
    gitlab_text: tuple[str, ...]
    gitlab_open_text: frozenset[str]
    wildcard_tools: frozenset[str]
    code_tools: frozenset[str]
    read_tools: frozenset[str]
    open_triggers: frozenset[str]
    untrusted_text: tuple[str, ...]
    cap_environment: frozenset[str]
    step_guards: tuple[str, ...]
    actor_guards: tuple[str, ...]


class AuthTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How programs authenticate callers: what refuses them, and the words of credentials, checks, settings and open routes."""

    refusal_codes: frozenset[int]
    refusal_names: frozenset[str]
    refusal_errors: frozenset[str]
    credential_words: frozenset[str]
    authenticators: tuple[frozenset[str], ...]
    not_authenticators: frozenset[str]
    administrators: frozenset[str]
    switches_on: frozenset[str]
    switches_off: frozenset[str]
    open_routes: frozenset[str]
    acting_routes: frozenset[str]
    socket_routes: frozenset[str]
    protecting_calls: frozenset[str]
    including_calls: frozenset[str]


class ServerTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of well-known packages of servers by registry; ``others`` are known to be no imitation of one."""

    npm: tuple[str, ...]
    python: tuple[str, ...]
    others: frozenset[str]


class EndpointTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings that say where traffic goes, and the hosts that may be named there."""

    keys: frozenset[str]
    vendors: frozenset[str]
    addresses: frozenset[str]
    proxies: frozenset[str]
    telemetry: frozenset[str]
    own: frozenset[str]
    known: frozenset[str]


class VersionTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Packages whose version in requirement files is worth knowing."""

    packages: frozenset[str]


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A broad scope, what it grants and what is usually enough."""

    scope: str
    grants: str
    narrower: str


class ScopeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scopes that grant nearly everything, and broad ones that are often needed."""

    omnibus: tuple[Scope, ...]
    common: tuple[Scope, ...]


def load_table(name: str, shape: type[Table]) -> Table:
    """Return ``rules/tables/<name>.yaml``, read once; raise ``RulebookError`` when it is missing or of another shape."""
    key: Any = shape  # the cache's type wants what it cannot know of a class: that it has a hash
    table: Table = _read(name, key)
    return table


@cache
def _read(name: str, shape: type[Any]) -> Any:
    for home in _HOMES:
        path = home / f"{name}.yaml"
        if path.is_file():
            try:
                return msgspec.yaml.decode(path.read_bytes(), type=shape)
            except msgspec.MsgspecError as error:
                raise RulebookError(f"{path.name}: {error}") from error
    raise RulebookError(f"rules/tables/{name}.yaml is missing from this installation; install the package again")


def iam_table() -> IamTable:
    """Return ``rules/tables/iam_actions.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("iam_actions", IamTable)


def sign_table() -> SignTable:
    """Return ``rules/tables/agent_signs.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("agent_signs", SignTable)


def action_table() -> ActionTable:
    """Return ``rules/tables/agent_actions.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("agent_actions", ActionTable)


def auth_table() -> AuthTable:
    """Return ``rules/tables/authentication.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("authentication", AuthTable)


def server_table() -> ServerTable:
    """Return ``rules/tables/mcp_servers.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("mcp_servers", ServerTable)


def endpoint_table() -> EndpointTable:
    """Return ``rules/tables/model_endpoints.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("model_endpoints", EndpointTable)


def version_table() -> VersionTable:
    """Return ``rules/tables/versions.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("versions", VersionTable)


def scope_table() -> ScopeTable:
    """Return ``rules/tables/oauth_scopes.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("oauth_scopes", ScopeTable)
