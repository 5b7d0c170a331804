"""Dots that were meant as dots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.semantics.regexes import words

_DOT: Final = re.compile(r"(?<!\\)[\w-]\.[\w-](?![^\[]*\])")


def _run(subject: Subject) -> Iterator[Hit]:
    for place, matcher in subject.regexes():
        if _DOT.search(matcher.value) and words(matcher.value) is None:
            yield Hit(place, f"the dot in {matcher} matches any character")


CHECK = check(
    _run,
    id="AP215",
    name="unescaped-dot",
    severity="note",
    summary="A regex has a dot between names or numbers that is not escaped.",
    why="It matches any character: db.example matches db-example too.",
    mend="write \\\\. for a dot, or use = for a single text",
)
