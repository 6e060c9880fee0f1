"""AL911: the description of a tool steers the model that reads it."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, Severity, Steering, on_repo, steering_in, tool_texts

RULE = "AL911"
MOST = 20_000  # what is kept of a docstring


@on_repo
def poisoned_tool_description(ctx: RepoContext) -> Iterator[Finding]:
    """Report passages in descriptions, in Python and in files that list tools."""
    for text in tool_texts(ctx):
        for found in steering_in(text.text, "tool"):
            told = f"the {text.part} of `{text.name}` steers the model" if text.name else f"a {text.part} steers the model"
            spans = [text.span(start, end) for start, end in found.offsets]
            yield ctx.steering(RULE, text.path, found, told, spans, symbol=text.symbol)
        if len(text.text) >= MOST:
            message = f"the {text.part} of `{text.name}` is so long that only its first {MOST} characters were read"
            yield ctx.finding(
                RULE, text.path, text.span(0, 1), message, severity=Severity.LOW, symbol=text.symbol, subject="long"
            )
    for node in ctx.graph.of_type("steering"):
        if node.attrs["surface"] == "tool":
            yield ctx.steering(RULE, node.path, Steering.of_node(node), "a description steers the model")
