"""The rulebook from YAML: that of a source checkout, or the directories of a user; ``own`` reads that of a wheel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from agentlint.core.errors import RulebookError
from agentlint.core.limits import MAX_FILE_BYTES
from agentlint.parse.document import Node
from agentlint.parse.problem import ParseProblem
from agentlint.rulebook import catalog
from agentlint.rulebook.book import Rulebook, SecretType
from agentlint.rulebook.mistakes import Mistake, bare_negations, structure, unread
from agentlint.rulebook.models import Model
from agentlint.rulebook.own import PACKAGE, shipped
from agentlint.rulebook.rules import Rule
from agentlint.rulebook.schema import TYPES
from agentlint.rulebook.tree import line_at, parse
from agentlint.rulebook.validate import (
    arguments_as_text,
    fact_key,
    facts_of,
    misspelt,
    model_semantics,
    rule_semantics,
    secret_semantics,
)
from agentlint.rulebook.vocabulary import words

__all__ = ["load_directory", "shipped", "with_user_rules"]

MAX_USER_FILES = 2000

Kinds: TypeAlias = "Mapping[str, Mapping[str, str]]"


class Entry(msgspec.Struct, frozen=True):
    """A rulebook file that was read: its name, its tree and its value."""

    file: str
    root: Node
    value: Any


def load_directory(rules: Path, models: Path | None = None, secrets: Path | None = None, *, thorough: bool = True) -> Rulebook:
    """Return the rulebook in a directory of agentlint's own, fully validated unless ``thorough`` is false.

    ``models`` and ``secrets`` default to the sub-directories of these names; ``kinds.yaml`` stands in ``rules``.

    Raises:
        RulebookError: One line per mistake, ``file:line: what is wrong``.
    """
    return _load(rules, models or rules / "models", secrets or rules / "secrets", thorough=thorough)


def with_user_rules(book: Rulebook, rule_dirs: Sequence[Path], model_dirs: Sequence[Path]) -> Rulebook:
    """Return ``book`` with the rules and models of a user's directories (data only: ``check`` is refused).

    Raises:
        RulebookError: One line per mistake, over all files at once.
    """
    mistakes: list[Mistake] = []
    rule_files = [file for directory in rule_dirs for file in _user_files(directory, mistakes)]
    model_files = [file for directory in model_dirs for file in _user_files(directory, mistakes)]
    rules = _entries("rule", rule_files, book.kinds, mistakes)
    models = _entries("model", model_files, book.kinds, mistakes)
    for entry in rules:
        mistakes += rule_semantics(entry.value, entry.root, entry.file, None)
        if entry.value.id.startswith("AL"):
            text = f"`{entry.value.id}`: ids that begin with AL are agentlint's own"
            mistakes.append(Mistake(entry.file, line_at(entry.root, (), "id"), text))
    mistakes += _models_together(models, book.kinds)
    mistakes += _same_rules(rules, book.rules)
    _raise(mistakes)
    added = msgspec.structs.replace(
        book, rules=(*book.rules, *(e.value for e in rules)), models=(*book.models, *(e.value for e in models))
    )
    return catalog.sealed(added)


def _load(rules_dir: Path, models_dir: Path, secrets_dir: Path, *, thorough: bool) -> Rulebook:
    kinds_file = rules_dir / "kinds.yaml"
    if not kinds_file.is_file():
        raise RulebookError(f"{kinds_file}:0: the file that lists all kinds is missing")
    mistakes: list[Mistake] = []
    kinds = _kinds(kinds_file)
    rules = _entries("rule", _own(rules_dir, "AL*.yaml"), kinds, mistakes, thorough=thorough)
    models = _entries("model", _own(models_dir, "*.yaml"), kinds, mistakes, thorough=thorough)
    secrets = _entries("secret", _own(secrets_dir, "*.yaml"), kinds, mistakes, thorough=thorough)
    mistakes += _same_rules(rules, ())
    if thorough:
        modules = frozenset(path.stem for path in (PACKAGE / "checks").glob("al*.py"))
        for entry in rules:
            mistakes += rule_semantics(entry.value, entry.root, entry.file, modules)
        mistakes += _models_together(models, kinds)
        mistakes += secret_semantics([(entry.file, entry.root, entry.value) for entry in secrets])
    _raise(mistakes)
    types: tuple[SecretType, ...] = tuple(secret for entry in secrets for secret in entry.value)
    own_rules: tuple[Rule, ...] = tuple(entry.value for entry in rules)
    own_models: tuple[Model, ...] = tuple(entry.value for entry in models)
    return catalog.sealed(Rulebook(rules=own_rules, models=own_models, secrets=types, kinds=kinds))


def _raise(mistakes: Iterable[Mistake]) -> None:
    lines = [str(mistake) for mistake in sorted(set(mistakes))]
    if lines:
        raise RulebookError("\n".join(lines))


def _kinds(file: Path) -> dict[str, dict[str, str]]:
    root = parse(file.read_bytes())
    if isinstance(root, ParseProblem):
        raise RulebookError(f"{file}:{root.line}: {root.message}")
    try:
        return msgspec.convert(root.plain(), dict[str, dict[str, str]])
    except msgspec.ValidationError as error:
        raise RulebookError(f"{file}:1: {error}") from error


def _own(directory: Path, pattern: str) -> list[Path]:
    return sorted(directory.glob(pattern)) if directory.is_dir() else []


def _user_files(directory: Path, mistakes: list[Mistake]) -> list[Path]:
    """Return the YAML files of a directory; links that leave it are mistakes, as is a directory that is not there."""
    if not directory.is_dir():
        mistakes.append(Mistake(str(directory), 0, "is not a directory"))
        return []
    home = directory.resolve()
    kept: list[Path] = []
    for path in sorted(p for p in directory.iterdir() if p.suffix in (".yaml", ".yml")):
        if not path.resolve().is_relative_to(home):
            mistakes.append(Mistake(str(path), 0, "is a link that leaves the directory"))
        elif not path.is_file():
            mistakes.append(Mistake(str(path), 0, "is not a file"))
        elif path.stat().st_size > MAX_FILE_BYTES or len(kept) >= MAX_USER_FILES:
            mistakes.append(Mistake(str(path), 0, "is too large, or one file too many"))
        else:
            kept.append(path)
    return kept


def _entries(kind: str, files: Iterable[Path], kinds: Kinds, mistakes: list[Mistake], *, thorough: bool = True) -> list[Entry]:
    """Return what could be read of ``files``; add the structural mistakes of the others."""
    entries: list[Entry] = []
    lists = words(kinds)
    for path in files:
        file = path.as_posix()
        data = path.read_bytes()
        root = parse(data)
        if isinstance(root, ParseProblem):
            mistakes.append(Mistake(file, root.line, f"not YAML: {root.message}"))
            continue
        plain = root.plain()
        try:
            value = msgspec.convert(arguments_as_text(plain) if kind == "model" else plain, TYPES[kind])
        except msgspec.ValidationError as error:
            found = list(structure(kind, root, file, kinds))
            mistakes += found or [Mistake(file, root.span.line, str(error))]
            continue
        if thorough:
            mistakes += unread(root, file)
            mistakes += bare_negations(data, file) if kind == "model" else ()
        if thorough or misspelt(value, lists):
            mistakes += structure(kind, root, file, kinds)
        entries.append(Entry(file, root, value))
    return entries


def _same_rules(entries: Sequence[Entry], others: Sequence[Rule]) -> list[Mistake]:
    mistakes = []
    for field in ("id", "name"):
        first: dict[str, str] = {getattr(rule, field): "agentlint's own rules" for rule in others}
        for entry in entries:
            word = getattr(entry.value, field)
            if word in first:
                text = f"{field} `{word}` is used twice: also in {first[word]}"
                mistakes.append(Mistake(entry.file, line_at(entry.root, (), field), text))
            first.setdefault(word, entry.file)
    return mistakes


def _models_together(entries: Sequence[Entry], kinds: Kinds) -> list[Mistake]:
    lists = words(kinds)
    mistakes: list[Mistake] = []
    first: dict[tuple[object, ...], tuple[str, int]] = {}
    for entry in entries:
        mistakes += model_semantics(entry.value, entry.root, entry.file, lists)
        for group, index, fact in facts_of(entry.value):
            key, line = fact_key(group, fact), line_at(entry.root, (group, index))
            if key in first:
                file, other = first[key]
                mistakes.append(Mistake(entry.file, line, f"the same fact stands in {file}:{other}"))
            first.setdefault(key, (entry.file, line))
    return mistakes
