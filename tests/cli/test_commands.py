"""The commands beside ``scan``."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from agentlint import __version__
from agentlint.cli import COMMANDS

HEAVY = (
    "rich", "jsonschema", "yaml", "libcst", "tree_sitter", "detect_secrets", "sarif_om", "msgspec", "pathspec", "platformdirs",
    "concurrent.futures", "multiprocessing", "agentlint.engine", "agentlint.rulebook",
)  # fmt: skip


def loaded_by(agentlint, *arguments):
    """The modules a command leaves in ``sys.modules``."""
    code = (
        "import sys, atexit; atexit.register(lambda: print('\\n'.join(sys.modules), file=sys.stderr)); "
        f"from agentlint.cli import main; main({list(arguments)!r})"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("version",), ("scan", "--help")])
def test_what_costs_nothing_imports_nothing_heavy(agentlint, arguments):
    bare = loaded_by(agentlint, "--version")
    modules = loaded_by(agentlint, *arguments)
    assert not [name for name in HEAVY if name in modules]
    assert not bare & {"click", "typing", "dataclasses", "inspect"}, "the version is known without parsing arguments"


def test_a_scan_imports_only_what_its_files_need(tmp_path):
    """One Python file, no configuration, the compiled catalogue of a wheel: the case of an editor or a commit hook."""
    (tmp_path / "one.py").write_text("import os\n\nprint(os.getcwd())\n")
    code = (
        "import sys\n"
        "from agentlint.rulebook import catalog, own\n"
        "from agentlint.rulebook.book import Rulebook\n"
        "own.shipped = lambda: Rulebook()\n"
        "from agentlint.cli.plain import parse\n"
        "from agentlint.cli.perform import run\n"
        f"code = run(parse(['--no-cache', '--isolated', {str(tmp_path)!r}]))\n"
        "print(*sys.modules, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modules = set(done.stderr.split())
    unneeded = {
        "click", "rich", "jsonschema", "yaml", "libcst", "tree_sitter", "detect_secrets", "sarif_om", "attr", "pathspec",
        "platformdirs", "concurrent.futures", "multiprocessing", "logging", "hashlib", "json", "difflib", "shutil",
        "agentlint.rulebook.load", "agentlint.rulebook.validate", "agentlint.facts.manifest", "agentlint.facts.docker",
        "agentlint.facts.infra.terraform", "agentlint.parse.yaml", "agentlint.parse.toml", "agentlint.parse.hcl", "agentlint.report.sarif",
    }  # fmt: skip
    assert not modules & unneeded


def test_version(agentlint):
    assert agentlint("--version").stdout == f"agentlint {__version__}\n"
    assert agentlint("version").stdout == f"agentlint {__version__}\n"
    assert "rules" in agentlint("version", "-v").stdout


@pytest.mark.parametrize("command", [(), *[(name,) for name in COMMANDS]])
def test_every_help_has_an_example(agentlint, command):
    done = agentlint(*command, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout


def test_unknown_words_are_paths_to_scan(agentlint):
    done = agentlint("scna")
    assert done.returncode == 2
    assert "scna" in done.stderr


def test_explain(agentlint):
    by_id, by_name = agentlint("explain", "al900"), agentlint("explain", "ignore-without-reason")
    assert by_id.stdout == by_name.stdout
    assert "## Why is this bad?" in by_id.stdout
    data = json.loads(agentlint("explain", "AL900", "-f", "json").stdout)
    assert (data["id"], data["category"]) == ("AL900", "governance")
    assert agentlint("explain", "AL900", "-f", "markdown").stdout.startswith("# AL900 ignore-without-reason\n")


def test_explain_shows_the_fix_of_each_framework(agentlint):
    page = agentlint("explain", "AL301").stdout
    assert "## In each framework" in page
    assert "- `openai-agents`: pass `needs_approval=True`" in page
    assert "- `pydantic-ai`: " in page
    one = agentlint("explain", "AL301", "--framework", "pydantic_ai").stdout
    assert "requires_approval=True" in one
    assert "openai-agents" not in one
    data = json.loads(agentlint("explain", "AL801", "-f", "json", "--framework", "crewai").stdout)
    assert list(data["advice"]) == ["crewai"]
    assert "max_iter" in data["advice"]["crewai"]
    assert json.loads(agentlint("explain", "AL900", "-f", "json").stdout)["advice"] == {}


def test_explain_of_an_unknown_framework_suggests(agentlint):
    done = agentlint("explain", "AL301", "--framework", "lanchain")
    assert done.returncode == 2
    assert "did you mean langchain?" in done.stderr


def test_explain_suggests(agentlint):
    done = agentlint("explain", "ignore-without-raeson")
    assert done.returncode == 2
    assert "did you mean ignore-without-reason?" in done.stderr


def test_rules(agentlint):
    rules = json.loads(agentlint("rules", "-f", "json").stdout)["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)
    nine = json.loads(agentlint("rules", "-f", "json", "--domain", "AL90").stdout)["rules"]
    assert {"AL900", "AL901"} <= {rule["id"] for rule in nine}
    assert all(rule["id"].startswith("AL90") for rule in nine)
    governance = json.loads(agentlint("rules", "-f", "json", "--domain", "governance").stdout)["rules"]
    assert {rule["category"] for rule in governance} == {"governance"}
    assert "| AL900 | ignore-without-reason |" in agentlint("rules", "-f", "markdown").stdout
    assert "AL900  ignore-without-reason" in agentlint("rules").stdout.replace("   ", "  ")


def test_rules_with_an_unknown_filter(agentlint):
    done = agentlint("rules", "--domain", "governnance")
    assert done.returncode == 2
    assert "did you mean 'governance'?" in done.stderr


def test_baseline_then_scan(agentlint, repo):
    done = agentlint("baseline", "-o", "known.json", ".")
    assert done.returncode == 0, done.stderr
    assert agentlint("--baseline", "known.json").returncode == 0
    (repo / "a.yaml").write_text("# moved\n\n\nsafe: 1\ndanger: 1\n")
    assert agentlint("--baseline", "known.json").returncode == 0
    (repo / "c.yaml").write_text("danger: 1\n")
    done = agentlint("--baseline", "known.json", "-f", "json")
    assert done.returncode == 1
    assert [finding["path"] for finding in json.loads(done.stdout)["findings"]] == ["c.yaml"]


def test_baseline_is_not_complete_when_files_could_not_be_read(agentlint, repo):
    (repo / "bad.py").write_text("def f(:\n")
    done = agentlint("baseline", "-o", "known.json")
    assert done.returncode == 2
    assert "bad.py" in done.stderr


def test_init_writes_a_configuration_that_loads_and_never_overwrites(agentlint, repo):
    (repo / "agentlint.toml").unlink()
    assert agentlint("init").returncode == 0
    text = (repo / "agentlint.toml").read_text()
    done = agentlint("init")
    assert done.returncode == 2
    assert "already exists" in done.stderr
    assert (repo / "agentlint.toml").read_text() == text
    assert agentlint().returncode == 0


def test_the_values_in_the_configuration_of_init_are_valid(tmp_path):
    from agentlint.cli.init import CONFIG
    from agentlint.engine.config import ConfigFile, load

    lines = [
        line.removeprefix("# ") for line in CONFIG.splitlines() if line.startswith("# ") and ("=" in line or "[attest" in line)
    ]
    lines = [line for line in lines if line.split(" ")[0].replace("-", "_") in ConfigFile.__struct_fields__ or line[0] in "[odel"]
    (tmp_path / "security" / "rules").mkdir(parents=True)
    (tmp_path / "security" / "models").mkdir()
    (tmp_path / "agentlint.toml").write_text("\n".join(lines) + "\n")
    given = load(tmp_path).values
    assert len(given) == len(ConfigFile.__struct_fields__)


def test_init_snippets(agentlint, repo):
    import yaml

    done = agentlint("init", "--pre-commit", "--workflow")
    assert done.returncode == 0, done.stderr
    hooks = yaml.safe_load((repo / ".pre-commit-config.yaml").read_text())
    assert hooks["repos"][0]["hooks"][0]["id"] == "agentlint"
    workflow = yaml.safe_load((repo / ".github" / "workflows" / "agentlint.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    printed = agentlint("init", "--workflow")
    assert "upload-sarif" in printed.stdout


def test_graph_formats(agentlint):
    data = json.loads(agentlint("graph").stdout)
    assert data["version"] == "1"
    assert {"nodes", "edges"} <= data.keys()
    assert agentlint("graph", "-f", "dot").stdout.startswith("digraph")
    assert agentlint("graph", "-f", "mermaid").stdout.startswith("flowchart")


def test_graph_page_holds_the_findings_of_a_scan_and_links_from_where_it_lies(agentlint, tmp_path):
    source = (
        "import subprocess\nfrom langchain.tools import tool\n\n@tool\ndef run(cmd: str):\n    subprocess.run(cmd, shell=True)\n"
    )
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "bad tool.py").write_text(source)
    rules = {found["rule"] for found in json.loads(agentlint("scan", "-f", "json", "demo", cwd=tmp_path).stdout)["findings"]}
    assert rules
    (tmp_path / "out").mkdir()
    assert agentlint("graph", "-f", "html", "-o", "out/page.html", "demo", cwd=tmp_path).returncode == 0
    page = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert all(f'"rule":"{rule}"' in page for rule in rules)
    assert 'href="../demo/bad%20tool.py#L' in page
    assert page == agentlint("graph", "-f", "html", "demo", cwd=tmp_path).stdout.replace('"./bad', '"../demo/bad')


def test_baseline_from_detect_secrets(agentlint, repo):
    import hashlib

    known, moved, new = "Harbor!" + "Blue77", "Harbor!" + "Green88", "Harbor!" + "Red99"
    lines = [f'connect(password="{known}")', f'login(password="{moved}")', f'sign(password="{new}")']
    (repo / "app.py").write_text("\n".join(lines) + "\n")
    entries = [
        {"type": "Secret Keyword", "filename": "app.py", "hashed_secret": "0" * 40, "is_verified": False, "line_number": 1},
        {
            "type": "Secret Keyword",
            "filename": "app.py",
            "hashed_secret": hashlib.sha1(moved.encode()).hexdigest(),
            "is_verified": False,
            "line_number": 77,
        },
    ]
    (repo / ".secrets.baseline").write_text(json.dumps({"version": "1.5.0", "plugins_used": [], "results": {"app.py": entries}}))
    done = agentlint("baseline", "--from-detect-secrets", ".secrets.baseline", "-o", "known.json", "--select", "AL102")
    assert done.returncode == 0, done.stderr
    assert "2 findings" in done.stderr
    found = json.loads(agentlint("--baseline", "known.json", "--select", "AL102", "-f", "json").stdout)["findings"]
    assert [finding["line"] for finding in found] == [3]
    assert known not in (repo / "known.json").read_text()


def test_baseline_from_a_broken_file(agentlint, repo):
    (repo / "other.json").write_text("[]")
    done = agentlint("baseline", "--from-detect-secrets", "other.json", "-o", "known.json")
    assert done.returncode == 2
    assert "detect-secrets" in done.stderr
