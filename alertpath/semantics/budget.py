"""How much may be computed for one answer: counted work, so that the answer is the same each time, and time beyond."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, final

DEFAULT_SECONDS: Final = 10.0
_WORK_A_SECOND: Final = 200_000
_LOOK: Final = 2_000
"""After so much work somebody looks at the clock."""


class UsedUp(Exception):
    """There is no more to spend."""


@final
class Budget:
    """`seconds` of computing for an answer. `telling` is called now and then, with the seconds passed by the clock."""

    def __init__(self, seconds: float = DEFAULT_SECONDS, telling: Callable[[float], None] = lambda _: None) -> None:
        self._begin: Final = time.process_time()
        self._clock: Final = time.monotonic()
        self._seconds: Final = seconds
        self._telling: Final = telling
        self._left = int(seconds * _WORK_A_SECOND)
        self._look = self._left - _LOOK

    def spend(self, work: int = 1) -> None:
        """Takes some away. Raises UsedUp."""
        self._left -= work
        if self._left < 0:
            raise UsedUp
        if self._left <= self._look:
            self._look = self._left - _LOOK
            passed = time.process_time() - self._begin
            self._telling(time.monotonic() - self._clock)
            if passed > self._seconds:
                raise UsedUp

    def part(self, share: float) -> Part:
        """A part of what is left."""
        return Part(self, int(self._left * share))


@final
class Part:
    """A part of a budget; what it spends is spent of the whole."""

    def __init__(self, whole: Budget, left: int) -> None:
        self._whole: Final = whole
        self._left = left

    def spend(self, work: int = 1) -> None:
        """Takes some away. Raises UsedUp."""
        self._left -= work
        self._whole.spend(work)
        if self._left < 0:
            raise UsedUp
