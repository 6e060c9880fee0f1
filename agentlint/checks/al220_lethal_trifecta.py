"""AL220: one conversation can read what is private, be told what to do by strangers, and send things out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentlint.sdk import (
    Ability,
    Finding,
    GraphNode,
    Persona,
    RepoContext,
    Severity,
    abilities,
    first_agents,
    is_example,
    is_gated,
    is_test,
    on_repo,
)

RULE = "AL220"
PRIVATE = ("mail-read", "db-read", "secret-read", "fs-read")
STRANGERS = ("mail-read", "net-read")
OUT = ("message-send", "net-send")


@on_repo
def trifecta(ctx: RepoContext) -> Iterator[Finding]:
    """Report the agent with which the conversation begins, with a tool for each of the three."""
    projects = ctx.projects
    public = {projects.root(node.path) for node in ctx.graph.of_type("endpoint", "server")}
    for agent in first_agents(ctx.graph):
        if is_test(agent.path) or agent.attrs.get("gated") or agent.attrs.get("guarded"):
            continue
        known = abilities(ctx.repository, agent)
        out = [a for a in _of(known, OUT) if not is_gated(ctx.repository, a.tool, projects)]
        private, strangers = _of(known, PRIVATE), _of(known, STRANGERS)
        if private and strangers and out and not ctx.graph.targets(agent.id, "guarded_by"):
            yield _finding(ctx, agent, private[0], _other(strangers, private[0]), out[0], projects.root(agent.path) in public)


def _of(known: Iterable[Ability], wanted: tuple[str, ...]) -> list[Ability]:
    return sorted((ability for ability in known if ability.effect in wanted), key=lambda a: wanted.index(a.effect))


def _other(found: list[Ability], than: Ability) -> Ability:
    """The first ability of another tool, where there is one: two tools say more than one."""
    return next((ability for ability in found if ability.tool.id != than.tool.id), found[0])


def _finding(ctx: RepoContext, agent: GraphNode, private: Ability, strangers: Ability, out: Ability, public: bool) -> Finding:
    message = (
        f"agent `{agent.name}` can read private data ({_say(private)}), reads what strangers write ({_say(strangers)}) "
        f"and can send out ({_say(out)}), and nobody is asked before"
    )
    how = ctx.approval(out.tool)
    # A toolkit that does all three is reported for what it sends; strangers who are only web pages are the usual case.
    several = len({private.tool.id, strangers.tool.id, out.tool.id}) > 1
    usual = out.effect != "message-send" and strangers.effect != "mail-read"
    return ctx.on(
        RULE,
        agent,
        message,
        severity=Severity.HIGH if public and not is_example(agent.path) else Severity.MEDIUM,
        persona=Persona.PEDANTIC if usual or not several else None,
        related=tuple(ctx.related(a.use) for a in (private, strangers, out) if a.use is not None),
        fix=f"Ask a person before `{out.tool.name}` runs: {how}; or split the agent." if how else None,
    )


def _say(ability: Ability) -> str:
    way = "".join(f"{agent.name} → " for agent in ability.way)
    return f"`{way}{ability.tool.name}`"
