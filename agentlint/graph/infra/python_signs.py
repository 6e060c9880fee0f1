"""Cheap signs that the Python of a repository makes cloud resources, so that tables are only read where they help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentlint.core import lazy

if TYPE_CHECKING:
    from agentlint.facts.python.ir import Value
    from agentlint.graph.program import Program

POLICY_TRAIT = "policy-text"
CDK = "aws_cdk"
VERBS = ("add_", "attach_", "authorize_", "create_", "put_", "update_")
"""What the names of all operations of clients that are known as resources begin with; a test holds the vocabulary to it."""
_OPERATION_WORD = lazy.pattern(r"[A-Za-z][A-Za-z0-9]*")


def may_make_resources(program: Program) -> bool:
    """Return whether any file writes policies, imports the CDK, or calls what is called like an operation as clients want it."""
    return any(POLICY_TRAIT in file.traits for file in program.files) or imports_cdk(program) or has_operations(program)


def has_operations(program: Program) -> bool:
    """Return whether a call has the name and the arguments of an operation of a client."""
    calls = program.calls()
    return any(is_client_call(program.value(site)) for name in calls if name.startswith(VERBS) for site in calls[name])


def imports_cdk(program: Program) -> bool:
    """Return whether any file imports the CDK."""
    stars = (star for file in program.files if file.python is not None for star in file.python.stars)
    texts = (function.values[value].text for function in program.functions for value in function.imports)
    return any(star.startswith(CDK) for star in stars) or any(text.startswith(CDK) for text in texts)


def is_client_call(value: Value) -> bool:
    """Return whether the arguments are written as AWS clients want them: by name only, and no name with an underscore."""
    names = value.keys[1:]
    if not names or "" in names or "*" in names:
        return False
    spelt = [name for name in names if name != "**"]
    return all(_OPERATION_WORD.fullmatch(name) for name in spelt)
