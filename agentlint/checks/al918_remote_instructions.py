"""AL918: instructions that come from an address, so that whoever serves it decides what the agent does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.sdk import Finding, Persona, RepoContext, Severity, Steering, on_repo

RULE = "AL918"
PINNED = re.compile(r"/[0-9a-f]{40}/|[?&]ref=[0-9a-f]{40}\b|/(?:tags|releases/download)/")


@on_repo
def remote_instructions(ctx: RepoContext) -> Iterator[Finding]:
    """Report text that is to be fetched and followed, imports of addresses, and (pedantic) imports from outside."""
    for node in ctx.graph.of_type("steering"):
        if node.attrs["surface"] == "remote" and not any(PINNED.search(signal["text"]) for signal in node.attrs["signals"]):
            yield ctx.steering(RULE, node.path, Steering.of_node(node), "the agent is to obey text from the network")
    for node in ctx.graph.of_type("prompt"):
        remote = [url for url in node.attrs.get("remote_imports", ()) if not PINNED.search(url)]
        if remote:
            message = f"the agent's instructions are loaded from {remote[0]}"
            yield ctx.on(RULE, node, message, span=node.spans["remote_imports"], subject=remote[0])
        outside = node.attrs.get("outside_imports", ())
        if outside:
            message = f"the agent's instructions continue outside of the repository: {', '.join(outside[:3])}"
            more = {"severity": Severity.LOW, "persona": Persona.PEDANTIC, "span": node.spans["outside_imports"]}
            yield ctx.on(RULE, node, message, subject=outside[0], **more)
