"""Regexes and globs that are compared as texts, or as the wrong one of the two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

# `a|b`, `.*`, `^a$`, `[a-c]x` in a text.
_REGEX: Final = re.compile(r"[\w:./-]+(?:\|[\w:./-]+)+|\^.+|.*\.[*+].*|.*[\w)]\$|.*\[[\w-]+\][\w*+?-].*")
_GLOB: Final = re.compile(r"[\w:.-]+\*|\*[\w:.-]+")
# A repeated hyphen, underline or last letter: nobody names things so.
_GLOB_IN_REGEX: Final = re.compile(r"[\w-]*[-_]\*|[a-zA-Z][\w-]{2,}\*")
# Values that may well hold such characters.
_FREE: Final = re.compile(r"(?i)path|route|uri|url|handler|endpoint|resource|method|quer|expr|pattern|regex")

_AS_REGEX: Final = {"=": "=~", "!=": "!~"}


def _run(subject: Subject) -> Iterator[Hit]:
    for place, matchers, _ in subject.conditions():
        for matcher in matchers:
            if matcher.op in _AS_REGEX and not _FREE.search(matcher.label):
                kind = "regex" if _REGEX.fullmatch(matcher.value) else "glob" if _GLOB.fullmatch(matcher.value) else ""
                if kind:
                    instead = f"write {_AS_REGEX[matcher.op]} for a regex" if kind == "regex" else ""
                    yield Hit(place, f"{matcher} looks like a {kind}, and compares with this very text", mend=instead)
    for place, matcher in subject.regexes():
        if _GLOB_IN_REGEX.fullmatch(matcher.value):
            meant = f"{matcher.value[:-1]}.*"
            message = f"{matcher} repeats its last character; it is no glob"
            yield Hit(place, message, mend=f"write {meant} for what begins with {matcher.value[:-1]}")


CHECK = check(
    _run,
    id="AP228",
    name="text-with-wildcards",
    severity="warning",
    summary="A text behind = looks like a regex or a glob, or a regex like a glob.",
    why="It matches none of the alerts that are meant: they go to another route, or nothing is silenced.",
    mend="use =~ with a regex (.* stands for any text), or = with one text",
)
