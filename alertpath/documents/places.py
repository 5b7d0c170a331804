"""Where a value stands: its way inside a file, and the file and line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

Place = tuple[str | int, ...]
"""The way to a value inside a file: keys and indices."""


def dotted(place: Place) -> str:
    """`place` as people read it: `receivers.slack.channel`, `routes[2].matchers`."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            part = f'"{part}"' if "." in part or not part else part
            text += f".{part}" if text else part
    return text


@final
@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file; line 0: not known, or the file as a whole."""

    file: str
    line: int = 0
    place: Place = ()

    @property
    def path(self) -> str:
        """The place as people read it."""
        return dotted(self.place)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file
