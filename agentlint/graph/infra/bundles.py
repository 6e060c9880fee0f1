"""Which code a function of the cloud runs: its handler's file, found from what the deployment says of folder and handler."""

from __future__ import annotations

import ast
import posixpath
from dataclasses import dataclass

from agentlint.core.place import Span
from agentlint.facts.infra.aws_calls import call_table
from agentlint.facts.infra.model import Value
from agentlint.facts.python.ir import Function, Op, PythonFacts
from agentlint.graph.infra.estate import Declared, Located
from agentlint.graph.infra.reached import Reached, Sources, reach
from agentlint.graph.infra.values import Values

MAX_INLINE = 60_000
MAX_ANCESTORS = 12
_INLINE = "<inline>"
_LAUNCH = "aws.agentcore.launch"
_SENDS_BY_ITSELF = ("dead_letter_config", "dead_letter_queue", "event_invoke_config", "on_failure", "on_success")
_DESTINATIONS = ("eventinvokeconfig", "event_invoke_config")


@dataclass(slots=True, frozen=True)
class Entry:
    """Where code is entered: its file (empty for code inside a template), the function, what is reached from it."""

    declared: Declared
    path: str
    function: str
    reached: Reached
    span: Span

    @property
    def name(self) -> str:
        """How a message calls it."""
        if self.path and not self.function:
            return self.path
        return f"{self.path}:{self.function}" if self.path else f"the code inside `{self.declared.resource.name}`"


class Bundles:
    """Finds and follows the code of functions; each is followed once."""

    def __init__(self, values: Values, files: dict[str, PythonFacts]) -> None:
        """Look in ``files``."""
        self.values = values
        self.sources = Sources(files)
        self._known: dict[int, Entry | str] = {}

    def of(self, function: Declared) -> Entry | str:
        """Return where a function's code is entered, or why that is not known."""
        found = self._known.get(id(function))
        if found is None:
            found = self._known[id(function)] = self._find(function)
        return found

    def is_shared(self, role: Declared) -> bool:
        """Whether a role that code makes is kept in a field that other files read: they may run other things as it."""
        script = self.sources.files.get(role.path)
        kept = {
            store.attr
            for function in (script.functions if script is not None else ())
            for store in function.stores
            if _made_at(function, store.value) == role.resource.span
        }
        return bool(kept) and any(
            value.op is Op.ATTR and value.text in kept
            for path, facts in self.sources.files.items() if path != role.path
            for function in facts.functions for value in function.values
        )  # fmt: skip

    def _find(self, one: Declared) -> Entry | str:
        if one.resource.type == _LAUNCH:
            return self._launched(one)
        runtime = self._literal(one, "runtime")
        if runtime and not runtime.startswith("python"):
            return f"`{one.resource.name}` is not written in Python"
        handler = self._literal(one, "handler")
        if self._literal(one, "package_type") == "Image" or self._has(one, "image_uri"):
            return f"`{one.resource.name}` runs an image"
        inline = self._inline(one)
        if inline is not None:
            return self._inside(one, inline, handler)
        if self._has(one, "entry"):
            file = (self._literal(one, "index") or "index.py").removesuffix(".py")
            handler = f"{file}.{handler or 'handler'}"
        module, _, function = handler.rpartition(".")
        if not module or not function.isidentifier():
            return f"the handler of `{one.resource.name}` is not known"
        stem = module.replace(".", "/") if "/" not in module else module
        for folder in self._folders(one, stem):
            path = self.sources.at(posixpath.normpath(posixpath.join(folder, stem)))
            if path and function in self.sources.files[path].functions[0].defs:
                found = reach(self.sources, "" if folder == "." else folder, path, function)
                return self._entry(one, path, function, found)
        return f"the code of `{one.resource.name}` is not in the tree"

    def _launched(self, one: Declared) -> Entry | str:
        """A script that deploys an agent names the file of its entry point, seen from where the script is."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(one.path), self._literal(one, "entrypoint") or "?"))
        if path not in self.sources.files:
            return f"the code of `{one.resource.name}` is not in the tree"
        return self._entry(one, path, "", reach(self.sources, posixpath.dirname(path), path, ""))

    def _entry(self, one: Declared, path: str, function: str, found: Reached) -> Entry:
        table = call_table()
        layers = Located(one.resource.properties, one)
        for field in layers.value.fields:
            if field.name == "layers" and not self._own_layers(layers.of(field.value)):
                found.unjudged |= table.layers
            if field.name in _SENDS_BY_ITSELF:
                found.unjudged |= table.destinations
        natives = (other.resource.native.lower() for other in one.stack.names.values())
        if any(native.endswith(_DESTINATIONS) for native in natives):
            found.unjudged |= table.destinations
        if layers.value.open:
            found.blind = found.blind or f"`{one.resource.name}` has options that are not known"
        return Entry(one, path, function, found, self._span(one, path, function))

    def _span(self, one: Declared, path: str, function: str) -> Span:
        facts = self.sources.files.get(path)
        named = (found.span for found in (facts.functions if facts is not None else ()) if found.qualname == function)
        return next(named, one.resource.span)

    def _own_layers(self, at: Located) -> bool:
        """Whether all layers are made in the same tree."""
        items = [item for way in self.values.ways(at) for item in self.values.items(way)]
        return all(self.values.targets(item) for item in items)

    def _inside(self, one: Declared, text: str, handler: str) -> Entry | str:
        from agentlint.facts.python.lower import lower

        function = handler.rpartition(".")[2]
        try:
            facts = lower(ast.parse(text), text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return f"the code inside `{one.resource.name}` cannot be read"
        if len(text) > MAX_INLINE or function not in facts.functions[0].defs:
            return f"the handler of `{one.resource.name}` is not known"
        found = reach(Sources({f"{_INLINE}.py": facts}), "", f"{_INLINE}.py", function)
        if not found.clients and not found.unjudged:
            return f"the code inside `{one.resource.name}` calls nothing and may only hold its place"
        return self._entry(one, "", function, found)

    def _inline(self, one: Declared) -> str | None:
        """Return the code that stands in a template, parts that are filled in later as a plain word."""
        top = Located(one.resource.properties, one)
        for path in ("code.zip_file", "inline_code"):
            found, _ = self.values.follow(top, path.split("."))
            for hit in found:
                if hit.value.kind in ("lit", "text") and isinstance(hit.value.data, str) and hit.home.resource.front != "boto3":
                    return hit.value.data.replace("${}", "filled_in")
        return None

    def _folders(self, one: Declared, stem: str) -> list[str]:
        """Return the folders that may hold the code, the likeliest first."""
        front = one.resource.front
        if front == "boto3":
            return self._beside(one, stem)
        found: list[str] = []
        for at in self._places(one):
            folder, exact = self._path(at)
            if folder is None:
                continue
            if exact or front == "cloudformation":
                base = "" if exact else posixpath.dirname(one.path)
                found.append(posixpath.normpath(posixpath.join(base, folder)))
            else:
                found += [posixpath.normpath(posixpath.join(base, folder)) for base in _ancestors(posixpath.dirname(at.path))]
        return [folder for folder in found if not folder.startswith("..")]

    def _beside(self, one: Declared, stem: str) -> list[str]:
        """A script that makes a function packs the file beside it that is called like the handler's module, and says so."""
        script = self.sources.files.get(one.path)
        named = f"{stem}.py"
        said = script is not None and any(
            value.op is Op.CONST and (value.text == named or value.text.endswith(f"/{named}"))
            for function in script.functions for value in function.values
        )  # fmt: skip
        return [posixpath.dirname(one.path)] if said and "/" not in stem else []

    def _places(self, one: Declared) -> list[Located]:
        """Return the properties that name the folder or file of the code, archives opened."""
        top = Located(one.resource.properties, one)
        found: list[Located] = []
        for field in top.value.fields:
            if field.name in ("code_uri", "code", "entry", "filename", "source_dir"):
                at = top.of(field.value)
                found += [way for way in self.values.ways(at) if way.value.kind in ("lit", "text")]
            if field.name in ("filename", "source_code_hash", "s3_key", "s3_object_version"):
                for target in self.values.targets(top.of(field.value)):
                    if target.resource.type == "archive.file":
                        inner = Located(target.resource.properties, target)
                        found += [
                            way for part in target.resource.properties.fields if part.name in ("source_dir", "source_file")
                            for way in self.values.ways(inner.of(part.value))
                        ]  # fmt: skip
        return found

    def _path(self, at: Located) -> tuple[str | None, bool]:
        """Return a path in the tree and whether it is meant from the top; of a file its folder."""
        text, exact = self._text(at, 0)
        if text is None or "${" in text or "://" in text:
            return None, False
        if text.endswith(".py"):
            text = posixpath.dirname(text)
        return (None, False) if text.endswith((".zip", ".jar")) else (text or ".", exact)

    def _text(self, at: Located, depth: int) -> tuple[str | None, bool]:
        value = at.value
        if value.kind == "lit":
            return (value.data, False) if isinstance(value.data, str) else (None, False)
        if value.kind == "unknown" and str(value.data).strip() == "path.module":
            return at.home.stack.folder or ".", True
        if value.kind == "unknown" and str(value.data).strip() in ("path.root", "path.cwd"):
            return ".", False
        if value.kind != "text" or depth > 4:
            return None, False
        parts = [self._piece(at, item, depth) for item in value.items]
        known = [text for text, _ in parts if text is not None]
        return ("".join(known), parts[0][1]) if parts and len(known) == len(parts) else (None, False)

    def _piece(self, at: Located, item: Value, depth: int) -> tuple[str | None, bool]:
        ways = self.values.ways(at.of(item))
        return self._text(ways[0], depth + 1) if len(ways) == 1 else (None, False)

    def _literal(self, one: Declared, path: str) -> str:
        """Return a property that has one known text, else nothing."""
        found, unsure = self.values.follow(Located(one.resource.properties, one), [path])
        texts = {hit.value.data for hit in found if hit.value.kind == "lit" and isinstance(hit.value.data, str)}
        return str(texts.pop()) if len(texts) == 1 and not unsure else ""

    @staticmethod
    def _has(one: Declared, name: str) -> bool:
        return any(field.name == name for field in one.resource.properties.fields)


def _made_at(function: Function, number: int) -> Span | None:
    """Return the place of the callee that made a value, whatever its methods were called for since."""
    value = function.values[number]
    while value.op in (Op.MUTATE, Op.UPDATE):
        value = function.values[value.args[0]]
    return function.values[value.args[0]].span if value.op is Op.CALL else None


def _ancestors(folder: str) -> list[str]:
    found = [folder]
    while folder and len(found) < MAX_ANCESTORS:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found
