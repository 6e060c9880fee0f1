"""How a workflow's job, or a container, logs in to a cloud: with a credential that stays valid, or with a token of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.facts.cloud_tables import login_table
from agentlint.facts.resources import environment, listed, members_of, scalar_text, setting
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.parse.document import Node


def of_job(path: str, job: str, node: Node, *, agentic: bool, exposed: bool) -> Iterator[NodeFact]:
    """Yield a ``cloud-login`` setting for each step of a job that logs in, and for variables that hold a credential."""
    more = {"subject": job, "agentic": agentic, "exposed": exposed, "developer": False}
    for step in (step for step in listed(node.get("steps")) if step.kind == "map"):
        uses = (scalar_text(step.get("uses")) or "").partition("@")[0].lower()
        known = next((action for action in login_table().actions if action.uses == uses), None)
        given = {member.key.lower(): member for member in members_of(step.get("with"))}
        if known is not None:
            static = next((given[name] for name in known.static if name in given), None)
            federated = next((given[name] for name in known.federated if name in given), None)
            spot = static or federated
            attrs = {
                "what": spot.key if spot else uses,
                "cloud": known.cloud,
                "static": static is not None and federated is None,
                **more,
            }
            span = spot.key_span if spot is not None else step.span
            yield setting("cloud-login", path, span, "github-actions", attrs)
        yield from variables(path, "github-actions", step.get("env"), more)
    yield from variables(path, "github-actions", node.get("env"), more)


def variables(path: str, framework: str, node: Node | None, more: dict[str, object]) -> Iterator[NodeFact]:
    """Yield a ``cloud-login`` setting for each variable that holds a credential of a cloud."""
    for name, value, span in environment(node):
        cloud = login_table().variables.get(name)
        text = scalar_text(value)
        if cloud is not None and text != "":
            yield setting("cloud-login", path, span, framework, {"what": name, "cloud": cloud, "static": True, **more})
