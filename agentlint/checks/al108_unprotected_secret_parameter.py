"""Parameters of a deployment that carry a secret and do not say so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.sdk import Declared, Finding, Infrastructure, RepoContext, is_secret_name, on_repo

RULE = "AL108"

_MARKS = {"terraform": "sensitive", "cloudformation": "no_echo", "bicep": "secure"}
_SAID = {"terraform": "`sensitive = true`", "cloudformation": "`NoEcho: true`", "bicep": "`@secure()`"}
_CREDENTIAL = re.compile(
    r"(?:password|passwd|pwd|(?:client|app|api|signing|webhook|jwt|shared)_?secret"
    r"|(?:api|access|secret|private|account|subscription|primary|master|admin|signing)_?key"
    r"|(?:api|access|auth|bearer|bot|refresh|github|gitlab|slack|hf|huggingface|pat|service)_?token)$",
    re.IGNORECASE,
)
_TEXTS = ("", "string", "String")


@on_repo
def check(ctx: RepoContext) -> Iterator[Finding]:
    """Yield inputs whose name says that they hold a credential, that something uses, and that are shown in plain text."""
    estate = ctx.infrastructure
    deploys = any(kind is not None and kind.agentic for kind in map(estate.kind, estate.resources()))
    if not deploys and not any(True for _ in ctx.graph.of_type("agent", "mcp_server")):
        return
    for given in estate.of_type("stack.input"):
        front = given.resource.front
        name = given.resource.name.removeprefix("var.")
        if (
            front in _MARKS
            and is_secret_name(name)
            and _CREDENTIAL.search(name[-100:])
            and not _is_marked(estate, given)
            and _is_open_text(estate, given)
        ):
            message = f"the secret parameter `{name}` is shown in plans, histories and logs: it lacks {_SAID[front]}"
            yield ctx.finding(RULE, given.path, given.resource.span, message, subject=name)


def _is_marked(estate: Infrastructure, given: Declared) -> bool:
    """Whether an input is protected, or may be for all that can be seen."""
    key = _MARKS[given.resource.front]
    written = [field for field in estate.fields(estate.top(given)) if field.name == key]
    return bool(written) and [str(plain).lower() for plain, _ in estate.read(given, key)] != ["false"]


def _is_open_text(estate: Infrastructure, given: Declared) -> bool:
    """Whether an input is a text that is handed in: no list, no address in a store, and no default of its own."""
    written = [field for field in estate.fields(estate.top(given)) if field.name in ("type", "kind")]
    kinds = [str(field.value.data) for field in written]
    defaults = [plain for plain, _ in estate.read(given, "default")]
    return all(kind in _TEXTS for kind in kinds) and not any(defaults)
