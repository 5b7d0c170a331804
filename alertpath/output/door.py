"""The one door: whatever a command prints, on standard output or standard error, leaves by it.

A `Door` stands before a stream and makes every line safe. JSON and XML are made safe value by value (`output.formats`),
since what hides a credential in a line could hide a quote too. They are `Exact` then, and pass as they are. So does the
configuration that `compile` prints: it must be what the engine deploys.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, TextIO, final

from alertpath.documents.safe_text import safe


@final
class Exact(str):
    """Text that is printed as it is: whoever makes one answers for it."""

    __slots__ = ()


@final
class Door(io.TextIOBase):
    """Before a stream: writes whole lines to it, each without credentials and invisible characters."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: Final = stream
        self._begun = ""

    def write(self, text: str, /) -> int:
        """Takes text; a line is written once it has ended, since a credential may come in two parts."""
        if isinstance(text, Exact):
            self._end_line()
            self._stream.write(str(text))
        else:
            lines, feed, self._begun = f"{self._begun}{text}".rpartition("\n")
            if feed:
                self._stream.write(f"{safe(lines)}\n")
        return len(text)

    def flush(self) -> None:
        """Writes a line that has not ended too, such as a question."""
        self._end_line()
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether a terminal is behind it."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - a property of the stream's
        """The stream's."""
        return self._stream.encoding

    def _end_line(self) -> None:
        if self._begun:
            begun, self._begun = self._begun, ""
            self._stream.write(safe(begun))


@contextmanager
def doors() -> Generator[None]:
    """Standard output and standard error are behind doors meanwhile."""
    streams = sys.stdout, sys.stderr
    behind = Door(sys.stdout), Door(sys.stderr)
    sys.stdout, sys.stderr = behind  # pyright: ignore[reportAttributeAccessIssue] - a text stream
    try:
        yield
        behind[0].flush()
    finally:
        sys.stdout, sys.stderr = streams
        behind[1].flush()
