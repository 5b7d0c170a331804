"""Services, namespaces, hours and windows: what they name exists, and their waits make sense."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

from alertpath.alertmanager import durations, matchers
from alertpath.alertmanager.time_intervals import parse as parse_interval
from alertpath.documents.go_yaml import Reader
from alertpath.documents.places import Place
from alertpath.documents.problems import Problem, did_you_mean, shown
from alertpath.documents.yaml_file import Document
from alertpath.inputs.catalog import Audience, Maintenance, Service, Timing, minute
from alertpath.inputs.consistency.names import Named, names, suggest, written_names
from alertpath.inputs.consistency.receivers import Receivers
from alertpath.inputs.fields import ANY
from alertpath.inputs.receivers import Receiver
from alertpath.inputs.sources import CatalogSource, Sources

_LONGEST: Final = datetime.timedelta(days=366)


def check(sources: Sources) -> Iterator[Problem]:
    """Every problem with them."""
    yield from _audiences(sources)
    yield from _time_intervals(sources)
    yield from _maintenance(sources)


def _audiences(sources: Sources) -> Iterator[Problem]:
    severities = sources.settings.routing.severities
    intervals = _interval_names(sources)
    receivers = Receivers(sources)
    for source in sources.catalogs:
        document = source.document
        for severity, timing in source.catalog.timing.items():
            if severity not in (*severities, ANY):
                yield _unknown_severity(sources, document, ("timing", severity))
            if timing.group_interval or timing.repeat_interval:
                yield from _timing(sources, document, ("timing", severity), [timing])
        for section, name, audience in _sections(source):
            place: Place = (section, name)
            if not any(True for _ in audience.targets()) and not sources.damaged(document, place):
                yield document.problem(
                    place,
                    "names no receiver",
                    allowed=", ".join((*severities, ANY)),
                    mend="say who is told, by severity, or remove it",
                )
            for severity, target in audience.targets():
                at = (*place, severity)
                if severity not in (*severities, ANY):
                    yield _unknown_severity(sources, document, at)
                to = (*at, "to") if (*at, "to") in document.lines else at
                yield from receivers.must_exist(target.to, Named(document, to))
                defaults = source.catalog.timing.get(severity, Timing())
                if target.group_interval or target.repeat_interval:
                    yield from _timing(sources, document, at, [target, defaults])
                for field in ("active_time_intervals", "mute_time_intervals"):
                    for index, interval in enumerate(getattr(target, field)):
                        if interval not in intervals:
                            yield document.problem(
                                (*at, field, index),
                                "unknown time interval",
                                value=shown(interval),
                                allowed=names(intervals),
                                mend=suggest(interval, intervals),
                            )


def _sections(source: CatalogSource) -> Iterator[tuple[str, str, Audience]]:
    for name, service in source.catalog.services.items():
        yield "services", name, service
    for name, audience in source.catalog.namespaces.items():
        yield "namespaces", name, audience


def _unknown_severity(sources: Sources, document: Document, place: Place) -> Problem:
    severities = sources.settings.routing.severities
    written, at = "routing.severities", sources.place("routing", "severities")
    words = (ANY, "match") if place[0] == "services" else (ANY,)
    nearest = did_you_mean(str(place[-1]), (*severities, *words))
    where = sources.document.at(at) if sources.document.has(at) else "the default"
    return document.problem(
        place,
        "unknown key",
        value=shown(place[-1]),
        allowed=f"a severity of {written} ({', '.join(severities)}: {where}), or {' or '.join(words)}",
        mend=nearest or f"correct it, or add it to {written}",
    )


def effective_timing(sources: Sources, timings: Iterable[Timing]) -> Timing:
    """What a route waits and groups by: the first of `timings` that says so, else the root route."""
    merged: dict[str, Any] = {}
    for timing in (*timings, sources.settings.routing):
        for field in Timing.fields():
            if merged.get(field) is None:
                merged[field] = getattr(timing, field)
    # All of it has been validated where it was written.
    return Timing(**merged)


def repeats_after_interval(document: Document, place: Place, timing: Timing) -> Iterator[Problem]:
    """A problem where `repeat_interval` is shorter than `group_interval`: Alertmanager only logs a warning."""
    group, repeat = timing.group_interval or "", timing.repeat_interval or ""
    if durations.parse(repeat) < durations.parse(group):
        yield document.problem(
            (*place, "repeat_interval"),
            "is shorter than group_interval, so it would have no effect",
            value=f"repeat_interval {repeat}, group_interval {group}",
            allowed="repeat_interval of at least group_interval",
            mend="raise repeat_interval or lower group_interval",
            kind="repeat-below-interval",
        )


def _timing(sources: Sources, document: Document, place: Place, timings: list[Timing]) -> Iterator[Problem]:
    yield from repeats_after_interval(document, place, effective_timing(sources, timings))


def _interval_names(sources: Sources) -> set[str]:
    names = written_names(sources, "time_intervals")
    for native in (sources.settings.native, *(source.catalog.native for source in sources.catalogs)):
        for item in native.time_intervals:
            name = cast("dict[str, object]", item).get("name") if isinstance(item, dict) else None
            names |= {name} if isinstance(name, str) else set()
    return names


def _time_intervals(sources: Sources) -> Iterator[Problem]:
    for source in sources.catalogs:
        for name, definitions in source.catalog.time_intervals.items():
            if not definitions:
                yield source.document.problem(
                    ("time_intervals", name),
                    "is empty, so no moment lies in it",
                    allowed="one or more intervals in Alertmanager's form",
                    mend="write its weekdays and times, or remove it",
                )
            for index, definition in enumerate(definitions):
                yield from interval_problems(source.document, ("time_intervals", name, index), definition)


def interval_problems(document: Document, place: Place, definition: object) -> Iterator[Problem]:
    """What is wrong with one interval definition in Alertmanager's own form."""
    reader = Reader(document.file, document.line)
    parse_interval(reader, definition, place)
    yield from reader.problems


def _maintenance(sources: Sources) -> Iterator[Problem]:
    severities = sources.settings.routing.severities
    for source in sources.catalogs:
        for index, window in enumerate(source.catalog.maintenance):
            place: Place = ("maintenance", index)
            if minute(window.end) - minute(window.start) > _LONGEST:
                yield source.document.problem(
                    place,
                    "lasts longer than a year",
                    value=f"{window.start} to {window.end}",
                    allowed=f"at most {_LONGEST.days} days",
                    mend="correct the dates; what is never told needs no route",
                )
            for field, known in (
                ("services", list(source.catalog.services)),
                ("namespaces", list(source.catalog.namespaces)),
                ("severities", [*severities, ANY]),
            ):
                for name in cast("list[str]", getattr(window, field) or []):
                    if name not in known:
                        yield source.document.problem(
                            (*place, field),
                            f"unknown {field.removesuffix('s') if field != 'severities' else 'severity'}",
                            value=shown(name),
                            allowed=names(known),
                            mend=suggest(name, known),
                        )


def is_muted_by(window: Maintenance, section: str, name: str, severity: str, receiver: Receiver, worst: str) -> bool:
    """Whether a maintenance window covers the alerts of a service or namespace (`section`) of one severity.

    The severity `any` stands for those that the stack does not know. `worst`: the stack's worst one.
    """
    chosen = window.services if section == "services" else window.namespaces
    if window.services is None and window.namespaces is None:
        covered = True
    else:
        covered = chosen is not None and name in chosen
    if window.severities is not None:
        return covered and severity in window.severities
    return covered and severity != worst and not receiver.is_page()


def service_matchers(name: str, service: Service) -> list[matchers.Matcher]:
    """The matchers that an alert of this service satisfies, severity aside."""
    if not service.match:
        return [matchers.Matcher("service", "=", name)]
    return [matchers.parse(text) for text in service.match]
