"""How far a scan is, for people who watch it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_QUIET_SECONDS = 1.0
_REDRAW_SECONDS = 0.1


class Progress(Protocol):
    """What a scan tells of its course: a phase with its number of steps (0 if unknown), then each step done."""

    def phase(self, name: str, total: int = 0) -> None:
        """A phase begins."""

    def advance(self, steps: int = 1) -> None:
        """Steps of the phase are done."""

    def close(self) -> None:
        """The scan is over, also after an error."""


class Silent:
    """Says nothing."""

    def phase(self, name: str, total: int = 0) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class TerminalProgress:
    """A bar on standard error, drawn only once a scan has lasted a second.

    It draws when told of a step and never from a thread of its own: workers are forked while it is shown.
    """

    def __init__(self) -> None:
        self._begin = self._drawn = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._phase, self._total, self._done = "", 0, 0

    def phase(self, name: str, total: int = 0) -> None:
        """Show another phase."""
        self._phase, self._total, self._done = name, total, 0
        if self._bar is not None and self._task is not None:
            self._bar.reset(self._task, description=name, total=total or None)
        self._draw()

    def advance(self, steps: int = 1) -> None:
        """Move the bar."""
        self._done += steps
        self._draw()

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self) -> None:
        now = time.monotonic()
        if now - self._begin < _QUIET_SECONDS or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        if self._bar is None:
            self._open()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done)
            self._bar.refresh()

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        self._bar = Bar(console=Console(stderr=True), transient=True, auto_refresh=False)
        self._task = self._bar.add_task(self._phase, total=self._total or None)
