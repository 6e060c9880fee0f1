"""A user's rules and models: all mistakes at once, each with its line and the nearest right word."""

from __future__ import annotations

import textwrap

import pytest

from agentlint.core.errors import RulebookError
from agentlint.rulebook.load import load_directory, shipped, with_user_rules

RULE = """\
id: ACME001
name: forbidden-server
category: supply-chain
severity: high
confidence: high
summary: A server of a vendor that we do not use.
kinds: [mcp]
status: {stable: "1"}
message: "`{value}` is not allowed"
match:
  - file: [mcp-client]
    at: [mcpServers.*.command]
    where:
      - {matches: "^evil"}
docs: |
  ## What it does
  a
  ## Why is this bad?
  b
  ## Example
  c
  Use instead:
  d
  ## How it decides
  e
  ## References
  - f
"""
MODEL = """\
package: acme
imports: [acme]
checked: {version: "1", date: "2026-01-01"}
sinks:
  - {call: acme.run, arg: 0, kind: shell}
sanitizers:
  - {call: acme.clean, for: [shell]}
"""


@pytest.fixture
def load(tmp_path):
    def run(rule: str = "", model: str = ""):
        rules, models = tmp_path / "rules", tmp_path / "models"
        rules.mkdir(exist_ok=True)
        models.mkdir(exist_ok=True)
        if rule:
            (rules / "r.yaml").write_text(rule)
        if model:
            (models / "m.yaml").write_text(model)
        return with_user_rules(shipped(), [rules], [models])

    return run


def mistakes(load, **files) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        load(**files)
    lines = str(caught.value).splitlines()
    assert all(line.count(":") >= 2 for line in lines)
    return [line.partition("/rules/")[2] or line.partition("/models/")[2] for line in lines]


def test_rules_and_models_are_added(load):
    book = load(RULE, MODEL)
    assert book.rule("forbidden-server").id == "ACME001"
    assert book.models[0].package == "acme" or any(m.package == "acme" for m in book.models)
    model = next(m for m in book.models if m.package == "acme")
    assert model.sinks[0].arg == "0"
    assert book.digest != shipped().digest
    assert len(book.rules) == len(shipped().rules) + 1


def test_equal_directories_give_equal_digests(load):
    assert load(RULE, MODEL).digest == load(RULE, MODEL).digest


def test_all_mistakes_at_once_with_lines_and_suggestions(load):
    rule = (
        RULE.replace("severity: high", "severty: high")
        .replace("supply-chain", "suply-chain")
        .replace("[mcp-client]", "[mcp-klient]")
    )
    model = MODEL.replace("kind: shell", "kind: shel").replace("for: [shell]", "for: [shell], fro: 1")
    found = mistakes(load, rule=rule, model=model)
    assert "r.yaml:4: unknown field `severty` (did you mean `severity`?)" in found
    assert any(line.startswith("r.yaml:3: `suply-chain`") and "did you mean `supply-chain`?" in line for line in found)
    assert any(line.startswith("r.yaml:11: `mcp-klient`") and "did you mean `mcp-client`?" in line for line in found)
    assert any(line.startswith("m.yaml:5: `shel`") and "did you mean `shell`?" in line for line in found)
    assert any(line.startswith("m.yaml:7: unknown field `fro`") and "did you mean `for`?" in line for line in found)
    assert any("field `severity` is missing" in line for line in found)
    assert len(found) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("id: ACME001", "id: AL999"), "r.yaml:1: `AL999`: ids that begin with AL are agentlint's own"),
        (("id: ACME001", "id: acme"), "r.yaml:1: `id`"),
        (("name: forbidden-server", "name: hardcoded-secret"), "r.yaml:2: name `hardcoded-secret` is used twice"),
        (("name: forbidden-server", "name: Forbidden"), "r.yaml:2: `name`"),
        (("## Why is this bad?", "## Why bad"), "r.yaml:15: docs lack the heading `## Why is this bad?`"),
        (("Use instead:", "Better:"), "docs lack the heading `## Use instead`"),
        (("summary:", "check: true\nsummary:"), "r.yaml:6: `check` needs Python, which is never loaded from a project"),
        (('"^evil"', '"(a+)+$"'), "r.yaml:14: `matches`: a repeat inside a repeat"),
        (('"^evil"', '"(evil"'), "r.yaml:14: `matches`: not a regular expression"),
        (("kinds: [mcp]", "kinds: [mpc]"), "did you mean `mcp`?"),
        (('{stable: "1"}', "{stable: 1}"), "must be a string; put it in quotes"),
        (("message:", "severity: low\nmessage:"), "r.yaml:9: the key `severity` stands here a second time"),
        (("confidence: high", "confidence: hihg"), "did you mean `high`?"),
    ],
)
def test_mistakes_of_rules(load, change, message):
    assert any(message in line for line in mistakes(load, rule=RULE.replace(*change)))


def test_a_rule_must_decide_something(load):
    rule = RULE.replace(RULE[RULE.index("match:") : RULE.index("docs:")], "")
    assert mistakes(load, rule=rule)[0].startswith("r.yaml:1: the rule decides nothing")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "sinks: [{call: acme.run, arg: '0', kind: shell}, {call: acme.run, arg: '0', kind: shell}]",
            "the same fact stands in",
        ),
        ("sinks: [{call: 'acme run', arg: '0', kind: shell}]", "is not a dotted path"),
        ("sources: [{kind: user-input}]", "names no place"),
        ("sources: [{kind: user-input, call: a.b, read: a.c}]", "names one place, this one names 2"),
        ("gates: [{call: a.b, scope: tol}]", "did you mean `tool`?"),
        ("expect: [{code: 'x', finds: 'snk:shell'}]", "did you mean `sink`?"),
        ("expect: [{code: 'x', finds: 'sink:shel'}]", "did you mean `shell`?"),
        ("effects: [{call: a.b, effect: fs-raed}]", "did you mean `fs-read`?"),
        ("switches: [{call: a.b, kind: tls-of}]", "did you mean `tls-off`?"),
        ("sinks: [{call: a.b, arg: '0', kind: argv, when: {!shell: true}}]", ""),
    ],
)
def test_mistakes_of_models(load, line, message):
    head = "package: acme\nimports: [acme]\nchecked: {version: '1', date: '2026-01-01'}\n"
    found = mistakes(load, model=head + line + "\n")
    assert any(text.startswith("m.yaml:4: ") and message in text for text in found), found


def test_same_place_with_other_condition_is_another_fact(load):
    head = "package: acme\nimports: [acme]\nchecked: {version: '1', date: '2026-01-01'}\n"
    load(model=head + "sinks: [{call: a.b, arg: '0', kind: shell, when: {x: true}}, {call: a.b, arg: '0', kind: shell}]\n")


def test_broken_yaml_names_its_line(load):
    assert mistakes(load, rule="id: A\nname: [\n")[0].startswith("r.yaml:")


def test_hostile_nesting_is_refused(load):
    assert "not YAML" in mistakes(load, rule="a: " + "[" * 5000)[0]


def test_missing_directory(tmp_path):
    with pytest.raises(RulebookError, match="is not a directory"):
        with_user_rules(shipped(), [tmp_path / "none"], [])


def test_links_out_of_the_directory_are_refused(tmp_path):
    (tmp_path / "outside.yaml").write_text("token: x\n")
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "r.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(RulebookError) as caught:
        with_user_rules(shipped(), [rules], [])
    assert "leaves the directory" in str(caught.value) and "token" not in str(caught.value)


def test_own_rules_need_their_check(tmp_path):
    (tmp_path / "kinds.yaml").write_text("sources: {}\nsinks: {}\neffects: {}\nswitches: {}\nservers: {}\n")
    rule = RULE.replace("ACME001", "AL998").replace("summary:", "check: true\nsummary:")
    (tmp_path / "AL998-forbidden-server.yaml").write_text(textwrap.dedent(rule))
    with pytest.raises(RulebookError, match="al998_forbidden_server.py does not exist"):
        load_directory(tmp_path)


def test_kinds_file_is_required(tmp_path):
    with pytest.raises(RulebookError, match="missing"):
        load_directory(tmp_path)
