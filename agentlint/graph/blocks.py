"""Which code of a function is inside which, and what a test walks over."""

from __future__ import annotations

from agentlint.facts.python.ir import Function, Op
from agentlint.graph.validators import mentioned


def walks(found: Function, test: int, value: int) -> bool:
    """Whether a test is about the elements of the value: that one of them is fine says nothing of the others."""
    walked = [found.values[part].args[0] for part in mentioned(found, test) if found.values[part].op is Op.ELEM]
    return any(value in mentioned(found, base) for base in walked)


def filters(found: Function, call: int) -> list[int]:
    """The blocks of the conditions of ``next(x for x in xs if condition)``, which raises if none of them is met."""
    node = found.values[call]
    if node.op is not Op.CALL or len(node.args) != 2 or found.values[node.args[0]].text != "next":
        return []
    inner = found.values[node.args[1]]
    if inner.op is not Op.SEQ or inner.text != "comp":
        return []
    block, tested = found.values[inner.args[0]].block, []
    while block > node.block:
        if found.blocks[block].test >= 0:
            tested.append(block)
        block = found.blocks[block].parent
    return tested


def around(found: Function, block: int) -> set[int]:
    """A block and all blocks around it."""
    around: set[int] = set()
    while block >= 0:
        around.add(block)
        block = found.blocks[block].parent
    return around


def inside(found: Function, block: int, outer: int) -> bool:
    while block >= 0:
        if block == outer:
            return True
        block = found.blocks[block].parent
    return False
