"""Where reports go: files, or standard output that may be closed early."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from agentlint.core.errors import UsageError
from agentlint.core.escape import for_terminal

if TYPE_CHECKING:
    from agentlint.core.finding import Notification

STDOUT = "-"
STDERR = "standard error"
_MAX_PROBLEMS = 20


def targets(formats: Sequence[str], output: str | None, known: Sequence[str], default: str) -> list[tuple[str, str]]:
    """Return (format, file) of each report, ``-`` being standard output, from ``FORMAT`` and ``FORMAT=FILE`` options.

    Raises ``UsageError`` for an unknown format, two reports for one place, or a directory that does not exist.
    """
    wanted = []
    for text in formats or (default,):
        name, _, file = text.partition("=")
        if name not in known:
            from agentlint.engine.select import nearest

            close = nearest(name, known)
            hint = f"did you mean {close}?" if close else f"use one of {', '.join(known)}"
            raise UsageError(f"--format: unknown format {name!r}; {hint}")
        wanted.append((name, file or STDOUT))
    if output is not None:
        if len(wanted) > 1 or wanted[0][1] != STDOUT:
            raise UsageError("--output works with a single format; write -f FORMAT=FILE for each of several")
        wanted = [(wanted[0][0], output)]
    places = [file for _, file in wanted]
    for file in places:
        if places.count(file) > 1:
            raise UsageError(f"two reports cannot go to {'standard output' if file == STDOUT else file}; write -f FORMAT=FILE")
        if file != STDOUT and not Path(file).absolute().parent.is_dir():
            raise UsageError(f"{file}: cannot write the report, because its directory does not exist; create it first")
    return wanted


def write(text: str, file: str) -> None:
    """Write a report as UTF-8, whole or not at all; raise ``UsageError`` if the file cannot be written."""
    text = text if text.endswith("\n") or not text else text + "\n"
    if file == STDOUT:
        to_stdout(text)
        return
    data = text.encode("utf-8", "backslashreplace")
    path = Path(file)
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{file}: {_unwritten(error)}") from error


def _unwritten(error: OSError) -> str:
    return f"cannot write the report ({error.strerror or error}); make room or name another place with --output"


def to_stdout(text: str) -> None:
    """Write to standard output; when its reader has gone, drop the rest: the exit code still says what was found.

    Raises ``UsageError`` when it cannot be written for another reason, such as a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        raise UsageError(f"standard output: {_unwritten(error)}") from error


def problems(notes: Sequence[Notification]) -> None:
    """Write the first problems to standard error, one line each: where, why, and what to do."""
    from agentlint.report.select import with_next_step

    for problem in notes[:_MAX_PROBLEMS]:
        place = f"{problem.path}:{problem.line}" if problem.line else problem.path
        note(f"error: {for_terminal(f'{place}: {with_next_step(problem)}' if place else with_next_step(problem))}")
    if len(notes) > _MAX_PROBLEMS:
        note(f"error: and {len(notes) - _MAX_PROBLEMS} more")


def note(text: str) -> None:
    """Write a line for people to standard error; when nobody can read it, the exit code must still come out."""
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """Send what is still buffered nowhere, or the interpreter complains while it exits."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def colored(file: str, *, no_color: bool) -> bool:
    """Return whether what goes to ``file`` may use colours."""
    stream = {STDOUT: sys.stdout, STDERR: sys.stderr}.get(file)
    return stream is not None and stream.isatty() and not no_color and not os.environ.get("NO_COLOR")


def width() -> int:
    """Return the width of the terminal in cells, 100 when there is none."""
    if not sys.stdout.isatty():
        return 100
    import shutil

    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 160))
