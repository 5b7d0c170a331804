"""Regexes that were written as if they searched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

# One alternative with an anchor at one end, and no wildcard that opens the other.
_HALF: Final = re.compile(r"\^(?!.*(?:\$|\.\*|\.\+|\||\)\w)).+|(?!\^|.*(?:\.\*|\.\+|\|)).+(?<!\\)\$")


def _run(subject: Subject) -> Iterator[Hit]:
    for place, matcher in subject.regexes():
        if _HALF.fullmatch(matcher.value):
            yield Hit(place, f"{matcher} matches the whole value only, not a part of it")


CHECK = check(
    _run,
    id="AP212",
    name="half-anchored-regex",
    severity="warning",
    summary="A regex is anchored at one end only, as if it could match a part of the value.",
    why="Alertmanager anchors every regex at both ends: ^api matches the value api and no other one.",
    mend="write what may follow or come before: api.* or .*api",
)
