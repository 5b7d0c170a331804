"""A review as Markdown, for one comment on a pull request.

Whatever comes from a configuration stands in code spans or, inside the diagram, as entities. Where it is too long, the
worst stays: first what is invalid and lost, then findings, then the trees.
Source: GitHub refuses a comment of more than 65,536 characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, final

from alertpath.alertmanager.config import Config
from alertpath.alertmanager.paging import Paging
from alertpath.compiling.summary import NOBODY, Line, lines
from alertpath.diff.deliveries.comparison import Difference
from alertpath.diff.words import as_markdown
from alertpath.documents.problems import Problem, and_more, by_cause
from alertpath.documents.redaction import redact
from alertpath.expectations.run import Result, in_one_line
from alertpath.output.alert_classes import counted, cut, listed
from alertpath.output.findings import Finding
from alertpath.review.review import Review, StackReview
from alertpath.review.routing_tree import flowchart
from alertpath.review.words import UNCHANGED, new_findings, old_findings, state, there, unmet, verdict

LIMIT: Final = 65_536
MARKER: Final = "<!-- alertpath review -->"
"""The first line, by which the comment is found again."""

_SHORTEST: Final = 600
"""In less than this nothing useful can be said of a stack's difference."""
_ENDLESS: Final = 1 << 40
_LEGEND: Final = (
    "Routes are asked in the order of their numbers. Orange: takes alerts that fare differently. Red: wakes people up."
)
_TABLE: Final = "| alerts | go to | first after | changes | again | hours |\n| --- | --- | --- | --- | --- | --- |\n"


@final
@dataclass(frozen=True, slots=True)
class _Block:
    # A part of the comment in at most so many characters; what has a lower rank is fitted in first.
    rank: int
    text: Callable[[int], str]


def markdown(review: Review, limit: int = LIMIT) -> str:
    """The comment, redacted, of at most `limit` characters; it begins with MARKER and the verdict."""
    head = f"{MARKER}\n{_verdict(review)}\n\nCompared with {_code(review.base)}.\n"
    blocks = list(_blocks(review))
    whole = head + "".join(block.text(_ENDLESS) for block in blocks)
    if len(whole) <= limit:
        return whole
    command = f"alertpath review --base {review.base} --format text"
    end = f"\nCut to fit into a comment; {_code(command)} prints all of it.\n"
    room = limit - len(head) - len(end)
    texts = _fitted(blocks, room)
    while sum(map(len, texts)) > room:
        # Headings alone are too much.
        texts.pop()
    return head + "".join(texts) + end


def _fitted(blocks: Sequence[_Block], room: int) -> list[str]:
    # What one block does not need, those after it may use.
    texts = [""] * len(blocks)
    order = sorted(range(len(blocks)), key=lambda index: blocks[index].rank)
    for rank in sorted({block.rank for block in blocks}):
        alike = [index for index in order if blocks[index].rank == rank]
        for position, index in enumerate(alike):
            texts[index] = blocks[index].text(max(0, room // (len(alike) - position)))
            room -= len(texts[index])
    return texts


def _verdict(review: Review) -> str:
    said: list[str] = []
    for words, stacks, grave in verdict(review):
        marked = f"**{words}**" if grave else words
        said.append(f"{marked}{there(words, stacks)}")
    return "; ".join(said) + "."


def _blocks(review: Review) -> Iterator[_Block]:
    for names, blocks in _alike(review):
        yield _Block(0, _as_is(f"\n### {listed(names)}\n\n"))
        yield from blocks
    yield from _findings(review)
    yield from _expectations(review)
    if unchanged := [stack.name for stack in review.stacks if not _told(stack)]:
        yield _Block(2, _list((f"- {name}: {UNCHANGED}\n" for name in unchanged), "\n"))


def _told(stack: StackReview) -> bool:
    # Whether it gets a part of its own; findings have one for all stacks.
    return stack.difference is None or bool(stack.difference) or bool(stack.templates)


def _alike(review: Review) -> list[tuple[list[str], list[_Block]]]:
    # Of stacks of which the same is to be said, the names, and what is said.
    found: dict[str, tuple[list[str], list[_Block]]] = {}
    for stack in filter(_told, review.stacks):
        blocks = list(_of_stack(stack, review.base))
        said = "".join(block.text(_ENDLESS) for block in blocks)
        found.setdefault(said, ([], blocks))[0].append(stack.name)
    return list(found.values())


def _of_stack(stack: StackReview, base: str) -> Iterator[_Block]:
    if stack.invalid:
        causes = by_cause(stack.head.problems)
        count = counted(len(causes), "problem")
        yield _Block(0, _as_is(f"{count}; nothing of it can be deployed:\n\n"))
        yield _Block(1, _list(_problem(problem, and_more(others)) for problem, others in causes))
        return
    if said := state(stack, _code(base)):
        yield _Block(0, _as_is(f"{said}\n\n"))
    loaded = stack.head.loaded
    if loaded is None:
        return
    if stack.difference is None and not stack.refused:
        yield _Block(1, _list(map(_row, lines(loaded.config)), _TABLE))
    elif stack.difference:
        yield _Block(1, _difference(stack.difference))
    if stack.templates:
        yield _Block(1, _as_is(f"\nTexts differ: {', '.join(map(_code, stack.templates))}.\n"))
    if stack.difference is None or stack.difference:
        yield _Block(3, _all_or_nothing(_tree(stack, loaded.config, loaded.paging)))


def _difference(difference: Difference) -> Callable[[int], str]:
    # The names of the stacks stand above already, so that those with the same difference share it.
    def text(limit: int) -> str:
        if limit < _SHORTEST:
            return "The difference is left out here.\n"
        return as_markdown.markdown(difference, "before", "after", limit)

    return text


def _findings(review: Review) -> Iterator[_Block]:
    if found := new_findings(review):
        yield _Block(0, _as_is(f"\n### {counted(len(found), 'new finding')} of `alertpath check`\n\n"))
        yield _Block(2, _list(_finding(finding, stacks) for finding, stacks in found))
    if before := [f"{stack.name}: {said}" for stack in review.stacks if (said := old_findings(stack))]:
        yield _Block(2, _as_is(f"\n`alertpath check`, {', '.join(before)}.\n"))


def _finding(finding: Finding, stacks: Sequence[str]) -> str:
    rule, mend = finding.rule, _code(finding.mend) if finding.mend else finding.rule.mend
    told = f"- {rule.severity} {rule.id} {_code(finding.place)} in {listed(stacks)}: {_code(finding.message)}\n"
    return f"{told}  - why: {rule.why}\n  - mend: {mend}\n"


_SAID: Final = ("value", "allowed", "mend", "also")


def _problem(problem: Problem, also: str = "") -> str:
    path = f" {_code(problem.at.path)}" if problem.at.place else ""
    more = "".join(
        f"  - {name}: {_code(text)}\n"
        for name, text in zip(_SAID, (problem.value, problem.allowed, problem.mend, also), strict=True)
        if text
    )
    return f"- {_code(str(problem.at))}{path}: {_code(problem.message)}\n{more}"


def _expectations(review: Review) -> Iterator[_Block]:
    if review.problems:
        yield _Block(0, _as_is("\n### The expectations are invalid\n\n"))
        yield _Block(1, _list(map(_problem, review.problems)))
    elif failures := unmet(review):
        count = counted(len(failures), "expectation is", "expectations are")
        yield _Block(0, _as_is(f"\n### {count} not met\n\n"))
        yield _Block(1, _list(_unmet(result, where) for result, where in failures))
    elif review.expectations is not None:
        yield _Block(2, _as_is(f"\nAll {len(review.expectations.results):,} expectations are met.\n"))


def _unmet(result: Result, where: Sequence[str]) -> str:
    about = f" ({_code(result.name)})" if result.name else ""
    place, alert = f"{result.file}:{result.line}", in_one_line(result.labels)
    told = f"- {_code(place)} in {', '.join(map(_code, where))}: {_code(alert)}{about}\n"
    more = [f"{one.key}: expected {_code(one.expected)}, happens {_code(one.happens)}" for one in result.differences]
    return told + "".join(f"  - {line}\n" for line in (*more, *(f"why: {_code(why)}" for why in result.why)))


def _row(line: Line) -> str:
    told = line.destinations != NOBODY
    alerts = line.alerts + (" (and goes on)" if line.goes_on else "")
    cells = (
        alerts,
        f"{line.destinations} ({line.receiver})" if told else NOBODY,
        *(line.timing.values() if told else ("-", "-", "-")),
        line.hours or "any time",
    )
    # A code span does not keep a cell from ending.
    return "|".join(["", *(f" {_code(cut(cell))} ".replace("|", "\\|") for cell in cells), "\n"])


def _tree(stack: StackReview, config: Config, paging: Paging) -> str:
    drawn = flowchart(config, stack.moved_to(), paging)
    diagram = f"```mermaid\n{drawn}```\n\n{_LEGEND}\n"
    return f"\n<details><summary>Routing tree</summary>\n\n{diagram}\n</details>\n"


def _code(text: str) -> str:
    # Redacted first: what looks like a credential would reach beyond the end of the span.
    return as_markdown.code(redact(text))


def _as_is(text: str) -> Callable[[int], str]:
    return lambda _: text


def _all_or_nothing(text: str) -> Callable[[int], str]:
    return lambda limit: text if len(text) <= limit else ""


def _list(entries: Iterable[str], head: str = "") -> Callable[[int], str]:
    all_of_them = list(entries)

    def text(limit: int) -> str:
        room = limit - len(head) - len(_more(len(all_of_them)))
        kept: list[str] = []
        for entry in all_of_them:
            room -= len(entry)
            if room < 0:
                break
            kept.append(entry)
        left = len(all_of_them) - len(kept)
        return "".join(chain([head], kept, [_more(left)] if left else []))

    return text


def _more(count: int) -> str:
    return f"\n{count:,} more.\n"
