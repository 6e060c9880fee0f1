"""What is built and installed."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import agentlint

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IMPORT_NAMES = {  # where it is not the distribution's name
    "detect-secrets": "detect_secrets",
    "pyyaml": "yaml",
    "sarif-om": "sarif_om",
    "tree-sitter": "tree_sitter",
    "tree-sitter-bicep": "tree_sitter_bicep",
    "tree-sitter-hcl": "tree_sitter_hcl",
}


def distribution() -> importlib.metadata.Distribution:
    try:
        found = importlib.metadata.distribution("agentlint-scanner")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("agentlint-scanner is not installed here, only importable")
    origin = found.read_text("direct_url.json")
    if origin and json.loads(origin).get("dir_info", {}).get("editable"):
        pytest.skip("agentlint-scanner is installed as editable: there is no wheel to look into")
    return found


def test_wheel_holds_the_rules_and_the_compiled_catalogue() -> None:
    names = {file.as_posix() for file in distribution().files or ()}
    assert "agentlint/_catalog.json" in names
    assert "agentlint/py.typed" in names
    assert {name for name in names if name.startswith("agentlint/_rules/")} >= {
        f"agentlint/_rules/{file.relative_to(ROOT / 'rules').as_posix()}" for file in (ROOT / "rules").rglob("*.yaml")
    }
    assert any(name.endswith("LICENSE") for name in names)


def test_wheel_holds_what_the_page_of_the_graph_is_made_of() -> None:
    names = {file.as_posix() for file in distribution().files or ()}
    assets = ROOT / "agentlint" / "report" / "assets"
    assert names >= {f"agentlint/report/assets/{file.name}" for file in assets.iterdir()}


def test_vendored_assets_are_what_their_record_says() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "vendor_assets.py"), "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_wheel_holds_nothing_else_at_the_top() -> None:
    tops = {file.parts[0] for file in distribution().files or ()} - {"..", "__pycache__"}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"agentlint"}


def test_installed_version_and_command() -> None:
    found = distribution()
    assert found.version == agentlint.__version__
    commands = {point.name: point.value for point in found.entry_points if point.group == "console_scripts"}
    assert commands == {"agentlint": "agentlint.cli:main"}


def test_every_import_is_a_declared_dependency() -> None:
    declared = {re.split(r"[<>=!;\[ ]", line)[0] for line in PROJECT["dependencies"]}
    allowed = {IMPORT_NAMES.get(name, name) for name in declared} | {"agentlint", "attr"}  # attrs comes with sarif-om
    used: dict[str, str] = {}
    for file in (ROOT / "agentlint").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0]: file.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                used[(node.module or "").split(".")[0]] = file.name
    foreign = {
        name: file
        for name, file in used.items()
        if name not in sys.stdlib_module_names | {"tomllib", "_sha2"} and name not in allowed
    }
    assert foreign == {}
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "agentlint").rglob("*.py"))  # some are imported by name
    assert {name for name in allowed if name not in used and f'"{name}' not in text} <= {"attr"}


def test_the_version_costs_no_heavy_import() -> None:
    heavy = [
        "rich",
        "jsonschema",
        "yaml",
        "sarif_om",
        "detect_secrets",
        "libcst",
        "tree_sitter",
        "msgspec",
        "asyncio",
    ]
    code = (
        "import contextlib, sys\nfrom agentlint.cli import main\n"
        "with contextlib.suppress(SystemExit):\n    main(['--version'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, loaded = done.stdout.splitlines()
    assert version == f"agentlint {agentlint.__version__}"
    assert loaded == "[]"


def test_python_versions_agree() -> None:
    versions = [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d", c)]
    assert PROJECT["requires-python"] == f">={versions[0]}"
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'target-version = "py{versions[0].replace(".", "")}"' in config
    assert f'python_version = "{versions[0]}"' in config


def test_the_licence_is_the_one_declared() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    text = " ".join((ROOT / "LICENSE").read_text(encoding="utf-8").split())
    assert text.startswith("Apache License Version 2.0, January 2004")
    assert "END OF TERMS AND CONDITIONS" in text
