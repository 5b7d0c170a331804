"""A review in words: its verdict, and what its text and its Markdown have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.diff.words.phrases import NOTHING, sections
from alertpath.expectations.run import Result
from alertpath.output.alert_classes import counted, listed
from alertpath.output.findings import Finding
from alertpath.review.review import Review, StackReview

UNCHANGED: Final = NOTHING[0].lower() + NOTHING[1:].rstrip(".")
_GONE: Final = "Stack gone"
_ADDED: Final = "New stack"
_GRAVE: Final = 3
"""Verdicts below this rank ask for a second look."""


def verdict(review: Review) -> list[tuple[str, str, bool]]:
    """What matters most, worst first: what is so, in which stacks, and whether it asks for a second look.

    Never empty.
    """
    found: dict[tuple[int, str], list[str]] = {}
    for stack in review.stacks:
        for rank, words in _of_stack(stack):
            found.setdefault((rank, words), []).append(stack.name)
    if review.problems:
        found[0, "The expectations are invalid"] = []
    if failures := unmet(review):
        found[2, f"{counted(len(failures), 'expectation is', 'expectations are')} not met"] = []
    news = new_findings(review)
    for rank, noun, severities in (2, "new error", ("error",)), (5, "new finding", ("warning", "note")):
        if alike := [names for finding, names in news if finding.rule.severity in severities]:
            there = sorted({name for names in alike for name in names})
            found[rank, f"{counted(len(alike), noun)} of `alertpath check`"] = there
    if not found:
        return [(NOTHING.rstrip("."), "", False)]
    return [(words, listed(names), rank < _GRAVE) for (rank, words), names in sorted(found.items())]


def there(words: str, stacks: str) -> str:
    """What follows the words of a verdict: in which stacks, or which they are; "": it is about none."""
    return f"{':' if words in (_GONE, _ADDED) else ' in'} {stacks}" if stacks else ""


def state(stack: StackReview, base: str) -> str:
    """Why there is nothing to compare; "": there is."""
    if stack.added and not stack.invalid:
        return "A new stack."
    if stack.gone:
        return "The stack has no file any more. What it has deployed stays until `pulumi destroy`."
    if stack.base.problems and not stack.invalid:
        return f"The stack is invalid at {base}, so nothing can be compared. This is its whole routing:"
    if stack.refused:
        reasons = "; ".join(f"{problem.at.file} {problem.message}" for problem in stack.refused)
        mends = "; ".join(problem.mend for problem in stack.refused)
        return f"Not compared, so that nothing is proven, not even that no page is lost: {reasons}. Mend: {mends}."
    return ""


def new_findings(review: Review) -> list[tuple[Finding, list[str]]]:
    """What is newly found, each with the names of the stacks, the worst first."""
    found: dict[Finding, list[str]] = {}
    for stack in review.stacks:
        for finding in stack.new:
            found.setdefault(finding, []).append(stack.name)
    return sorted(found.items(), key=lambda entry: entry[0].order)


def unmet(review: Review) -> list[tuple[Result, list[str]]]:
    """The expectations that are not met, each with what it is not met by; what happens alike is told once."""
    found: dict[tuple[object, ...], tuple[Result, list[str]]] = {}
    for result in review.expectations.failures if review.expectations else ():
        key = (result.file, result.line, result.differences, result.why)
        found.setdefault(key, (result, []))[1].append(result.where)
    return list(found.values())


def old_findings(stack: StackReview) -> str:
    """How many findings were there before; "": none."""
    count = len(stack.head.findings) - len(stack.new)
    return f"{counted(count, 'finding')} as before" if count else ""


def _of_stack(stack: StackReview) -> Iterator[tuple[int, str]]:
    if stack.invalid:
        yield 0, "The configuration is invalid"
        return
    if stack.gone:
        yield 1, _GONE
        return
    if stack.refused:
        yield 1, "Not compared, nothing is proven"
        return
    yield from _of_difference(stack)
    if stack.added:
        yield 3, _ADDED
    elif stack.difference is None:
        yield 3, "Nothing to compare with, as the base is invalid"


def _of_difference(stack: StackReview) -> Iterator[tuple[int, str]]:
    difference = stack.difference
    if difference is None:
        return
    found = sections(difference)
    count = {section.title: len(section.items) for section in found}
    lost, silenced, untold, paged, unheard = (
        count.pop(title, 0) for title in ("lost pages", "silenced pages", "lost", "newly pages", "nobody")
    )
    mild = count.pop("regrouped", 0)
    others = sum(count.values())
    if lost:
        yield 1, counted(lost, "class of alerts no longer pages", "classes of alerts no longer page")
    if silenced:
        yield 1, counted(silenced, "class of pages is newly silenced", "classes of pages are newly silenced")
    if untold:
        yield 2, counted(untold, "class of alerts reaches nobody any more", "classes of alerts reach nobody any more")
    if paged:
        yield 3, counted(paged, "class of alerts newly pages", "classes of alerts newly page")
    if others:
        more = "more " if lost or silenced or untold or paged else ""
        yield (
            4,
            counted(others, f"{more}class of alerts fares differently", f"{more}classes of alerts fare differently"),
        )
    if mild:
        one, several = "class of alerts is told alike, but notified", "classes of alerts are told alike, but notified"
        yield 4, f"{counted(mild, one, several)} again where they fire"
    if unheard:
        one, several = "class of alerts goes to another receiver", "classes of alerts go to other receivers"
        yield 5, f"{counted(unheard, one, several)}, and nobody is told, before and after"
    if difference.general or stack.templates:
        yield 5, "Settings of all alerts differ"
