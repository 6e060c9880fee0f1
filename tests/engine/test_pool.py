"""Results of processes come in order, whatever happens to the processes."""

from __future__ import annotations

import gc
import os

from agentlint.engine.pool import Died, Work, run_pool, run_serial, worker_count


def square(offset):
    return lambda task: task * task + offset


def deadly(_):
    def call(task):
        if task == 13:
            os._exit(9)
        return task

    return call


def collector(_):
    return lambda _: gc.isenabled()


def test_serial_and_parallel_agree_and_keep_the_order():
    tasks = list(range(200))
    steps = []
    serial = run_serial(Work(square, (1,)), tasks, steps.append)
    parallel = run_pool(Work(square, (1,)), tasks, [50_000] * len(tasks), 2, steps.append)
    assert serial == parallel == [task * task + 1 for task in tasks]
    assert sum(steps) == 400


def test_a_dying_worker_costs_its_own_task_only():
    tasks = list(range(20))
    results = run_pool(Work(deadly, (0,)), tasks, [200_000] * 20, 2, lambda _: None)
    assert isinstance(results[13], Died)
    assert [r for r in results if not isinstance(r, Died)] == [task for task in tasks if task != 13]


def test_the_collector_is_off_while_working_and_on_again_after():
    assert gc.isenabled()
    assert run_serial(Work(collector, (0,)), [1], lambda _: None) == [False]
    assert gc.isenabled()


def test_never_more_processes_than_files():
    assert worker_count(8, 3) == 3
    assert worker_count(0, 0) == 1
    assert worker_count(1, 100) == 1
