"""Runs a probe with everything outside replaced, to see whether the value reaches the sink: the truth the solver is held to.

Only programs made by `probes.py` are run, never scanned code.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import os.path
import threading
import types
from typing import Any
from urllib.parse import urlsplit

PAYLOADS = {
    "shell": "EVIL'; id",
    "sql": "EVIL' OR 1=1",
    "path": "../../EVIL'",
    "code-exec": "EVIL'",
    "url": "https://EVIL.example",
}
PARTS = {"shell": "EVIL'; id", "sql": "EVIL'", "path": "../EVIL'", "code-exec": "EVIL'", "url": "EVIL"}
EXPECTED = (ValueError, KeyError, AssertionError)


def reaches(files: dict[str, str], sink: str) -> bool:
    """Run ``handle`` of ``app`` and say whether the hostile text arrived whole."""
    seen: list[str] = []
    world = _World(files, PAYLOADS[sink], seen)
    app = world.load("pkg.app" if any(path.endswith("pkg/app.py") for path in files) else "app")
    handle = app.handle
    threading.excepthook = lambda _: None
    arguments = [PAYLOADS[sink]] * len(inspect.signature(handle).parameters)
    try:
        result = handle(*arguments)
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except EXPECTED:
        pass
    finally:
        threading.excepthook = threading.__excepthook__
    return any(PARTS[sink] in (urlsplit(text).netloc if sink == "url" else text) for text in seen)


class _World:
    def __init__(self, files: dict[str, str], payload: str, seen: list[str]) -> None:
        self._files = {path.removesuffix(".py").removeprefix("src/").replace("/", "."): text for path, text in files.items()}
        self._payload = payload
        self._seen = seen
        self._loaded: dict[str, types.ModuleType] = {}
        self._stubs = self._make_stubs()

    def load(self, name: str) -> types.ModuleType:
        if name in self._loaded:
            return self._loaded[name]
        module = types.ModuleType(name)
        self._loaded[name] = module
        module.__name__ = "builtins"  # `dataclass` looks its module up
        module.__package__ = name.rpartition(".")[0]
        module.__dict__["__builtins__"] = {
            **vars(builtins), "__import__": self._import, "eval": self._sink, "exec": self._sink, "open": self._sink, "print": lambda *_: None,
        }  # fmt: skip
        exec(compile(ast.parse(self._files[name]), name, "exec"), module.__dict__)
        return module

    def _sink(self, text: Any, *_args: Any, **_kwargs: Any) -> Any:
        self._seen.append(str(text))
        return types.SimpleNamespace(read=lambda: "")

    def _import(self, name: str, globals_: Any = None, locals_: Any = None, names: Any = (), level: int = 0) -> Any:
        if level:
            name = f"{globals_['__package__']}.{name}" if name else globals_["__package__"]
        if name in self._stubs:
            return self._stubs[name] if names or "." not in name else self._stubs[name.partition(".")[0]]
        if name in self._files or f"{name}.__init__" in self._files:
            if name in self._files:
                module = self.load(name)
                if names or "." not in name:
                    return module
            package = types.ModuleType(name.partition(".")[0])
            for found in self._loaded:
                setattr(package, found.rpartition(".")[2], self._loaded[found])
            return package
        return builtins.__import__(name, globals_, locals_, names, level)

    def _make_stubs(self) -> dict[str, Any]:
        space = types.SimpleNamespace
        payload = self._payload

        class Values:
            def get(self, *_: Any) -> str:
                return payload

            def __getitem__(self, _: Any) -> str:
                return payload

        class Flask:
            def __init__(self, _: str) -> None: ...
            def route(self, *_: Any, **__: Any) -> Any:
                return lambda function: function

            def add_url_rule(self, *_: Any, **__: Any) -> None: ...

        class BaseModel:
            def __init__(self, **values: Any) -> None:
                for name in type(self).__annotations__:
                    setattr(self, name, values.get(name, getattr(type(self), name, None)))

            @classmethod
            def model_validate(cls, values: dict[str, Any]) -> Any:
                return cls(**values)

            def model_dump(self) -> dict[str, Any]:
                return dict(vars(self))

        connection = space(execute=self._sink, cursor=lambda: space(execute=self._sink))
        fastmcp = space(FastMCP=lambda _: space(tool=lambda: lambda function: function))
        own_os = space(system=self._sink, remove=self._sink, path=os.path)
        return {
            "flask": space(Flask=Flask, request=space(args=Values(), form=Values(), json=Values())),
            "agents": space(function_tool=lambda function: function),
            "mcp.server.fastmcp": fastmcp,
            "pydantic": space(BaseModel=BaseModel),
            "os": own_os, "os.path": own_os,
            "subprocess": space(run=self._sink),
            "sqlite3": space(connect=lambda _: connection),
            "requests": space(get=self._sink),
        }  # fmt: skip
