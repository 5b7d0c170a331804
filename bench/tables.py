"""Markdown tables, which is what every benchmark prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LEFT: Final = "---"
RIGHT: Final = "---:"


def head(*titles: str) -> str:
    """The first two lines of a table; all columns but the first hold numbers."""
    return f"{row(*titles)}\n{row(LEFT, *(RIGHT for _ in titles[1:]))}"


def row(*cells: object) -> str:
    """One line."""
    return f"| {' | '.join(map(str, cells))} |"


def seconds(value: float) -> str:
    """Seconds with the digits that tell something."""
    if value < 0.01:
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def printed(lines: Iterable[str]) -> None:
    """Prints lines as they come."""
    for line in lines:
        print(line, flush=True)
