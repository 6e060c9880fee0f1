"""AL701: an agent changes the world and nothing records what it did."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Persona, RepoContext, acting_uses, is_example, is_test, on_repo

RULE = "AL701"
# Ordinary reading and writing of data is left out: there a log would be welcome, and its absence is no finding.
LASTING = ("payment", "cloud-write", "message-send")
"""What cannot be taken back once it has left: afterwards a record is all there is."""
CHANGING = ("exec", "shell", "payment", "message-send", "cloud-write", "fs-delete")


@on_repo
def agent_without_audit_trail(ctx: RepoContext) -> Iterator[Finding]:
    """Report a project once, on the first call of an agent or tool that changes something."""
    projects = ctx.projects
    off = {projects.root(n.path) for n in ctx.graph.of_type("switch") if n.attrs["kind"] == "tracing-disabled"}
    loggers = [n for n in ctx.graph.of_type("logger") if not is_test(n.path)]
    recorded = {projects.root(n.path) for n in loggers if not n.attrs["default"] or projects.root(n.path) not in off}
    seen: set[str] = set()
    for node in ctx.graph.of_type("agent", "tool"):
        if node.attrs.get("sandboxed"):
            continue
        root = projects.root(node.path)
        uses = acting_uses(ctx.repository, node)
        known = uses if "function" in node.attrs else node.attrs.get("effects", ())
        does = [effect for effect in CHANGING if effect in known]
        if not does or root in seen or is_test(node.path) or _is_recorded(root, recorded):
            continue
        seen.add(root)
        what = ctx.book.kinds["effects"][does[0]]
        where = f"in `{root}`" if root else "in this project"
        message = f"{node.type} `{node.name}` {what}, and nothing {where} logs or traces what agents do"
        use = uses.get(does[0])
        lasting = use is not None and does[0] in LASTING and not is_example(node.path)
        persona = None if lasting else Persona.PEDANTIC
        how = ctx.observation(node)
        fix = f"Record each call with its arguments, its result and who asked: {how}." if how else None
        more = {"persona": persona, "fix": fix}
        yield ctx.at(RULE, use.site, message, **more) if use is not None else ctx.on(RULE, node, message, **more)


def _is_recorded(root: str, recorded: set[str]) -> bool:
    """Whether the project, or one in a folder around it, records."""
    return any(root == other or (other and root.startswith(f"{other}/")) for other in recorded)
