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
    is_gated,
    is_test,
    on_repo,
    public_agents,
)

RULE = "AL220"
PRIVATE = ("mail-read", "chat-read", "db-read", "secret-read", "fs-read")
STRANGERS = ("mail-read", "net-read")
OUT = ("message-send", "net-send")


@on_repo
def trifecta(ctx: RepoContext) -> Iterator[Finding]:
    """Report the agent with which the conversation begins, with a tool for each of the three."""
    projects = ctx.projects
    agents = [agent for agent in first_agents(ctx.graph) if agent.attrs.get("used", True) and not is_test(agent.path)]
    public = public_agents(ctx.repository) if agents else {}
    for agent in agents:
        if _asks(agent) or agent.attrs.get("guarded"):
            continue
        known = abilities(ctx.repository, agent)
        out = [a for a in _of(known, OUT) if not is_gated(ctx.repository, a.tool, projects)]
        private, strangers = _of(known, PRIVATE), _of(known, STRANGERS)
        if private and strangers and out and not ctx.graph.targets(agent.id, "guarded_by"):
            yield _finding(ctx, agent, private[0], _other(strangers, private[0]), out[0], public.get(agent.id, ""))


def _asks(agent: GraphNode) -> bool:
    """Whether the agent asks a person before every tool; one that lists tools asks for those only."""
    return bool(agent.attrs.get("gated")) and agent.attrs.get("gate_names") is None


def _of(known: Iterable[Ability], wanted: tuple[str, ...]) -> list[Ability]:
    return sorted((ability for ability in known if ability.effect in wanted), key=lambda a: wanted.index(a.effect))


def _other(found: list[Ability], than: Ability) -> Ability:
    """The first ability of another tool, where there is one: two tools say more than one."""
    return next((ability for ability in found if ability.tool.id != than.tool.id), found[0])


def _finding(ctx: RepoContext, agent: GraphNode, private: Ability, strangers: Ability, out: Ability, handler: str) -> Finding:
    told = f"; whoever calls `{handler}` talks to it" if handler else ""
    message = (
        f"agent `{agent.name}` can read private data ({_say(private)}), reads what strangers write ({_say(strangers)}) "
        f"and can send out ({_say(out)}), and nobody is asked before{told}"
    )
    how = ctx.approval(out.tool)
    # Mail that is read and sent by one toolkit is all three as well; one that only surfs the web is the usual case.
    several = len({private.tool.id, strangers.tool.id, out.tool.id}) > 1
    mail = strangers.effect == "mail-read" and out.effect == "message-send"
    usual = out.effect != "message-send" and strangers.effect != "mail-read"
    return ctx.on(
        RULE,
        agent,
        message,
        severity=Severity.HIGH if handler else Severity.MEDIUM,
        persona=Persona.PEDANTIC if usual or not (several or mail) else None,
        related=tuple(ctx.related(a.use) for a in (private, strangers, out) if a.use is not None),
        fix=f"Ask a person before `{out.tool.name}` runs: {how}; or split the agent." if how else None,
    )


def _say(ability: Ability) -> str:
    way = "".join(f"{agent.name} → " for agent in ability.way)
    return f"`{way}{ability.tool.name}`"
