"""Marks Python files that hold policy documents, so that only those are searched for them."""

from __future__ import annotations

from agentlint.facts.frontend import Contribution, FileInput


def contribute(inp: FileInput) -> Contribution:
    """Return the trait ``policy-text`` for code that writes a policy document out."""
    data = inp.text.data
    return Contribution(traits=("policy-text",)) if "Statement" in data and "Effect" in data else Contribution()
