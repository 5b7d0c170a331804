"""What is wrong with the input, said so that it can be mended.

Every reader and validator of the project collects `Problem`s and raises them together as one
`InvalidInput`, so that a run reports all mistakes at once and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from alertpath.documents.redaction import redact
from alertpath.documents.safe_text import printable

_LONGEST_VALUE: Final = 80


@final
@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one place.

    `file` and `line` say where (line 0: the file as a whole), `path` is the dotted way to the value inside the file,
    `value` the offending value as written (empty when it is missing or must not be shown),
    `message` what is wrong, `allowed` what would be right, `mend` what to do about it.
    """

    file: str
    line: int
    path: str
    message: str
    value: str = ""
    allowed: str = ""
    mend: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        lines = [f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"]
        lines += [
            f"    {name}: {text}"
            for name, text in (
                ("value", self.value),
                ("allowed", self.allowed),
                ("mend", self.mend),
            )
            if text
        ]
        # It may be printed by whoever catches it, not only behind the door of the command line.
        return "\n".join(map(printable, map(redact, lines)))


class InvalidInput(Exception):
    """The input has these problems (never empty, sorted by place); nothing was done with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Final = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def shown(value: object) -> str:
    """`value` as it may be printed in a problem: quoted, on one line, cut to a readable length."""
    text = redact(repr(value) if isinstance(value, str) else str(value))
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
