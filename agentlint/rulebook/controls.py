"""The recommendations of the guide as data: ``rules/controls/*.yaml``."""

# Annotations are values here, not text: msgspec compiles text one by one when it first decodes, which takes milliseconds.

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from agentlint.core.errors import RulebookError
from agentlint.parse.problem import ParseProblem
from agentlint.rulebook.own import PACKAGE
from agentlint.rulebook.patterns import pattern_problem
from agentlint.rulebook.rules import MatchForm, NodeForm, Test
from agentlint.rulebook.tree import line_at, parse
from agentlint.rulebook.validate import misspelt
from agentlint.rulebook.vocabulary import EDGE_TYPES, FILE_KINDS, NODE_TYPES

COUNT = 84
IDS = tuple(f"R{number:02}" for number in range(1, COUNT + 1))
_HOMES = (PACKAGE / "_rules" / "controls", PACKAGE.parent / "rules" / "controls")
_SUBJECTS = "subjects.yaml"
_RULE_ID = re.compile(r"AL[1-9]\d\d")
_WORDS = {"nodes": NODE_TYPES, "edges": EDGE_TYPES, "files": FILE_KINDS}
_FRAMEWORK_WORDS = {
    "owasp": re.compile(r"(?:ASI|LLM|MCP)(?:0[1-9]|10)"),
    "atlas": re.compile(r"AML\.[TM]\d{4}(?:\.\d{3})?"),
    "nist_ai_rmf": re.compile(r"(?:GOVERN|MAP|MEASURE|MANAGE) \d\.\d{1,2}"),
    "iso_42001": re.compile(r"A\.\d{1,2}(?:\.\d{1,2}){0,2}"),
    "eu_ai_act": re.compile(r"Art\. \d{1,3}(?:\(\d{1,2}\))?"),
}
FRAMEWORKS = tuple(_FRAMEWORK_WORDS)
T = TypeVar("T")


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class ResourceForm(_Part, frozen=True, kw_only=True):
    """Infrastructure resources by type (``*`` stands for any characters) and properties.

    A key names the end of a property's path in snake case, list positions left out: ``network_mode`` is what Terraform
    writes as ``network_configuration.network_mode`` and CloudFormation as ``NetworkConfiguration.NetworkMode``.
    """

    type: tuple[str, ...]
    where: tuple[Test, ...] = ()
    any_of: tuple[Test, ...] = ()


class Detector(_Part, frozen=True, kw_only=True):
    """One way to see something in a repository; exactly one of the forms is given.

    ``say`` is what the evidence shows, with ``{name}`` of a node. ``hint`` true: it suggests more than it shows, so alone it
    does not satisfy a recommendation. ``among``: the recommendation speaks of every node or resource of these types that
    satisfies these tests (an empty list: of each), so one for which the evidence is not shown leaves it partly met.
    ``files`` are globs of paths, ``imports`` modules, ``calls`` patterns of dotted paths of what is called or decorates.
    """

    say: str = ""
    hint: bool = False
    among: tuple[Test, ...] | None = None
    node: NodeForm | None = None
    match: MatchForm | None = None
    resource: ResourceForm | None = None
    files: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()

    @property
    def everyone(self) -> "Detector | None":
        """The detector of all that the evidence is asked of; None if one place is enough."""
        if self.among is None:
            return None
        whole = {"where": self.among, "any_of": ()}
        if self.node is not None:
            return msgspec.structs.replace(self, among=None, node=msgspec.structs.replace(self.node, **whole))
        if self.resource is not None:
            return msgspec.structs.replace(self, among=None, resource=msgspec.structs.replace(self.resource, **whole))
        return None

    @property
    def forms(self) -> int:
        """How many forms are given."""
        return sum(bool(form) for form in (self.node, self.match, self.resource, self.files, self.imports, self.calls))


class Control(_Part, frozen=True, kw_only=True):
    """A recommendation. It applies if the repository has one of ``applies`` and all of ``needs`` (names of subjects).

    ``rules`` are rules beside those that name the recommendation themselves; those that do not exist yet are planned.
    """

    id: str
    title: str
    mode: Literal["static", "partial", "manual"]
    applies: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    evidence: tuple[Detector, ...] = ()
    frameworks: dict[str, tuple[str, ...]] = {}
    domain: str = ""


class Domain(_Part, frozen=True, kw_only=True):
    """A file: the recommendations of one domain, with the frameworks and subjects that hold where none are given."""

    domain: str
    controls: tuple[Control, ...]
    frameworks: dict[str, tuple[str, ...]] = {}
    applies: tuple[str, ...] = ()


class Catalogue(msgspec.Struct, frozen=True):
    """All recommendations, in order, and the subjects that they apply to."""

    controls: tuple[Control, ...]
    subjects: dict[str, tuple[Detector, ...]]


@cache
def shipped_controls() -> Catalogue:
    """Return the catalogue of this installation.

    Raises:
        RulebookError: A file is missing, or wrong; one line per mistake.
    """
    for home in _HOMES:
        if (home / _SUBJECTS).is_file():
            return load_controls(home)
    raise RulebookError(f"{PACKAGE}: the recommendations are missing from the installation; reinstall agentlint")


def load_controls(home: Path) -> Catalogue:
    """Return the catalogue in a directory; raise ``RulebookError`` with all mistakes."""
    subjects = _read(home / _SUBJECTS, dict[str, tuple[Detector, ...]])
    files = {path: _read(path, Domain) for path in sorted(home.glob("*.yaml")) if path.name != _SUBJECTS}
    controls = {control.id: control for domain in files.values() for control in _filled(domain)}
    found = [f"{home / _SUBJECTS}:1: {text}" for name in subjects for text in _detectors(name, subjects[name])]
    for path, domain in files.items():
        for index, control in enumerate(_filled(domain)):
            line = line_at(_tree(path), ("controls", index))
            found += [f"{path}:{line}: {control.id}: {text}" for text in _mistakes(control, subjects)]
    every = [control.id for domain in files.values() for control in domain.controls]
    found += [f"{home}:0: {name} is described {every.count(name)} times, not once" for name in IDS if every.count(name) != 1]
    if found:
        raise RulebookError("\n".join(found))
    return Catalogue(tuple(controls[name] for name in IDS), subjects)


def _filled(domain: Domain) -> Iterator[Control]:
    for control in domain.controls:
        frameworks = {name: control.frameworks.get(name, domain.frameworks.get(name, ())) for name in FRAMEWORKS}
        extra = {name: words for name, words in control.frameworks.items() if name not in frameworks}
        applies = control.applies or domain.applies
        yield msgspec.structs.replace(control, domain=domain.domain, applies=applies, frameworks={**frameworks, **extra})


def _tree(path: Path) -> Any:
    root = parse(path.read_bytes())
    if isinstance(root, ParseProblem):
        raise RulebookError(f"{path}:{root.line}: {root.message}")
    return root


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.convert(_tree(path).plain(), kind)
    except msgspec.ValidationError as error:
        raise RulebookError(f"{path}:1: {error}") from error


def _mistakes(control: Control, subjects: dict[str, tuple[Detector, ...]]) -> Iterator[str]:
    if control.id not in IDS:
        yield "there is no such recommendation"
    if not control.title.strip():
        yield "a title is missing"
    for name in (*control.applies, *control.needs):
        if name not in subjects:
            yield f"`{name}` is no subject"
    if not control.applies:
        yield "`applies` is missing"
    for rule in control.rules:
        if not _RULE_ID.fullmatch(rule):
            yield f"`{rule}` is no rule id"
    for name, words in control.frameworks.items():
        pattern = _FRAMEWORK_WORDS.get(name)
        if pattern is None:
            yield f"`{name}` is no framework"
            continue
        yield from (f"`{word}` is no entry of {name}" for word in words if not pattern.fullmatch(word))
    yield from _detectors("evidence", control.evidence)


def _detectors(where: str, detectors: tuple[Detector, ...]) -> Iterator[str]:
    for number, detector in enumerate(detectors, 1):
        if detector.forms != 1:
            yield f"{where} {number} has {detector.forms} forms, not one"
        if detector.among is not None and (detector.hint or detector.everyone is None):
            yield f"{where} {number}: `among` goes with a node or a resource, and not with a hint"
        if where == "evidence" and not detector.say:
            yield f"{where} {number} does not say what it shows"
        if misspelt(detector, {name: _WORDS.get(name, ()) or _ANY for name in _LISTS}):
            yield f"{where} {number} names a node, an edge or a file kind that does not exist"
        for test in _tests(detector):
            problems = [pattern_problem(text) for text in (test.matches, test.not_matches) if text]
            yield from (f"{where} {number}: `{test.key}`: {problem}" for problem in problems if problem)


def _tests(detector: Detector) -> Iterator[Test]:
    for form in (detector.node, detector.match, detector.resource):
        if form is not None:
            yield from (*form.where, *form.any_of)
    yield from detector.among or ()
    if detector.node is not None:
        yield from (test for edge in (*detector.node.edges, *detector.node.unless) for test in edge.where)


class _Any(tuple[str, ...]):
    """A list of words that has every word."""

    __slots__ = ()

    def __contains__(self, word: object) -> bool:
        return True


_ANY = _Any()
_LISTS = ("nodes", "edges", "files", "sources", "sinks", "effects", "categories", "artefacts", "parts", "scopes",
          "switches", "servers")  # fmt: skip
