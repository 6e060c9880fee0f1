"""Credentials that no format betrays: judged by their name, their shape and their use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from agentlint.core.digest import blake2b
from agentlint.core.mask import mask
from agentlint.core.place import Span
from agentlint.facts import literal_python, literal_text, literal_urls
from agentlint.facts.literal_names import name_class, parts
from agentlint.facts.literal_values import is_identifier_like, shape_of
from agentlint.facts.types import LiteralFact

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentlint.facts.literal_names import NameClass
    from agentlint.facts.literal_python import Candidate, Use
    from agentlint.facts.literal_values import Shape
    from agentlint.facts.python.ir import Function, PythonFacts
    from agentlint.facts.types import Marker, NodeFact, SecretFact
    from agentlint.parse.text import Text

MAX_FACTS = 200
_NEAR = 12
_REACH = 4
_CLOUDS = frozenset({"aws", "azure", "gcp", "google", "alibaba", "tencent", "oci", "ibm"})
_LOCAL = ("localhost", "127.0.0.1", "host.docker.internal")
_CODE = (".go", ".java", ".kt", ".rb", ".rs", ".cs", ".php", ".bicep", ".toml", ".tf", ".hcl", ".json")
_WHY = {
    "random": "it looks generated",
    "chosen": "it is a password that somebody chose",
    "phrase": "a fixed phrase signs what must not be forged",
    "placeholder": "everybody knows this value",
}
# Kinds whose plain passwords are a development set-up more often than not.
_SETUPS = frozenset({"compose", "dotenv", "shell", "workflow", "gitlab-ci", "dockerfile", "markdown", "text", "kubernetes"})


def in_python(facts: PythonFacts, text: Text, markers: tuple[Marker, ...]) -> list[LiteralFact]:
    """Return the credentials among the literals of Python code; places are in the file, also for notebooks."""
    hot = hot_lines(text)
    if not hot:
        return []
    compared: frozenset[str] | None = None
    samples: dict[int, frozenset[int]] = {}
    found: dict[Span, LiteralFact] = {}
    for candidate in literal_python.candidates(facts, hot):
        function = facts.functions[candidate.function]
        value = function.values[candidate.value]
        literal = candidate.text[2:-1] if value.keys[0] == "bytes" else candidate.text
        shape = shape_of(candidate.name, literal)
        if not shape:
            continue
        loud = _judge(name_class(candidate.name), shape, candidate.use, literal)
        if loud is None:
            continue
        if candidate.function not in samples:
            samples[candidate.function] = literal_python.inside_samples(function)
        if candidate.value in samples[candidate.function]:
            continue
        if compared is None:
            compared = _compared(facts)
        if shape == "placeholder" and literal in compared:
            loud = False  # the code knows this value and looks for it
        if shape != "random" and (_is_local(function, candidate) or literal_python.is_unread(facts, candidate)):
            loud = False
        span = _in_file(value.span, markers)
        fact = _fact(candidate.name, candidate.use, literal, shape, span, loud)
        known = found.get(span)
        if known is None or (known.quiet and not fact.quiet):
            found[span] = fact
        if len(found) >= MAX_FACTS:
            break
    return sorted(found.values(), key=lambda fact: fact.span)


def in_text(path: str, kind: str, text: Text) -> list[LiteralFact]:
    """Return the credentials among the named values of a file that is no Python."""
    found: dict[Span, LiteralFact] = {}
    is_code = kind == "javascript" or path.endswith(_CODE)
    for candidate in literal_text.candidates(text):
        if is_code and not candidate.quoted:
            continue  # an expression
        shape = shape_of(candidate.name, candidate.text)
        loud = _judge_text(kind, name_class(candidate.name), shape, candidate.text)
        if loud is None or literal_text.is_sample(text, candidate.start):
            continue
        span = text.span(candidate.start, candidate.end)
        found.setdefault(span, _fact(candidate.name, "entry", candidate.text, shape, span, loud))
        if len(found) >= MAX_FACTS:
            break
    return list(found.values())


def in_urls(data: bytes, text: Text) -> list[LiteralFact]:
    """Return the credentials in addresses, in any kind of file."""
    return [
        LiteralFact(
            name=found.name, use=found.use, shape=found.shape, span=text.span(found.start, found.end), kind="key",
            masked=mask(found.text) if found.use != "query-variable" else found.text[:60],
            digest=_digest(found.text, found.shape), why=_WHY[found.shape], quiet=found.quiet,
        )
        for found in literal_urls.candidates(data, text)
    ]  # fmt: skip


def hot_lines(text: Text) -> list[int]:
    """Return the 1-based lines of Python code on which a credential's name ends and near which a string stands, in order."""
    lines = text.lines
    return [
        number + 1
        for number in literal_text.lines(text)
        if any('"' in line or "'" in line for line in lines[number : number + _REACH])
    ]


def keep(facts: Iterable[LiteralFact], secrets: Iterable[SecretFact], nodes: Iterable[NodeFact],
         is_allowed: Callable[[int], bool]) -> tuple[LiteralFact, ...]:  # fmt: skip
    """Return what is not known already as a published format or by a front end, and not allowed by a comment.

    That a client is given a key of a cloud is worth saying whatever the format of the key.
    """
    taken = {line for secret in secrets for line in range(secret.span.line, secret.span.end_line + 1)}
    for node in nodes:
        if node.type == "secret" or node.attrs.get("kind") in ("image-secret", "secret-env"):
            taken.update(range(node.span.line, max(node.span.end_line, node.span.line) + 1))
    return tuple(
        fact for fact in facts if (fact.kind == "cloud" or fact.span.line not in taken) and not is_allowed(fact.span.line)
    )


def _judge(kind: NameClass, shape: Shape, use: Use, literal: str) -> bool | None:
    """Tell whether the regular persona hears of it; ``None`` where it is nothing."""
    if shape == "random":
        return use != "comparison" or kind != "key"
    if kind == "password" and shape == "chosen":
        return True
    if kind == "admin":
        if shape == "chosen":
            return True
        if shape in ("placeholder", "phrase") and use in ("constant", "default"):
            return not is_identifier_like(literal)
    if kind == "signing" and shape in ("chosen", "phrase", "placeholder") and use in ("constant", "default", "argument"):
        return _is_signing_phrase(literal)
    known = kind == "password" and shape in ("phrase", "placeholder") and not is_identifier_like(literal)
    return False if known and use in ("constant", "default", "argument") else None


def _is_signing_phrase(literal: str) -> bool:
    """Tell a phrase that signs from the name of a field: several words, one of which says what it is for."""
    lowered = literal.lower()
    says = any(
        word in lowered
        for word in ("secret", "key", "jwt", "change", "dev", "token", "insecure", "default", "pass", "salt", "test")
    )
    return (says or any(char.isdigit() for char in literal)) and not (literal.isidentifier() and literal.count("_") <= 1)


def _judge_text(kind: str, name: NameClass, shape: Shape, literal: str) -> bool | None:
    if shape == "random":
        return len(literal) >= 16
    if shape == "chosen" and name in ("password", "admin"):
        return kind not in _SETUPS and kind not in ("json", "javascript", "yaml") and not literal.isalnum()
    return None


def _is_local(function: Function, candidate: Candidate) -> bool:
    """Tell whether what stands around the literal connects to this machine: a set-up for development."""
    line = function.values[candidate.value].line
    return any(
        value.op == 0 and abs(value.line - line) <= _NEAR and any(host in value.text for host in _LOCAL)
        for value in function.values
    )


def _compared(facts: PythonFacts) -> frozenset[str]:
    """Return the texts that code compares something with."""
    return frozenset(_compared_in(facts))


def _compared_in(facts: PythonFacts) -> Iterator[str]:
    for function in facts.functions:
        for value in function.values:
            if value.op == 16 and value.text in ("==", "!=", "in", "not in"):
                for arg in value.args:
                    found = function.values[arg]
                    members = found.args if found.op == 9 else (arg,)
                    yield from (function.values[member].text for member in members if function.values[member].op == 0)


def _in_file(span: Span, markers: tuple[Marker, ...]) -> Span:
    if not 0 < span.line <= len(markers):
        return span
    first, last = markers[span.line - 1], markers[min(max(span.end_line, span.line), len(markers)) - 1]
    return Span(first.line, first.column + span.column - 1, last.line, last.column + span.end_column - 1)


def _kind(name: str, use: Use) -> str:
    """Return the class of the name; a key that a client of a cloud is given counts as the cloud's."""
    kind = name_class(name)
    return "cloud" if kind == "key" and use == "argument" and parts(name)[0] in _CLOUDS else kind


def _fact(name: str, use: Use, literal: str, shape: Shape, span: Span, loud: bool) -> LiteralFact:
    return LiteralFact(
        name=name[:80], use=use, shape=shape, span=span, masked=mask(literal), digest=_digest(literal, shape), why=_WHY[shape],
        quiet=not loud, kind=_kind(name, use),
    )  # fmt: skip


def _digest(literal: str, shape: str) -> str:
    """Return a name for ``literal``; for what can be guessed, one that is too short to test guesses with."""
    size = 16 if shape == "random" and len(literal) >= 16 else 2
    return blake2b(literal.encode("utf-8", "replace"), digest_size=size, key=b"agentlint/literal").hexdigest()
