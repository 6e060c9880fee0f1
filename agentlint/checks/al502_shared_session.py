"""AL502: one person reaches the memory or the conversation of another."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Owner, Persona, RepoContext, Severity, is_test, on_repo, owners, served, shared_conversations

RULE = "AL502"
WHAT = {"memory-owner": "memory", "session-id": "conversation"}


@on_repo
def chosen_owner(ctx: RepoContext) -> Iterator[Finding]:
    """Report memory whose owner a caller names: once for each place the name comes from, on a write if there is one."""
    program = ctx.repository.program
    found: dict[object, Owner] = {}
    for owner in owners(ctx.repository):
        if owner.source is None or is_test(program.path(owner.sink.call[0])):
            continue
        key = owner.source.site
        known = found.get(key)
        if known is None or (owner.writes and not known.writes):
            found[key] = owner
    for owner in found.values():
        assert owner.source is not None
        platform = owner.source.trust == "platform"
        does = "written" if owner.writes else "read"
        message = f"{owner.source.what} names whose memory is {does} here, and nothing ties it to who is asking"
        levels = {"severity": Severity.LOW, "persona": Persona.PEDANTIC} if platform else {}
        yield ctx.at(RULE, owner.sink.call, message, subject=owner.sink.what, **levels)


@on_repo
def constant_owner(ctx: RepoContext) -> Iterator[Finding]:
    """Report constant owners in code that serves several people."""
    program = ctx.repository.program
    handlers = served(ctx.repository)
    kept = {ctx.projects.root(node.path) for node in ctx.graph.of_type("memory")}
    seen: set[tuple[int, str]] = set()
    for owner in owners(ctx.repository) if handlers else ():
        number = owner.sink.call[0]
        if not owner.text or owner.apart or number not in handlers or (number, owner.text) in seen:
            continue
        if is_test(program.path(number)):
            continue
        if owner.sink.kind == "session-id" and ctx.projects.root(program.path(number)) not in kept:
            continue
        seen.add((number, owner.text))
        name = program.functions[handlers[number]].name
        message = f"everybody who reaches `{name}` shares one {WHAT[owner.sink.kind]}: its owner is always `{owner.text}`"
        yield ctx.at(RULE, owner.sink.call, message, subject=owner.text)


@on_repo
def shared_object(ctx: RepoContext) -> Iterator[Finding]:
    """Report objects that remember one conversation and serve all requests."""
    program = ctx.repository.program
    for shared in shared_conversations(ctx.repository):
        if not is_test(program.path(shared.site[0])):
            name, handler = shared.what.rpartition(".")[2], program.functions[shared.handler].name
            message = f"this `{name}` remembers the conversation, and `{handler}` uses the one object for everybody who asks"
            yield ctx.at(RULE, shared.site, message, subject=shared.what)
