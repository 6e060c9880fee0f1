"""Recall and precision over generated files: at least 400 with a credential, at least 400 without."""

from __future__ import annotations

from collections.abc import Iterable

import secretcorpus as corpus
from agentlint.facts.extract import extract
from agentlint.facts.secrets import SecretScanner
from agentlint.rulebook.load import shipped

SCANNER = SecretScanner(shipped().secrets)


def found(case: corpus.Case) -> list[str]:
    """Return what the regular persona would hear of: types and names."""
    path, kind, content = case
    facts = extract(path, kind, content.encode(), SCANNER).facts
    nodes = [node.name for node in facts.nodes if node.type == "secret"]
    return [secret.type for secret in facts.secrets] + [f"{f.name}/{f.shape}" for f in facts.literals if not f.quiet] + nodes


def missed(cases: Iterable[tuple[str, str, corpus.Case]]) -> list[str]:
    return [f"{what} in {context}: {case[2][:200]!r}" for what, context, case in cases if not found(case)]


def test_published_formats():
    cases = list(corpus.known_formats())
    assert len(cases) >= 400
    assert {what for what, _, _ in cases} == set(shipped_types())
    wrong = [f"{what} in {context}: {found(case)} {case[2][:200]!r}" for what, context, case in cases if what not in found(case)]
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong[:20])


def test_generated_keys_under_names():
    cases = list(corpus.named_values())
    assert len(cases) >= 150
    wrong = missed(cases)
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong[:20])


def test_defaults_that_sign():
    cases = list(corpus.defaults())
    assert len(cases) >= 100
    wrong = missed(cases)
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong[:20])


def test_harmless():
    cases = list(corpus.harmless())
    assert len(cases) >= 400
    wrong = [f"{what} in {context}: {found(case)} {case[2][:200]!r}" for what, context, case in cases if found(case)]
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong[:30])


def shipped_types() -> list[str]:
    return [kind.id for kind in shipped().secrets]
