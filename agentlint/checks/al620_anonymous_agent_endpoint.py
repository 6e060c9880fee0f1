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
        persona = _unverified(ctx, _called(estate, one, agents))
        for plain, at in estate.read(one, "authorization_type"):
            if plain == "NONE" and persona is not None:
                message = f"function URL `{one.resource.name}` calls an agent for everyone: its type is NONE"
                yield _found(ctx, one, at, message, persona)
    for one in estate.of_type("aws.apigateway.method"):
        method = [str(plain).upper() for plain, _ in estate.read(one, "http_method")]
        if method[:1] == ["OPTIONS"] or any(plain is True for plain, _ in estate.read(one, "api_key_required")):
            continue
        persona = _unverified(ctx, _called(estate, one, agents))
        for plain, at in estate.read(one, "authorization_type"):
            if plain == "NONE" and persona is not None:
                message = f"API method `{one.resource.name}` calls an agent for everyone: it has no authorizer"
                yield _found(ctx, one, at, message, persona)
    for one in estate.of_type("google.cloud_run.iam"):
        for plain, at in (*estate.read(one, "member"), *estate.read(one, "members")):
            if plain in _EVERYONE or (isinstance(plain, list) and any(name in _EVERYONE for name in plain)):
                persona = Persona.PEDANTIC if one.resource.optional else Persona.REGULAR
                message = f"`{one.resource.name}` lets everyone on the internet call the service"
                yield ctx.finding(RULE, at.path, at.value.span, message, persona=persona, subject=one.resource.name)
    yield from _mcp_apis(ctx)


def _found(ctx: RepoContext, one: Declared, at: Located, message: str, persona: Persona = Persona.REGULAR) -> Finding:
    return ctx.finding(RULE, at.path, at.value.span, message, severity=Severity.HIGH, persona=persona, subject=one.resource.name)


def _agent_functions(ctx: RepoContext) -> set[str]:
    """Return the ids of functions whose role is an agent's."""
    found: set[str] = set()
    for role in ctx.graph.of_type("identity"):
        if role.attrs.get("agentic") is True and "calls models" in str(role.attrs.get("reason")):
            found.update(node.id for node in ctx.graph.sources(role.id, "runs_as"))
    return found


def _called(estate: Infrastructure, one: Declared, agents: set[str]) -> list[Declared]:
    """Return the agent functions that a front door calls: by itself, or through an integration of the same path."""
    direct = estate.linked(one, [_FUNCTION], "to", "")[0]
    for middle in estate.linked(one, ["aws.apigateway.integration*"], "any", "")[0]:
        direct += estate.linked(middle, [_FUNCTION], "to", "")[0]
    return [function for function in direct if function.id in agents]


def _unverified(ctx: RepoContext, functions: list[Declared]) -> Persona | None:
    """Return for whom a finding is: nobody when the code checks signatures (a webhook), the careful when it is not here."""
    estate, program = ctx.infrastructure, ctx.repository.program
    checks = {program.path(site[0]) for site in program.calls_named(_SIGNATURES)}
    seen = False
    for function in functions:
        inline = [str(plain) for plain, _ in estate.read(function, "code.zip_file")]
        if any(sign in text for text in inline for sign in _SIGNATURES):
            return None
        modules = [str(plain).split(".")[0] for plain, _ in estate.read(function, "handler")]
        folder = function.stack.folder
        files = [f.path for f in ctx.repository.files if f.path.startswith(folder) and f.path.endswith(".py")]
        own = [path for path in files for module in modules if path.endswith(f"{module}.py")]
        if checks.intersection(own):
            return None
        seen = seen or bool(inline) or bool(own)
    return (Persona.REGULAR if seen else Persona.PEDANTIC) if functions else None


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
