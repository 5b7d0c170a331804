"""What is wrong with the input, said so that it can be mended.

Every reader and validator of the project collects `Problem`s and raises them together as one
`InvalidInput`, so that a run reports all mistakes at once and changes nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, final

from alertpath.documents.places import Spot
from alertpath.documents.redaction import redact
from alertpath.documents.safe_text import printable

_LONGEST_VALUE: Final = 80
_MOST_PLACES: Final = 20


Kind = Literal[
    "",
    "operator",
    "unknown-to-version",
    "expanded-variable",
    "plain-credential",
    "placeholder",
    "unknown-time-zone",
    "file-not-mounted",
    "repeat-below-interval",
]
"""What sort of mistake it is, where that makes a difference; `operator`: no mistake where no operator reads it;
`placeholder`: none in a file that another program still fills in."""


@final
@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake at one spot; problems are sorted by it.

    `value` is the offending value as written (empty when it is missing or must not be shown), `message` what is wrong,
    `allowed` what would be right, `mend` what to do about it.
    """

    at: Spot
    message: str
    value: str = ""
    allowed: str = ""
    mend: str = ""
    kind: Kind = ""

    def __lt__(self, other: Problem) -> bool:
        return self._order < other._order

    def renamed(self, file: Callable[[str], str], text: Callable[[str], str]) -> Problem:
        """The problem with other names of files: `file` gives that of its own, `text` a text with those in it."""
        texts = map(text, (self.message, self.value, self.allowed, self.mend))
        return Problem(replace(self.at, file=file(self.at.file)), *texts, kind=self.kind)

    @property
    def _order(self) -> tuple[object, ...]:
        at = self.at
        return at.file, at.line, at.path, self.message, self.value, self.allowed, self.mend

    def __str__(self) -> str:
        path = f" {self.at.path}:" if self.at.place else ""
        lines = [f"{self.at}:{path} {self.message}"]
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


def by_cause(problems: Iterable[Problem]) -> list[tuple[Problem, list[Spot]]]:
    """Problems with the places where the same value is wrong for the same reason: one receiver that does not exist."""
    found: dict[object, tuple[Problem, list[Spot]]] = {}
    for each in problems:
        same = replace(each, at=Spot("")) if each.value else each
        if same in found:
            found[same][1].append(each.at)
        else:
            found[same] = each, []
    return list(found.values())


def and_more(spots: Sequence[Spot]) -> str:
    """Further places of a problem, a file's lines together; "": there are none."""
    lines: dict[str, list[str]] = {}
    for spot in spots[:_MOST_PLACES]:
        lines.setdefault(spot.file, []).append(str(spot.line))
    told = [f"{file}:{','.join(dict.fromkeys(numbers))}" for file, numbers in lines.items()]
    more = len(spots) - _MOST_PLACES
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


class InvalidInput(Exception):
    """The input has these problems (never empty, sorted by place); nothing was done with it.

    Its text says once what is wrong in several places for one reason; there are `causes` such reasons.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Final = tuple(sorted(set(problems)))
        together = by_cause(self.problems)
        self.causes: Final = len(together)
        also = (f"\n    also: {printable(and_more(spots))}" if spots else "" for _, spots in together)
        super().__init__("\n".join(f"{problem}{more}" for (problem, _), more in zip(together, also, strict=True)))


def did_you_mean(given: str, known: Collection[str]) -> str:
    """A question that names what is nearest to `given`; "": nothing is near."""
    close = difflib.get_close_matches(given, known, n=1)
    return f"did you mean {close[0]}?" if close else ""


def shown(value: object) -> str:
    """`value` as it may be printed in a problem: quoted, on one line, cut to a readable length."""
    text = redact(repr(value) if isinstance(value, str) else str(value))
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
