"""Keys among the outputs of a deployment."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Finding, Infrastructure, Located, RepoContext, on_repo

RULE = "AL117"

_CALLS = ("listKeys(", "listAdminKeys(", "listSecrets(", "listQueryKeys(", "listConnectionStrings(", "listAccountSas(")


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield outputs that show a key or a secret parameter."""
    estate = ctx.infrastructure
    for output in estate.of_type("stack.output"):
        if output.resource.front != "bicep" or any(plain is True for plain, _ in estate.read(output, "secure")):
            continue
        top = Located(output.resource.properties, output)
        shown = [field for field in estate.fields(top) if field.name == "value"]
        if any(_is_secret(estate, field) for field in shown):
            name = output.resource.name.removeprefix("output.")
            message = f"output `{name}` shows a key to everyone who can read the deployment"
            yield ctx.finding(RULE, output.path, output.resource.span, message, subject=name)


def _is_secret(estate: Infrastructure, at: Located) -> bool:
    pending = [at]
    for _ in range(200):
        if not pending:
            return False
        one = pending.pop()
        value = one.value
        if value.kind == "unknown" and any(call in str(value.data) for call in _CALLS):
            return True
        given = estate.input_of(one)
        if given is not None and any(plain is True for plain, _ in estate.read(given, "secure")):
            return True
        pending.extend(one.of(item) for item in value.items if value.kind != "unknown")
        pending.extend(one.of(field.value) for field in value.fields)
    return False
