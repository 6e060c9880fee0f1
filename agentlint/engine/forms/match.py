"""The ``match`` form: all rules about files of a kind, in one walk over the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from agentlint.engine.forms.keypath import ANY, ITEM, Frame, Part, parse_path, resolve, split_key
from agentlint.engine.forms.message import fill, levels
from agentlint.engine.forms.predicates import MISSING, UNKNOWN, Predicate, all_and_any, compile_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentlint.core.finding import Finding
    from agentlint.core.place import Span
    from agentlint.parse.document import Node
    from agentlint.rulebook.rules import MatchForm, Rule
    from agentlint.sdk import FileContext

_KEY = "@"
_ALL_KINDS = "*"


class _Case(msgspec.Struct, frozen=True):
    rule: Rule
    form: MatchForm
    order: int
    where: tuple[Predicate, ...]
    any_of: tuple[Predicate, ...]


class _Trie(msgspec.Struct):
    """A state of the walk. ``deep`` is the state that stays active at every level below."""

    keys: dict[str, _Trie] = {}
    star: _Trie | None = None
    item: _Trie | None = None
    deep: _Trie | None = None
    sticky: bool = False
    cases: list[_Case] = []


class MatchForms:
    """All ``match`` forms of ``rules``, compiled per file kind when the first file of that kind comes."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._forms = [(rule, form) for rule in rules for form in rule.match]
        self._tries: dict[str, _Trie | None] = {}

    def run(self, ctx: FileContext) -> Iterator[Finding]:
        """Yield the findings of every rule in the file of ``ctx``, in file order; a file without a document has none.

        A place is reported once for each rule: by the first of the rule's forms that holds there.
        """
        if ctx.document is None:
            return
        trie = self._trie(ctx.kind)
        if trie is None:
            return
        hits: dict[tuple[str, int], tuple[_Case, Frame]] = {}
        for root in ctx.document.roots:
            for case, frame in _walk(trie, root):
                key = (case.rule.id, id(frame.node))
                known = hits.get(key)
                if (known is None or known[0].order > case.order) and _holds(case, frame):
                    hits[key] = (case, frame)
        yield from _report(ctx, list(hits.values()))

    def _trie(self, kind: str) -> _Trie | None:
        if kind not in self._tries:
            self._tries[kind] = _compile(self._forms, kind)
        return self._tries[kind]


def _compile(forms: Sequence[tuple[Rule, MatchForm]], kind: str) -> _Trie | None:
    root = _Trie()
    empty = True
    for order, (rule, form) in enumerate(forms):
        if kind not in form.file and _ALL_KINDS not in form.file:
            continue
        empty = False
        where = tuple(compile_test(test, rule.id) for test in form.where)
        any_of = tuple(compile_test(test, rule.id) for test in form.any_of)
        for path in form.at:
            _insert(root, parse_path(path)).cases.append(_Case(rule, form, order, where, any_of))
    return None if empty else root


def _insert(trie: _Trie, parts: Sequence[Part]) -> _Trie:
    for part in parts:
        if part.literal:
            trie = trie.keys.setdefault(part.text, _Trie())
        elif part.text == ANY:
            trie.star = trie.star or _Trie()
            trie = trie.star
        elif part.text == ITEM:
            trie.item = trie.item or _Trie()
            trie = trie.item
        else:
            trie.deep = trie.deep or _Trie(sticky=True)
            trie = trie.deep
    return trie


def _walk(trie: _Trie, root: Node) -> Iterator[tuple[_Case, Frame]]:
    """Yield every place of ``root`` that a pattern names, in file order; iterative, since documents may be deep."""
    stack: list[tuple[Frame, list[_Trie]]] = [(Frame(root), _closure([trie]))]
    while stack:
        frame, states = stack.pop()
        for state in states:
            for case in state.cases:
                yield case, frame
        below: list[tuple[Frame, list[_Trie]]] = []
        for member in frame.node.members:
            following = _after_key(states, member.key)
            if following:
                below.append((Frame(member.value, member, frame), following))
        if frame.node.items:
            following = _closure([s for state in states for s in (state.item, state if state.sticky else None) if s])
            if following:
                below.extend((Frame(item, None, frame, i), following) for i, item in enumerate(frame.node.items))
        stack.extend(reversed(below))


def _after_key(states: Sequence[_Trie], key: str) -> list[_Trie]:
    following = []
    for state in states:
        literal = state.keys.get(key)
        if literal is not None:
            following.append(literal)
        if state.star is not None:
            following.append(state.star)
        if state.sticky:
            following.append(state)
    return _closure(following)


def _closure(states: list[_Trie]) -> list[_Trie]:
    """Add the states that ``**`` reaches without a step; each state stands once."""
    seen: dict[int, _Trie] = {}
    pending = list(states)
    for state in pending:
        if id(state) not in seen:
            seen[id(state)] = state
            if state.deep is not None:
                pending.append(state.deep)
    return list(seen.values())


def _holds(case: _Case, frame: Frame) -> bool:
    return all_and_any(case.where, case.any_of, lambda test: any(map(test.holds, _values(frame, test.source.key, test))))


def _values(frame: Frame, key: str, test: Predicate | None = None) -> list[Any]:
    """Return the plain values that ``key`` names from ``frame``, or one that says it is missing."""
    up, rest = split_key(key)
    if rest == _KEY:
        target: Frame | None = frame
        for _ in range(up):
            target = target.parent if target is not None else None
        return [target.member.key if target is not None and target.member is not None else MISSING]
    found = resolve(frame, key)
    return [_value(one.node, test) for one in found] or [MISSING]


def _value(node: Node, test: Predicate | None) -> Any:
    """Return the value of ``node``.

    An expression is not known, except to tests of its presence and of its source text.
    """
    if node.kind != "expr":
        return node.plain()
    if test is not None and test.source.type == "expr":
        return node.text
    if test is not None and test.source.present is not None:
        return node.text
    return UNKNOWN


def _report(ctx: FileContext, hits: list[tuple[_Case, Frame]]) -> Iterator[Finding]:
    once: dict[tuple[str, int], int] = {}
    for case, _frame in hits:
        if case.form.once:
            once[(case.rule.id, case.order)] = once.get((case.rule.id, case.order), 0) + 1
    done: set[tuple[str, int]] = set()
    for case, frame in hits:
        key = (case.rule.id, case.order)
        if case.form.once:
            if key in done:
                continue
            done.add(key)
        yield _finding(ctx, case, frame, once.get(key, 1))


def _finding(ctx: FileContext, case: _Case, frame: Frame, count: int) -> Finding:
    form = case.form

    def look(name: str) -> Any:
        if name in ("value", "."):
            return _shown(frame.node)
        if name == "count":
            return count
        if name == "key":
            return frame.member.key if frame.member is not None else None
        value = _values(frame, name)[0]
        return None if value in (MISSING, UNKNOWN) else value

    message = fill(form.message or case.rule.message, look)
    return ctx.finding(case.rule.id, _span(frame, form.report), message, **levels(form))


def _shown(node: Node) -> Any:
    return node.text if node.kind == "expr" else node.plain()


def _span(frame: Frame, report: str) -> Span:
    if report == "key" and frame.member is not None:
        return frame.member.key_span
    return frame.node.span
