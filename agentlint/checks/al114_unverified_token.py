"""AL114: claims are taken from a token whose signature nobody checks."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, on_repo

RULE = "AL114"


@on_repo
def unverified_token(ctx: RepoContext) -> Iterator[Finding]:
    """Report each reading without verification, except where the module also verifies: one picks the key for the other."""
    verified = {node.path for node in ctx.graph.of_type("auth")}
    for switch in ctx.graph.of_type("switch"):
        if switch.attrs["kind"] != "unverified-token" or switch.attrs["chosen"] or switch.path in verified:
            continue
        place = switch.spans.get("arg", switch.span)
        message = f"`{switch.name}` {switch.attrs['say']}: nothing in this module checks its signature"
        yield ctx.finding(RULE, switch.path, place, message, symbol=switch.symbol)
