"""A difference between two configurations in words, worst first: what its text and its Markdown have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, final

from alertpath.diff.deliveries.comparison import Difference
from alertpath.diff.deliveries.inhibition import InhibitionChange
from alertpath.diff.deliveries.notifications import Delivery
from alertpath.diff.deliveries.verdicts import Change, Kind
from alertpath.diff.words.causes import Cause, Common, causes, common_to, differing, paired
from alertpath.diff.words.delivery import Detail, cut_to_difference, ends, handling, hours, told
from alertpath.output import alert_classes
from alertpath.output.alert_classes import counted, listed
from alertpath.semantics.label_sets import Class, Where

NOTHING: Final = "No alert fares differently."
_NOBODY: Final = "nobody"
_ANY_ALERT: Final = "alertname=other"
_INCIDENTS: Final = {"pagerduty": "PagerDuty", "opsgenie": "Opsgenie", "victorops": "Splunk On-Call"}
_MOST_DETAILS: Final = 6
_MOST_DELIVERIES: Final = 4
_MOST_SETS: Final = 16

Heading = Literal["lost pages", "silenced pages"] | Kind | Literal["inhibition"]


@final
@dataclass(frozen=True, slots=True)
class Line:
    """Something said about a class. `label` is a word of ours; `quotes`: `text` holds words of the configuration."""

    label: str
    text: str
    quotes: bool = True


@final
@dataclass(frozen=True, slots=True)
class Item:
    """One class, and what is said about it.

    `shared` is what all of its alerts fulfil. They also fulfil one of `alternatives`, or one of so many `more`.
    """

    shared: str
    proven: bool
    lines: tuple[Line, ...]
    alternatives: tuple[str, ...] = ()
    more: int = 0

    @property
    def where(self) -> str:
        """All of it in one line."""
        more = [f"{self.more:,} more"] if self.more else []
        return " with ".join(filter(None, (self.shared, " or ".join((*self.alternatives, *more)))))


@final
@dataclass(frozen=True, slots=True)
class Section:
    """All classes of one kind. `meaning` explains the title; `mild`: nobody misses anything."""

    title: Heading
    meaning: str
    items: tuple[Item, ...]
    mild: bool

    @property
    def count(self) -> str:
        """`2 classes`."""
        return counted(len(self.items), "class", "classes")


_MEANINGS: Final[dict[Heading, str]] = {
    "lost pages": "somebody was woken up and no longer is",
    "silenced pages": "paged for, but now silent while something else fires",
    "lost": "nobody is told any more",
    "newly pages": "somebody is woken up who was not",
    "moved": "somebody else is told",
    "changed": "the same are told in another way",
    "timing": "the same are told at other times",
    "new": "somebody is told in addition",
    "inhibition": "what is silent while something else fires; no page is newly silenced",
    "regrouped": "same delivery, but firing alerts notify again",
    "nobody": "nobody is told, before and after, by another receiver",
}
"""Worst first."""


def loses_page(change: Change) -> bool:
    """Whether a page no longer goes out; also where that is not proven."""
    if change.kind != "lost":
        return False
    before, after = (sum(delivery.paged for delivery in side) for side in (change.before, change.after))
    return before > after or (change.varies > 0 and before > 0)


def silences_page(change: InhibitionChange) -> bool:
    """Whether something that is paged for is newly silenced; also where that is not proven."""
    return change.kind == "silenced" and change.paged != "no"


def loses_pages(difference: Difference) -> bool:
    """Whether somebody may no longer be woken up: by a route, or by an inhibition rule that silences a page."""
    return any(map(loses_page, difference.changes)) or any(map(silences_page, difference.inhibition))


def sections(difference: Difference) -> list[Section]:
    """Everything about some alerts; what is not, `general` says."""
    found: dict[Heading, list[Item]] = {heading: [] for heading in _MEANINGS}
    common = common_to(difference.changes)
    how: set[str] = set()
    for cause in causes(difference.changes, common, _heading):
        found[_heading(cause.change)].append(_changed(cause, common, how))
    for change in difference.inhibition:
        found["silenced pages" if silences_page(change) else "inhibition"].append(_inhibited(change))
    return [
        Section(heading, _MEANINGS[heading], tuple(items), heading in ("regrouped", "nobody"))
        for heading, items in found.items()
        if items
    ]


def _heading(change: Change) -> Heading:
    return "lost pages" if loses_page(change) else change.kind


def summary(difference: Difference) -> str:
    """One line: `2 classes of alerts fare differently: lost pages 1, moved 1.`"""
    found = sections(difference)
    total = sum(len(section.items) for section in found)
    if not total:
        return NOTHING
    parts = [f"{section.title} {len(section.items):,}" for section in found]
    fares = "class of alerts fares" if total == 1 else "classes of alerts fare"
    return f"{total:,} {fares} differently: {', '.join(parts)}."


def everywhere(difference: Difference) -> str:
    """What differs alike for all alerts that are told before and after, and is not said again; "": nothing."""
    return "; ".join(f"{name} {words}" for name, words in sorted(common_to(difference.changes)))


def general(difference: Difference) -> list[str]:
    """What is not about some alerts."""
    return [_GENERAL.get(name, f"{name} differs") for name in difference.general]


_GENERAL: Final = {
    "templates": "templates: other files are loaded, or in another order; texts may read differently",
    "global.resolve_timeout": "global.resolve_timeout: alerts that carry no end resolve after another time",
}


def _changed(cause: Cause, common: Common, how: set[str]) -> Item:
    change = cause.change
    lines = list(_alternatives(change) if change.varies else _regrouped(change) or _deliveries(change, common, how))
    if change.apart or cause.overlaps:
        lines.append(Line("apart", "what other routes do with these alerts is in classes of its own", quotes=False))
    elif change.besides and not change.varies:
        lines.append(Line("besides", "others are told as before", quotes=False))
    if change.orphans:
        lines.append(_orphans(change))
    example = change.example()
    shared, alternatives = _sets(cause.classes)
    said = alternatives[:_MOST_SETS]
    return Item(
        shared, change.proven, (*lines, *_evidence(change, example)), tuple(said), len(alternatives) - len(said)
    )


def _sets(classes: Sequence[Class]) -> tuple[str, list[str]]:
    # What all of them ask for, and what else each does.
    if len(classes) == 1:
        return alert_classes.classes(classes), []
    first = classes[0].where.labels
    shared = tuple(pair for pair in first if all(pair in one.where.labels for one in classes))
    rest = [
        Class(Where(tuple(pair for pair in one.where.labels if pair not in shared)), one.exceptions) for one in classes
    ]
    return alert_classes.where(Where(shared)) if shared else "", [alert_classes.classes((one,)) for one in rest]


def _orphans(change: Change) -> Line:
    told, tells = (
        {endpoint.integration for delivery in side for endpoint in delivery.endpoints if endpoint.resolves}
        for side in (change.before, [delivery for delivery in change.after if not delivery.silent])
    )
    where = " and ".join(name for kind, name in _INCIDENTS.items() if kind in told)
    # Of deliveries that differ in their key alone, nothing else is said.
    again = ", and open again under a new key" if told & tells or not where else ""
    mend = "resolve them by hand, or merge while none is open"
    what = "incidents" if where else "those"
    return Line(where or "incidents", f"{what} that are open now get no resolve{again}: {mend}", quotes=False)


def _evidence(change: Change, example: dict[str, str] | None) -> Iterator[Line]:
    if not change.proven:
        yield Line("not proven", _why(regex for _, some in change.where.labels for regex in some.like | some.unlike))
    if example is not None:
        # Without a label it is any alert that names none of those that routes ask for.
        yield Line("example", alert_classes.example(example) or _ANY_ALERT)


def _why(regexes: Iterable[str]) -> str:
    found = sorted(set(regexes))
    shown = listed([f"/{alert_classes.cut(alert_classes.printable(regex))}/" for regex in found], 2)
    return f"there may be no such alert: {shown or 'the regexes'} cannot be decided"


def _alternatives(change: Change) -> Iterator[Line]:
    for label, side in (("before", change.before), ("after", change.after)):
        yield Line(label, listed(list(dict.fromkeys(map(told, side))), _MOST_DELIVERIES) or _NOBODY)
    ways = f"; {change.varies:,} ways" if change.varies > 1 else ""
    yield Line("varies", f"by further labels, by which some of these may fare as before{ways}", quotes=False)
    if change.differing:
        yield Line("differing", listed(change.differing))


def _regrouped(change: Change) -> list[Line]:
    # The very same deliveries, only reached by another route key; []: it is not that.
    if change.kind != "regrouped" or change.before != change.after:
        return []
    who = listed([told(delivery) for delivery in change.before], _MOST_DELIVERIES)
    return [Line("told", who), Line("route", "other matchers on the way to it", quotes=False)]


def _deliveries(change: Change, common: Common, how: set[str]) -> Iterator[Line]:
    pairs, gone, come = paired(change.before, change.after)
    alike = [pair for pair in pairs if not _left(*pair, common) and told(pair[0]) == told(pair[1])]
    if len(alike) == len(pairs) and not gone and not come:
        # Nothing but what is said for all.
        yield Line("told", listed(list(dict.fromkeys(told(after) for _, after in pairs)), _MOST_DELIVERIES))
        return
    for before, after in dict.fromkeys(pair for pair in pairs if pair not in alike):
        found = _left(before, after, common)
        same = told(before) == told(after) or (before.receiver == after.receiver and _alike(before, after))
        if same:
            yield Line("told", told(before) if told(before) == told(after) else alert_classes.quoted(before.receiver))
        else:
            yield Line("before", told(before))
            yield Line("after", told(after))
            found = [detail for detail in found if not _said(detail, before, after)]
        # How another receiver sends, and words its messages, matters less than whom it tells, and when.
        said = ends(before) != ends(after)
        major = [detail for detail in found if same or not (detail.minor or (said and "." in detail.name))]
        minor = [detail for detail in found if detail not in major]
        yield from _differing([*major, *minor], min(_MOST_DETAILS, len(major)))
    for delivery in gone:
        yield Line("before", told(delivery) + _with_hours(delivery))
    if gone and not pairs and not come and not change.besides:
        yield Line("after", _NOBODY)
    if come and not pairs and not gone and not change.besides and not change.apart:
        yield Line("before", _NOBODY)
    for delivery in come:
        yield Line("after", told(delivery))
        if (said := f"{told(delivery)} {handling(delivery)}") not in how:
            how.add(said)
            yield Line("how", handling(delivery))


def _left(before: Delivery, after: Delivery, common: Common) -> list[Detail]:
    return [detail for detail, words in differing(before, after) if (detail.name, words) not in common]


def _alike(before: Delivery, after: Delivery) -> bool:
    return [e.integration for e in before.endpoints] == [e.integration for e in after.endpoints]


def _said(detail: Detail, before: Delivery, after: Delivery) -> bool:
    # Whether who is told before and after says it already.
    if detail.name == "integration":
        return True
    one, other = (side.strip('"') for side in (detail.before, detail.after))
    return one in told(before).split() and other in told(after).split()


def _differing(found: Sequence[Detail], most: int) -> Iterator[Line]:
    for detail in found[:most]:
        yield Line(detail.name, " -> ".join(cut_to_difference(detail.before, detail.after)))
    if rest := [detail.name for detail in found[most:]]:
        yield Line("also", listed(rest, _MOST_DETAILS))


def _with_hours(delivery: Delivery) -> str:
    return f", {hours(delivery)}" if delivery.active or delivery.mute else ""


def _inhibited(change: InhibitionChange) -> Item:
    silenced = change.kind == "silenced"
    same = [f"same {listed(list(map(alert_classes.quoted, change.equal)))}"] if change.equal else []
    same += [f"another {listed(list(map(alert_classes.quoted, change.unequal)))}"] if change.unequal else []
    source, target = alert_classes.where(change.source), alert_classes.where(change.target)
    verb = "is now silent" if silenced else "is no longer silent"
    where = f"while {source} fires, {target} {verb}" + (f" ({', '.join(same)})" if same else "")
    return Item(where, change.proven, tuple(_inhibition_lines(change)))


def _inhibition_lines(change: InhibitionChange) -> Iterator[Line]:
    match change.paged, change.kind:
        case "yes", "silenced":
            yield Line("pages", "some of these are paged for", quotes=False)
        case "yes", _:
            yield Line("pages", "some of these were paged for, and now are while that fires", quotes=False)
        case "no", _:
            yield Line("pages", "none of these is paged for", quotes=False)
        case _:
            yield Line("pages", "not proven: whether any of these is paged for cannot be decided", quotes=False)
    if change.rule.name:
        yield Line("rule", alert_classes.quoted(change.rule.name))
    if not change.proven:
        sides = (*change.source.labels, *change.target.labels)
        yield Line("not proven", _why(regex for _, some in sides for regex in some.like | some.unlike))
    if change.page is not None and change.firing is not None:
        yield Line("example", alert_classes.example(change.page) or _ANY_ALERT)
        yield Line("while", alert_classes.example(change.firing) or _ANY_ALERT)
