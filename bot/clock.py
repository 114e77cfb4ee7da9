"""The one clock of the service. The demo and the terminal move it; everything that waits is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """`now()` is aware UTC, in whole milliseconds as the database keeps them. It only moves forward."""

    def __init__(self, at: datetime | None = None) -> None:
        self._offset = timedelta(0) if at is None else at - datetime.now(UTC)
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        now = self._stopped or datetime.now(UTC) + self._offset
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def stop(self) -> None:
        """Stand still from here on, so that a scripted conversation gives the same times each run."""
        self._stopped = self.now()

    def move(self, by: timedelta) -> None:
        """Raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("the clock only moves forward")
        if self._stopped is not None:
            self._stopped += by
        self._offset += by
