"""Regexes that are plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

_LITERAL: Final = re.compile(r"(?:[\w\s:/@-]|\\\W)+")


def _run(subject: Subject) -> Iterator[Hit]:
    for place, matcher in subject.regexes():
        if _LITERAL.fullmatch(matcher.value):
            yield Hit(place, f"{matcher} matches a single text")


CHECK = check(
    _run,
    id="AP214",
    name="literal-regex",
    severity="note",
    summary="A regex matches a single text.",
    why="= says so at first sight, and cannot be broken by a special character later.",
    mend="use = (or != for !~)",
)
