"""What code can do at AWS, seen from where it is entered: every function whose name is said in a function that is reached.

Calls are followed by names alone, so more is reached than ever runs, never less: a permission that nothing reached has
a word for is not used. What this cannot see (programs, libraries, requests signed by hand) makes the answer unknown.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agentlint.facts.infra.aws_calls import EVERY, call_table, library_services, word_of
from agentlint.facts.python.ir import Function, Op, PythonFacts, Value

MAX_WORD = 80
MAX_FILES = 400
MAX_FUNCTIONS = 20_000
_MAKERS = frozenset({"client", "resource", "create_client"})
_ROOTS = ("boto3", "aioboto3", "aiobotocore", "botocore")


@dataclass(slots=True)
class Reached:
    """Words of the code (each as it is first written), services it has clients of, and what keeps it from being judged.

    ``blind``: why nothing can be said. ``dynamic``: operations are chosen when it runs. ``unjudged``: services that
    libraries, layers or the platform may use on its behalf.
    """

    words: dict[str, str] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)
    unjudged: set[str] = field(default_factory=set)
    files: dict[str, None] = field(default_factory=dict)
    functions: set[tuple[str, int]] = field(default_factory=set)
    blind: str = ""
    dynamic: bool = False


class Sources:
    """The Python files of a repository by path, and which of them an import means."""

    def __init__(self, files: Mapping[str, PythonFacts]) -> None:
        """Index ``files``."""
        self.files = files
        self.folders = {folder for path in files for folder in _above(path)}
        self._by_name: dict[str, list[str]] = {}
        for path in files:
            self._by_name.setdefault(posixpath.basename(_stem(path)), []).append(path)

    def at(self, stem: str) -> str:
        """Return the file of a module at a slash path without its suffix, empty when there is none."""
        return next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in self.files), "")

    def elsewhere(self, name: str) -> str:
        """Return the only file of the repository that a dotted name may mean, wherever it is."""
        tail = f"/{name.replace('.', '/')}"
        found = [path for path in self._by_name.get(name.rpartition(".")[2], ()) if f"/{_stem(path)}".endswith(tail)]
        return found[0] if len(found) == 1 else ""


def _stem(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__")


def _is_aws(text: str) -> bool:
    return text.partition(":")[0].partition(".")[0] in (*_ROOTS, "session")


def _above(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)


def reach(sources: Sources, root: str, path: str, function: str) -> Reached:
    """Return what is reached from a function of a file (all of the file when it is empty) whose imports begin at ``root``."""
    walk = _Walk(sources, root)
    walk.enter(path)
    walk.say(function)
    walk.run()
    walk.finish()
    return walk.found


class _Walk:
    def __init__(self, sources: Sources, root: str) -> None:
        self.sources, self.root = sources, root
        self.found = Reached()
        self.strings: set[str] = set()
        self.chosen_clients = False
        self._direct: set[str] = set()
        self._waiting: dict[str, list[tuple[str, int]]] = {}
        self._todo: list[tuple[str, int]] = []

    def enter(self, path: str) -> None:
        """Take a module in: its body and the bodies of its classes run at once, functions wait until they are named."""
        if path in self.found.files or self.found.blind:
            return
        if len(self.found.files) >= MAX_FILES:
            self.found.blind = "it imports too many files"
            return
        self.found.files[path] = None
        facts = self.sources.files[path]
        for number, function in enumerate(facts.functions):
            if (
                function.kind in ("module", "class")
                or self._runs_by_itself(facts, function)
                or function.kind == "lambda"
                or word_of(function.name) in self.found.words
            ):
                self._todo.append((path, number))
            else:
                self._waiting.setdefault(word_of(function.name), []).append((path, number))
        for star in facts.stars:
            self.imported(path, star)

    @staticmethod
    def _runs_by_itself(facts: PythonFacts, function: Function) -> bool:
        """Whether something other than a call by name may run a function: a decorator, the language, a base class."""
        if function.decorators or (function.name.startswith("__") and function.name.endswith("__")):
            return True
        return 0 <= function.owner < len(facts.classes) and bool(facts.classes[function.owner].bases)

    def say(self, name: str) -> None:
        """Note a word; functions of that name are reached."""
        if not 0 < len(name) <= MAX_WORD:
            return
        word = word_of(name)
        if word not in self.found.words:
            self.found.words[word] = name
            self._todo += self._waiting.pop(word, ())

    def run(self) -> None:
        """Go through what is reached until nothing more is."""
        while self._todo and not self.found.blind:
            place = self._todo.pop()
            if place in self.found.functions:
                continue
            if len(self.found.functions) >= MAX_FUNCTIONS:
                self.found.blind = "it is too large"
                return
            self.found.functions.add(place)
            self._function(place[0], self.sources.files[place[0]].functions[place[1]])

    def _function(self, path: str, function: Function) -> None:
        called = {function.values[number].args[0] for number in function.calls}
        for place, value in enumerate(function.values):
            if value.op in (Op.ATTR, Op.NAME):
                self.say(value.text)
                if value.op is Op.ATTR and value.text in _MAKERS and place not in called:
                    self.chosen_clients = self.chosen_clients or _is_aws(function.values[value.args[0]].text)
            elif value.op is Op.CONST and value.keys == ("str",):
                self.strings.add(value.text)
                self.say(value.text)
            elif value.op is Op.DICT or value.op is Op.CALL:
                for key in value.keys:
                    self.say(key)
        self._used_directly(path, function)
        for number in function.imports:
            text = function.values[number].text
            self.say(text.rpartition(":")[2].rpartition(".")[2])
            if text.partition(":")[2] in _MAKERS and _is_aws(text):
                self.chosen_clients = True  # under whatever name it is called
            self.imported(path, text)
        for number in function.calls:
            self._call(path, function, function.values[number])

    def _used_directly(self, path: str, function: Function) -> None:
        """Reach what is used in the very function that defines it: there it is a value, not a name."""
        used = {arg for value in function.values for arg in value.args}
        used.update(leave.value for leave in function.exits)
        used.update(store.value for store in function.stores)
        for value in (function.values[number] for number in used):
            if value.op is Op.FUNC:
                self._todo.append((path, int(value.text)))
            elif value.op is Op.CLASS:
                self.say(self.sources.files[path].classes[int(value.text)].name)

    def imported(self, path: str, text: str) -> None:
        """Enter the files that an import means, or ask what the library may do."""
        module, _, name = text.partition(":")
        if module.startswith("."):
            stem = self._relative(path, module)
            if not self._enter_all([stem, f"{stem}/{name}" if name else stem]) and not self._is_folder(stem):
                self.found.blind = self.found.blind or f"`{text.replace(':', '.')}` is not in the tree"
            return
        parts = module.split(".")
        inside = f"{self.root}/" if self.root else ""
        stems = [inside + "/".join(parts[:size]) for size in range(1, len(parts) + 1)]
        if self._enter_all([*stems, f"{stems[-1]}/{name}" if name else stems[-1]]) or self._is_folder(stems[0]):
            return
        services = library_services(f"{module}.{name}" if name else module)
        if services is None:
            other = self.sources.elsewhere(module) or (self.sources.elsewhere(f"{module}.{name}") if name else "")
            if other:
                self.enter(other)
            else:
                self.found.blind = self.found.blind or f"what `{parts[0]}` does is not known"
        elif EVERY in services:
            self.found.blind = self.found.blind or f"`{module}` may use any service"
        elif parts[0] in call_table().runs_programs:
            self.found.blind = self.found.blind or f"it runs programs (`{parts[0]}`)"
        else:
            self.found.unjudged.update(services)

    def _is_folder(self, stem: str) -> bool:
        return stem in self.sources.folders

    def _relative(self, path: str, module: str) -> str:
        dots = len(module) - len(module.lstrip("."))
        folder = posixpath.dirname(path)
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        rest = module[dots:].replace(".", "/")
        return "/".join(part for part in (folder, rest) if part)

    def _enter_all(self, stems: list[str]) -> bool:
        found = [path for path in map(self.sources.at, dict.fromkeys(stems)) if path]
        for path in found:
            self.enter(path)
        return bool(found)

    def _call(self, path: str, function: Function, value: Value) -> None:
        callee = function.values[value.args[0]]
        name = callee.text.rpartition(":")[2]
        table = call_table()
        if name in _MAKERS and callee.op in (Op.ATTR, Op.NAME, Op.IMPORT):
            self._client(path, function, value, name)
        elif callee.op is Op.NAME and word_of(name) in table.runs_code:
            self.found.blind = self.found.blind or f"it runs code (`{name}`)"
        elif callee.op is Op.NAME and name == "__import__" and self._text(function, value, 1, "name") is None:
            self.found.blind = self.found.blind or "it imports what it is told to"
        elif word_of(name) in ("importmodule", "runpath", "runmodule"):
            if self._text(function, value, 1, "name") is None:
                self.found.blind = self.found.blind or f"it runs code (`{name}`)"
            else:
                self.imported("", str(self._text(function, value, 1, "name")))
        elif word_of(name) in table.program_calls and callee.op in (Op.ATTR, Op.IMPORT):
            self.found.blind = self.found.blind or f"it runs programs (`{name}`)"
        elif callee.op is Op.NAME and name == "getattr" and self._text(function, value, 2, "") is None:
            self.found.dynamic = True

    @staticmethod
    def _text(function: Function, value: Value, position: int, key: str) -> str | None:
        """Return an argument that is a constant text, ``None`` for any other, empty when it is not given."""
        for number, (arg, name) in enumerate(zip(value.args, value.keys, strict=True)):
            if number and ((name == "" and number == position) or (key and name == key)):
                given = function.values[arg]
                return given.text if given.op is Op.CONST and given.keys == ("str",) else None
            if name in ("*", "**"):
                return None
        return ""

    def _client(self, path: str, function: Function, value: Value, maker: str) -> None:
        service = self._text(function, value, 1, "service_name")
        if service:
            self._service(service, maker)
            self._direct.add(service)
        elif service is None and self._is_handed(path, function, value):
            self.chosen_clients = True
        elif service is None:
            self.found.blind = self.found.blind or "it makes clients of services that it chooses itself"

    def _is_handed(self, path: str, function: Function, value: Value) -> bool:
        """Whether the service is a parameter or a constant with a name, so that it stands somewhere as text."""
        places = [arg for arg, key in zip(value.args, value.keys, strict=True) if key == "service_name"] or value.args[1:2]
        given = function.values[places[0]] if places else None
        if given is None or given.op is not Op.NAME:
            return given is not None and given.op in (Op.PARAM, Op.IMPORT)
        body = self.sources.files[path].functions[0]
        made = [body.values[number] for number in body.defs.get(given.text, ())]
        return bool(made) and all(one.op is Op.IMPORT or (one.op is Op.CONST and one.keys == ("str",)) for one in made)

    def _service(self, service: str, maker: str) -> None:
        prefix = call_table().clients.get(service)
        if prefix is None:
            self.found.blind = self.found.blind or f"what `{service}` does for its callers is not known"
            return
        self.found.clients.add(prefix)
        if maker == "resource" and service not in call_table().plain_resources:
            self.found.unjudged.add(prefix)

    def finish(self) -> None:
        """Settle what is known only at the end: clients of services that the code chooses, calls made on others' behalf."""
        found, table = self.found, call_table()
        if self.chosen_clients:
            named = (self.strings - self._direct) & set(table.clients)
            for service in named:
                self._service(service, "resource" if "resource" in found.words else "client")
            if not named:
                found.blind = found.blind or "it makes clients of services that it chooses itself"
        opaque = next(iter(sorted(table.opaque.intersection(found.words))), "")
        if opaque:
            found.blind = found.blind or f"it signs requests or takes credentials itself (`{opaque}`)"
        if any(text.startswith("aws ") or "localhost:2773" in text for text in self.strings):
            found.blind = found.blind or "it uses AWS by other means than clients"
