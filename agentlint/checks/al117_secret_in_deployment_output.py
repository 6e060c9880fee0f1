"""Keys among the outputs of a deployment."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.sdk import Declared, Finding, Infrastructure, Located, RepoContext, on_repo

RULE = "AL117"

_CALLS = ("listKeys(", "listAdminKeys(", "listSecrets(", "listQueryKeys(", "listConnectionStrings(", "listAccountSas(")
_TESTS = ("length", "contains", "empty", "and", "or", "lt", "gt", "le", "ge", "startswith", "endswith")


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield outputs that show a key or a secret parameter."""
    estate = ctx.infrastructure
    for output in estate.of_type("stack.output"):
        if any(plain is True for key in ("secure", "sensitive") for plain, _ in estate.read(output, key)):
            continue
        top = Located(output.resource.properties, output)
        shown = [field for field in estate.fields(top) if field.name == "value"]
        if any(_is_secret(estate, field) for field in shown):
            name = output.resource.name.removeprefix("output.")
            message = f"output `{name}` shows a key to everyone who can read the deployment"
            yield ctx.finding(RULE, output.path, output.resource.span, message, subject=name)


def _is_marked(estate: Infrastructure, given: Declared) -> bool:
    """Whether an input says that it is secret."""
    marks = [plain for key in ("secure", "no_echo", "sensitive") for plain, _ in estate.read(given, key)]
    return any(str(mark).lower() == "true" for mark in marks)


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
        if given is not None and _is_marked(estate, given):
            return True
        if value.kind in ("eq", "not", "unknown") or (value.kind == "call" and value.data in _TESTS):
            continue  # whether a secret is given says nothing of what it is
        pending.extend(one.of(item) for item in (value.items[1:] if value.kind == "if" else value.items))
        pending.extend(one.of(field.value) for field in value.fields)
    return False
