"""The routes of services and namespaces: who is told of each severity, how it waits and groups, in which hours.

A service's routes hold only its own matchers, so adding a service never changes another one's group key. With
`routing.share_routes` services whose alerts fare alike have one route together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, final

from alertpath.alertmanager.matchers import Matcher, regex_of
from alertpath.compiling.source_map import Origin, Part
from alertpath.inputs.catalog import Audience, Catalog, Service, Target, Timing
from alertpath.inputs.consistency.audiences import effective_timing, is_muted_by, service_matchers
from alertpath.inputs.fields import ANY, EVERY_LABEL
from alertpath.inputs.sources import CatalogSource
from alertpath.inputs.stack import Stack

_SERVICE: Final = "service"


class _Timing(NamedTuple):
    group_by: tuple[str, ...]
    group_wait: str
    group_interval: str
    repeat_interval: str


class _Told(NamedTuple):
    """What a route does with its alerts, all defaults filled in."""

    receiver: str
    timing: _Timing
    mute: tuple[str, ...]
    active: tuple[str, ...]


_Fates = tuple[tuple[_Told, tuple[str, ...]], ...]
"""What happens to which severities, each severity once; ANY alone and last, for every other one."""


@final
@dataclass(frozen=True, slots=True)
class _Claim:
    """A service: the matchers that make an alert its own, and what happens to it.

    `name`: the one value that it demands of the label `service`, and `others` its matchers of further labels; None
    where it is known in another way.
    """

    name: str | None
    matchers: tuple[Matcher, ...]
    others: tuple[Matcher, ...]
    fates: _Fates
    origins: tuple[Origin, ...]

    def may_take(self, name: str) -> bool:
        """Whether an alert with this value of the label `service` may be its own."""
        return all(matcher.matches({_SERVICE: name}) for matcher in self.matchers if matcher.label == _SERVICE)

    def is_apart(self) -> bool:
        """Whether its alerts share no group with those of other services that are told in the same route."""
        return all(_SERVICE in told.timing.group_by or EVERY_LABEL in told.timing.group_by for told, _ in self.fates)


@final
class AudienceRoutes:
    """Makes the routes of a stack's services and namespaces.

    `grouping` gives the labels that a route groups by, where the catalog or the settings name these.
    """

    def __init__(self, stack: Stack, grouping: Callable[[Sequence[str]], list[str]]) -> None:
        self._stack: Final = stack
        self._grouping: Final = grouping
        self._root: Final = _timing(stack.settings.routing.timing())
        self._sources: Final = sorted(stack.sources.catalogs, key=lambda source: source.catalog.team)

    def services(self) -> Iterator[Part]:
        """The routes of all services, by team."""
        for source in self._sources:
            claims = [self._claim(source, *item) for item in source.catalog.services.items()]
            if self._stack.settings.routing.share_routes:
                for group in _owned_alike(claims):
                    yield from self._shared(group)
            else:
                for claim in claims:
                    yield from self._own(claim.matchers, claim.fates, claim.origins)

    def namespaces(self) -> Iterator[Part]:
        """The routes of all namespaces, by team."""
        for source in self._sources:
            for name, audience in source.catalog.namespaces.items():
                matchers = (Matcher("namespace", "=", name),)
                yield from self._own(matchers, *self._fates(source, "namespaces", name, audience))

    def _claim(self, source: CatalogSource, name: str, service: Service) -> _Claim:
        matchers = tuple(service_matchers(name, service))
        known = [matcher.value for matcher in matchers if matcher.label == _SERVICE and matcher.op == "="]
        others = tuple(matcher for matcher in matchers if matcher.label != _SERVICE)
        alone = len(known) == 1 and len(others) == len(matchers) - 1
        return _Claim(known[0] if alone else None, matchers, others, *self._fates(source, "services", name, service))

    def _fates(
        self, source: CatalogSource, section: str, name: str, audience: Audience
    ) -> tuple[_Fates, tuple[Origin, ...]]:
        """What happens to each severity, those that fare alike together, and where that was written.

        A severity that `any` takes stands by itself only where a window or the team's timing sets it apart.
        """
        targets = dict(audience.targets())
        other = targets.get(ANY)
        told_any = self._told(source.catalog, section, name, ANY, other) if other is not None else None
        alike: dict[_Told, list[str]] = {}
        for severity in self._stack.settings.routing.severities:
            if (target := targets.get(severity, other)) is None:
                continue
            told = self._told(source.catalog, section, name, severity, target)
            if severity in targets or told != told_any:
                alike.setdefault(told, []).append(severity)
        fates = [(told, tuple(severities)) for told, severities in alike.items()]
        if told_any is not None:
            fates.append((told_any, (ANY,)))
        places = ((section, name, group[0] if group[0] in targets else ANY) for _, group in fates)
        return tuple(fates), tuple(Origin(source.document, place) for place in places)

    def _told(self, catalog: Catalog, section: str, name: str, severity: str, target: Target) -> _Told:
        receiver = self._stack.receiver(target.to)
        # A team's timing is that of its services; any other application of a namespace waits as the root says.
        team = catalog.timing.get(severity) if section == "services" else None
        timing = effective_timing(self._stack.sources, [target, team] if team else [target])
        worst = self._stack.settings.routing.worst
        windows = (
            window.name
            for window in catalog.maintenance
            if is_muted_by(window, section, name, severity, self._stack.receivers[receiver], worst)
        )
        mute = (*target.mute_time_intervals, *windows)
        return _Told(receiver, _timing(timing), mute, tuple(target.active_time_intervals))

    def _own(self, matchers: Sequence[Matcher], fates: _Fates, origins: tuple[Origin, ...]) -> Iterator[Part]:
        for (told, severities), origin in zip(fates, origins, strict=True):
            every = (*matchers, *_of_severities(severities))
            yield Part(self._route(told, every, self._root), origin)

    def _shared(self, claims: Sequence[_Claim]) -> Iterator[Part]:
        """Routes of services that fare alike: one for what they have in common, below it what sets severities apart.

        It takes their severities only, so that others go on to the next route as they do without sharing.
        """
        first = claims[0]
        # Sorted, so that moving a service in its file is no change.
        names = sorted(claim.name for claim in claims if claim.name is not None)
        matchers = (one_of(_SERVICE, names), *first.others) if names else first.matchers
        common = _common(first.fates)
        if common is None:
            yield from self._own(matchers, first.fates, first.origins)
            return
        told, severities = first.fates[common]
        if severities != (ANY,):
            severities = tuple(severity for _, some in first.fates for severity in some)
        below = (
            Part(self._route(one, _of_severities(some), told.timing), origin)
            for index, ((one, some), origin) in enumerate(zip(first.fates, first.origins, strict=True))
            if index != common
        )
        route = self._route(told, (*matchers, *_of_severities(severities)), self._root)
        yield Part(route, first.origins[common], tuple(below))

    def _route(self, told: _Told, matchers: Sequence[Matcher], inherited: _Timing) -> dict[str, Any]:
        """A route as data; waits and grouping that are `inherited` are left out."""
        route: dict[str, Any] = {"receiver": told.receiver}
        if told.timing.group_by != inherited.group_by:
            route["group_by"] = self._grouping(told.timing.group_by)
        for field in ("group_wait", "group_interval", "repeat_interval"):
            if (value := getattr(told.timing, field)) != getattr(inherited, field):
                route[field] = value
        if told.mute:
            route["mute_time_intervals"] = list(told.mute)
        if told.active:
            route["active_time_intervals"] = list(told.active)
        return route | {"matchers": list(map(str, matchers))}


def _owned_alike(claims: Sequence[_Claim]) -> list[list[_Claim]]:
    """Services that can share a route, each list at the place of its first one.

    A service joins others further up only past services whose alerts cannot be its own, as the first match wins.
    """
    groups: list[list[_Claim]] = []
    # The last group, by its index, of those that fare alike, of a name, and each of services without one.
    alike: dict[tuple[tuple[Matcher, ...], _Fates], int] = {}
    named: dict[str, int] = {}
    unnamed: list[tuple[int, _Claim]] = []
    for claim in claims:
        key = claim.others, claim.fates
        at = len(groups)
        if claim.name is None:
            unnamed.append((at, claim))
        else:
            rivals = (index for index, other in unnamed if other.may_take(claim.name))
            rival = max(named.get(claim.name, -1), max(rivals, default=-1))
            if claim.is_apart():
                at = alike[key] if alike.get(key, -1) > rival else at
                alike[key] = at
            named[claim.name] = max(at, rival)
        if at == len(groups):
            groups.append([])
        groups[at].append(claim)
    return groups


def _common(fates: _Fates) -> int | None:
    """The index of the fate whose route can stand above the others'; None: none of them.

    Hours are not inherited, so hours of a route above others would read as if they were those of all.
    """
    last = len(fates) - 1
    candidates = [last] if fates[last][1] == (ANY,) else range(last, -1, -1)
    always = (i for i in candidates if not last or not (fates[i][0].mute or fates[i][0].active))
    return next(always, None)


def _timing(timing: Timing) -> _Timing:
    return _Timing(
        tuple(timing.group_by or ()), timing.group_wait or "", timing.group_interval or "", timing.repeat_interval or ""
    )


def _of_severities(severities: Sequence[str]) -> tuple[Matcher, ...]:
    return () if severities == (ANY,) else (one_of("severity", severities),)


def one_of(label: str, values: Sequence[str]) -> Matcher:
    """Takes the alerts whose `label` is one of these."""
    if len(values) == 1:
        return Matcher(label, "=", values[0])
    return Matcher(label, "=~", "|".join(map(regex_of, values)))
