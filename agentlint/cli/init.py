"""``agentlint init``: a commented configuration, and snippets for pre-commit and for a workflow."""

from __future__ import annotations

from pathlib import Path

import click

from agentlint import __version__
from agentlint.cli.output import note, to_stdout
from agentlint.core.errors import UsageError

CONFIG = """\
# Configuration of agentlint. Everything here is optional; the values shown are the defaults.
# The command line wins over this file. `agentlint rules` lists the rules, `agentlint explain AL411` explains one.

# Rules to use and to leave out: ids (AL411), the start of ids (AL4), or names (shell-injection).
# select = []
# ignore = []

# regular: what a reviewer would act on. pedantic: also smells. auditor: everything.
# persona = "regular"

# Leave out findings below a severity; end with exit code 1 from a severity on ("never" for reports).
# min-severity = "info"
# fail-on = "low"

# Paths that are not read, as in .gitignore, and rules that are ignored in some paths.
# exclude = ["vendor/"]
# per-file-ignores = { "examples/**" = ["AL8"] }

# A file of known findings, written by `agentlint baseline -o FILE`.
# baseline = ".agentlint-baseline.json"

# Directories with rules and models of your own (YAML), inside this repository.
# rules = ["security/rules"]
# models = ["security/models"]

# Your own severity for a rule.
# severity = { AL411 = "critical" }

# The largest file that is read, in bytes.
# max-file-size = 5000000

# Hosts and MCP packages that you vouch for.
# allow-hosts = ["mcp.example.com"]
# trusted-mcp-packages = ["@example/mcp-server"]

# Controls that no scan can see, and who vouches for them until when.
# [attest.R01]
# owner = "security@example.com"
# date = "2026-01-31"
# expires = "2027-01-31"
# link = "https://example.com/decision"
"""

PRE_COMMIT = f"""\
repos:
  - repo: local
    hooks:
      - id: agentlint
        name: agentlint
        entry: agentlint scan
        language: python
        additional_dependencies: ["agentlint-scanner=={__version__}"]
        pass_filenames: false
"""

WORKFLOW = f"""\
name: agentlint
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  agentlint:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - run: pipx run --spec agentlint-scanner=={__version__} agentlint scan -f github -f sarif=agentlint.sarif
      - uses: github/codeql-action/upload-sarif@v3
        if: always()
        with:
          sarif_file: agentlint.sarif
          category: agentlint
"""

_FILES = {
    "pre_commit": (".pre-commit-config.yaml", PRE_COMMIT),
    "workflow": (".github/workflows/agentlint.yml", WORKFLOW),
}


@click.command("init")
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--pre-commit", is_flag=True, help="Also write a pre-commit configuration, or print it if there is one.")
@click.option("--workflow", is_flag=True, help="Also write a GitHub workflow, or print it if there is one.")
def command(directory: Path, pre_commit: bool, workflow: bool) -> None:
    """Write a commented agentlint.toml to DIRECTORY (default: this one). Never overwrites a file.

    \b
    Examples:
      agentlint init
      agentlint init --pre-commit --workflow
    """  # noqa: D301 - click reads the control character
    if not directory.is_dir():
        raise UsageError(f"{directory}: there is no such directory")
    wanted = [name for name, asked in (("pre_commit", pre_commit), ("workflow", workflow)) if asked]
    created = _create(directory / "agentlint.toml", CONFIG)
    if not created and not wanted:
        raise UsageError(f"{directory / 'agentlint.toml'}: already exists; edit it, or delete it first")
    for name in wanted:
        file, text = _FILES[name]
        if not _create(directory / file, text):
            note(f"{directory / file} already exists; add this to it:")
            to_stdout(text)


def _create(path: Path, text: str) -> bool:
    """Write a new file; return whether there was none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{path}: cannot write ({error.strerror or error})") from error
    note(f"wrote {path}")
    return True
