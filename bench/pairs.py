"""Times two commands in turn, so that what else the machine does meets both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Final

PAIRS: Final = 9


def compare(name: str, ours: Callable[[], object], baseline: Callable[[], object], pairs: int = PAIRS) -> str:
    """A line of a Markdown table: median and range of both in seconds, and of their ratio pair by pair.

    One pair before those counted warms up both.
    """
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(pairs + 1):
        mine.append(_seconds(ours))
        theirs.append(_seconds(baseline))
    mine, theirs = mine[1:], theirs[1:]
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    return f"| {name} | {_shown(mine)} s | {_shown(theirs)} s | **{_shown(ratios)}** |"


HEAD: Final = "| what | ours | baseline | ratio: median (least - most) |\n| --- | --- | --- | --- |"


def _seconds(command: Callable[[], object]) -> float:
    start = time.perf_counter()
    command()
    return time.perf_counter() - start


def _shown(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} - {max(values):.2f})"
