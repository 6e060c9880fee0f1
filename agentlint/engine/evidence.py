"""Evidence: what detectors of the catalogue of recommendations see in a repository."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentlint.core.controls import Evidence
from agentlint.core.escape import visible
from agentlint.core.mask import mask_line
from agentlint.core.paths import is_example, is_test
from agentlint.engine.forms.match import MatchForms
from agentlint.engine.forms.message import fill
from agentlint.engine.forms.node import satisfies, value_of
from agentlint.engine.forms.predicates import MISSING, UNKNOWN
from agentlint.engine.properties import Properties
from agentlint.engine.worker import Task, read
from agentlint.facts.types import FileFacts
from agentlint.graph.callees import called
from agentlint.graph.roles import decorator_paths
from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem
from agentlint.rulebook.rules import Rule
from agentlint.sdk import FileContext

if TYPE_CHECKING:
    from agentlint.graph.model import GraphNode
    from agentlint.rulebook.controls import Detector
    from agentlint.sdk import RepoContext

MAX_PLACES = 5
_GLOB = re.compile(r"[*?\[]")


class Searcher:
    """Answers detectors about one repository; documents are read again once, for all detectors together."""

    def __init__(self, context: RepoContext, tasks: Sequence[Task], roots: Sequence[Path], *, max_size: int, tests: bool) -> None:
        """``tests``: whether what stands in tests counts."""
        self._context, self._graph = context, context.graph
        self._tasks = [task for task in tasks if tests or not is_test(task.path)]
        self._roots = [root for root in roots if root.is_dir()]
        self._max_size, self._tests = max_size, tests
        self._properties = Properties(context)
        self._matched: dict[int, list[Evidence]] = {}
        self._called: dict[str, list[tuple[str, int]]] | None = None

    def prepare(self, detectors: Iterable[Detector]) -> None:
        """Read the documents that ``detectors`` ask about."""
        wanted = [detector for detector in detectors if detector.match is not None]
        rules = [_as_rule(number, detector) for number, detector in enumerate(wanted)]
        kinds = {kind for detector in wanted if detector.match is not None for kind in detector.match.file}
        forms = MatchForms(rules)
        self._matched = {id(detector): [] for detector in wanted}
        for task in self._tasks:
            if task.kind not in kinds and "*" not in kinds:
                continue
            data = read(task, self._max_size)
            parsed = parse(task.kind, task.path, data) if isinstance(data, bytes) else None
            if parsed is None or isinstance(parsed, ParseProblem):
                continue
            for found in forms.run(FileContext(FileFacts(path=task.path, kind=task.kind), parsed)):
                detector = wanted[int(found.rule)]
                self._matched[id(detector)].append(Evidence(found.path, found.span.line, _shown(found.message)))

    def find(self, detector: Detector) -> list[Evidence]:
        """Return the first places that a detector sees; those outside examples come first, conditional ones are left out."""
        places = {one for one in self._search(detector) if self._tests or not is_test(one.path)}
        return sorted(places, key=lambda one: (is_example(one.path), one))[:MAX_PLACES]

    def conditional(self, detector: Detector) -> list[Evidence]:
        """Return the first resources that a detector would count, were they not made only where a setting says so."""
        if detector.resource is None or detector.hint:
            return []
        found = {self._at(node, detector) for node in self._properties.resources(detector.resource) if conditional(node)}
        return sorted(one for one in found if self._tests or not is_test(one.path))[:MAX_PLACES]

    def lacking(self, detector: Detector) -> list[Evidence]:
        """Return the first places that ``detector`` asks about and sees nothing at, examples left out."""
        everyone = detector.everyone
        if everyone is None:
            return []
        shown = set(self._search(detector))
        places = {one for one in self._search(everyone) if one not in shown and not is_example(one.path)}
        return sorted(one for one in places if self._tests or not is_test(one.path))[:MAX_PLACES]

    def _search(self, detector: Detector) -> Iterator[Evidence]:
        if detector.node is not None:
            for node in self._graph.of_type(*detector.node.type):
                if satisfies(node, detector.node, self._graph):
                    yield self._at(node, detector)
        elif detector.resource is not None:
            for node in self._properties.resources(detector.resource):
                if not conditional(node) or detector.hint or not detector.say:
                    yield self._at(node, detector)
        elif detector.match is not None:
            yield from self._matched.get(id(detector), ())
        elif detector.files:
            yield from (Evidence(path, 1, detector.say) for path in self._files(detector.files))
        elif detector.imports:
            yield from self._imports(detector)
        else:
            yield from self._calls(detector)

    @staticmethod
    def _at(node: GraphNode, detector: Detector) -> Evidence:
        def look(name: str) -> Any:
            if name == "name":
                return node.name
            value = value_of(node, name)
            return None if value is MISSING or value is UNKNOWN else value

        return Evidence(node.path, node.span.line, _shown(fill(detector.say, look)))

    def _files(self, globs: Sequence[str]) -> Iterator[str]:
        for glob in globs:
            if _GLOB.search(glob):
                wanted = glob.lower()
                yield from (task.path for task in self._tasks if _same_path(task.path.lower(), wanted))
            else:
                yield from (glob for root in self._roots if _is_own_file(root, glob))

    def _imports(self, detector: Detector) -> Iterator[Evidence]:
        program = self._context.repository.program
        for number, function in enumerate(program.functions):
            for value_id in function.imports:
                value = function.values[value_id]
                module = value.text.partition(":")[0]
                if any(module == name or module.startswith(f"{name}.") for name in detector.imports):
                    yield Evidence(program.path(number), value.line, detector.say)

    def _calls(self, detector: Detector) -> Iterator[Evidence]:
        program = self._context.repository.program
        tails = {pattern.rpartition(".")[2] for pattern in detector.calls}
        for site in program.calls_named(frozenset(tails)):
            if _one_of(called(program, site), detector.calls):
                yield Evidence(program.path(site[0]), program.value(site).line, detector.say)
        for number, function in enumerate(program.functions):
            for decorator in function.decorators:
                site = (program.parent(number), decorator)
                if _one_of(decorator_paths(program, site), detector.calls):
                    yield Evidence(program.path(number), program.value(site).line, detector.say)


def conditional(node: GraphNode) -> bool:
    """Return whether a resource is made only where a setting says so, which is no evidence that it is."""
    return bool(node.attrs.get("optional")) or "count" in node.unknown


def _one_of(paths: Iterable[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path, pattern) for path in paths for pattern in patterns)


def _shown(text: str) -> str:
    return visible(mask_line(text[:400], 0))[:200]


def _same_path(path: str, glob: str) -> bool:
    """Match like a shell does with ``**/`` standing for any folders, none included."""
    return fnmatchcase(path, glob) or (glob.startswith("**/") and fnmatchcase(path, glob[3:]))


def _is_own_file(root: Path, name: str) -> bool:
    """Return whether ``root`` holds a plain file of that name, not one that a link leads to."""
    path = root / name
    try:
        inside = Path(os.path.realpath(path)) == Path(os.path.realpath(root)) / name
        return inside and stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _as_rule(number: int, detector: Detector) -> Rule:
    assert detector.match is not None
    return Rule(
        id=str(number), name="evidence", category="governance", severity="info", confidence="low", message=detector.say,
        docs="", summary="", kinds=(), status={}, match=(detector.match,),
    )  # fmt: skip
