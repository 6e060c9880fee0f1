"""``agentlint test``: a user's own rules against their fixtures."""

from __future__ import annotations

from pathlib import Path

import click

from agentlint.cli import EXIT_CLEAN, EXIT_FINDINGS, output
from agentlint.core.errors import UsageError
from agentlint.core.escape import for_terminal


@click.command("test")
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Read this configuration.")
@click.option("-q", "--quiet", is_flag=True, help="Only what fails.")
def command(directory: Path, config: Path | None, quiet: bool) -> int:
    """Run your own rules against their fixtures.

    The rules are those of the directories that the configuration of DIRECTORY names under rules, or the YAML files of
    DIRECTORY itself. Beside them stand fixtures/CODE-name/bad_* and good_*, with "expect: CODE" in a comment on each line
    to be reported. Exits 1 if a fixture fails.

    \b
    Examples:
      agentlint test
      agentlint test security/rules
    """  # noqa: D301 - click reads the control character
    from agentlint.engine.config import settings_for
    from agentlint.engine.fixtures import run_cases
    from agentlint.engine.repository import rulebook

    if not directory.is_dir():
        raise UsageError(f"{directory}: there is no such directory")
    given: dict[str, object] = {"rule_dirs": (str(directory),)} if any(_rule_files(directory)) else {}
    settings = settings_for(directory, given, config)
    if not settings.rule_dirs:
        raise UsageError(
            f'{directory}: no rules of yours: name their directory in the configuration (rules = ["security/rules"])'
        )
    own = [rule.id for rule in rulebook(settings).rules if not rule.id.startswith("AL")]
    if not own:
        raise UsageError(f"{', '.join(settings.rule_dirs)}: there are no rules (*.yaml) in it")
    cases = run_cases([Path(path) for path in settings.rule_dirs], settings, own)
    failed = [case for case in cases if case.problems]
    for case in failed if quiet else cases:
        output.to_stdout(f"{'FAIL' if case.problems else 'pass'}  {for_terminal(case.name)}\n")
        output.to_stdout("".join(f"      {for_terminal(problem)}\n" for problem in case.problems))
    output.to_stdout(f"{len(cases) - len(failed)} passed, {len(failed)} failed\n")
    return EXIT_FINDINGS if failed else EXIT_CLEAN


def _rule_files(directory: Path) -> list[Path]:
    """Return the YAML files of a directory that look like rules: they begin with an id."""
    found = []
    for path in sorted(directory.glob("*.y*ml")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                start = file.read(2000)
            if start.startswith(b"id:") or b"\nid:" in start:
                found.append(path)
    return found
