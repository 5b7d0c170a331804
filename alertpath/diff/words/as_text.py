"""A difference between two configurations as plain text, worst first; beside it as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.diff.deliveries.comparison import Difference
from alertpath.diff.words.as_json import as_data
from alertpath.diff.words.as_json import json_text as json_text
from alertpath.diff.words.as_markdown import code
from alertpath.diff.words.as_markdown import markdown as markdown
from alertpath.diff.words.phrases import NOTHING, Item, Section, everywhere, general, sections, summary
from alertpath.diff.words.phrases import loses_pages as loses_pages
from alertpath.documents.redaction import redact
from alertpath.documents.safe_text import wrapped
from alertpath.output import formats
from alertpath.output.alert_classes import printable

_MOST: Final = 100
"""So many classes of each kind are printed."""
_WIDTH: Final = 120


def text(difference: Difference, old: str, new: str) -> str:
    """For a terminal. `old`, `new`: names of the two configurations."""
    lines = [f"{printable(old)} -> {printable(new)}"]
    if not difference:
        return f"{lines[0]}\n{NOTHING}\n"
    lines += [summary(difference)]
    if said := everywhere(difference):
        lines += _wrapped("everywhere  ", said, " " * 12)
    for section in sections(difference):
        lines += ["", *_section(section)]
    if difference.general:
        lines += ["", "GENERAL", *(f"  {line}" for line in general(difference))]
    return "\n".join(map(printable, lines)) + "\n"


def absent(old: str, new: str, form: str, *, gone: bool, lost: bool) -> str:
    """Instead of a difference, as `text`, `markdown` or `json`: the stack does not exist on one side.

    `gone`: on the new one; else it is a new stack. `lost`: it has pages.
    """
    pages = ", pages included" if lost else ""
    sentence = (
        f"This stack no longer exists: once it is destroyed, nobody is told of anything{pages}."
        if gone
        else "This stack is new: there is nothing to compare it with."
    )
    match form:
        case "json":
            data = as_data(Difference((), (), ()), old, new)
            data["summary"]["loses_pages"] = lost
            return formats.json_text({**data, "note": sentence})
        case "markdown":
            return f"{code(old)} -> {code(new)}: {sentence}\n"
        case _:
            return f"{printable(old)} -> {printable(new)}\n{sentence}\n"


def _section(section: Section) -> Iterator[str]:
    yield f"{section.title.upper()} ({section.count}): {section.meaning}"
    for item in section.items[:_MOST]:
        yield from _item(item)
    if (left := len(section.items) - _MOST) > 0:
        yield f"  ... {left:,} more; --format json has all"


def _item(item: Item) -> Iterator[str]:
    first, *others = filter(None, (item.shared, *item.alternatives))
    yield from _wrapped("  " if item.proven else "  (not proven) ", first, "    ")
    for number, where in enumerate(others):
        yield from _wrapped("    with " if item.shared and not number else "      or ", where, " " * 11)
    if item.more:
        yield f"      or {item.more:,} more; --format json has all"
    width = max((len(line.label) for line in item.lines), default=0)
    for line in item.lines:
        yield from _wrapped(f"      {line.label.ljust(width)}  ", line.text, " " * (8 + width))


def _wrapped(first: str, body: str, following: str) -> list[str]:
    return wrapped(printable(redact(body)), _WIDTH, first, following, break_words=False) or [first.rstrip()]
