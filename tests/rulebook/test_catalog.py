"""The compiled catalogue, the published schemas and the closed lists agree with their sources."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import msgspec
import pytest

from agentlint.core.errors import RulebookError
from agentlint.graph.model import EDGE_TYPES, NODE_TYPES
from agentlint.rulebook import catalog, own, vocabulary
from agentlint.rulebook.load import load_directory, shipped
from agentlint.rulebook.models import Model
from agentlint.rulebook.patterns import pattern_problem
from agentlint.rulebook.rules import Rule
from agentlint.rulebook.schema import texts
from conftest import ROOT


def test_catalogue_round_trip():
    book = shipped()
    assert catalog.parse(catalog.dump(book)) == book


def test_both_ways_of_loading_agree():
    assert load_directory(ROOT / "rules") == shipped()


def test_catalogue_is_read_when_present(tmp_path, monkeypatch):
    book = catalog.sealed(msgspec.structs.replace(shipped(), models=()))
    (tmp_path / catalog.NAME).write_bytes(catalog.dump(book))
    monkeypatch.setattr(own, "PACKAGE", tmp_path)
    assert own.shipped.__wrapped__() == book


def test_a_damaged_catalogue_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / catalog.NAME).write_bytes(b"{")
    monkeypatch.setattr(own, "PACKAGE", tmp_path)
    with pytest.raises(RulebookError, match="reinstall"):
        own.shipped.__wrapped__()


def test_missing_rules_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "PACKAGE", tmp_path / "agentlint")
    with pytest.raises(RulebookError, match="reinstall"):
        own.shipped.__wrapped__()


def test_catalogue_loads_fast_and_without_yaml(tmp_path):
    (tmp_path / "c.json").write_bytes(catalog.dump(shipped()))
    data = (tmp_path / "c.json").read_bytes()
    catalog.parse(data)
    begin = time.process_time()
    catalog.parse(data)
    assert time.process_time() - begin < 0.2
    code = "import sys; from agentlint.rulebook import load; sys.exit(any(m in sys.modules for m in ('yaml', 'jsonschema')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_digest_follows_content():
    book = shipped()
    assert re.fullmatch(r"[0-9a-f]{64}", book.digest)
    assert catalog.sealed(book).digest == book.digest
    for part in ("rules", "models", "secrets"):
        values = getattr(book, part)
        assert catalog.sealed(msgspec.structs.replace(book, **{part: values[1:]})).digest != book.digest
    assert catalog.sealed(msgspec.structs.replace(book, kinds={})).digest != book.digest
    assert catalog.sealed(msgspec.structs.replace(book, rules=book.rules[::-1])).digest == book.digest


@pytest.mark.parametrize("name", ["rule", "model", "secret"])
def test_published_schema_is_current(name):
    file = f"{name}.schema.json"
    assert (ROOT / "docs" / "schema" / file).read_text(encoding="utf-8") == texts(shipped().kinds)[file]


def test_twins_of_the_graph_are_equal():
    assert vocabulary.NODE_TYPES == NODE_TYPES
    assert vocabulary.EDGE_TYPES == EDGE_TYPES


def test_file_kinds_are_those_of_discovery_and_the_design():
    from agentlint.discover.classify import GENERIC, REFINABLE

    assert set(vocabulary.FILE_KINDS) >= GENERIC | REFINABLE
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    section = design.partition("## File kinds")[2].partition("##")[0]
    quoted = {word for piece in re.findall(r"`([^`]+)`", section) for word in piece.split()}
    assert set(vocabulary.FILE_KINDS) <= quoted


def test_closed_fields_exist():
    from agentlint.rulebook import models, rules

    for name in vocabulary.FIELDS:
        struct, field = name.split(".")
        kind = getattr(rules, struct, None) or getattr(models, struct)
        assert field in {f.encode_name for f in msgspec.structs.fields(kind)}
    assert Rule and Model


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(?:a|b*)*c", r"(\w+\s*)+:", r"(?:[a-z]+)*", r"((ab)*)*"])
def test_exponential_patterns_are_refused(pattern):
    assert "exponential" in pattern_problem(pattern)


@pytest.mark.parametrize(
    "pattern", [r"^(?:[a-z]+-)*[a-z]+$", r"a+b+", r"(?:\d{1,3}\.){3}\d{1,3}", r"^https?://[^/]+/", r"(?:/[^/]+)+"]
)
def test_linear_patterns_are_accepted(pattern):
    assert pattern_problem(pattern) == ""
