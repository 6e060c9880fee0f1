"""Everything the repository declares as infrastructure: stacks, names, calls of modules."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agentlint.core.place import Span
from agentlint.facts.infra.model import Resource, Value
from agentlint.facts.types import FileFacts

_TEMPLATES = (".yaml", ".yml", ".json", ".template")


@dataclass(slots=True, eq=False)
class Stack:
    """What shares names: a Terraform folder, a template, a Bicep file."""

    key: str
    folder: str
    names: dict[str, Declared] = field(default_factory=dict)
    callers: list[Declared] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Declared:
    """A resource in its place."""

    path: str
    resource: Resource
    stack: Stack
    bound: dict[str, Located] = field(default_factory=dict)
    """What the names of the loops around a value stand for, in one turn of them."""
    origin: Declared | None = None
    """For one turn of a resource that is made for each element of a collection: the resource as it is written."""

    def turn(self, names: dict[str, Located]) -> Declared:
        """Return the same declaration in one turn of a loop."""
        return Declared(self.path, self.resource, self.stack, {**self.bound, **names}, self.origin or self)

    @property
    def id(self) -> str:
        """The id of its graph node."""
        return f"{self.path}#resource:{self.resource.name}:{self.resource.span.line}"


@dataclass(slots=True, frozen=True)
class Located:
    """A value, what declares it, and the place of its key."""

    value: Value
    home: Declared
    key: Span | None = None
    name: str = ""

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.home.path

    def of(self, value: Value, key: Span | None = None, name: str = "") -> Located:
        """Return another value of the same declaration."""
        return Located(value, self.home, key, name)


class Estate:
    """All stacks of a repository."""

    def __init__(self, files: Iterable[FileFacts]) -> None:
        """Gather the resources of all files, then join modules to their callers."""
        self.stacks: dict[str, Stack] = {}
        self.declared: list[Declared] = []
        self._by_type: dict[str, list[Declared]] = {}
        self._templates: dict[str, list[Stack]] = {}
        for file in files:
            for resource in file.resources:
                self._add(file.path, resource)
        for declared in self.declared:
            if declared.resource.type == "stack.module":
                called = self.called(declared)
                if called is not None:
                    called.callers.append(declared)

    def _add(self, path: str, resource: Resource) -> None:
        folder = posixpath.dirname(path)
        key = f"{folder}/" if resource.scope == "folder" else path
        stack = self.stacks.get(key)
        if stack is None:
            stack = self.stacks[key] = Stack(key, folder)
        declared = Declared(path, resource, stack)
        self.declared.append(declared)
        self._by_type.setdefault(resource.type, []).append(declared)
        stack.names.setdefault(resource.name, declared)

    def called(self, module: Declared) -> Stack | None:
        """Return the stack that a call of a module makes, ``None`` when it is not in the tree."""
        fields = {field.name: field.value for field in module.resource.properties.fields}
        source = fields.get("source")
        if source is not None and module.resource.front == "cloudformation":
            return self._template(module, source)
        if source is None or not isinstance(source.data, str) or source.kind != "lit":
            return None
        text = source.data
        if not text.startswith((".", "/")) and "/" in text and not text.endswith(".bicep"):
            return None
        target = posixpath.normpath(posixpath.join(module.stack.folder, text))
        found = self.stacks.get(target) or self.stacks.get("/" if target == "." else f"{target}/")
        return found if found is not module.stack else None

    def _template(self, module: Declared, source: Value) -> Stack | None:
        """Return the template that an address names by its last steps: beside the caller, else the only one of the tree."""
        last = source.items[-1] if source.kind == "text" and source.items else source
        if last.kind != "lit" or not isinstance(last.data, str):
            return None
        steps = [step for step in last.data[-300:].split("?")[0].split("/") if step not in ("", ".")]
        if not last.data.endswith(_TEMPLATES) or not steps:
            return None
        if "://" not in last.data:
            beside = self.stacks.get(posixpath.normpath(posixpath.join(module.stack.folder, *steps)))
            if beside is not None:
                return beside if beside is not module.stack else None
        if steps[-1] not in self._templates:
            self._templates[steps[-1]] = [stack for key, stack in self.stacks.items() if key.rsplit("/", 1)[-1] == steps[-1]]
        found = [stack for stack in self._templates[steps[-1]] if stack is not module.stack]
        near = [stack for stack in found if f"{stack.folder}/".startswith(f"{module.stack.folder}/")]
        return near[0] if len(near) == 1 else found[0] if len(found) == 1 else None

    def of_type(self, *types: str) -> Iterator[Declared]:
        """Yield the resources of canonical types; a type that ends in ``*`` is a prefix."""
        for wanted in types:
            if wanted.endswith("*"):
                for known, found in self._by_type.items():
                    if known.startswith(wanted[:-1]):
                        yield from found
            else:
                yield from self._by_type.get(wanted, ())

    def resources(self) -> Iterator[Declared]:
        """Yield what is made, not what only names values."""
        return (one for one in self.declared if not one.resource.type.startswith("stack."))
