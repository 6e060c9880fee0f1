"""All rules over one file or over the repository; a rule that fails stops neither the others nor the scan."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from agentlint import checks
from agentlint.core.finding import Finding, Notification
from agentlint.core.levels import Persona
from agentlint.engine.advise import advised
from agentlint.engine.forms import absent, flow, node, resource
from agentlint.engine.forms.match import MatchForms
from agentlint.sdk import FileContext, RepoContext, registered

if TYPE_CHECKING:
    from agentlint.engine.settings import Settings
    from agentlint.facts.extract import Extracted
    from agentlint.rulebook.book import Rulebook
    from agentlint.rulebook.rules import Rule
    from agentlint.sdk import Registered

Outcome = tuple[list[Finding], list[Notification]]


def check_functions(phase: str, rules: Iterable[Rule]) -> Iterator[tuple[str, Registered]]:
    """Yield rule id and function of every check of ``phase`` (``file`` or ``repo``), in the order of ``rules``."""
    for rule in rules:
        if rule.check:
            name = f"{checks.__name__}.{rule.id.lower()}_{rule.name.replace('-', '_')}"
            try:
                module = importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name != name:
                    raise
                continue  # building the catalogue reports a rule without its module
            yield from ((rule.id, function) for function in registered(module) if function.phase == phase)


class FileRules:
    """The rules that look at one file at a time: ``match`` forms in one walk, then checks by kind."""

    def __init__(self, book: Rulebook, settings: Settings) -> None:
        self._settings = settings
        self._match_rules = tuple(rule for rule in book.rules if rule.match)
        self._match = MatchForms(self._match_rules)
        self.trees = frozenset(kind for rule in self._match_rules for form in rule.match for kind in form.file)
        self._checks: defaultdict[str, list[tuple[str, Registered]]] = defaultdict(list)
        for rule, check in check_functions("file", book.rules):
            for kind in check.kinds or ("",):
                self._checks[kind].append((rule, check))

    def run(self, extracted: Extracted) -> Outcome:
        """Return the findings of all rules in a file, and a notification for each rule that failed."""
        context = FileContext(extracted.facts, extracted.parsed, self._settings)
        path = extracted.facts.path
        findings: list[Finding] = []
        crashes: list[Notification] = []
        if context.document is not None:
            singly = ((rule.id, partial(_match_alone, rule, context)) for rule in self._match_rules)
            findings, crashes = together(partial(self._match.run, context), singly, path)
        for rule, check in (*self._checks[extracted.facts.kind], *self._checks[""]):
            found, failed = guarded(rule, path, partial(check.function, context))
            findings += found
            crashes += failed
        return findings, crashes


def run_repo(book: Rulebook, repo: RepoContext) -> Outcome:
    """Return the findings of all rules that look at the repository, and a notification for each rule that failed."""
    flow_rules = [rule for rule in book.rules if rule.flow]
    singly = ((rule.id, partial(flow.run, [rule], repo)) for rule in flow_rules)
    findings, crashes = together(partial(flow.run, flow_rules, repo), singly, "")
    jobs: list[tuple[str, Callable[[], Iterable[Finding]]]] = []
    for rule in book.rules:
        if rule.node:
            jobs.append((rule.id, partial(node.run, rule, repo.graph, repo.finding)))
        if rule.resource:
            jobs.append((rule.id, partial(resource.run, rule, repo.infrastructure, repo.finding)))
        if rule.absent:
            jobs.append((rule.id, partial(absent.run, rule, repo.graph, repo.finding)))
    jobs += [(rule, partial(check.function, repo)) for rule, check in check_functions("repo", book.rules)]
    for name, job in jobs:
        found, failed = guarded(name, "", job)
        findings += found
        crashes += failed
    strict = {rule.id: rule for rule in book.rules if rule.stricter}
    told = [_for_whom(finding, strict.get(finding.rule), repo) for finding in findings]
    return advised(told, book, repo), crashes


def _for_whom(finding: Finding, rule: Rule | None, repo: RepoContext) -> Finding:
    """Return what would be told to everybody for careful readers, if it stands in an example, a test or the like."""
    if rule is None or repo.purposes.of(finding.path) not in rule.stricter:
        return finding
    regular = rule.persona == "regular" if finding.persona is None else finding.persona == Persona.REGULAR
    return msgspec.structs.replace(finding, persona=Persona.PEDANTIC) if regular else finding


def _match_alone(rule: Rule, context: FileContext) -> Iterable[Finding]:
    return MatchForms((rule,)).run(context)


def trace(error: Exception) -> None:
    """Log where a bug struck; only ``--verbose`` shows it."""
    import logging

    logging.getLogger("agentlint").debug("this exception became a notification", exc_info=error)


def guarded(rule: str, path: str, run: Callable[[], Iterable[Finding]]) -> Outcome:
    """Return what ``run`` yields; if it raises, what it had yielded and a notification that says which and where."""
    findings: list[Finding] = []
    try:
        for finding in run() or ():
            findings.append(finding)  # noqa: PERF402 - keeps what came before an exception
    except Exception as error:  # noqa: BLE001 - a bug in one rule must not cost the results of the others
        trace(error)
        where = f" on {path}" if path else ""
        text = f"rule {rule} failed{where} ({type(error).__name__}); its findings may be missing: please report it"
        return findings, [Notification(path, 0, "rule-crash", text)]
    return findings, []


def together(
    run: Callable[[], Iterable[Finding]], singly: Iterable[tuple[str, Callable[[], Iterable[Finding]]]], path: str
) -> Outcome:
    """Return what rules find in one walk; if that fails, what each finds alone, so that only the culprit is lost."""
    findings, crashes = guarded("", path, run)
    if not crashes:
        return findings, []
    findings, crashes = [], []
    for rule, alone in singly:
        found, failed = guarded(rule, path, alone)
        findings += found
        crashes += failed
    return findings, crashes
