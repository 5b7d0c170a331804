"""Comments that take a finding on: `# alertpath: ignore AP123 because ...`, on its line or the line above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, final

from alertpath.output.findings import Finding, Rule

_COMMENT: Final = re.compile(r"(?:^|\s)#\s*alertpath:\s*ignore\b(.*)", re.IGNORECASE)
_IDS: Final = re.compile(r"\s*(AP\d{3}(?:\s*,\s*AP\d{3})*)\s*(.*)")
_BECAUSE: Final = re.compile(r"because\s+(\S.*)")

WITHOUT_REASON: Final = Rule(
    "AP001",
    "suppression-without-reason",
    "error",
    "A comment suppresses findings, but says neither which ones nor why.",
    "Whoever reads it later cannot tell whether the reason still holds, and a comment without an id hides everything.",
    "write `# alertpath: ignore AP123 because REASON`",
)
UNUSED: Final = Rule(
    "AP002",
    "unused-suppression",
    "warning",
    "A comment suppresses a finding that is not there.",
    "It would hide the same fault when it comes back, and makes readers believe that it is there.",
    "remove the comment, or move it to the line of the finding or the line above",
)


@final
@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: its line, the line that it is about, the ids that it names, and the reason."""

    file: str
    line: int
    target: int
    ids: tuple[str, ...]
    reason: str


def suppressions(files: Mapping[str, str]) -> list[Suppression]:
    """The comments in some files. One that stands alone is about the next line that is no comment."""
    found: list[Suppression] = []
    for file, text in files.items():
        if "alertpath:" not in text:
            continue
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            if comment := _COMMENT.search(line):
                named = _IDS.fullmatch(comment[1].rstrip())
                because = _BECAUSE.fullmatch(named[2]) if named else None
                ids = tuple(re.findall(r"AP\d{3}", named[1])) if named else ()
                target = number
                while target <= len(lines) and lines[target - 1].lstrip()[:1] in ("", "#"):
                    target += 1
                found.append(Suppression(file, number, target, ids, because[1] if because else ""))
    return found


def without_reason(comments: Iterable[Suppression]) -> Iterator[Finding]:
    """The comments that do not say which findings they suppress, or why; they suppress nothing."""
    for comment in comments:
        if not comment.reason:
            message = "this comment gives no reason" if comment.ids else "this comment names no check"
            yield Finding(WITHOUT_REASON, comment.file, comment.line, "", message)


def apply(
    findings: Iterable[Finding], comments: Iterable[Suppression]
) -> tuple[list[Finding], list[Finding], list[tuple[Suppression, str]]]:
    """The findings that are left, those that are suppressed, with the reasons, and the comments' ids without any."""
    waiting = {
        (comment.file, comment.target, name): comment for comment in comments if comment.reason for name in comment.ids
    }
    unused = dict(waiting)
    left: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        key = (finding.file, finding.line, finding.rule.id)
        if comment := waiting.get(key):
            unused.pop(key, None)
            suppressed.append(replace(finding, reason=comment.reason))
        else:
            left.append(finding)
    return left, suppressed, [(comment, name) for (_, _, name), comment in unused.items()]
