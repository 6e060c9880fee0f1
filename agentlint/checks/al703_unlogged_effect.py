"""AL703: a tool changes something for good and writes nothing down."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, RepoContext, acting_uses, is_example, is_test, on_repo, records

RULE = "AL703"
LASTING = ("payment", "cloud-write", "message-send", "fs-delete", "shell", "exec")


@on_repo
def unlogged_effect(ctx: RepoContext) -> Iterator[Finding]:
    """Report each file once, with its tools listed; what AL701 says of whole projects is not said again."""
    default = {ctx.projects.root(n.path) for n in ctx.graph.of_type("logger") if not n.attrs["default"]}
    found: dict[str, list[tuple[str, object]]] = {}
    for tool in ctx.graph.of_type("tool"):
        quiet = is_test(tool.path) or is_example(tool.path) or ctx.projects.root(tool.path) not in default
        uses = {} if quiet or "function" not in tool.attrs else acting_uses(ctx.repository, tool)
        if any(effect in uses for effect in LASTING) and not records(ctx.repository, tool):
            found.setdefault(tool.path, []).append((tool.name, tool))
    for tools in found.values():
        names = ", ".join(f"`{name}`" for name, _ in tools[:6])
        first = next(t for t in ctx.graph.of_type("tool") if t is tools[0][1])
        yield ctx.on(RULE, first, f"{names}: what these tools change is recorded nowhere, while the project logs elsewhere")
