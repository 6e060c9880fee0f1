"""What an agent is made of besides its tools: the texts that instruct it and the model that it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.core.digest import sha256
from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import beginning, constant, select
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import make
from agentlint.graph.program import Program, Site
from agentlint.graph.sink_places import message_parts
from agentlint.graph.sinks import system_prompts

MAX_TEXT = 2_000
_NAMED = re.compile(r"(?i)^(model|model_?(id|name)|id|deployment_name|azure_deployment|model_path)$")


class AgentParts:
    """Adds ``prompt`` and ``model`` nodes."""

    def __init__(self, graph: RepoGraph, program: Program) -> None:
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
            if at is None and self._made(place) is None and not isinstance(constant(self._program, place), str):
                continue  # handed in from elsewhere: where it is made it has a node
            if constant(self._program, place) is not None:
                yield self._model(place, path, at)

    def _model(self, place: Site, path: str, at: Site | None) -> GraphNode:
        program = self._program
        known = constant(program, place)
        refs = [ref.path for ref in program.inference.infer(place) if ref.kind == "ext" and not ref.path.startswith("builtins.")]
        made = self._made(place) if at is None else None
        provider = program.index.package_of(refs[0]) if refs else ""
        identifier = known if isinstance(known, str) else self._identifier(made) if made is not None else ""
        written = program.value(place).text if program.value(place).op in (Op.NAME, Op.ATTR) else ""
        name = identifier or (refs[0].rpartition(".")[2].removesuffix("()") if refs else written) or "model"
        attrs = {"id": identifier, "provider": provider, "made_by": refs[0] if refs else ""}
        return self._graph.add(make(program, "model", at or made or place, name, path, attrs))

    def _made(self, site: Site) -> Site | None:
        """The call that makes the model object, names followed."""
        program = self._program
        for _ in range(6):
            value = program.value(site)
            follow: list[Site] = []
            if value.op is Op.CALL:
                makers = [ref.id for ref in program.inference.infer((site[0], value.args[0])) if ref.kind == "fun"]
                follow = [(maker, leave.value) for maker in makers[:1] for leave in program.functions[maker].exits[:1]]
                if not follow:
                    return site
            elif value.op is Op.NAME:
                follow = program.definitions(site[0], value.text) or []
            elif value.op in (Op.PHI, Op.UPDATE, Op.MUTATE):
                follow = [(site[0], value.args[-1] if value.op is Op.PHI else value.args[0])]
            elif value.op is Op.IMPORT:
                follow = program.inference.imported_sites(site[0], value.text)
            elif value.op is Op.ATTR:
                for ref in program.inference.infer((site[0], value.args[0])):
                    follow += program.inference.field_sites(ref.id, value.text) if ref.kind in ("inst", "cls") else []
            if not follow:
                return None
            site = follow[-1]
        return None

    def _identifier(self, call: Site) -> str:
        """The constant by which a constructor is told its model."""
        value = self._program.value(call)
        pairs = list(zip(value.args[1:], value.keys[1:], strict=True))
        named = [arg for arg, key in pairs if key and _NAMED.match(key)] or [arg for arg, key in pairs[:1] if not key]
        known = [constant(self._program, (call[0], arg)) for arg in named]
        return next((text for text in known if isinstance(text, str)), "")

    def _all(self, site: Site, spec: str) -> list[Site]:
        """The values of every argument that ``spec`` names: a prompt may be given in several."""
        found = [place for choice in spec.split("|") for place in select(self._program, site, choice)] if spec else []
        return list(dict.fromkeys(found))
