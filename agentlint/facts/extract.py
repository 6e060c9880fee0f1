"""One file to its facts: decode, parse, lower Python, ask the front ends, find ignores and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from agentlint.core.finding import Notification
from agentlint.facts.frontend import FileInput, contribute_all
from agentlint.facts.ignores import parse_ignores
from agentlint.facts.python.ir import PythonFacts
from agentlint.facts.types import FileFacts, Marker, SecretFact
from agentlint.parse.api import Parsed, parse
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.facts.secrets import Scanner
    from agentlint.parse.text import Text

GENERIC_DATA = frozenset({"json", "yaml", "toml", "markdown"})
PYTHON_KINDS = frozenset({"python", "notebook"})
NAMES_MCP = "names-mcp"
"""The trait of Python files that speak of the Model Context Protocol: only there a command line may start a server."""
NAMES_SCOPES = "names-scopes"
"""The trait of Python files that speak of scopes."""


class Extracted(msgspec.Struct, frozen=True):
    """``parsed`` stays in the worker; ``facts`` leave it."""

    facts: FileFacts
    parsed: Parsed | None
    notifications: tuple[Notification, ...] = ()


def extract(
    path: str, kind: str, data: bytes, scanner: Scanner, trees: frozenset[str] = frozenset(), *, aside: bool = False
) -> Extracted:
    """Return all facts of a file. What cannot be read becomes a notification; secrets are looked for even then.

    Generic data files (a ``json`` that is no known configuration) are read as text unless some rule matches in files of
    their kind (``trees``): no front end asks for their tree. ``aside``: of Python nothing but credentials is wanted.
    """
    if aside and kind in PYTHON_KINDS:
        return _aside(path, kind, data, scanner)
    parsed = parse("text" if kind in GENERIC_DATA and kind not in trees else kind, path, data)
    if isinstance(parsed, ParseProblem):
        return _unreadable(path, kind, data, scanner, parsed)
    notes = [Notification(path, problem.line, problem.kind, problem.message) for problem in parsed.problems]
    python, markers = _python(path, kind, parsed, notes)
    part = contribute_all(FileInput(path, kind, parsed.text, parsed.document))
    notes += part.notifications
    facts = FileFacts(
        path=path, kind=kind, python=python, nodes=part.nodes, edges=part.edges, resources=part.resources, markers=markers,
        traits=part.traits if python is None else (*part.traits, *_mentions(data)),
        secrets=_secrets(path, data, parsed.text, scanner, notes), ignores=parse_ignores(parsed.text, kind),
    )  # fmt: skip
    facts = _with_literals(facts, data, parsed, scanner)
    return Extracted(facts, parsed, tuple(notes))


def _aside(path: str, kind: str, data: bytes, scanner: Scanner) -> Extracted:
    """The credentials of Python code, which is understood only where one may stand under a name and is no part of the program."""
    from agentlint.facts.literals import hot_lines

    parsed = parse(kind, path, data)
    if isinstance(parsed, ParseProblem):
        return _unreadable(path, kind, data, scanner, parsed)
    notes: list[Notification] = []
    source = parsed.notebook.source if parsed.notebook is not None else parsed.text
    python, markers = _python(path, kind, parsed, notes) if hot_lines(source) else (None, ())
    secrets = _secrets(path, data, parsed.text, scanner, notes)
    ignores = parse_ignores(parsed.text, kind)
    facts = FileFacts(path=path, kind=kind, python=python, markers=markers, secrets=secrets, ignores=ignores)
    facts = _with_literals(facts, data, parsed, scanner)
    return Extracted(replace(facts, python=None), parsed, tuple(notes))


def _mentions(data: bytes) -> list[str]:
    """Return the traits of a Python file that a search of its bytes tells."""
    traits = [NAMES_MCP] if b"mcp" in data or b"MCP" in data else []
    if b"scope" in data or b"SCOPE" in data:
        traits.append(NAMES_SCOPES)
    return traits


def _unreadable(path: str, kind: str, data: bytes, scanner: Scanner, problem: ParseProblem) -> Extracted:
    """A file that does not parse may still leak a key: read it as text."""
    notes = [Notification(path, problem.line, problem.kind, problem.message)]
    text = parse("text", path, data)
    secrets = () if isinstance(text, ParseProblem) else _secrets(path, data, text.text, scanner, notes)
    return Extracted(FileFacts(path=path, kind=kind, secrets=secrets), None, tuple(notes))


def _secrets(path: str, data: bytes, text: Text, scanner: Scanner, notes: list[Notification]) -> tuple[SecretFact, ...]:
    found = scanner.read(data, text)
    if found.unread:
        reason = f"too many credentials, or words that begin like one ({len(found.facts)} are reported)"
        message = f"{reason}; from this line on they were not looked for: split the file, or leave it out with `exclude`"
        notes.append(Notification(path, found.unread, "cap", message))
    return tuple(found.facts)


def _with_literals(facts: FileFacts, data: bytes, parsed: Parsed, scanner: Scanner) -> FileFacts:
    """Return ``facts`` with the credentials that only name, shape and use betray, and without the text of any credential."""
    from agentlint.facts import literals

    found = literals.in_urls(data, parsed.text)
    if facts.kind not in PYTHON_KINDS:
        found += literals.in_text(facts.path, facts.kind, parsed.text)
    elif facts.python is not None:
        source = parsed.notebook.source if parsed.notebook is not None else parsed.text
        found += literals.in_python(facts.python, source, facts.markers)
    if found:
        kept = literals.keep(found, facts.secrets, facts.nodes, lambda line: scanner.allows(parsed.text, line))
        facts = replace(facts, literals=kept)
    if facts.secrets or facts.literals:
        from agentlint.facts.redact import redacted

        facts = redacted(facts, parsed.text)
    return facts


def _python(path: str, kind: str, parsed: Parsed, notes: list[Notification]) -> tuple[PythonFacts | None, tuple[Marker, ...]]:
    if kind not in PYTHON_KINDS:
        return None, ()
    from agentlint.parse.python import parse_python

    source: Text = parsed.text
    markers: tuple[Marker, ...] = ()
    if kind == "notebook":
        if parsed.notebook is None:
            return None, ()
        source = parsed.notebook.source
        markers = tuple(Marker(*marker) for marker in parsed.notebook.markers)
    tree = parse_python(source)
    if isinstance(tree, ParseProblem):
        line = markers[tree.line - 1].line if 0 < tree.line <= len(markers) else tree.line
        notes.append(Notification(path, line, tree.kind, tree.message))
        return None, markers
    from agentlint.facts.python.lower import lower

    try:
        return lower(tree, source.data), markers
    except RecursionError:
        notes.append(Notification(path, 0, "cap", "an expression is nested too deeply to be analysed; split it"))
        return None, markers
