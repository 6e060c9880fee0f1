"""Tables about clouds: constructs of the AWS CDK, and how jobs and containers log in."""

from __future__ import annotations

import msgspec

from agentlint.facts.resources_data import load_table


class CdkCompute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A construct that runs code: the resource it stands for, and which service assumes the role it makes."""

    native: str
    principal: str = ""


class CdkTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Constructs of the AWS CDK by their path below ``aws_cdk``; ``grants`` are methods that give a statement."""

    compute: dict[str, CdkCompute]
    resources: dict[str, CdkCompute]
    grants: frozenset[str]


class LoginAction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step that logs in to a cloud; ``static`` and ``federated`` are inputs."""

    uses: str
    cloud: str
    static: tuple[str, ...]
    federated: tuple[str, ...]


class LoginTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-ins to clouds: by steps of workflows, by variables (name to cloud)."""

    actions: tuple[LoginAction, ...]
    variables: dict[str, str]


def cdk_table() -> CdkTable:
    """Return ``rules/tables/cdk.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("cdk", CdkTable)


def login_table() -> LoginTable:
    """Return ``rules/tables/cloud_logins.yaml``; raise ``RulebookError`` when it is missing or wrong."""
    return load_table("cloud_logins", LoginTable)
