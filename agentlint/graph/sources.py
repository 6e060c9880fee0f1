"""Whether a value is a place where outside text enters."""

from __future__ import annotations

from typing import NamedTuple

from agentlint.facts.literal_names import name_class
from agentlint.facts.python.ir import Op
from agentlint.graph import keys
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.callees import called, derived_names
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Roles, is_safe_type, outside_params
from agentlint.rulebook.models import Source

UNKNOWN = "unknown-origin"


class SourceHit(NamedTuple):
    """``final``: the search must not look behind this value even if its kind is not asked for."""

    site: Site
    kind: str
    what: str
    trust: str = ""
    final: bool = True


class Sources:
    """Finds sources, memoised."""

    def __init__(self, program: Program, roles: Roles) -> None:
        self._program = program
        self._roles = roles
        self._memo: dict[Site, SourceHit | None] = {}
        self._params: dict[int, dict[int, SourceHit]] = {}
        self._made: dict[tuple[str, ...], bool] = {}

    def at(self, site: Site, inside_call: bool) -> SourceHit | None:
        """Return the source at ``site``. A parameter filled by a known call (``inside_call``) is not one."""
        op = self._program.value(site).op
        if op is Op.PARAM:
            return None if inside_call else self._param(site)
        if op not in (Op.CALL, Op.ATTR, Op.NAME):
            return None
        if site not in self._memo:
            self._memo[site] = self._call(site) if op is Op.CALL else self._read(site)
        return self._memo[site]

    def unknown(self, site: Site, sink: str) -> SourceHit | None:
        """Return a hit if ``site``, behind which no value is known, is made by code that is not known and does not clean."""
        program = self._program
        value = program.value(site)
        if value.op is Op.CALL:
            refs = program.inference.infer((site[0], value.args[0]))
            if any(ref.kind != "ext" or self._is_settled(ref.path, sink) for ref in refs):
                return None
            name = program.tail(site[0], value)
        elif value.op is Op.ATTR and not value.text.startswith("__"):
            name = value.text
        else:
            return None
        return SourceHit(site, UNKNOWN, f"a value of unknown origin (`{name}`)", final=False)

    def distant(self, site: Site) -> SourceHit:
        """Return the hit for a value that comes from further away than is searched."""
        name = self._program.value(site).text.rpartition(":")[2]
        return SourceHit(site, UNKNOWN, f"a value from far away (`{name}`)" if name else "a value from far away", final=False)

    def _is_settled(self, path: str, sink: str) -> bool:
        index = self._program.index
        return any(sink in s.sinks or "all" in s.sinks for s in index.sanitizers(path)) or bool(index.sources_call(path))

    def is_other_setting(self, site: Site, key: str) -> bool:
        """Whether what is read from a table of credentials and settings (the environment) is not known to be a credential."""
        key = keys.split(key)[0]
        if self._program.value(site).op not in (Op.ATTR, Op.NAME):
            return False
        hit = self.at(site, inside_call=False)
        return hit is not None and hit.kind == "secret" and not (keys.is_known(key) and _is_secret_name(key))

    def is_number(self, site: Site) -> bool:
        """Whether a parameter's type admits no free text."""
        value = self._program.value(site)
        param = self._program.parameter(site[0], value)
        return param is not None and is_safe_type(self._program, site[0], param.annotation)

    def _param(self, site: Site) -> SourceHit | None:
        function, value = site
        known = self._params.get(function)
        if known is None:
            known = {}
            for role in self._roles.of.get(function, ()):
                for carried in outside_params(self._program, function, role):
                    name = self._program.functions[function].values[carried].text
                    what = f"parameter `{name}` of {role.what} `{self._program.symbol(function)}`"
                    trust = "segment" if name in role.segments else role.trust
                    known.setdefault(carried, SourceHit((function, carried), role.kind, what, trust))
            self._params[function] = known
        return known.get(value)

    def _call(self, site: Site) -> SourceHit | None:
        program = self._program
        value = program.value(site)
        if program.tail(site[0], value) not in program.index.source_tails:
            return None
        for ref in program.inference.infer((site[0], value.args[0])):
            if ref.kind != "ext":
                continue
            for source in program.index.sources_call(ref.path):
                if holds(program, site, source.when) and _named_secret(program, site, source) and not self._makes(source):
                    return SourceHit(site, source.kind, f"`{_short(ref.path)}()`", source.trust)
        return None

    def _read(self, site: Site) -> SourceHit | None:
        program = self._program
        if program.value(site).text not in program.index.read_tails:
            return None
        for path in program.inference.paths(site):
            for source in program.index.sources_read(path):
                if source.read != path and program.index.sanitizer_reads(path):
                    return None  # a part that may be clean: what it is a part of is asked next
                if not self._makes(source):
                    return SourceHit(site, source.kind, f"`{_short(path)}`", source.trust)
        return None

    def _makes(self, source: Source) -> bool:
        """Whether the program makes something that takes away what makes a source of this."""
        wanted = source.unless_made
        if wanted and wanted not in self._made:
            program = self._program
            names = frozenset(path.rpartition(".")[2] for path in wanted) | derived_names(program)
            self._made[wanted] = any(not set(wanted).isdisjoint(called(program, site)) for site in program.calls_named(names))
        return bool(wanted) and self._made[wanted]


def _named_secret(program: Program, site: Site, source: Source) -> bool:
    """Reads by name (of the environment, say) are secrets only when the name says so."""
    if source.kind != "secret" or not source.arg:
        return True
    names = [constant(program, place) for place in select(program, site, source.arg)]
    return any(isinstance(name, str) and _is_secret_name(name) for name in names)


def _is_secret_name(name: str) -> bool:
    return name_class(name) != ""


def _short(path: str) -> str:
    parts = path.replace("builtins.", "").split(".")
    return ".".join(parts[-3:]) if len(parts) > 3 else ".".join(parts)
