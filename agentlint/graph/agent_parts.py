"""What an agent is made of besides its tools: the texts that instruct it and the model that it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.core.digest import sha256
from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import beginning, constant, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.language import ENVIRONMENT
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import make
from agentlint.graph.program import Program, Site
from agentlint.graph.sink_places import message_parts
from agentlint.graph.sinks import system_prompts

MAX_TEXT = 2_000
MAX_MAKERS = 16
MAX_STEPS = 60
MAX_CALLERS = 4
_NAMED = re.compile(r"(?i)^(model|model_?(id|name)|id|deployment_name|azure_deployment|model_path)$")


class AgentParts:
    """Adds ``prompt`` and ``model`` nodes."""

    def __init__(self, graph: RepoGraph, program: Program, calls: CallGraph) -> None:
        self._calls = calls
        self._graph = graph
        self._program = program
        self._makers: set[int] = set()

    def prompts(self, site: Site, spec: str, path: str) -> Iterator[GraphNode]:
        """Yield a node for every text that instructs: system messages of a list, or the arguments themselves."""
        for place in self._all(site, spec):
            messages = list(message_parts(self._program, place))
            texts = [content for role, content in messages if role in ("system", "developer")]
            for text in texts if messages else [place]:
                if constant(self._program, text) is not None and self._program.value(text).op is not Op.DICT:
                    yield self._prompt(text, path)

    def all_prompts(self) -> None:
        """Add a node for every other text in the system role: of calls that are no agent."""
        known = {(node.path, node.span.line, node.span.column) for node in self._graph.of_type("prompt")}
        for sink in system_prompts(self._program):
            value = self._program.value(sink.value)
            listed = value.op is Op.DICT or (
                value.op is Op.SEQ and any(self._program.value((sink.value[0], a)).op is Op.DICT for a in value.args)
            )
            made = value.op is Op.FUNC or any(ref.kind == "fun" for ref in self._program.inference.infer(sink.value))
            place = (self._program.path(sink.value[0]), value.line, value.column)
            if sink.value[0] in self._makers or place in known or listed or made:
                continue
            if constant(self._program, sink.value) is not None:
                self._prompt(sink.value, sink.what)

    def _prompt(self, place: Site, path: str) -> GraphNode:
        program = self._program
        known = constant(program, place)
        lines = known if isinstance(known, list) else [known]
        written = "\n".join(line for line in lines if isinstance(line, str)) or beginning(program, place).partition("\0")[0]
        refs = program.inference.infer(place)
        names = [program.functions[ref.id].name for ref in refs if ref.kind == "fun"]
        self._makers.update(ref.id for ref in refs if ref.kind == "fun")
        value = program.value(place)
        name = value.text if value.op in (Op.NAME, Op.ATTR) else names[0] if names else "prompt"
        digest = sha256(written.encode("utf-8", "backslashreplace")).hexdigest()
        fixed = not any(x for x in lines if not isinstance(x, str))
        attrs = {"role": "system", "text": written[:MAX_TEXT], "digest": digest, "constant": fixed}
        return self._graph.add(make(program, "prompt", place, name, path, attrs))

    def models(self, site: Site, spec: str, path: str, at: Site | None = None) -> Iterator[GraphNode]:
        """Yield a node for the model that an argument names, as text or as an object that a call makes; ``at`` is its place."""
        for place in self._all(site, spec)[:1]:
            if self._program.value(place).text == "None":
                continue
            if at is not None or isinstance(constant(self._program, place), str):
                yield self._model(place, path, at)
            else:  # what is handed in from elsewhere has a node where it is made
                yield from (self._model(maker, path, None) for maker in self._origins(place))

    def _model(self, place: Site, path: str, at: Site | None) -> GraphNode:
        program = self._program
        known = constant(program, place)
        refs = [ref.path for ref in program.inference.infer(place) if ref.kind == "ext" and not ref.path.startswith("builtins.")]
        made = place if at is None and program.value(place).op is Op.CALL else None
        provider = program.index.package_of(refs[0]) if refs else ""
        identifier = known if isinstance(known, str) else self._identifier(made) if made is not None else ""
        written = program.value(place).text if program.value(place).op in (Op.NAME, Op.ATTR) else ""
        maker = at or made
        called = program.tail(maker[0], program.value(maker)) if maker and program.value(maker).op is Op.CALL else ""
        name = identifier or called or (refs[0].rpartition(".")[2].removesuffix("()") if refs else written) or "model"
        attrs = {"id": identifier, "provider": provider, "made_by": refs[0] if refs else ""}
        return self._graph.add(make(program, "model", at or made or place, name, path, attrs))

    def _origins(self, site: Site) -> list[Site]:
        """The calls that may make an object, and the texts that may stand for it; names, fields and callers followed."""
        program = self._program
        known: list[Site] = []
        others: list[Site] = []
        todo, seen = [(site, False)], {site}
        while todo and len(known) < MAX_MAKERS and len(seen) < MAX_STEPS:
            place, handed = todo.pop(0)
            value = program.value(place)
            following = self._following(place)
            if value.op is Op.CALL and not following and program.tail(place[0], value) != "()":
                paths = program.inference.paths((place[0], value.args[0]))
                ours = any(run.model for path in paths for run in program.index.runs(path))
                known += [place] if ours else []
                others += [] if ours or handed else [place]
            elif (
                value.op is Op.CONST and value.keys[0] == "str" and value.text and not handed and program.value(site).op is Op.OP
            ):
                others.append(place)
            handed = handed or value.op is Op.PARAM
            todo += [(one, handed) for one in following if one not in seen]
            seen.update(following)
        return known or others[-1:]

    def _following(self, site: Site) -> list[Site]:
        program = self._program
        value = program.value(site)
        if value.op is Op.CALL:
            makers = [ref.id for ref in program.inference.infer((site[0], value.args[0])) if ref.kind == "fun"]
            return [(maker, leave.value) for maker in makers[:1] for leave in program.functions[maker].exits]
        if value.op is Op.NAME:
            return program.definitions(site[0], value.text) or []
        if value.op is Op.PHI or (value.op is Op.OP and value.text == "or"):
            return [(site[0], arg) for arg in value.args]
        if value.op in (Op.UPDATE, Op.MUTATE):
            return [(site[0], value.args[0])]
        if value.op is Op.IMPORT:
            return program.inference.imported_sites(site[0], value.text)
        if value.op is Op.PARAM:
            return self._handed(site)
        found: list[Site] = []
        if value.op is Op.ATTR:
            for ref in program.inference.infer((site[0], value.args[0])):
                found += program.inference.field_sites(ref.id, value.text) if ref.kind in ("inst", "cls") else []
        return found

    def _handed(self, site: Site) -> list[Site]:
        """What callers hand over for a parameter."""
        param = self._program.parameter(site[0], self._program.value(site))
        names = [each.name for each in self._program.functions[site[0]].params]
        if param is None or param.name not in names:
            return []
        edges = self._calls.callers(site[0])[:MAX_CALLERS]
        return [place for edge in edges for place, _ in self._calls.argument(edge, site[0], names.index(param.name))]

    def _identifier(self, call: Site) -> str:
        """The constant by which a constructor is told its model."""
        value = self._program.value(call)
        pairs = list(zip(value.args[1:], value.keys[1:], strict=True))
        named = [arg for arg, key in pairs if key and _NAMED.match(key)] or [arg for arg, key in pairs[:1] if not key]
        callee = self._program.inference.paths((call[0], value.args[0]))
        if not ENVIRONMENT.isdisjoint(callee):  # the model is what the variable says; its default is what the code says
            named = [place[1] for place in select(self._program, call, "1|default")]
        known = [constant(self._program, (call[0], arg)) for arg in named]
        return next((text for text in known if isinstance(text, str)), "")

    def _all(self, site: Site, spec: str) -> list[Site]:
        """The values of every argument that ``spec`` names: a prompt may be given in several."""
        found = [place for choice in spec.split("|") for place in select(self._program, site, choice)] if spec else []
        return list(dict.fromkeys(found))
