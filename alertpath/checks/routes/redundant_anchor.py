"""Anchors that every regex has anyway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

_ANCHORED: Final = re.compile(r"\^.*(?<!\\)\$|\^.*\.[*+]|\.[*+].*(?<!\\)\$", re.DOTALL)


def _run(subject: Subject) -> Iterator[Hit]:
    for place, matcher in subject.regexes():
        if _ANCHORED.fullmatch(matcher.value):
            yield Hit(place, f"{matcher} is anchored anyway")


CHECK = check(
    _run,
    id="AP213",
    name="redundant-anchor",
    severity="note",
    summary="A regex has ^ and $, which Alertmanager adds itself.",
    why="It is right as it is; readers wonder whether the regexes without anchors match parts of a value.",
    mend="remove ^ and $",
)
