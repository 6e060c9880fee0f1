"""Where something stands in a file."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A range of text: 1-based lines and columns in Unicode code points; ``end_column`` is exclusive."""

    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def to(self, other: Span) -> Span:
        """Return the range from the start of this one to the end of ``other``."""
        return Span(self.line, self.column, other.end_line, other.end_column)


class Place(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A range in a file; ``path`` is relative to the scanned root, with ``/``."""

    path: str
    span: Span
