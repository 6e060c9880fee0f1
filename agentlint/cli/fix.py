"""``agentlint fix``: what can be mended, as a list, as a diff, or done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentlint.cli import EXIT_CLEAN, EXIT_FINDINGS, EXIT_PROBLEM, output
from agentlint.cli.given import progress, roots, settings
from agentlint.cli.options import LEVELS, scan_options
from agentlint.core.errors import UsageError
from agentlint.core.escape import for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentlint.core.finding import Finding
    from agentlint.engine.fixing import Plan
    from agentlint.engine.settings import Settings

_MAX_LEFT = 50
_MAX_ROUNDS = 10


@click.command("fix")
@scan_options
@click.option("--diff", is_flag=True, help="Show the changes, with secrets masked; write nothing.")
@click.option("--apply", "apply_", is_flag=True, help="Write the changes.")
@click.option("--unsafe", is_flag=True, help="Also changes after which the program may behave differently.")
@click.option("--fail-on", type=click.Choice((*LEVELS, "never")), help="Exit 1 for findings at or above this.  [default: low]")
def command(**options: Any) -> int:
    """List what can be mended in PATH (default: this directory) without asking anybody; show it, or do it.

    A secret that is moved out of a file is still known to whoever has read it: revoke it. Only regular files below the given
    paths are written, and only if they are as they were when they were scanned.

    \b
    Examples:
      agentlint fix .
      agentlint fix --diff --unsafe src
      agentlint fix --apply --select AL104
    """  # noqa: D301 - click reads the control character
    if options["diff"] and options["apply_"]:
        raise UsageError("--diff shows and --apply writes; give one of them")
    chosen = settings(options)
    given = roots(options["paths"])
    plan = _plan(options, chosen, given)
    failed = False
    if options["apply_"]:
        plan, failed = _apply(plan, options, chosen, given)
    else:
        _show(plan, diff=options["diff"], quiet=options["quiet"])
    problems = [note for note in plan.result.notifications if note.level == "error"]
    output.problems(problems)
    return _code(plan.result.findings, chosen, problem=bool(problems) or failed)


def _plan(options: dict[str, Any], chosen: Settings, given: tuple[Path, ...]) -> Plan:
    from agentlint.engine import fixing
    from agentlint.engine.run import scan

    seen = fixing.Seen(given, chosen)
    bar = progress(quiet=options["quiet"])
    try:
        result = scan(given, chosen, bar)
    finally:
        if bar is not None:
            bar.close()
    return fixing.plan(result, seen, unsafe=options["unsafe"])


def _code(left: Iterable[Finding], chosen: Settings, *, problem: bool) -> int:
    if problem:
        return EXIT_PROBLEM
    failing = chosen.fail_on is not None and any(f.severity is None or f.severity >= chosen.fail_on for f in left)
    return EXIT_FINDINGS if failing else EXIT_CLEAN


def _show(plan: Plan, *, diff: bool, quiet: bool) -> None:
    from agentlint.fix.diff import secrets_in, unified
    from agentlint.fix.source import SourceFile

    lines: list[str] = []
    for change in plan.changes:
        file = change.file
        assert isinstance(file, SourceFile)
        if diff:
            hidden = secrets_in(file, (*plan.result.findings, *plan.result.suppressed))
            lines += unified(file, change.new, hidden)
        else:
            lines += [_line(finding, fix.description) for finding, fix in change.fixed]
    if lines:
        output.write("\n".join(lines), output.STDOUT)
    if quiet:
        return
    fixed = sum(len(change.fixed) for change in plan.changes)
    hint = "" if diff or not fixed else "; --diff shows the changes, --apply makes them"
    output.note(f"{fixed} places can be fixed, of {len(plan.result.findings)} findings{hint}")
    _left(plan)


def _apply(plan: Plan, options: dict[str, Any], chosen: Settings, given: tuple[Path, ...]) -> tuple[Plan, bool]:
    """Write all changes, and what can be changed after them; return the plan of what is left and whether a write failed."""
    done: list[str] = []
    variables: list[str] = []
    problems: dict[str, str] = {}
    for _ in range(_MAX_ROUNDS):
        wrote = _round(plan, given, done, variables, problems)
        if not wrote:
            break
        plan = _plan(options, chosen, given)
    for path, reason in problems.items():
        output.note(f"error: {for_terminal(path)}: not changed: {reason}")
    if done:
        output.write("\n".join(done), output.STDOUT)
    failed = bool(problems)
    if variables:
        failed = _variables(list(dict.fromkeys(variables)), given, quiet=options["quiet"]) or failed
    if not options["quiet"]:
        output.note(f"{len(done)} fixed, {len(plan.result.findings)} left")
        _left(plan)
    return plan, failed


def _round(plan: Plan, given: tuple[Path, ...], done: list[str], variables: list[str], problems: dict[str, str]) -> bool:
    """Write the changes of ``plan`` and add to the lists what came of them; return whether a file was written."""
    from agentlint.engine.fixing import write

    wrote = False
    for change in plan.changes:
        path = change.fixed[0][0].path
        reason = problems.get(path) or write(change, given)
        if reason:
            problems[path] = reason
            continue
        wrote = True
        done += [_line(finding, fix.description) for finding, fix in change.fixed]
        variables += [name for _, fix in change.fixed for name in fix.variables]
    return wrote


def _variables(names: list[str], given: tuple[Path, ...], *, quiet: bool) -> bool:
    """Name the variables in ``.env.example``; return whether that failed."""
    from agentlint.fix.write import NotWrittenError, add_variables

    root = given[0]
    if not root.is_dir():
        output.note(f"set these variables, and name them in your .env.example: {', '.join(names)}")
        return False
    try:
        added = add_variables(root, names)
    except NotWrittenError as error:
        output.note(f"error: .env.example: not changed: {error}; it lacks {', '.join(names)}")
        return True
    if added and not quiet:
        output.note(f"named in .env.example, to be set where the program runs: {', '.join(added)}")
    return False


def _left(plan: Plan) -> None:
    """Say of the rest why it is left."""
    told = [f"{_place(finding)} not fixed: {reason}" for finding, reason in plan.refused]
    told += [f"{_place(f)} in part: {fix.left}" for change in plan.changes for f, fix in change.fixed if fix.left]
    for line in told[:_MAX_LEFT]:
        output.note(for_terminal(line))
    if len(told) > _MAX_LEFT:
        output.note(f"and {len(told) - _MAX_LEFT} more")
    if plan.unsafe:
        output.note(f"{len(plan.unsafe)} more with --unsafe: the program may behave differently then")
        for finding, fix in plan.unsafe[:_MAX_LEFT]:
            output.note(for_terminal(f"{_place(finding)} {fix.description}"))


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.span.line}:{finding.span.column}: {finding.rule}"


def _line(finding: Finding, description: str) -> str:
    return for_terminal(f"{_place(finding)} {description}")
