"""Web front doors of agents that ask nobody who they are."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Declared, Finding, Infrastructure, Located, Persona, RepoContext, Severity, agent_sign, on_repo

RULE = "AL620"

_FUNCTION = "aws.lambda.function"
_SIGNATURES = frozenset({"compare_digest", "SignatureVerifier", "is_valid_request", "construct_event"})
_SIGNED, _SIGNED_BY = ("App", "AsyncApp"), "signing_secret"
"""Applications of chat platforms that refuse requests which are not signed with the secret they are given."""
_APIS = {"Api": ("ServerlessRestApi", "rest_api_id"), "HttpApi": ("ServerlessHttpApi", "api_id")}
_INGRESS = ("configuration.ingress.external", "ingress_external", "ingress.external_enabled")
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
    yield from _routes(ctx, agents)
    yield from _serverless(ctx, agents)
    for one in estate.of_type("google.cloud_run.iam"):
        for plain, at in (*estate.read(one, "member"), *estate.read(one, "members")):
            if plain in _EVERYONE or (isinstance(plain, list) and any(name in _EVERYONE for name in plain)):
                persona = Persona.PEDANTIC if one.resource.optional else Persona.REGULAR
                message = f"`{one.resource.name}` lets everyone on the internet call the service"
                yield ctx.finding(RULE, at.path, at.value.span, message, persona=persona, subject=one.resource.name)
    yield from _mcp_apis(ctx)
    yield from _container_apps(ctx)


def _routes(ctx: RepoContext, agents: set[str]) -> Iterator[Finding]:
    """Yield routes of HTTP interfaces: without a type they ask for nothing."""
    estate = ctx.infrastructure
    for one in estate.of_type("aws.apigateway.route"):
        keys = [str(plain).upper() for plain, _ in estate.read(one, "route_key")]
        if not keys or keys[0].startswith(("OPTIONS", "$DISCONNECT")) or _written(estate, one, "authorization_type", "NONE"):
            continue
        persona = _unverified(ctx, _called(estate, one, agents))
        if persona is not None:
            message = f"API route `{one.resource.name}` calls an agent for everyone: it has no authorizer"
            yield _found(ctx, one, Located(one.resource.properties, one), message, persona, header=True)


def _serverless(ctx: RepoContext, agents: set[str]) -> Iterator[Finding]:
    """Yield the events and addresses of SAM's functions that ask for nothing."""
    estate = ctx.infrastructure
    for one in estate.of_type(_FUNCTION):
        if one.id not in agents:
            continue
        persona = _unverified(ctx, [one])
        for plain, at in estate.read(one, "function_url_config.auth_type"):
            if plain == "NONE" and persona is not None:
                message = f"the address of function `{one.resource.name}` calls an agent for everyone: its type is NONE"
                yield _found(ctx, one, at, message, persona)
        for event in (field for at in estate.items(one, "events") for field in estate.fields(at)):
            kinds = [plain for plain, _ in estate.read(event, "type")]
            methods = [str(plain).upper() for plain, _ in estate.read(event, "properties.method")]
            api = _api(estate, one, event, str(kinds[0])) if kinds and kinds[0] in _APIS else None
            if api is None or methods[:1] == ["OPTIONS"] or persona is None:
                continue
            if _has(estate, event, "properties.auth") or any(_has(estate, estate.top(other), "auth") for other in api):
                continue
            message = f"event `{event.name}` lets everyone call the agent behind `{one.resource.name}`: no authorizer is named"
            span = event.key or event.value.span
            yield ctx.finding(RULE, event.path, span, message, persona=persona, subject=one.resource.name)


def _api(estate: Infrastructure, one: Declared, event: Located, kind: str) -> list[Declared] | None:
    """Return the interface that an event belongs to (none: the implicit one, of which nothing is said); None: unknown."""
    implicit, key = _APIS[kind]
    named = [field for at in estate.items(event, "properties") for field in estate.fields(at) if field.name == key]
    if not named:
        apis = estate.of_type("aws.apigateway.sam_api")
        return [other for other in apis if other.stack is one.stack and other.resource.name == implicit]
    return estate.values.targets(named[0]) or None


def _has(estate: Infrastructure, start: Located, path: str) -> bool:
    found, unsure = estate.values.follow(start, path.split("."))
    return bool(found) or unsure


def _written(estate: Infrastructure, one: Declared, key: str, harmless: str) -> bool:
    """Whether a property says something else than ``harmless``, or may."""
    found, unsure = estate.values.follow(estate.top(one), [key])
    return unsure or any(at.value.data != harmless for at in found)


def _found(
    ctx: RepoContext, one: Declared, at: Located, message: str, persona: Persona = Persona.REGULAR, *, header: bool = False
) -> Finding:
    span = one.resource.span if header else at.value.span
    return ctx.finding(RULE, at.path, span, message, severity=Severity.HIGH, persona=persona, subject=one.resource.name)


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
    checks |= {program.path(site[0]) for site in program.calls_named(_SIGNED) if _SIGNED_BY in program.value(site).keys}
    seen = False
    for function in functions:
        inline = [str(plain) for plain, _ in estate.read(function, "code.zip_file")]
        if any(sign in text for text in inline for sign in _SIGNATURES):
            return None
        modules = [str(plain).split(".")[0] for plain, _ in estate.read(function, "handler")]
        folder = function.stack.folder
        files = [f.path for f in ctx.repository.files if f.path.startswith(folder) and f.path.endswith(".py")]
        own = [path for path in files for module in modules if path.endswith(f"{module}.py")]
        if checks.intersection(own) or any(ctx.authenticates(path) for path in own):
            return None
        seen = seen or bool(inline) or bool(own)
    return (Persona.REGULAR if seen else Persona.PEDANTIC) if functions else None


def _mcp_apis(ctx: RepoContext) -> Iterator[Finding]:
    estate = ctx.infrastructure
    files = {declared.path: declared for declared in estate.of_type("azure.apim.policy_file")}
    for one in estate.of_type("azure.apim.api"):
        opened = [at for plain, at in estate.read(one, "subscription_required") if plain is False]
        is_mcp = any(plain == "mcp" for plain, _ in estate.read(one, "type"))
        if not opened or _checked(estate, one, files):
            continue
        what = "MCP server" if is_mcp else "API"
        message = f"the {what} `{one.resource.name}` asks for no subscription, and no policy checks who calls"
        yield _found(ctx, one, opened[0], message, Persona.REGULAR if is_mcp else Persona.PEDANTIC)


def _checked(estate: Infrastructure, one: Declared, files: dict[str, Declared]) -> bool:
    """Whether a policy of the API checks callers, or cannot be read."""
    for policy in estate.linked(one, ["azure.apim.policy"], "stack", "")[0]:
        text = str(policy.resource.properties)
        named = [path for path in files if path.rsplit("/", 1)[-1] in text and path.startswith(policy.stack.folder)]
        known = [plain for path in named for plain, _ in estate.read(files[path], "checks")]
        if not known or any(known):
            return True
    return False


def _container_apps(ctx: RepoContext) -> Iterator[Finding]:
    """Yield public container apps that hold an agent or its tools and have no sign-in of the platform; the code may have one."""
    estate = ctx.infrastructure
    for one in estate.of_type("azure.app.container"):
        opened = [at for key in _INGRESS for plain, at in estate.read(one, key) if plain is True]
        guarded = estate.linked(one, ["azure.app.auth"], "from", "")[0] or any(
            _has(estate, estate.top(one), key) for key in ("auth_config", "configuration.ingress.ip_security_restrictions")
        )
        if opened and not guarded and agent_sign(_names(estate, one)):
            message = f"container app `{one.resource.name}` is public and has no sign-in of the platform"
            yield _found(ctx, one, opened[0], message, Persona.PEDANTIC)


def _names(estate: Infrastructure, one: Declared) -> list[str]:
    keys = ("name", "template.containers.name", "template.containers.image", "containers.name", "template.containers.env.name")
    return [one.resource.name, *(str(plain) for key in keys for plain, _ in estate.read(one, key))]
