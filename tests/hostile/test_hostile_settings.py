"""What a hostile repository says about its own scan: ignore files, configuration, rules, inline ignores."""

from __future__ import annotations

import os
import sys
import time

import pytest
from hostile.cases import put

from agentlint.facts.secrets import MAX_FACTS

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def test_a_hostile_gitignore(root, scan):
    lines = [
        "*a" * 40 + "b",
        "**/a/" * 30 + "b",
        "[" * 400,
        "[!a-",
        "\\",
        "!",
        "a" * 100_000,
        "\x00\x01",
        "(a+)+$",
        "{a,b}" * 200,
        "//",
        "**"[:1] + "x" * 600,
    ]
    body = "\n".join(lines).encode() + b"\n\xff\xfe\n" + b"nothing-here\n" * 200_000
    put(root, {".gitignore": body, "a" * 200 + ".py": "x = 1\n", "deep/" * 20 + "a.py": "def f(:\n"})
    begin = time.monotonic()
    outcome = scan()
    assert time.monotonic() - begin < 20
    assert outcome.notes("error") == [("deep/" * 20 + "a.py", "parse-error", 1)]
    assert (".gitignore", "cap", 0) in outcome.notes("warning")
    assert "not applied" in outcome.message(".gitignore")


def test_a_gitignore_that_hides_everything_is_not_obeyed_when_isolated(root, scan):
    put(root, {".gitignore": "*\n"})
    assert scan(check=False).findings == set()
    assert scan("--isolated").code == 1


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("agentlint.toml", "select = 3\npersona = 7\nrules = 'x'\nseverity = []\nmax-file-size = -1\nattest = {R01 = 3}\n", ["toml:1", "toml:2", "toml:3", "toml:4", "toml:5"]),
        ("agentlint.toml", "selct = []\n", ["agentlint.toml:1", "did you mean 'select'"]),
        ("agentlint.toml", "x = [\n", ["agentlint.toml:"]),
        ("agentlint.toml", "x = " + "[" * 5_000, ["agentlint.toml:1", "nested"]),
        ("agentlint.toml", "a." * 5_000 + "b = 1\n", ["agentlint.toml:1", "200"]),
        ("agentlint.toml", b"\xff\xfe\x00", ["agentlint.toml"]),
        ("agentlint.toml", b"\x00", ["agentlint.toml:1", "NUL"]),
        ("agentlint.toml", "# x\n" * 400_000, ["agentlint.toml", "larger than"]),
        ("agentlint.toml", "max-file-size = " + "9" * 5_000 + "\n", ["agentlint.toml"]),
        ("agentlint.toml", "max-file-size = 99999999999999999999999\n", ["agentlint.toml:1", "max-file-size"]),
        ("agentlint.toml", "".join(f"k{n} = 1\n" for n in range(3_000)), ["agentlint.toml:1:", "agentlint.toml:100:", "and 2900 more"]),
        ("agentlint.toml", 'select = ["AL999"]\n', ["AL999"]),
        ("agentlint.toml", 'rules = ["../outside"]\nmodels = ["/etc"]\nbaseline = "../../b.json"\n', ["toml:1: rules", "toml:2: models", "toml:3: baseline", "outside"]),
        ("agentlint.toml", 'rules = ["nul\\u0000byte"]\n', ["agentlint.toml:1"]),
        ("agentlint.toml", 'rules = ["' + "x" * 5_000 + '"]\n', ["agentlint.toml:1"]),
        ("agentlint.toml", 'baseline = "nowhere.json"\n', ["nowhere.json"]),
        ("agentlint.toml", 'rules = ["."]\n', []),
        ("pyproject.toml", "[tool.agentlint]\nselect = 3\n", ["pyproject.toml:2"]),
        ("pyproject.toml", "[tool]\nagentlint = 3\n", ["pyproject.toml:2"]),
        ("pyproject.toml", "tool = 'x'\n", None),
        ("pyproject.toml", "x = " + "[" * 5_000 + "]" * 5_000, None),
        ("pyproject.toml", "[tool.agentlint]\nx = " + "[" * 5_000 + "]" * 5_000, ["pyproject.toml:2", "nested"]),
        ("pyproject.toml", "x = '" + "a" * 2_000_000 + "'\n", ["pyproject.toml", "larger than", "--isolated"]),
        ("pyproject.toml", "[tool.other]\nx = [\n", None),
        ("pyproject.toml", "[tool.agentlint]\nx = [\n", ["pyproject.toml:"]),
        ("pyproject.toml", "# [tool.agentlint\n" + "x = [\n", ["pyproject.toml:"]),
    ],
)  # fmt: skip
def test_hostile_configuration(root, scan, name, body, words):
    """``words`` of the message; ``None``: the file is none of ours, so it is passed over."""
    put(root, {name: body})
    begin = time.monotonic()
    outcome = scan(check=False)
    assert time.monotonic() - begin < 10
    assert "Traceback" not in outcome.err
    assert "failed unexpectedly" not in outcome.err
    if words is None:
        assert ("AL411", "known/app.py", 10) in outcome.findings
        return
    if words:
        assert outcome.code == 2
        assert outcome.err.startswith("error: ")
        assert len(outcome.err) < 400_000
    for word in words:
        assert word in outcome.err
    assert scan("--isolated").code in (1, 2)


@POSIX
@pytest.mark.parametrize("target", ["outside", "fifo", "directory", "loop", "nothing"])
def test_configuration_that_is_no_file(root, scan, tmp_path, target):
    config = root / "agentlint.toml"
    if target == "outside":
        put(tmp_path / "outside", {"agentlint.toml": "select = ['AL9']\n"})
        config.symlink_to(tmp_path / "outside" / "agentlint.toml")
    elif target == "fifo":
        os.mkfifo(root / "pipe")
        config.symlink_to("pipe")
    elif target == "directory":
        (root / "d").mkdir()
        config.symlink_to("d")
    elif target == "loop":
        config.symlink_to("agentlint.toml")
    else:
        config.symlink_to("nothing")
    outcome = scan(check=False)
    assert outcome.code == 2
    assert "agentlint.toml" in outcome.err
    assert "failed unexpectedly" not in outcome.err
    assert scan("--isolated").code == 1


@POSIX
def test_rules_behind_a_link_that_leaves(root, scan, tmp_path):
    put(tmp_path / "outside", {"ACME001.yaml": "id: ACME001\n"})
    (root / "own").symlink_to(tmp_path / "outside")
    put(root, {"agentlint.toml": 'rules = ["own"]\n'})
    outcome = scan(check=False)
    assert outcome.code == 2
    assert "agentlint.toml:1: rules: 'own' lies outside" in outcome.err


@POSIX
@pytest.mark.parametrize("target", ["file", "fifo"])
def test_a_rule_file_that_leads_elsewhere(root, scan, tmp_path, target):
    put(tmp_path / "outside", {"secret.txt": "top secret: value\n"})
    put(root, {"agentlint.toml": 'rules = ["own"]\n', "own/readme.txt": ""})
    if target == "file":
        (root / "own" / "ACME001.yaml").symlink_to(tmp_path / "outside" / "secret.txt")
    else:
        os.mkfifo(root / "own" / "ACME001.yaml")
    begin = time.monotonic()
    outcome = scan(check=False)
    assert time.monotonic() - begin < 10
    assert outcome.code == 2
    assert "ACME001.yaml" in outcome.err
    assert "top secret" not in outcome.err
    assert "failed unexpectedly" not in outcome.err


RULE = "id: ACME001\nname: x-y\ncategory: agent-config\nseverity: low\nconfidence: high\nsummary: s\nkinds: [cfg]\nstatus: {stable: '1'}\nmessage: m\ndocs: d\n"


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("rules", "id: ACME001\nnmae: x\n"),
        ("rules", "id: [\n"),
        ("rules", "a: &a [*a]\n"),
        ("rules", "[" * 5_000),
        ("rules", "- 1\n- 2\n"),
        ("rules", ""),
        ("rules", b"\xff\xfe\xfd"),
        ("rules", b"id: \x00\n"),
        ("rules", "!!python/object/apply:os.system ['touch hostile-canary']\n"),
        ("rules", RULE + "match:\n  - {file: [json], at: [a], where: [{key: a, matches: '(a+)+$'}]}\n"),
        ("rules", RULE + "match:\n  - {file: [json], at: [a], where: [{key: a, matches: '['}]}\n"),
        ("rules", RULE.replace("ACME001", "AL411")),
        ("rules", "# x\n" * 2_000_000),
        ("models", "package: [\n"),
        ("models", "pakage: x\n"),
        ("models", "- 3\n"),
    ],
)  # fmt: skip
def test_rule_and_model_files_with_mistakes(root, scan, tmp_path, monkeypatch, key, body):
    put(root, {"agentlint.toml": f'{key} = ["own"]\n', "own/ACME001.yaml": body})
    monkeypatch.chdir(tmp_path)
    outcome = scan(check=False)
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert "ACME001.yaml" in outcome.err
    assert "failed unexpectedly" not in outcome.err
    assert not (tmp_path / "hostile-canary").exists()
    assert scan("--isolated").code in (1, 2)


@pytest.mark.parametrize(
    "code", ["AL4111", "AL999", "nonsense", "shell-injectoin", "", ",", "*", "AL[0-9]", "\x1b[31m", "é" * 5_000]
)
def test_an_unknown_rule_in_select(scan, code):
    for option in ("--select", "--ignore"):
        outcome = scan(option, code, check=False)
        assert "Traceback" not in outcome.err
        assert "failed unexpectedly" not in outcome.err
        if code.strip(","):
            assert outcome.code == 2
            assert "unknown rule" in outcome.err
            assert "agentlint rules" in outcome.err
            assert "\x1b" not in outcome.err
            assert len(outcome.err) < 2_000


def test_credentials_beyond_the_cap_are_told(root, scan, secrets_of):
    keys = secrets_of(MAX_FACTS + 20)
    put(root, {"keys.py": "".join(f"k{n} = '{key}'\n" for n, key in enumerate(keys))})
    outcome = scan()
    assert outcome.notes("error") == [("keys.py", "cap", MAX_FACTS + 1)]
    assert "500" in outcome.message("keys.py")
    assert "exclude" in outcome.message("keys.py")
    assert sum(rule == "AL101" for rule, _, _ in outcome.findings) > 0


def test_words_that_begin_like_a_credential_are_capped_and_told(root, scan):
    put(root, {"words.py": "x = 1\n" + "# sk-a\n" * 30_000})
    outcome = scan()
    ((path, kind, line),) = outcome.notes("error")
    assert (path, kind) == ("words.py", "cap")
    assert 20_000 < line < 20_010


def test_pragmas_and_ignores_of_the_tree_do_not_bind_an_isolated_scan(root, scan, secrets_of):
    key, other = secrets_of(2)
    put(
        root,
        {
            "keys.py": f"k = '{key}'  # pragma: allowlist secret\n",
            "more.py": f"k = '{other}'  # agentlint: ignore[AL101] is a test\n",
        },
    )

    def secret(*options):
        return sorted(path for rule, path, _ in scan(*options).findings if rule == "AL101")

    assert secret() == []
    assert secret("--no-ignores") == secret("--isolated") == ["keys.py", "more.py"]
    cached = [secret(*options, "--cache") for options in ((), ("--isolated",), (), ("--no-ignores",))]
    assert cached == [[], ["keys.py", "more.py"], [], ["keys.py", "more.py"]]
