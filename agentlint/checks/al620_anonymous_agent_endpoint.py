"""Web front doors of agents that ask nobody who they are."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Declared, Finding, Infrastructure, Located, Persona, RepoContext, Severity, on_repo

RULE = "AL620"

_FUNCTION = "aws.lambda.function"
_SIGNATURES = frozenset({"compare_digest", "SignatureVerifier", "is_valid_request", "construct_event"})
_EVERYONE = ("allUsers", "allAuthenticatedUsers")


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield function URLs, API methods, Cloud Run services and MCP APIs that are open and lead to an agent."""
    estate = ctx.infrastructure
    agents = _agent_functions(ctx)
    for one in estate.of_type("aws.lambda.function_url"):
        for plain, at in estate.read(one, "authorization_type"):
            if plain == "NONE" and _leads(estate, one, agents) and not _verifies(ctx, one):
                yield _found(ctx, one, at, f"function URL `{one.resource.name}` calls an agent for everyone: its type is NONE")
    for one in estate.of_type("aws.apigateway.method"):
        method = [str(plain).upper() for plain, _ in estate.read(one, "http_method")]
        if method[:1] == ["OPTIONS"] or any(plain is True for plain, _ in estate.read(one, "api_key_required")):
            continue
        for plain, at in estate.read(one, "authorization_type"):
            if plain == "NONE" and _leads(estate, one, agents) and not _verifies(ctx, one):
                yield _found(ctx, one, at, f"API method `{one.resource.name}` calls an agent for everyone: it has no authorizer")
    for one in estate.of_type("google.cloud_run.iam"):
        for plain, at in (*estate.read(one, "member"), *estate.read(one, "members")):
            if plain in _EVERYONE or (isinstance(plain, list) and any(name in _EVERYONE for name in plain)):
                persona = Persona.PEDANTIC if one.resource.optional else Persona.REGULAR
                message = f"`{one.resource.name}` lets everyone on the internet call the service"
                yield ctx.finding(RULE, at.path, at.value.span, message, persona=persona, subject=one.resource.name)
    yield from _mcp_apis(ctx)


def _found(ctx: RepoContext, one: Declared, at: Located, message: str) -> Finding:
    return ctx.finding(RULE, at.path, at.value.span, message, severity=Severity.HIGH, subject=one.resource.name)


def _agent_functions(ctx: RepoContext) -> set[str]:
    """Return the ids of functions whose role is an agent's."""
    found: set[str] = set()
    for role in ctx.graph.of_type("identity"):
        if role.attrs.get("agentic") is True and "calls models" in str(role.attrs.get("reason")):
            found.update(node.id for node in ctx.graph.sources(role.id, "runs_as"))
    return found


def _leads(estate: Infrastructure, one: Declared, agents: set[str]) -> bool:
    """Whether a front door calls one of ``agents``: by itself, or through an integration of the same path."""
    direct = estate.linked(one, [_FUNCTION], "to", "")[0]
    for middle in estate.linked(one, ["aws.apigateway.integration*"], "any", "")[0]:
        direct += estate.linked(middle, [_FUNCTION], "to", "")[0]
    return any(function.id in agents for function in direct)


def _verifies(ctx: RepoContext, one: Declared) -> bool:
    """Whether code beside the template checks signatures of what it receives: a webhook."""
    program = ctx.repository.program
    folder = one.stack.folder
    return any(program.path(site[0]).startswith(folder) for site in program.calls_named(_SIGNATURES))


def _mcp_apis(ctx: RepoContext) -> Iterator[Finding]:
    estate = ctx.infrastructure
    files = {declared.path: declared for declared in estate.of_type("azure.apim.policy_file")}
    for one in estate.of_type("azure.apim.api"):
        opened = [at for plain, at in estate.read(one, "subscription_required") if plain is False]
        is_mcp = any(plain == "mcp" for plain, _ in estate.read(one, "type"))
        if not opened or not is_mcp or _checked(estate, one, files):
            continue
        message = f"the MCP server `{one.resource.name}` asks for no subscription, and no policy checks who calls"
        yield _found(ctx, one, opened[0], message)


def _checked(estate: Infrastructure, one: Declared, files: dict[str, Declared]) -> bool:
    """Whether a policy of the API checks callers, or cannot be read."""
    for policy in estate.linked(one, ["azure.apim.policy"], "stack", "")[0]:
        text = str(policy.resource.properties)
        named = [path for path in files if path.rsplit("/", 1)[-1] in text and path.startswith(policy.stack.folder)]
        known = [plain for path in named for plain, _ in estate.read(files[path], "checks")]
        if not known or any(known):
            return True
    return False
