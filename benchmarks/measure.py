"""Run a command to its end and say what it cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# The floor for a tool in Python: read and parse the same files with the garbage collector off, and do nothing else.
FLOOR = """
import ast, gc, os, sys, warnings
gc.disable()
warnings.simplefilter("ignore")
for root in sys.argv[1:]:
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".py"):
                with open(os.path.join(folder, name), "rb") as file:
                    data = file.read()
                try:
                    ast.parse(data)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    pass
"""


@dataclass(frozen=True)
class Cost:
    """CPU and wall-clock seconds, peak resident memory in MiB, exit code. CPU includes finished child processes.

    The memory of a child counts from the fork, so a small program cannot show less than this script itself uses.
    """

    cpu: float
    wall: float
    memory: float
    code: int


def cost(command: Sequence[str], env: dict[str, str] | None = None) -> Cost:
    """Run ``command`` with its output thrown away. Raises ``FileNotFoundError`` when there is no such program."""
    started = time.perf_counter()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)  # wait4 has reaped it: keep Popen from waiting again
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / unit, child.returncode)


def interleaved(runs: dict[str, Callable[[], Cost]], repeat: int) -> dict[str, Cost]:
    """Medians of ``repeat`` rounds. Each round runs every command once, so that a slow moment of the machine hits all alike."""
    seen: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(repeat):
        for name, run in runs.items():
            seen[name].append(run())
    return {name: _median(costs) for name, costs in seen.items()}


def _median(costs: list[Cost]) -> Cost:
    middle = statistics.median
    return Cost(
        middle(c.cpu for c in costs),
        middle(c.wall for c in costs),
        max(c.memory for c in costs),
        max(c.code for c in costs),
    )
