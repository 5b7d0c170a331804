"""A difference between two configurations as Markdown, for a comment on a pull request.

Everything that comes from a configuration stands in code spans, where neither HTML, nor a mention, nor Markdown means
anything. Source: GitHub Flavored Markdown 0.29, section 6.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from alertpath.diff.deliveries.comparison import Difference
from alertpath.diff.words.phrases import Item, Line, Section, everywhere, general, sections, summary
from alertpath.documents.redaction import redact
from alertpath.output.alert_classes import counted, printable

_OPEN: Final = 8
"""So many classes of each kind are seen at once, others after a click."""
_MOST: Final = 200
_CLOSE: Final = "\n</details>\n"


def markdown(difference: Difference, old: str, new: str, limit: int | None = None) -> str:
    """For a comment.

    `limit`: in characters; the worst stays, and it says how much is left out.
    """
    parts = list(_parts(difference, old, new))
    whole = _joined(parts, len(parts))
    if limit is None or len(whole) <= limit:
        return whole
    low, high = 1, len(parts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(_joined(parts, middle)) <= limit else (low, middle)
    cut = _joined(parts, low)
    return cut if len(cut) <= limit else cut[: max(0, limit)]


def code(text: str) -> str:
    """`text` as a code span, out of which nothing breaks."""
    # Before the fences: redaction could take one with it.
    text = redact(printable(text))
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if not text or "`" in (text[0], text[-1]) or text.startswith(" ") else ""
    return f"{fence}{space}{text}{space}{fence}"


# A part of the whole: its text, how many classes it tells of, and whether it opens, is inside or ends a <details>.
_Part = tuple[str, int, str]


def _parts(difference: Difference, old: str, new: str) -> Iterator[_Part]:
    head = f"{code(old)} -> {code(new)}: {summary(difference)}\n"
    yield (head, 0, "")
    if said := everywhere(difference):
        yield (f"\nEverywhere: {code(said)}\n", 0, "")
    if difference.general:
        yield ("".join(["\n", *(f"- {line}\n" for line in general(difference))]), 0, "")
    for section in sections(difference):
        yield from _section(section)


def _section(section: Section) -> Iterator[_Part]:
    seen = 0 if section.mild else _OPEN
    title = f"{section.title.capitalize()} ({section.count})"
    head = f"\n#### {title}\n\n{section.meaning.capitalize()}.\n\n"
    for item in section.items[:seen]:
        yield (head + _item(item), 1, "")
        head = ""
    if rest := section.items[seen:]:
        name = counted(len(rest), "more class", "more classes") if seen else f"{title}: {section.meaning}"
        head, role = f"\n<details><summary>{name}</summary>\n\n", "open"
        for item in rest[:_MOST]:
            yield (head + _item(item), 1, role)
            head, role = "", "inside"
        more = len(rest) - _MOST
        yield (_left(more) + _CLOSE, max(0, more), "close")


def _item(item: Item) -> str:
    proven = "" if item.proven else " (**not proven**)"
    more = [f"{item.more:,} more"] if item.more else []
    sets = " or ".join((*map(code, item.alternatives), *more))
    where = " with ".join(filter(None, (code(item.shared) if item.shared else "", sets)))
    return "".join([f"- {where}{proven}\n", *(f"  - {_line(line)}\n" for line in item.lines)])


def _line(line: Line) -> str:
    text = code(line.text) if line.quotes else line.text
    return f"{code(line.label)} {text}" if "." in line.label or "_" in line.label else f"{line.label} {text}"


def _joined(parts: Sequence[_Part], count: int) -> str:
    # The first so many parts, closed, and what they leave out.
    text = "".join(part for part, _, _ in parts[:count])
    if parts[count - 1][2] in ("open", "inside"):
        text += _CLOSE
    left = sum(classes for _, classes, _ in parts[count:])
    return text + _left(left)


def _left(count: int) -> str:
    if count <= 0:
        return ""
    return f"\n{counted(count, 'more class is', 'more classes are')} left out here; `alertpath diff` prints all.\n"
