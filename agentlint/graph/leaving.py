"""Blocks that are never left at their end, because they call what never returns."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph.program import Program, Site


class Leaving:
    """Answers, memoised, where an ``abort(404)`` or ``sys.exit(1)`` ends a branch as ``return`` would."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._ends: dict[Site, int] = {}
        self._statements: dict[int, dict[int, list[int]]] = {}

    def before(self, function: int, block: int, use: int) -> bool:
        """Whether code after ``block`` that computes value ``use`` can only be reached past it."""
        end = self._end(function, block)
        return 0 <= end < use

    def past(self, function: int, block: int) -> int:
        """Return the block that what ``block`` does is sure to have been done in: around a ``try`` whose handlers all leave."""
        found = self._program.functions[function]
        while block > 0 and found.blocks[block].kind == "try":
            handlers = [handler.block for handler in found.handlers if handler.tried == block]
            if not handlers or any(self._end(function, handler) < 0 for handler in handlers):
                break
            block = found.blocks[block].parent
        return block

    def _end(self, function: int, block: int) -> int:
        """The call that stands in ``block`` itself and never returns, -1 if there is none."""
        known = self._ends.get((function, block))
        if known is None:
            calls = self._calls(function).get(block, ())
            known = self._ends[function, block] = next((c for c in calls if self._never_returns((function, c))), -1)
        return known

    def _calls(self, function: int) -> dict[int, list[int]]:
        known = self._statements.get(function)
        if known is None:
            known = self._statements[function] = {}
            found = self._program.functions[function]
            for call in found.statements:
                if found.values[call].op is Op.CALL:
                    known.setdefault(found.values[call].block, []).append(call)
        return known

    def _never_returns(self, call: Site) -> bool:
        program = self._program
        refs = program.inference.infer((call[0], program.value(call).args[0]))
        return bool(refs) and all(
            program.index.never_returns(ref.path) if ref.kind == "ext" else ref.kind == "fun" and self._always_raises(ref.id)
            for ref in refs
        )

    def _always_raises(self, function: int) -> bool:
        found = self._program.functions[function]
        others = (number for number, block in enumerate(found.blocks) if block.exits and number not in found.raises)
        return 0 in found.raises and not found.exits and not found.is_async and next(others, -1) < 0
