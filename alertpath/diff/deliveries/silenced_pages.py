"""Whether what an inhibition rule newly silences, or no longer does, is paged for: exactly, with an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, final

from alertpath.alertmanager.config import Config
from alertpath.alertmanager.paging import NOTHING_SAID, Paging, wakes
from alertpath.diff.conditions.aligned import Entry
from alertpath.diff.conditions.differences import Emitted, differences
from alertpath.diff.deliveries.inhibition import InhibitionChange
from alertpath.semantics.automata import Undecided
from alertpath.semantics.budget import Budget
from alertpath.semantics.inhibition import inhibits
from alertpath.semantics.label_sets import EVERY, Condition, Values, Where, condition
from alertpath.semantics.routing import EffectiveRoute, Router

_TRIES: Final = 20
"""So many page routes are tried for an example before the whole tree is walked."""


def judged(
    changes: Iterable[InhibitionChange], old: Config, new: Config, paging: Paging = NOTHING_SAID
) -> tuple[InhibitionChange, ...]:
    """The changes with `paged`, `page` and `firing` filled in.

    What is newly silenced is judged by the routes of `new`, what no longer is by those of `old`.
    """
    configs = {"silenced": new, "no longer silenced": old}
    pages: dict[str, _Pages] = {}
    found: list[InhibitionChange] = []
    for change in changes:
        if change.kind not in pages:
            pages[change.kind] = _Pages(configs[change.kind], paging)
        found.append(_judged(change, pages[change.kind]))
    return tuple(found)


def has_pages(config: Config, paging: Paging = NOTHING_SAID) -> bool:
    """Whether any route wakes somebody up."""
    return any(_Pages(config, paging).pages)


def _waking(config: Config, paging: Paging) -> set[str]:
    return {
        receiver.name
        for receiver in config.receivers
        if any(entries and wakes(name, receiver.name, paging) for name, entries in receiver.integrations.items())
    }


def _judged(change: InhibitionChange, pages: _Pages) -> InhibitionChange:
    proven = True
    for page in pages.of(_targets(change)):
        source = _source(change, page) if page is not None else None
        if page is not None and source is not None and inhibits(change.rule, source, page):
            return replace(change, paged="yes", page=page, firing=source)
        proven = False
    return replace(change, paged="no" if proven else "not proven")


def _targets(change: InhibitionChange) -> Where:
    # The targets for which there can be a source.
    source, target = dict(change.source.labels), dict(change.target.labels)
    for label in change.equal:
        for part in _conditions(label, source.get(label, EVERY)):
            target[label] = target.get(label, EVERY).narrowed(part)
    for label in change.unequal:
        only = source.get(label, EVERY).one_of
        if only is not None and len(only) == 1:
            target[label] = target.get(label, EVERY).narrowed(Condition(label, only, "", False))
    return Where(tuple(sorted(target.items(), key=lambda pair: pair[0])))


def _source(change: InhibitionChange, page: Mapping[str, str]) -> dict[str, str] | None:
    # An alert that keeps this one silent; None: not known.
    source = dict(change.source.labels)
    for labels, same in ((change.equal, True), (change.unequal, False)):
        for label in labels:
            value = Condition(label, frozenset((page.get(label, ""),)), "", same)
            source[label] = source.get(label, EVERY).narrowed(value)
    try:
        return Where(tuple(source.items())).example()
    except Undecided:
        return None


def _conditions(label: str, values: Values) -> Iterator[Condition]:
    # All of which a value fulfils just if it is one of `values`.
    if values.one_of is not None:
        yield Condition(label, values.one_of, "", True)
    if values.none_of:
        yield Condition(label, values.none_of, "", False)
    for regexes, positive in ((values.like, True), (values.unlike, False)):
        for regex in sorted(regexes):
            yield Condition(label, None, regex, positive)


@final
class _Pages:
    # The routes of a configuration by which somebody is woken up.

    def __init__(self, config: Config, paging: Paging) -> None:
        wakes = _waking(config, paging)
        self._router: Final = Router(config)
        self._paths: Final = [tuple(dict.fromkeys(map(condition, route.path))) for route in self._router.routes]
        self.pages: Final = [route.receiver in wakes for route in self._router.routes]
        self._known: Final[dict[Where, list[dict[str, str] | None]]] = {}

    def of(self, where: Where) -> list[dict[str, str] | None]:
        """Alerts of the class that are paged for. None among them: there may be one; an empty list: there is none."""
        if where not in self._known:
            self._known[where] = self._tried(where) or []
        return self._known[where]

    def _tried(self, where: Where) -> list[dict[str, str] | None]:
        tries = 0
        for path, pages in zip(self._paths, self.pages, strict=True):
            if not pages or (inside := _narrowed(where, path)) is None:
                continue
            page = self._page(inside)
            if page is not None:
                return [page]
            tries += 1
            if tries == _TRIES:
                break
        return self._walked(where) if tries else []

    def _walked(self, where: Where) -> list[dict[str, str] | None]:
        # The tree against the same one with a route for the class in front that tells nobody.
        only = tuple(part for label, values in where.labels for part in _conditions(label, values))
        found = differences(self._entries(0), [Entry(only, 0), *self._entries(1)], _outcome, bool, Budget(2))
        pages = [one.example for one in found]
        return [page for page in pages if page is not None and page in where] or [None] * bool(pages)

    def _entries(self, first: int) -> list[Entry]:
        # The routes as a decision list that begins at the place `first`.
        end = len(self.pages)
        return [
            Entry(
                path,
                int(pages),
                None if route.onward == end else route.onward - 1 + first,
                tuple(above + first for above in _above(route)),
            )
            for route, path, pages in zip(self._router.routes, self._paths, self.pages, strict=True)
        ]

    def _page(self, where: Where) -> dict[str, str] | None:
        # An alert of the class that is paged for; None: the one that comes to mind is not.
        try:
            labels = where.example()
        except Undecided:
            return None
        if labels is None or not any(self.pages[route.index] for route in self._router.match(labels)):
            return None
        return labels


def _outcome(old: Emitted, new: Emitted, _: bool) -> bool | None:
    # Whether what differs is a page.
    return True if 1 in (*old, *new) else None


def _above(route: EffectiveRoute) -> Iterator[int]:
    above = route.parent
    while above:
        yield above.index
        above = above.parent


def _narrowed(where: Where, path: Iterable[Condition]) -> Where | None:
    # The part of a class that fulfils all conditions; None: there is none.
    found = dict(where.labels)
    for part in path:
        found[part.label] = found.get(part.label, EVERY).narrowed(part)
        try:
            if found[part.label].empty():
                return None
        except Undecided:
            continue
    return Where(tuple(found.items()))
