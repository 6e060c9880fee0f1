"""Files that no reader likes, by what is wrong with them, and what a scan must say."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CANARY = "hostile-canary"
RUN = f"import os\nopen({CANARY!r}, 'w').close()\n".encode()
MCP = '{"mcpServers": {"a": {"command": "npx", "args": ["-y", "@acme/a"]}}}\n'


def put(base: Path, files: dict[str, bytes | str]) -> None:
    for name, content in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@dataclass(frozen=True)
class Case:
    """``path`` gets what ``make`` returns; ``kind`` of the error that is told (empty: none), its line, words of it."""

    path: str
    make: Callable[[], bytes]
    kind: str = ""
    line: int | None = None
    words: str = ""
    finds: tuple[str, int] | None = None


def _nested(opening: str, closing: str, depth: int, core: str = "1") -> bytes:
    return (opening * depth + core + closing * depth).encode()


def _notebook(cells: object, **more: object) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


def _code(source: object, outputs: object = ()) -> dict[str, object]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "source": source, "outputs": outputs}


def _bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    return ("services:\n  web:\n    image: x\n" + "\n".join(lines) + "\n").encode()


def _merge_bomb() -> bytes:
    lines = ["services:", "  a0: &a0 {image: x, k0: 1}"]
    lines += [f"  a{n}: &a{n}\n    <<: [{', '.join([f'*a{n - 1}'] * 20)}]\n    k{n}: 1" for n in range(1, 200)]
    return "\n".join(lines).encode()


def _minified() -> bytes:
    piece = 'var a=function(t,e){return t.sk-e["key"]||"eyJ"+AKIA*(e<<2)};'
    return (piece * (4_900_000 // len(piece))).encode()


SHELL = 'import os\nimport flask\n\n\n@flask.Flask(__name__).get("/")\ndef f():\n    os.system(flask.request.args["q"])\n'

CASES: dict[str, Case] = {
    # encodings
    "unknown codec": Case("h.py", lambda: b"# -*- coding: klingon-8 -*-\nx = 1\n", "parse-error", 1, "klingon-8"),
    "codec that is no text": Case("h.py", lambda: b"# coding: rot13\nvzcbeg bf\n", "parse-error", 1, "rot13"),
    "codec with quadratic cost": Case("h.py", lambda: b"# coding: punycode\n" + b"a" * 200_000, "parse-error", 1, "punycode"),
    "codec on line two": Case(
        "h.py", lambda: b"#!/usr/bin/python\n# vim: set fileencoding=nonsense :\n", "parse-error", None, "nonsense"
    ),
    "latin-1 with a cookie": Case("h.py", lambda: b"# coding: latin-1\nname = '\xe9'\n" + SHELL.encode(), finds=("AL411", 9)),
    "latin-1 without a cookie": Case("h.py", lambda: b"x = 1\nname = '\xe9'\n", "parse-error", 2, "utf-8"),
    "utf-7": Case("h.py", lambda: b"# coding: utf-7\nx = 1\n"),
    "byte order mark": Case("h.py", lambda: b"\xef\xbb\xbf" + SHELL.encode(), finds=("AL411", 7)),
    "byte order mark and broken text": Case("h.py", lambda: b"\xef\xbb\xbfx = 1\ny = '\xff'\n", "parse-error", 2, "utf-8"),
    "utf-16 python": Case("h.py", lambda: SHELL.encode("utf-16"), finds=("AL411", 7)),
    "utf-16 json": Case("h/.mcp.json", lambda: MCP.encode("utf-16"), finds=("AL902", 1)),
    "utf-16 cut in two": Case("h/.mcp.json", lambda: MCP.encode("utf-16")[:-1], "parse-error", None, "utf-16"),
    "utf-16 without a mark": Case("h/.mcp.json", lambda: MCP.encode("utf-16-le"), "parse-error", 1, "NUL"),
    "latin-1 json": Case("h/.mcp.json", lambda: MCP.replace('"a"', '"caf\xe9"').encode("latin-1"), finds=("AL902", 1)),
    "latin-1 yaml": Case("compose.yaml", lambda: b"services:\n  web:\n    image: caf\xe9\n"),
    "control characters in yaml": Case("compose.yaml", lambda: b"services:\n  a: \x01\n", "parse-error"),
    # syntax
    "syntax error": Case("h.py", lambda: b"x = 1\ndef f(:\n", "parse-error", 2, "syntax"),
    "tabs and blanks": Case("h.py", lambda: b"if x:\n\ty = 1\n        z = 2\n", "parse-error", 3),
    "python 2 print": Case("h.py", lambda: b"x = 1\nprint 'hello'\n", "parse-error", 2, "Python 2"),
    "python 2 except": Case("h.py", lambda: b"try:\n    pass\nexcept E, e:\n    pass\n", "parse-error", 3, "Python 2"),
    "a module that would run": Case("setup.py", lambda: RUN),
    "a syntax error after code that would run": Case("sitecustomize.py", lambda: RUN + b"def (\n", "parse-error", 3),
    "empty files": Case("h.py", lambda: b""),
    "empty json": Case("h/.mcp.json", lambda: b""),
    "only blanks": Case("h/.mcp.json", lambda: b" \n\n"),
    "json cut off": Case("h/.mcp.json", lambda: MCP.encode()[:-9], "parse-error", None),
    "json of another type": Case("h/.mcp.json", lambda: b"[1, null, true]"),
    "json with wrong types": Case(
        "h/.mcp.json",
        lambda: (
            b'{"mcpServers": {"a": [], "b": {"command": 1, "args": "x", "env": []}, "c": null, "d": {"args": [{}, null, 7]}}}'
        ),
    ),
    "yaml that is no yaml": Case("compose.yaml", lambda: b"services:\n  a: [1\n b: }\n", "parse-error"),
    "yaml tags": Case(
        "compose.yaml",
        lambda: f"services:\n  a: !!python/object/apply:os.system ['touch {CANARY}']\n  b: !!python/name:os.system x\n".encode(),
    ),
    "toml twice": Case(".codex/config.toml", lambda: b"[a]\nx = 1\n[a]\nx = 2\n", "parse-error"),
    "hcl": Case("main.tf", lambda: b'resource "a" "b" {\n  x = \n}\n', "parse-error"),
    "hcl templates with other letters": Case("main.tf", lambda: 'a = {{ é }}\nb = true # é\nc = "ü"\nd = false\n'.encode()),
    "hcl with typographic quotes": Case("main.tf", lambda: "a = 1\nb = “x”\n".encode(), "parse-error", 2),
    "front matter that is no yaml": Case("CLAUDE.md", lambda: b"---\nglobs: *.py, [\n---\ntext\n"),
    "front matter that is no toml": Case("CLAUDE.md", lambda: b"+++\na = [\n+++\ntext\n", "parse-error"),
    "long front matter": Case("CLAUDE.md", lambda: b"---\nhooks: a\n" + b"# x\n" * 5_000 + b"---\n", "cap", 1, "front matter"),
    "a dockerfile of noise": Case("Dockerfile", lambda: b"\x89PNG\r\n" * 50, "parse-error"),
    # bytes
    "nul in python": Case("h.py", lambda: b"x = 1\ny = 2\0\n", "parse-error", 2, "NUL"),
    "nul in json": Case("h/.mcp.json", lambda: b'{\n"a": "\0"}', "parse-error", 2, "NUL"),
    "binary": Case("h.py", lambda: bytes(range(256)) * 40, "parse-error"),
    "lone surrogates": Case(
        "h/.mcp.json",
        lambda: (
            b'{"mcpServers": {"\\ud800": {"command": "npx", "args": ["-y", "@acme/\\udfff\\ud83d"], "env": {"\\udc00": "\\udbff"}}}}'
        ),
        finds=("AL902", 1),
    ),
    "lone surrogates in a notebook": Case(
        "h.ipynb",
        lambda: b'{"cells": [{"cell_type": "code", "outputs": [], "source": ["x = \'\\ud800\'\\n", "y = 1"]}], "metadata": {}}',
    ),
    "lone surrogates in yaml": Case("compose.yaml", lambda: b'services:\n  a: {image: "\\ud800"}\n', "parse-error", 2),
    "bidirectional marks": Case("CLAUDE.md", lambda: "# rules\n\u202eevil\u202c\u200b\n".encode()),
    # size
    "50 MB": Case("h.py", lambda: b"#" * 50_000_000, "cap", None, "max-file-size"),
    "100,000 lines": Case("h.py", lambda: b"x = [1, 2]\n" * 100_000 + SHELL.encode(), finds=("AL411", 100_007)),
    "5 MB of minified script": Case("h.min.js", _minified),
    "5 MB of minified script in a module": Case("h.js", _minified, "cap", 1, "credentials"),
    "one line of 4 MB": Case("h.py", lambda: b"x = '" + b"a" * 4_000_000 + b"'\n"),
    "a number of 5,000 digits": Case("h.py", lambda: b"x = " + b"9" * 5_000 + b"\n", "parse-error", 1),
    "a number of 100,000 digits in json": Case("h/.mcp.json", lambda: b'{"a": ' + b"9" * 100_000 + b"}"),
    "numbers that overflow": Case("h/.mcp.json", lambda: b'{"a": 1e999999, "b": -1e999999, "c": NaN}'),
    "numbers in yaml": Case(
        "compose.yaml", lambda: b"services:\n  a: {x: 0b1111, y: 1_000, z: .inf, w: " + b"9" * 5_000 + b", v: 190:20:30}\n"
    ),
    "numbers in toml": Case(".codex/config.toml", lambda: b"x = " + b"9" * 5_000 + b"\n", "parse-error", None, "digits"),
    "400,001 values": Case("h/.mcp.json", lambda: b"[" + b"1," * 400_001 + b"1]", "cap"),
    # depth
    "deep brackets in python": Case("h.py", lambda: b"x = " + _nested("(", ")", 5_000) + b"\n", "cap"),
    "deep lists in python": Case("h.py", lambda: b"x = " + _nested("[", "]", 150) + b"\n"),
    "deep calls in python": Case("h.py", lambda: b"x = " + _nested("f(", ")", 180) + b"\n"),
    "deep attributes in python": Case("h.py", lambda: b"x = a" + b".b" * 3_000 + b"\n", "cap"),
    "long sums in python": Case("h.py", lambda: b"x = 1" + b" + 1" * 60_000 + b"\n", "cap", 1),
    "long strings in python": Case("h.py", lambda: b"x = (" + b"'a' \\\n" * 20_000 + b")\n"),
    "deep unary in python": Case("h.py", lambda: b"x = " + b"not " * 5_000 + b"1\n", "cap"),
    "deep blocks in python": Case("h.py", lambda: b"".join(b" " * n + b"if x:\n" for n in range(99)) + b" " * 99 + b"y = 1\n"),
    "too deep blocks in python": Case(
        "h.py", lambda: b"".join(b" " * n + b"if x:\n" for n in range(150)) + b" " * 150 + b"y = 1\n", "cap"
    ),
    "deep functions in python": Case(
        "h.py", lambda: b"".join(b" " * n + b"def f(a):\n" for n in range(90)) + b" " * 90 + b"return a\n"
    ),
    "long elif in python": Case("h.py", lambda: b"if a:\n  pass\n" + b"elif b:\n  pass\n" * 3_000, "cap"),
    "deep lambdas in python": Case("h.py", lambda: b"x = " + b"lambda: " * 900 + b"1\n", "cap"),
    "deep json": Case("h/.mcp.json", lambda: _nested("[", "]", 100_000), "cap"),
    "deep maps in json": Case("h/.mcp.json", lambda: _nested('{"a":', "}", 5_000), "cap"),
    "deep flow in yaml": Case("compose.yaml", lambda: b"services: " + _nested("[", "]", 30_000), "cap"),
    "deep blocks in yaml": Case(
        "compose.yaml", lambda: b"services:\n" + b"".join(b" " * n + b"a:\n" for n in range(1, 1_000)), "cap"
    ),
    "deep toml": Case(".codex/config.toml", lambda: b"x = " + _nested("[", "]", 5_000) + b"\n", "cap"),
    "deep keys in toml": Case(".codex/config.toml", lambda: b"a." * 5_000 + b"b = 1\n", "cap"),
    "deep hcl": Case("main.tf", lambda: b"x = " + _nested("[", "]", 1_000) + b"\n", "cap"),
    "deep expressions in hcl": Case("main.tf", lambda: b"x = " + _nested("(", ")", 20_000) + b"\n"),
    "deep quotes in markdown": Case(
        "CLAUDE.md", lambda: b"> " * 20_000 + b"x\n" + b"- " * 20_000 + b"\n" + b"[" * 50_000 + b"]" * 50_000
    ),
    "deep front matter": Case("CLAUDE.md", lambda: b"---\na: " + _nested("[", "]", 5_000) + b"\n---\n", "cap"),
    # expansion
    "yaml bomb": Case("compose.yaml", _bomb),
    "yaml merge bomb": Case("compose.yaml", _merge_bomb),
    "yaml alias of itself": Case("compose.yaml", lambda: b"services: &a\n  b: *a\n  <<: *a\n"),
    # notebooks
    "notebook with 4 MB of output": Case(
        "h.ipynb",
        lambda: _notebook(
            [_code(["x = 1\n"], [{"output_type": "stream", "name": "stdout", "text": ["a" * 1_000 + "\n"] * 4_000}])]
        ),
    ),
    "notebook whose cells are no list": Case("h.ipynb", lambda: _notebook({"a": 1}), "parse-error", 1, "cells"),
    "notebook with wrong types": Case(
        "h.ipynb",
        lambda: _notebook(
            [
                None,
                7,
                [],
                "x",
                {"cell_type": []},
                _code(42),
                _code([1, None, ["x"], {"a": 1}, "y = 1\n"]),
                _code({"a": 1}),
                _code(None),
                _code("x = 1", 7),
                _code(
                    "x = 1", [None, 3, {"output_type": 4, "data": [], "text": {}}, {"data": {"text/plain": [1, {}]}, "text": 5}]
                ),
                {"cell_type": "code"},
            ]
        ),
    ),
    "notebook with wrong metadata": Case(
        "h.ipynb", lambda: json.dumps({"cells": [_code("x = 1")], "metadata": [1], "nbformat": "x"}).encode()
    ),
    "notebook that is a list": Case("h.ipynb", lambda: b"[[]]", "parse-error", 1),
    "notebook with worksheets of numbers": Case("h.ipynb", lambda: b'{"worksheets": [3]}', "parse-error", 1),
    "notebook with a broken cell": Case(
        "h.ipynb", lambda: _notebook([_code("def f(:"), _code(SHELL)]), "parse-error", 1, "cell 1", finds=("AL411", 1)
    ),
    "notebook with other line ends": Case("h.ipynb", lambda: _notebook([_code("x = 1\r\ny = 2\r\n\x0cz = 3\n")])),
}
CASES["deep json in a notebook"] = Case("h.ipynb", functools.partial(_nested, '{"cells":[', "]}", 3_000), "cap")
