"""Which routes an alert takes, exactly as Alertmanager decides it, and in a time that hardly depends on their number.

The tree becomes a list of conditions in the order in which Alertmanager would report the routes (children before their
parent); each route's condition is that of its whole path, and each says where in the list a match goes on. A route is
filed under the value that it demands of its most telling label (of most different values), so that a lookup costs one
probe for each such label (service, namespace, ...) and a few comparisons, not one comparison for each route.
Source: Alertmanager 0.34.2, dispatch/route.go.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Final, final

from alertpath.alertmanager.config import (
    DEFAULT_GROUP_INTERVAL,
    DEFAULT_GROUP_WAIT,
    DEFAULT_REPEAT_INTERVAL,
    GROUP_BY_ALL,
    Config,
    Route,
)
from alertpath.alertmanager.matchers import Matcher
from alertpath.documents.places import Place
from alertpath.semantics import regexes

Labels = Mapping[str, str]

_FEW: Final = 8
"""So many routes under one value are compared one by one; more are filed by a further label."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class EffectiveRoute:
    """A route with what it inherits.

    `index` counts as Alertmanager does: children before their parent; `first` is the lowest index below it, or its own.
    `onward` is the index from which routes are asked once this one has matched; len(routes): none any more.
    `path` holds the matchers of all routes from the root to this one. Durations in milliseconds.
    `group_by` is sorted; ("...",): by all labels. Mute and active intervals are not inherited; `labels` are.
    """

    index: int
    first: int
    onward: int
    place: Place
    route: Route
    parent: EffectiveRoute | None
    path: tuple[Matcher, ...]
    receiver: str
    group_by: tuple[str, ...]
    group_wait: int
    group_interval: int
    repeat_interval: int
    labels: Labels

    @property
    def mute(self) -> tuple[str, ...]:
        """Names of the intervals in which it is silent."""
        return self.route.mute_time_intervals

    @property
    def active(self) -> tuple[str, ...]:
        """Names of the intervals outside of which it is silent; none: it never is."""
        return self.route.active_time_intervals

    @property
    def key(self) -> str:
        """Alertmanager's `Route.Key()`."""
        own = "{" + ",".join(map(str, self.route.matchers)) + "}"
        return f"{self.parent.key}/{own}" if self.parent else own

    def group_labels(self, labels: Labels) -> dict[str, str]:
        """Those of an alert's labels by which this route groups it, sorted by name."""
        everything = GROUP_BY_ALL in self.group_by
        return {
            name: value for name, value in sorted(labels.items()) if value and (everything or name in self.group_by)
        }

    def group_key(self, labels: Labels) -> str:
        """Alertmanager's group key of an alert with these labels, of whose hash PagerDuty's `dedup_key` is made."""
        # Sorted as Go sorts: by bytes, which is by code points.
        pairs = (f"{name}={_quoted(value)}" for name, value in self.group_labels(labels).items())
        return f"{self.key}:{{{', '.join(pairs)}}}"


def _quoted(text: str) -> str:
    # As Go quotes, which is how a matcher of a label with a reserved character is written.
    return str(Matcher(" ", "=", text)).partition("=")[2]


def effective_routes(root: Route) -> tuple[EffectiveRoute, ...]:
    """All routes with what they inherit, each at its own index."""
    found: list[EffectiveRoute] = []
    # What a route hands to its children is known before them, its index after them.
    size = _size(root)
    _collect(root, ("route",), None, size, found)
    return tuple(found)


def _size(route: Route) -> int:
    return 1 + sum(map(_size, route.routes))


def _collect(
    route: Route, place: Place, parent: EffectiveRoute | None, onward: int, found: list[EffectiveRoute], first: int = 0
) -> EffectiveRoute:
    index = first + _size(route) - 1
    if route.continue_:
        onward = index + 1
    group_by = route.group_by
    inherited = parent or _DEFAULTS
    effective = EffectiveRoute(
        index,
        first,
        onward,
        place,
        route,
        parent,
        (*parent.path, *route.matchers) if parent and parent.path else route.matchers,
        route.receiver or inherited.receiver,
        inherited.group_by if group_by is None else tuple(sorted(set(group_by))),
        inherited.group_wait if route.group_wait is None else route.group_wait,
        inherited.group_interval if route.group_interval is None else route.group_interval,
        inherited.repeat_interval if route.repeat_interval is None else route.repeat_interval,
        {**inherited.labels, **route.labels} if route.labels else inherited.labels,
    )
    for number, child in enumerate(route.routes):
        below = _collect(child, (*place, "routes", number), effective, onward, found, first)
        first = below.index + 1
    found.append(effective)
    return effective


_DEFAULTS: Final = EffectiveRoute(
    0,
    0,
    0,
    (),
    Route(),
    None,
    (),
    "",
    (),
    DEFAULT_GROUP_WAIT,
    DEFAULT_GROUP_INTERVAL,
    DEFAULT_REPEAT_INTERVAL,
    {},
)


@final
class Router:
    """Finds the routes of an alert in a configuration. `routes` are all of them, each at its own index."""

    def __init__(self, config: Config) -> None:
        self.routes: Final = effective_routes(config.route)
        self._files: Final = _filed([demands for route in self.routes if (demands := _Conditions(route)).possible()])
        self._end: Final = len(self.routes)

    def match(self, labels: Labels) -> tuple[EffectiveRoute, ...]:
        """The routes that an alert with these labels takes, never none, in Alertmanager's order."""
        route = self.routes[self._next(labels, 0)]
        if route.onward == self._end:
            return (route,)
        found = [route]
        while route.onward < self._end:
            route = self.routes[self._next(labels, route.onward)]
            if found[-1].index < route.first:  # Otherwise a child has taken the alert.
                found.append(route)
        return tuple(found)

    def group_keys(self, labels: Labels) -> tuple[str, ...]:
        """The group key for each of the routes that `match` finds."""
        return tuple(route.group_key(labels) for route in self.match(labels))

    def _next(self, labels: Labels, start: int) -> int:
        # The lowest index, `start` or above, whose conditions hold; the root's always do.
        return _search(self._files, labels, start, self._end - 1)


_Exact = tuple[tuple[str, frozenset[str]], ...]
_Check = Callable[[Labels], bool]
_Entry = tuple[int, _Exact, tuple[_Check, ...]]
_File = tuple[int, str, slice | None, dict[str, "tuple[_Entry, ...] | list[_File]"]]
"""The lowest index in it, a label, the part of its value that counts (None: all), and by that the routes, or files."""


def _search(files: list[_File], labels: Labels, start: int, best: int) -> int:
    get = labels.get
    for lowest, label, part, drawers in files:
        if lowest >= best:
            break
        found = drawers.get(get(label, "") if part is None else get(label, "")[part])
        if found is None:
            continue
        if isinstance(found, list):
            best = _search(found, labels, start, best)
            continue
        for index, exact, checks in islice(found, _from(found, start), None) if start else found:
            if index >= best:
                break
            for name, allowed in exact:
                if get(name, "") not in allowed:
                    break
            else:
                if not checks or all(check(labels) for check in checks):
                    best = index
                    break
    return best


def _from(drawer: tuple[_Entry, ...], start: int) -> int:
    # Where its entries from the index `start` on begin.
    return bisect_left(drawer, start, key=itemgetter(0))


@final
class _Conditions:
    # What a route demands: of some labels to be one of a few values, of some parts of values too, and the rest.

    __slots__ = ("checks", "exact", "index", "parts")

    def __init__(self, route: EffectiveRoute) -> None:
        self.index: Final = route.index
        self.exact: Final[dict[str, frozenset[str]]] = {}
        self.parts: Final[list[tuple[str, slice, frozenset[str]]]] = []
        checks: list[_Check] = []
        for matcher in route.path:
            demanded = literals(matcher)
            if demanded is not None:
                name = matcher.label
                self.exact[name] = self.exact[name] & demanded if name in self.exact else demanded
                continue
            checks.append(_check(matcher))
            if matcher.op == "=~":
                self.parts.extend(_parts(matcher))
        self.checks: Final = tuple(checks)

    def possible(self) -> bool:
        """Whether no label would have to have two values at once."""
        return all(self.exact.values())


def _filed(all_of_them: Sequence[_Conditions], used: frozenset[str] = frozenset()) -> list[_File]:
    # `used`: labels whose values are known already.
    values: dict[tuple[str, int, int], set[str]] = {}
    for conditions in all_of_them:
        for name, part, demanded in _choices(conditions, used):
            values.setdefault((name, *_bounds(part)), set()).update(demanded)
    telling = {form: len(found) for form, found in values.items()}
    files: dict[tuple[str, int, int], tuple[str, slice | None, dict[str, list[_Conditions]]]] = {}
    for conditions in all_of_them:
        name, part, demanded = max(
            _choices(conditions, used), key=lambda choice: telling[choice[0], *_bounds(choice[1])], default=_ANY
        )
        drawers = files.setdefault((name, *_bounds(part)), (name, part, {}))[2]
        for value in demanded:
            drawers.setdefault(value, []).append(conditions)
    shared: dict[_Exact, _Exact] = {}
    found: list[_File] = []
    for name, part, drawers in files.values():
        lowest = min(drawer[0].index for drawer in drawers.values())
        known = used | {name} if part is None else used
        filed: dict[str, tuple[_Entry, ...] | list[_File]] = {}
        for value, drawer in drawers.items():
            if len(drawer) > _FEW and name and part is None:
                filed[value] = _filed(drawer, known)
            else:
                filed[value] = tuple(_entry(conditions, known, shared) for conditions in drawer)
        found.append((lowest, name, part, filed))
    return sorted(found, key=lambda file: file[0])


_ANY: Final[tuple[str, slice | None, frozenset[str]]] = ("", slice(0, 0), frozenset([""]))
"""No demand: nothing of whatever value is always nothing."""


def _choices(conditions: _Conditions, used: frozenset[str]) -> Iterator[tuple[str, slice | None, frozenset[str]]]:
    for name, demanded in conditions.exact.items():
        if name not in used:
            yield name, None, demanded
    for name, part, demanded in conditions.parts:
        if name not in used:
            yield name, part, demanded


def _bounds(part: slice | None) -> tuple[int, int]:
    return (0, 0) if part is None else (part.start or 0, part.stop or 0)


def _entry(conditions: _Conditions, known: frozenset[str], shared: dict[_Exact, _Exact]) -> _Entry:
    exact = tuple((name, allowed) for name, allowed in conditions.exact.items() if name not in known)
    return conditions.index, shared.setdefault(exact, exact), conditions.checks


def literals(matcher: Matcher) -> frozenset[str] | None:
    """The only values that fulfil it; None: infinitely many, more than 1,000, or not known."""
    if matcher.op == "=":
        return frozenset((matcher.value,))
    return regexes.words(matcher.value) if matcher.op == "=~" else None


def _parts(matcher: Matcher) -> Iterator[tuple[str, slice, frozenset[str]]]:
    known = regexes.ends(matcher.value)
    begins, ends = known.begins, known.ends
    at_start, at_end = min(map(len, begins), default=0), min(map(len, ends), default=0)
    if at_start >= at_end and at_start:
        yield matcher.label, slice(0, at_start), frozenset(text[:at_start] for text in begins)
    elif at_end:
        yield matcher.label, slice(-at_end, None), frozenset(text[-at_end:] for text in ends)


def _check(matcher: Matcher) -> _Check:
    name, wanted = matcher.label, matcher.value
    if matcher.op == "!=":
        return lambda labels: labels.get(name, "") != wanted
    positive = matcher.op == "=~"
    return lambda labels: bool(regexes.tester(wanted)(labels.get(name, ""))) == positive
