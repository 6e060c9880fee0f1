"""From a finding to its fix, as the rules say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from agentlint.core.finding import Finding
from agentlint.core.fix import Edit, Fix, Refusal
from agentlint.fix import config, pins
from agentlint.fix.names import Names
from agentlint.fix.python_source import PythonSource
from agentlint.fix.source import SourceFile, apply
from agentlint.rulebook.rules import FixForm, Rule

Files = Callable[[str], SourceFile | None]
# Working out one fix takes time in proportion to its file (it is parsed with the edit), so their number is bounded by its size.
_BYTES_PER_FILE = 20_000_000
_LEAST_FIXES, _MOST_FIXES = 5, 200


class Fixer:
    """Answers for findings what would mend them. Files are read when a finding asks for them, each once.

    ``files`` gives a scanned file by its path, ``read`` any file of the tree.
    """

    def __init__(self, rules: Sequence[Rule], files: Files, read: pins.Read) -> None:
        self._forms: Mapping[str, tuple[FixForm, ...]] = {rule.id: rule.fixes for rule in rules if rule.fixes}
        self._files, self._locks, self._names = files, pins.Locks(read), Names()
        self._python: dict[str, PythonSource | None] = {}
        self._known: dict[tuple[str, ...], Fix | Refusal | None] = {}
        self._asked: Counter[str] = Counter()

    def fix(self, finding: Finding) -> Fix | Refusal | None:
        """Return what would mend ``finding``, why nothing can, or ``None`` when its rule knows no fix."""
        if finding.rule not in self._forms:
            return None
        key = (finding.fingerprint, *map(str, finding.order))
        if key not in self._known:
            self._known[key] = self._worked_out(finding)
        return self._known[key]

    def _worked_out(self, finding: Finding) -> Fix | Refusal | None:
        file = self._files(finding.path)
        if file is None:
            return Refusal("the file cannot be read")
        forms = [form for form in self._all(finding.rule) if not form.files or file.kind in form.files]
        if not forms:
            return None
        if file.kind == "notebook":
            return Refusal("cells of notebooks are left to their editor")
        self._asked[file.path] += 1
        if self._asked[file.path] > max(_LEAST_FIXES, min(_MOST_FIXES, _BYTES_PER_FILE // (len(file.data) + 1))):
            return Refusal("the file has too many findings to work out all fixes at once; apply these, then run it again")
        if file.text is None:
            return Refusal("the file is no text that could be written back unchanged")
        try:
            made = self._first(file, forms, finding)
        except (SyntaxError, ValueError, RecursionError):
            return Refusal("the file could not be read")
        if isinstance(made, Fix) and apply(file, made.edits) is None:
            return Refusal("the file would not be well-formed any more")
        return made

    def _all(self, rule: str) -> list[FixForm]:
        forms: list[FixForm] = []
        for form in self._forms.get(rule, ()):
            forms += self._forms.get(form.like, ()) if form.do == "like" else (form,)
        return forms

    def _first(self, file: SourceFile, forms: Sequence[FixForm], finding: Finding) -> Fix | Refusal | None:
        refused: Refusal | None = None
        for form in forms:
            made = self._by(form, file, finding)
            if isinstance(made, Fix):
                return made
            refused = refused or made
        return refused

    def _by(self, form: FixForm, file: SourceFile, finding: Finding) -> Fix | Refusal | None:
        if form.do == "refuse":
            return Refusal(form.say)
        if form.do in ("environment", "argument", "callee"):
            if file.kind != "python":
                return None
            return self._in_python(form, file, finding)
        if form.do == "variable":
            return config.variable(file, form, finding, self._names)
        if form.do == "empty":
            return config.empty(file, form, finding)
        if form.do == "drop":
            return config.drop(file, form, finding)
        return pins.pin(file, form, finding, self._locks)

    def _in_python(self, form: FixForm, file: SourceFile, finding: Finding) -> Fix | Refusal | None:
        if file.path not in self._python:
            self._python[file.path] = PythonSource(file)
        source = self._python[file.path]
        assert source is not None
        if form.do == "environment":
            from agentlint.fix.python_secret import environment

            return environment(source, form, finding, self._names)
        from agentlint.fix.python_call import rewrite

        return rewrite(source, form, finding)


def chosen(fixes: Sequence[tuple[Finding, Fix]], offsets: Callable[[Edit], tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return the indices of the fixes that can be made together, and of those that overlap an earlier one.

    Equal edits of two fixes (the import that both need) are one.
    """
    taken: dict[str, set[tuple[int, int, str]]] = {}
    kept, late = [], []
    for index, (_, fix) in enumerate(fixes):
        wanted = [(edit.path, (*offsets(edit), edit.replacement)) for edit in fix.edits]
        new = [(path, place) for path, place in wanted if place not in taken.get(path, set())]
        if any(_overlaps(place, other) for path, place in new for other in taken.get(path, ())):
            late.append(index)
            continue
        kept.append(index)
        for path, place in new:
            taken.setdefault(path, set()).add(place)
    return kept, late


def _overlaps(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    if one[0] == one[1] or other[0] == other[1]:
        if one[:2] == other[:2]:
            return one[0] != one[1] or not (one[2].startswith(("import ", "from ")) and other[2].startswith(("import ", "from ")))
        return other[0] < one[0] < other[1] or one[0] < other[0] < one[1]
    return one[0] < other[1] and other[0] < one[1]
