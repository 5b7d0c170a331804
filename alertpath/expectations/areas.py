"""Kinds of alerts, and which of them a route of a configuration tells: as conditions that have an example."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, final

from alertpath.alertmanager.config import Config
from alertpath.diff.conditions.overlaps import Overlaps
from alertpath.semantics.label_sets import EVERY, Class, Condition, condition
from alertpath.semantics.remainder import Conditions, Excluded, Inside, as_class, meets, remainder, within
from alertpath.semantics.routing import EffectiveRoute, Router

_ONE_LINE: Final = r"[^\n]*"
_MOST_ROUNDS: Final = 8


@final
@dataclass(frozen=True, slots=True)
class Area:
    """The label sets that are `inside`, but not `outside`."""

    inside: Inside
    outside: tuple[Excluded, ...] = ()

    @staticmethod
    def of(conditions: Iterable[Condition], exceptions: Iterable[Sequence[Condition]] = ()) -> Area:
        """Those that fulfil all of `conditions`, but not all of any of `exceptions`."""
        inside: Inside | None = {}
        for each in conditions:
            inside = within(inside, (each,))
            if inside is None:
                return Area({each.label: EVERY.with_all((_NOTHING,))})
        return Area(inside, tuple(Excluded(tuple(each)) for each in exceptions))

    def __contains__(self, labels: Mapping[str, str]) -> bool:
        meant = all(labels.get(name, "") in values for name, values in self.inside.items())
        return meant and not any(each.holds(labels) for each in self.outside)

    def narrowed(self, conditions: Iterable[Condition]) -> Area | None:
        """Those that fulfil the conditions too; None: obviously none."""
        inside = within(self.inside, conditions)
        return None if inside is None else Area(inside, self.outside)

    def without(self, outside: Iterable[Excluded]) -> Area:
        """Those that are not excluded either."""
        return Area(self.inside, (*self.outside, *outside))

    def example(self) -> dict[str, str] | None:
        """One of them, with no label that does not matter; None: there is none. Raises Undecided.

        Values with line breaks are left out: nobody has them, and `.*`, which is meant to take everything, does not.
        """
        inside = self.inside
        for _ in range(_MOST_ROUNDS):
            labels = remainder(inside, self.outside)
            broken = [name for name, value in (labels or {}).items() if "\n" in value]
            if not broken:
                return labels
            whole = {name: inside.get(name, EVERY) for name in broken}
            inside = dict(inside) | {
                name: values.with_all((Condition(name, None, _ONE_LINE, True),)) for name, values in whole.items()
            }
        return None

    def as_class(self) -> Class | None:
        """For people: what is brought back from exceptions is left out."""
        return as_class(self.inside, (each.conditions for each in self.outside))


_NOTHING: Final = Condition("", frozenset(), "", True)


@final
class Routes:
    """The routes of a configuration, and which alerts they tell: a route emits the alerts that end at it.

    A route emits what fulfils its path, but no child's, and no earlier route's that keeps the alert from it.
    """

    def __init__(self, config: Config) -> None:
        self.router: Final = Router(config)
        self.all: Final = self.router.routes
        self.paths: Final[list[Conditions]] = [tuple(dict.fromkeys(map(condition, each.path))) for each in self.all]
        self._end: Final = len(self.all)

    @cached_property
    def _overlaps(self) -> Overlaps:
        return Overlaps(self.paths)

    def near(self, area: Area) -> list[EffectiveRoute]:
        """The routes whose path some of the area may fulfil, in Alertmanager's order."""
        return [self.all[place] for place in self._overlaps.overlapping(area.inside)]

    def narrow(self, area: Area, near: Iterable[EffectiveRoute]) -> list[EffectiveRoute]:
        """Those of `near` whose path some of the area may fulfil."""
        return [route for route in near if meets(area.inside, self.paths[route.index])]

    def emitted(self, route: EffectiveRoute, area: Area) -> tuple[Area, list[EffectiveRoute]] | None:
        """The part of the area that the route emits, and the routes near it; None: obviously nothing."""
        inside = area.narrowed(self.paths[route.index])
        if inside is None:
            return None
        near = self.near(inside)
        return inside.without(Excluded(self.paths[each.index]) for each in self._blocking(route, near)), near

    def ended(self, route: EffectiveRoute, area: Area) -> tuple[Area, list[EffectiveRoute]] | None:
        """The part that it emits and no later route does."""
        found = self.emitted(route, area)
        if found is None or route.onward == self._end:
            return found
        inside, near = found
        onward: dict[int, int] = {}
        for each in _chain(route):
            if each.route.continue_ and each.parent:
                onward[each.parent.index] = each.index
        later = (each for each in near if each.parent and each.index > onward.get(each.parent.index, self._end))
        return inside.without(Excluded(self.paths[each.index]) for each in later), near

    def excluded(self, route: EffectiveRoute, area: Area, near: Iterable[EffectiveRoute]) -> Excluded:
        """What the route emits, as something to leave out of an area near which are these routes."""
        path = self.paths[route.index]
        inside = area.narrowed(path)
        blocking = self._blocking(route, self.narrow(inside, near)) if inside else ()
        return Excluded(path, tuple(self.paths[each.index] for each in blocking))

    def _blocking(self, route: EffectiveRoute, near: Iterable[EffectiveRoute]) -> Iterator[EffectiveRoute]:
        # Its children, and what stands before it or before a route above it without `continue`.
        above = {each.parent.index for each in _chain(route) if each.parent}
        for each in near:
            earlier = each.index < route.first and not each.route.continue_
            if each.parent and (each.parent is route or (earlier and each.parent.index in above)):
                yield each

    def before(self, route: EffectiveRoute, near: Iterable[EffectiveRoute]) -> list[EffectiveRoute]:
        """Those of `near` that may emit an alert that `route` emits too, later."""
        return [each for each in near if each.index < route.first and each.onward <= route.index]


def _chain(route: EffectiveRoute | None) -> Iterator[EffectiveRoute]:
    while route:
        yield route
        route = route.parent


def named(labels: Mapping[str, str], mentioned: Collection[str]) -> dict[str, str]:
    """The labels, with one that does not matter where there is none: no alert is without labels."""
    if any(labels.values()):
        return dict(labels)
    names = ("alertname", "example", *(f"example{number}" for number in range(len(mentioned))))
    return {next(name for name in names if name not in mentioned): "Example"}


def with_name(labels: Mapping[str, str], may_be: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """The labels with a name for the alert, as all alerts of Prometheus have one, where it makes no difference."""
    dressed = {"alertname": "Example", **labels}
    return dressed if not labels.get("alertname") and may_be(dressed) else dict(labels)
