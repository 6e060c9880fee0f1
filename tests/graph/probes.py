"""Random small programs whose flows are known by how they were made; each bad one has twins made safe.

Run as a script, `probes.py 1000 [seed]` prints a table: construct, programs, misses, false alarms.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from graph.barriers import SAFE, UNSAFE
from graph.constructs import ASYNC, CONSTRUCTS, KILLS
from graph.sketch import CALLS, SINKS, Sketch

SOURCES = ("flask args", "flask json", "agents tool", "mcp tool", "flask rule")


@dataclass(frozen=True)
class Probe:
    """``focus`` is what the program is about: a construct, a barrier. ``flows``: the value does reach the sink."""

    focus: str
    flows: bool
    sink: str
    files: dict[str, str]
    chain: tuple[str, ...]

    def show(self) -> str:
        parts = [f"# {self.focus} | flows={self.flows} | {self.sink} | {self.chain}"]
        return "\n".join(parts + [f"#### {path}\n{text}" for path, text in self.files.items() if text])


def make(seed: int) -> Probe:
    """Make one program. Same seed, same program."""
    rng = random.Random(f"probe {seed}")
    topics = [("", name) for name in CONSTRUCTS] + [("safe: ", name) for name in SAFE] + [("unsafe: ", name) for name in UNSAFE]
    group, name = topics[seed % len(topics)]
    sketch = Sketch(rng, rng.choice(SINKS))
    needs_async = name in ASYNC
    expression = _source(sketch, needs_async or rng.random() < 0.3)
    killed = group == "safe: " or (not group and rng.random() < 0.5)
    steps: list[tuple[str, str]] = [(group, name)]
    if killed and not group and not (name in KILLS and rng.random() < 0.6):
        steps.append(("safe: ", rng.choice(list(SAFE))))
    by_kill = killed and len(steps) == 1 and not group
    plain = [other for other in CONSTRUCTS if other not in ASYNC]
    steps += [("", rng.choice(plain)) for _ in range(rng.choice((0, 0, 1, 2)))]
    if needs_async:  # what enters another function comes after what awaits
        steps[1:] = rng.sample(steps[1:], len(steps) - 1)
    else:
        rng.shuffle(steps)
    for kind, step in steps:
        if kind == "safe: ":
            expression = SAFE[step](sketch, expression)
        elif kind == "unsafe: ":
            expression = UNSAFE[step](sketch, expression)
        else:
            safe = by_kill and step == name
            choices = CONSTRUCTS[step]
            if safe:
                choices = tuple(c for c in choices if c in _KILLING[step])
            expression = rng.choice(choices)(sketch, expression, safe)
    statement, call = rng.choice(CALLS[sketch.sink])
    if statement:
        sketch.use(statement)
    sketch.line(call.format(expression))
    return Probe(group + name, not killed, sketch.sink, sketch.finish(), tuple(a + b for a, b in steps))


def _killing() -> dict[str, set[object]]:
    """The constructs that really have a safe twin: those that write a different program for it."""
    found: dict[str, set[object]] = {}
    for name in KILLS:
        for function in CONSTRUCTS[name]:
            if any(_text(function, seed, False) != _text(function, seed, True) for seed in range(4)):
                found.setdefault(name, set()).add(function)
    return found


def _text(function, seed: int, safe: bool) -> dict[str, str]:
    sketch = Sketch(random.Random(seed), "shell")
    sketch.begin("def handle():")
    result = function(sketch, '"word"', safe)
    sketch.line(f"return {result}")
    return sketch.finish()


_KILLING = _killing()


def _source(s: Sketch, is_async: bool) -> str:
    kind = s.rng.choice(SOURCES)
    define = "async def" if is_async else "def"
    if kind.startswith("flask"):
        s.use("from flask import Flask, request")
        s.top("app = Flask(__name__)")
        if kind == "flask rule":
            s.begin(f"{define} handle(query):", is_async=is_async)
            s.file("app").chunks.append(['app.add_url_rule("/run/<query>", view_func=handle)'])
            return "query"
        s.begin('@app.route("/run", methods=["POST"])', f"{define} handle():", is_async=is_async)
        form = (
            'request.json["q"]'
            if kind == "flask json"
            else s.rng.choice(('request.args.get("q")', 'request.args["q"]', 'request.form.get("q", "")'))
        )
        return s.let(form, "query")
    if kind == "agents tool":
        s.use("from agents import function_tool")
        s.begin("@function_tool", f"{define} handle(query: str) -> str:", is_async=is_async)
    else:
        s.use("from mcp.server.fastmcp import FastMCP")
        s.top('mcp = FastMCP("probe")')
        s.begin("@mcp.tool()", f"{define} handle(query: str) -> str:", is_async=is_async)
    return "query"


@cache
def index():
    from agentlint.rulebook.index import ModelIndex
    from agentlint.rulebook.load import shipped

    return ModelIndex(shipped().models)


def reported(files: dict[str, str], sink: str) -> bool:
    """Whether the solver finds a flow from outside to a sink of the kind."""
    import ast

    from agentlint.facts.python.lower import lower
    from agentlint.facts.types import FileFacts
    from agentlint.graph.flow import Solver
    from agentlint.graph.program import Program
    from agentlint.graph.roles import find_roles
    from agentlint.graph.sinks import find_sinks

    facts = [FileFacts(path=path, kind="python", python=lower(ast.parse(text), text)) for path, text in files.items()]
    program = Program(facts, index())
    solver = Solver(program, find_roles(program))
    wanted = dict.fromkeys(("user-input", "tool-argument"))
    return any(solver.reach(place, wanted) for place in find_sinks(program) if place.kind == sink)


def judge(probe: Probe) -> str:
    """Return ``right``, ``miss`` or ``false alarm``."""
    found = reported(probe.files, probe.sink)
    return "right" if found == probe.flows else "miss" if probe.flows else "false alarm"


def main(count: int, first: int, show: int) -> None:
    programs, wrong = Counter(), Counter()
    for seed in range(first, first + count):
        probe = make(seed)
        verdict = judge(probe)
        programs[probe.focus] += 1
        wrong[probe.focus, verdict] += 1
        if verdict != "right" and show:
            show -= 1
            print(f"===== seed {seed}: {verdict}\n{probe.show()}")
    print(f"{'construct':40} programs misses false-alarms")
    for focus in sorted(programs):
        print(f"{focus:40} {programs[focus]:8} {wrong[focus, 'miss']:6} {wrong[focus, 'false alarm']:12}")
    right = sum(n for (_, verdict), n in wrong.items() if verdict == "right")
    print(f"{'all':40} {count:8} {right / count:.1%} right")


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:]]
    main(numbers[0] if numbers else 1000, numbers[1] if len(numbers) > 1 else 0, numbers[2] if len(numbers) > 2 else 0)
