"""Credentials in logs, console output and messages of exceptions: what a text that leaves the program is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from agentlint.core import lazy
from agentlint.facts.literal_names import name_class, parts
from agentlint.facts.python.ir import Op
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sinks import sinks_of_call

if TYPE_CHECKING:
    from agentlint.facts.python.ir import Function
    from agentlint.graph.program import Program, Site
    from agentlint.graph.repository import Repository

_MAX_PARTS = 200
_MAX_HOPS = 3
_HIDDEN = frozenset({
    "masked", "mask", "redacted", "redact", "hidden", "obfuscated", "preview", "hint", "hash", "hashed", "encrypted",
    "sanitized", "truncated", "short", "partial", "suffix", "prefix", "censored", "safe", "fake", "dummy", "mock",
    "test", "public", "has", "is", "no", "missing", "env", "unmasked", "invalid", "expired", "num", "n", "count",
    "total", "len", "name", "label", "type",
})  # fmt: skip
# Names that end so say where a credential is kept, or which one it is.
_REFERS = frozenset({"id", "ids", "arn", "path", "file", "filename", "url", "uri", "version", "region", "location"})
# One word alone is too little: models count tokens, tables have keys, tests have a pass.
_VAGUE = frozenset({"token", "tokens", "secret", "credentials", "credential", "jwt", "auth", "pat"})
_COMMAND = lazy.pattern(r"(?:(?:export|set|setx) [A-Za-z_]\w{0,60}[= ]|(?:^|\n)[A-Z][A-Z0-9_]{3,60}=)\"?$")
_SEARCHED = frozenset(
    {"key", "token", "secret", "password", "passwd", "pwd", "credentials", "creds", "auth", "authorization", "headers"}
)
_MAX_WAY = 3
_JOINING = frozenset({Op.TEXT, Op.SEQ, Op.DICT})


class Leak(NamedTuple):
    """The call ``sink`` (``what``) writes the value at ``value``; ``source`` is where it came from, if that is known."""

    sink: Site
    what: str
    name: str
    value: Site
    source: Site | None


_RAISED = ("Error", "Exception")


def leaks(repository: Repository) -> Iterator[Leak]:
    """Yield the credentials that calls write to a log or put into the message of an exception."""
    finder = _Finder(repository)
    for site in finder.candidates():
        yield from finder.of_call(site)


class _Finder:
    def __init__(self, repository: Repository) -> None:
        self._program = repository.program
        self._sources = repository.solver.sources
        self._reach = repository.solver.reach
        self._tails = repository.program.index.sink_tails
        self._wrapped = _unwrapped_by_hand(self._program)
        self._names: dict[int, dict[int, list[str]]] = {}

    def candidates(self) -> list[Site]:
        """Return the calls that may write a log or make an exception, by their last names, in program order."""
        calls = self._program.calls()
        return sorted(site for tail, sites in calls.items() if tail in self._tails or tail.endswith(_RAISED) for site in sites)

    def of_call(self, site: Site) -> Iterator[Leak]:
        """Yield what one call leaks; nothing is resolved before a part of an argument looks like a credential."""
        program = self._program
        value = program.value(site)
        tail = program.tail(site[0], value)
        raised = tail.endswith(_RAISED)
        found = [leak for arg in value.args[1:] for leak in self._parts((site[0], arg))]
        doubtful = [] if found or raised else [part for arg in value.args[1:] for part in self._doubtful((site[0], arg))]
        if not found and not doubtful:
            return
        logs = [] if raised else [sink for sink in sinks_of_call(program, site) if sink.kind == "log"]
        if not raised and not logs:
            return
        what = tail if raised else logs[0].what
        for name, part, source in found or self._traced(site, what, doubtful):
            yield Leak(site, what, name, part, source)

    def _doubtful(self, start: Site) -> list[Site]:
        """Return the parts whose names make a search for their source worth its time."""
        function = self._program.functions[start[0]]
        doubtful = []
        for number in _leaves(function, start[1]):
            value = function.values[number]
            named = function.values[value.args[0]] if value.op is Op.CALL else value
            words = parts(named.text) if value.op in (Op.CALL, Op.ATTR, Op.ITEM, Op.NAME, Op.PARAM) else []
            if words and not _SEARCHED.isdisjoint(words) and _HIDDEN.isdisjoint(words):
                doubtful.append((start[0], number))
        return doubtful

    def _traced(self, site: Site, what: str, doubtful: list[Site]) -> Iterator[tuple[str, Site, Site | None]]:
        for part in doubtful:
            for way in self._reach(SinkPlace(site, part, "log", what), {"secret": ()}):
                if way.complete and not way.changed and len(way.hops) + way.jumps <= _MAX_WAY:
                    yield way.source.what.strip("`()"), part, way.source.site
                    return

    def _parts(self, start: Site) -> Iterator[tuple[str, Site, Site | None]]:
        """Yield the credentials among the parts of a text: name, place, source."""
        for number in _leaves(self._program.functions[start[0]], start[1]):
            found = self._credential((start[0], number), 0)
            names = self._names_of(start[0]).get(number, ())
            if found is not None and not any(_is_hidden(name) or parts(name)[-1:][0] in _REFERS for name in names if parts(name)):
                yield found[0], (start[0], number), found[1]

    def _names_of(self, function: int) -> dict[int, list[str]]:
        """Return the names that the values of a function are given."""
        known = self._names.get(function)
        if known is None:
            known = self._names[function] = {}
            for name, values in self._program.functions[function].defs.items():
                for value in values:
                    known.setdefault(value, []).append(name)
        return known

    def _credential(self, site: Site, hops: int) -> tuple[str, Site | None] | None:
        """Return name and source if the value itself is a credential; pieces, lengths, hashes and tests are none."""
        program = self._program
        function = program.functions[site[0]]
        value = function.values[site[1]]
        if value.op is Op.CALL:
            callee = function.values[value.args[0]]
            if callee.op is Op.NAME and callee.text == "dict" and len(value.args) == 2:
                return self._whole((site[0], value.args[1]))
            return self._of_source(site)
        if value.op is Op.ITEM and value.text:
            read = self._sources.at((site[0], value.args[0]), inside_call=False)
            if read is not None and read.kind == "secret":
                return (value.text, site) if name_class(value.text) and not _is_hidden(value.text) else None
            return (value.text, None) if _is_strong(value.text) else None
        if value.op is Op.NAME and hops < _MAX_HOPS:
            for known in program.definitions(site[0], value.text) or ():
                found = self._credential(known, hops + 1)
                if found is not None and found[1] is not None:
                    return found
            return None
        if value.op is Op.PARAM:
            return (value.text, None) if _is_strong(value.text) and not self._is_wrapped_type(site) else None
        if value.op is Op.ATTR:
            strong = (
                _is_strong(value.text) and value.text not in self._wrapped and not _is_member(function, value.text, value.args[0])
            )
            return (value.text, None) if strong else None
        if value.op is Op.PHI and hops < _MAX_HOPS:
            kept = [arg for arg in value.args if arg < site[1] and function.values[arg].op is not Op.CONST]
            alternatives = [self._credential((site[0], arg), hops + 1) for arg in kept]
            return alternatives[0] if alternatives and all(alternatives) else None  # one may be masked
        return None

    def _of_source(self, site: Site) -> tuple[str, Site | None] | None:
        hit = self._sources.at(site, inside_call=False)
        if hit is None or hit.kind != "secret":
            return self._of_lookup(site)
        value = self._program.value(site)
        function = self._program.functions[site[0]]
        asked = (
            function.values[value.args[1]].text if len(value.args) > 1 and function.values[value.args[1]].op is Op.CONST else ""
        )
        return (asked or hit.what.strip("`()"), site)

    def _whole(self, site: Site) -> tuple[str, Site | None] | None:
        """The table of all credentials and other settings itself."""
        if self._program.value(site).op not in (Op.ATTR, Op.NAME):
            return None
        hit = self._sources.at(site, inside_call=False)
        return (hit.what.strip("`"), site) if hit is not None and hit.kind == "secret" else None

    def _of_lookup(self, site: Site) -> tuple[str, Site | None] | None:
        """``os.environ.get("NAME")``: a look-up by a constant name in a table of credentials."""
        program = self._program
        function = program.functions[site[0]]
        value = function.values[site[1]]
        callee = function.values[value.args[0]]
        if callee.op is not Op.ATTR or callee.text not in ("get", "pop") or len(value.args) < 2:
            return None
        asked = function.values[value.args[1]]
        if asked.op is not Op.CONST or not name_class(asked.text) or _is_hidden(asked.text):
            return None
        hit = self._sources.at((site[0], callee.args[0]), inside_call=False)
        if hit is not None and hit.kind == "secret":
            return asked.text, site
        return (asked.text, None) if _is_strong(asked.text) else None

    def _is_wrapped_type(self, site: Site) -> bool:
        """Whether a parameter's type hides its value when it is printed (``SecretStr``), or is no text at all."""
        program = self._program
        param = program.parameter(site[0], program.value(site))
        if param is None or param.annotation < 0:
            return False
        outer = program.functions[program.parent(site[0])]
        found = outer.values[param.annotation]
        words = [outer.values[arg].text for arg in found.args if arg >= 0] + [found.text]
        return any(word.startswith("Secret") or word in ("bool", "int", "float", "Callable") for word in words)


def _leaves(function: Function, start: int) -> Iterator[int]:
    """Yield the values that a text is put together from."""
    todo = [start]
    seen: set[int] = set()
    while todo and len(seen) < _MAX_PARTS:
        number = todo.pop()
        if number in seen or number < 0:
            continue
        seen.add(number)
        value = function.values[number]
        if value.op in _JOINING or (value.op is Op.OP and value.text == "or"):
            todo += [arg for before, arg in zip((-1, *value.args), value.args, strict=False) if not _is_command(function, before)]
        elif value.op is not Op.CONST:
            yield number


def _is_command(function: Function, before: int) -> bool:
    """Whether the text before a value is a line for the reader to copy: ``export NAME=``, ``NAME=``."""
    found = function.values[before] if before >= 0 else None
    return found is not None and found.op is Op.CONST and _COMMAND.search(found.text[-80:]) is not None


def _is_strong(name: str) -> bool:
    """Whether the name alone says that the value is a credential."""
    kind = name_class(name)
    words = parts(name)
    return kind != "" and not _is_hidden(name) and not (len(words) == 1 and words[0] in _VAGUE) and not name.isupper()


def _is_hidden(name: str) -> bool:
    return not _HIDDEN.isdisjoint(parts(name))


def _is_member(function: Function, attribute: str, base: int) -> bool:
    """Whether an attribute is a constant of a class (``Mode.API_KEY``) or of an enumeration."""
    found = function.values[base]
    return attribute.isupper() or (found.op in (Op.NAME, Op.IMPORT, Op.CLASS) and found.text[:1].isupper())


def _unwrapped_by_hand(program: Program) -> frozenset[str]:
    """Return the attributes that some code asks for their secret value: printed as they are, they show stars."""
    names = set()
    for function in program.functions:
        for call in function.calls:
            callee = function.values[function.values[call].args[0]]
            if callee.op is Op.ATTR and callee.text == "get_secret_value" and function.values[callee.args[0]].op is Op.ATTR:
                names.add(function.values[callee.args[0]].text)
    return frozenset(names)
