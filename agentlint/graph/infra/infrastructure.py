"""What rules ask of infrastructure: resources by type, their links, their defaults, and their nodes in the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from agentlint.core.absent import MISSING
from agentlint.facts.infra.vocabulary import ResourceType, vocabulary
from agentlint.facts.types import FileFacts
from agentlint.graph.infra.estate import Declared, Estate, Located
from agentlint.graph.infra.iam import Access
from agentlint.graph.infra.turns import copies
from agentlint.graph.infra.values import Values
from agentlint.graph.model import GraphNode, RepoGraph


class Infrastructure:
    """The estate of a repository, its values and its links."""

    def __init__(self, files: Sequence[FileFacts]) -> None:
        """Gather what all files declare; nothing is resolved before it is asked for."""
        self.estate = Estate(files)
        self.values = Values(self.estate)
        self._to: dict[int, list[tuple[str, Declared]]] | None = None
        self._from: dict[int, list[tuple[str, Declared]]] = {}
        self._turns: dict[int, list[Declared]] = {}

    @cached_property
    def access(self) -> Access:
        """Roles, what they grant and who runs as them."""
        return Access(self.estate, self.values)

    def of_type(self, *types: str) -> Iterator[Declared]:
        """Yield the resources of canonical types, once for each turn of a loop; a type that ends in ``*`` is a prefix."""
        return (copy for one in self.estate.of_type(*types) for copy in self._copies(one))

    def resources(self) -> Iterator[Declared]:
        """Yield everything that is made, once for each turn of a loop."""
        return (copy for one in self.estate.resources() for copy in self._copies(one))

    def _copies(self, one: Declared) -> list[Declared]:
        if not one.resource.optional:
            return [one]
        if id(one) not in self._turns:
            self._turns[id(one)] = copies(self.values, one)
        return self._turns[id(one)]

    @staticmethod
    def top(one: Declared) -> Located:
        """Return all properties of a resource as one value."""
        return Located(one.resource.properties, one)

    def read(self, one: Declared | Located, path: str) -> list[tuple[Any, Located]]:
        """Return the known values at a path, each as plain data with its place."""
        start = one if isinstance(one, Located) else Located(one.resource.properties, one)
        found, _ = self.values.follow(start, [part for part in path.split(".") if part])
        return [(self.values.plain(at), at) for at in found]

    def items(self, one: Declared | Located, path: str) -> list[Located]:
        """Return the elements at a path: blocks of one name, items of a list."""
        start = one if isinstance(one, Located) else Located(one.resource.properties, one)
        found, _ = self.values.follow(start, path.split("."))
        return [item for at in found for item in self.values.items(at)]

    def fields(self, at: Located) -> list[Located]:
        """Return the properties of a map as they are written, references included."""
        return self.values.fields(at)

    def input_of(self, at: Located) -> Declared | None:
        """Return the input that a value is a plain reference to."""
        if at.value.kind != "ref":
            return None
        found = at.home.stack.names.get(str(at.value.data).partition("#")[0])
        return found if found is not None and found.resource.type == "stack.input" else None

    def kind(self, declared: Declared) -> ResourceType | None:
        """Return the vocabulary's entry for a resource."""
        return vocabulary().types.get(declared.resource.type)

    def default(self, declared: Declared, path: str) -> Any:
        """Return what holds when ``path`` is not written, ``MISSING`` of the forms when nothing is known to."""
        kind = self.kind(declared)
        for default in kind.defaults if kind is not None else ():
            if default.at == path and (not default.fronts or declared.resource.front in default.fronts):
                return default.value
        return MISSING

    def links(self) -> dict[int, list[tuple[str, Declared]]]:
        """Return, for each resource by identity, the properties that refer to others, and these."""
        if self._to is None:
            self._to = {}
            for one in self.estate.resources():
                found: list[tuple[str, Declared]] = []
                top = Located(one.resource.properties, one)
                for field in one.resource.properties.fields:
                    found += [(field.name, target) for target in self.values.targets(top.of(field.value))]
                found += [("", target) for item in top.value.items for target in self.values.targets(top.of(item))]
                self._to[id(one)] = found
                for via, target in found:
                    self._from.setdefault(id(target), []).append((via, one))
        return self._to

    def linked(self, one: Declared, types: Sequence[str], direction: str, via: str) -> tuple[list[Declared], bool]:
        """Return the linked resources of the given types, and whether a reference could not be followed."""
        shown, one = one, one.origin or one
        wanted = [other for other in self.estate.of_type(*types) if other is not one]
        if direction == "repo":
            return wanted, False
        if direction == "folder":
            return [other for other in wanted if other.stack.folder == one.stack.folder], False
        if direction == "stack":
            near = self.near(one)
            return [other for other in wanted if id(other.stack) in near], False
        names = {id(other) for other in wanted}
        to = self.links().get(id(one), [])
        found: list[Declared] = []
        unsure = False
        if direction in ("to", "any"):
            found += [other for name, other in to if id(other) in names and (not via or name == via.split(".", maxsplit=1)[0])]
            if via:
                _hits, open_ended = self.values.follow(Located(one.resource.properties, shown), via.split("."))
                unsure = open_ended and not any(name == via.split(".", maxsplit=1)[0] for name, _ in to)
        if direction in ("from", "any"):
            back = self._from.get(id(one), [])
            found += [other for name, other in back if id(other) in names and (not via or name == via.split(".", maxsplit=1)[0])]
        return found, unsure

    @staticmethod
    def near(one: Declared) -> set[int]:
        """Return the stacks that are deployed with a resource's own: itself, its callers, what they call."""
        return {id(one.stack), *(id(caller.stack) for caller in one.stack.callers)}

    def _code(self, one: Declared, kind: ResourceType | None) -> dict[str, Any]:
        """Return what says which code a resource runs: handler, archive, image, entry point; only what is literal."""
        found = {path: self.read(one, path) for path in (kind.code if kind is not None else ())}
        return {path: str(values[0][0])[:500] for path, values in found.items() if values}

    def into(self, graph: RepoGraph) -> None:
        """Add nodes and edges of resources, identities and permissions."""
        if not self.estate.declared:
            return
        for one in self.estate.resources():
            if one.resource.front == "kubernetes":
                continue  # its front end makes the nodes of all objects
            kind = self.kind(one)
            resource = one.resource
            attrs = {
                "resource_type": resource.type, "native": resource.native,
                "agentic": bool(kind is not None and kind.agentic), "agentic_kind": kind.agentic if kind is not None else "",
                "optional": resource.optional,
            }  # fmt: skip
            code = self._code(one, kind)
            if code:
                attrs["code"] = code
            graph.add(GraphNode("resource", one.id, resource.name, one.path, resource.span, resource.front, attrs, {}, ()))
        self.access.into(graph)
