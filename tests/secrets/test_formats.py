"""Every credential format is found where people write credentials, and its pattern is cheap on any text."""

from __future__ import annotations

import json
import random
import re
import time

import pytest

import secretgen
from agentlint.facts.secrets import SecretScanner
from agentlint.parse.text import Text
from agentlint.rulebook.load import shipped

TYPES = secretgen.types()
SCANNER = SecretScanner(shipped().secrets)


def scan(source: str, **options):
    return SCANNER.scan(source.encode(), Text(source), **options)


CONTEXTS = {
    "python": lambda s: f"import os\n\nvalue = '{s}'\n",
    "call": lambda s: f"client = Client({json.dumps(s)}, timeout=3)\n",
    "dotenv": lambda s: f"DEBUG=1\n{s}\nOTHER=2\n",
    "yaml": lambda s: f"env:\n  - value: {s}\n",
    "crlf": lambda s: f"a = 1\r\nb = '{s}'\r\n",
    "unicode": lambda s: f"# clé 😀\nвалюта = '{s}'\n",
}


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("type_id", TYPES)
def test_found(type_id, context):
    for seed in ("a", "b", "c"):
        value = secretgen.secret(type_id, seed)
        source = CONTEXTS[context](secretgen.in_context(type_id, seed))
        shown = json.dumps(value)[1:-1] if context == "call" else value
        facts = scan(source)
        assert [f.type for f in facts] == [type_id], source
        span = facts[0].span
        lines = re.split(r"\r\n|\n", source)
        if span.line == span.end_line:
            assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == shown
        assert value not in facts[0].masked
        assert len(facts[0].masked.replace("*", "")) <= 6


@pytest.mark.parametrize("type_id", sorted(set(TYPES) - {"private-key"}))
def test_found_in_a_notebook(type_id):
    line = secretgen.in_context(type_id, "nb")
    cell = {"cell_type": "code", "source": ["import x\n", f"key = '{line}'\n"], "outputs": []}
    facts = scan(json.dumps({"cells": [cell]}, indent=1))
    found = [f.type for f in facts]
    assert found == [type_id] or '"' in line  # JSON escapes a quote between name and value: not all formats allow that


def test_many_formats():
    assert len(TYPES) >= 100
    assert len({kind.provider for kind in TYPES.values()}) >= 60


@pytest.mark.parametrize("kind", shipped().secrets, ids=lambda kind: kind.id)
def test_literals_are_in_every_match(kind):
    for seed in range(5):
        line = secretgen.in_context(kind.id, str(seed))
        assert any(literal in line for literal in kind.literals)


@pytest.mark.parametrize("kind", shipped().secrets, ids=lambda kind: kind.id)
def test_time_is_linear(kind):
    """Double the length four times: quadratic time would grow 16-fold from the first to the third size, linear 4-fold."""
    scanner = SecretScanner((kind,))
    rng = random.Random(kind.id)
    value = secretgen.secret(kind.id)
    attacks = [kind.literals[0], kind.literals[-1] + "_key", value[:-1], value[: len(value) // 2] + " ", value[-20:]]
    attacks.append(kind.literals[0] + "".join(rng.choices("abcdef0123456789-_.", k=300)))
    attacks.append(kind.literals[0] + "_key" + " =" * 40)
    for attack in attacks:
        costs = []
        for size in (50_000, 200_000):
            source = attack * (size // len(attack))
            data, text = source.encode(), Text(source)
            best = 9.0
            for _ in range(2):
                begin = time.process_time()
                scanner.scan(data, text)
                best = min(best, time.process_time() - begin)
            costs.append(best)
        assert costs[1] < 0.05 or costs[1] < 9 * costs[0], (attack[:40], costs)
        assert costs[1] < 2.0, (attack[:40], costs)
