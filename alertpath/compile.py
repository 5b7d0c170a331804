"""From a stack to Alertmanager's configuration: routes, inhibition, receivers, time intervals and templates.

The order of the routes, first match wins: a team's or stack's native `routes_before`; Watchdog and InfoInhibitor;
services, each by severity; namespaces, each by severity; native `routes_after`; the root's default receiver.
A service's routes hold only its own matchers, so adding a service never changes another one's group key.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast, final

from alertpath import alertmanager, durations
from alertpath.catalog import ANY, Audience, Catalog, Maintenance, Native, Target, Timing, minute
from alertpath.consistency.audiences import effective_timing, is_muted_by, service_matchers
from alertpath.fields import EVERY_LABEL, version
from alertpath.matchers import Matcher, regex_of
from alertpath.models import SECRET
from alertpath.overview import NOBODY, routing_overview
from alertpath.problems import InvalidInput, Problem, shown
from alertpath.reading import Reader
from alertpath.receivers import integrations
from alertpath.sources import CatalogSource
from alertpath.stack import Stack
from alertpath.template_faults import template_faults
from alertpath.templates import SHIPPED, templates
from alertpath.yamlfile import Document, Place, dotted

CONFIGURATION: Final = "alertmanager.yaml"
_DEFINED: Final = re.compile(r'\{\{-?\s*define\s+"([^"]+)"')
TEMPLATES: Final = "/etc/alertmanager/config/*.tmpl"
HEARTBEAT: Final = "heartbeat"
# Kubernetes refuses a Secret whose data is larger (core/v1 MaxSecretSize).
INHIBITION_EQUAL: Final = ("alertname", "service", "namespace")
"""A critical alert silences milder ones that agree on these and on the external labels, however groups are made."""
LARGEST: Final = 1024 * 1024
"""Bytes that the configuration and its templates may have together."""


@final
@dataclass(frozen=True)
class Compiled:
    """A stack's configuration.

    `config` is its content, `text` is alertmanager.yaml, `templates` are further keys of the same Secret,
    `routing` says for each class of alerts who is told and when.
    """

    config: alertmanager.Config
    text: str
    templates: Mapping[str, str]
    routing: Mapping[str, str]


@final
@dataclass(frozen=True)
class Traced:
    """A stack's configuration and the way back: `source` gives the document and place that a part of it came from.

    `data` is the configuration as plain data.
    """

    compiled: Compiled
    data: Mapping[str, Any]
    source: Callable[[Place], tuple[Document, Place] | None]


def compile_stack(stack: Stack) -> Compiled:
    """The configuration of `stack`.

    Raises InvalidInput where Alertmanager or the Prometheus Operator, in the stack's versions, would refuse it.
    """
    return trace_stack(stack).compiled


def trace_stack(stack: Stack) -> Traced:
    """As `compile_stack`, with the way back to what people wrote."""
    draft = _Draft(stack)
    problems = draft.native_problems()
    reader = Reader(f"the configuration of {stack.name}")
    config = alertmanager.config_from(reader, draft.mapping)
    versions = stack.settings.versions
    found = reader.problems or alertmanager.validate(
        config, reader.file, version(versions.alertmanager), version(versions.operator)
    )
    problems += [draft.at_its_source(problem) for problem in found]
    problems += [draft.at_its_source(problem) for problem in _relative_files(config, reader.file)]
    files, found = _templates(stack)
    problems += found
    if not problems:
        problems += [draft.at_its_source(problem) for problem in _broken_templates(stack, config, files, reader.file)]
    if problems:
        raise InvalidInput(problems)
    text = alertmanager.dump(config)
    size = sum(len(part.encode()) for part in (text, *files.values()))
    if size > LARGEST:
        raise InvalidInput(
            [
                Problem(
                    stack.sources.document.file,
                    0,
                    "",
                    "the configuration is too large for a Secret",
                    f"{size / LARGEST:.1f} MiB",
                    "at most 1 MiB with its templates",
                    "share receivers, use fewer routes, or split the teams over several Alertmanagers",
                )
            ]
        )
    return Traced(Compiled(config, text, files, routing_overview(config)), draft.mapping, draft.source)


def _broken_templates(
    stack: Stack, config: alertmanager.Config, files: Mapping[str, str], file: str
) -> Iterator[Problem]:
    allowed = "templates that Go compiles, and names that a template file or Alertmanager itself defines"
    own = {name: text for name, text in files.items() if name not in SHIPPED}
    defined = [name for text in files.values() for name in _DEFINED.findall(text)]
    for fault in template_faults(config, own, version(stack.settings.versions.alertmanager), defined):
        if fault.file:
            yield Problem(fault.file, fault.line, "", fault.message, allowed=allowed, mend=fault.mend)
        else:
            yield Problem(file, 0, dotted(fault.place), fault.message, shown(fault.text), allowed, fault.mend)


def _relative_files(config: alertmanager.Config, file: str) -> Iterator[Problem]:
    for place, path in alertmanager.files(config):
        if not path.startswith("/"):
            yield Problem(
                file,
                0,
                dotted(place),
                "is not the absolute path of a file",
                SECRET,
                "the path of a mounted file: /etc/alertmanager/secrets/SECRET/KEY",
                "if it is the credential itself, replace it at its service and store the new one in a Secret",
            )


@final
@dataclass(frozen=True)
class _Origin:
    """Where a part of the configuration was written."""

    document: Document
    place: Place


class _Draft:
    """The configuration as a plain mapping, and the origin of each of its parts by their place in it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.origins: dict[str, _Origin] = {}
        self.settings = stack.settings
        labels = self.settings.external_labels
        self.identity = [name for name in ("cluster", "environment") if getattr(labels, name) is not None]
        routes = list(self._routes())
        routing = self.settings.routing
        self.mapping: dict[str, Any] = {
            "global": {"resolve_timeout": self.settings.alertmanager.resolve_timeout},
            "templates": [TEMPLATES],
            "route": {
                "receiver": stack.receiver(routing.default_receiver) if routing.default_receiver else NOBODY,
                "group_by": self._grouping(routing.group_by),
                "group_wait": routing.group_wait,
                "group_interval": routing.group_interval,
                "repeat_interval": routing.repeat_interval,
            },
        }
        for name in ("default_receiver", "group_by", "group_wait", "group_interval", "repeat_interval"):
            self._came(
                ("route", name.removeprefix("default_")), stack.sources.document, stack.sources.place("routing", name)
            )
        self.mapping["route"]["routes"] = self._placed(("route", "routes"), routes)
        self.mapping["inhibit_rules"] = self._placed(("inhibit_rules",), self._inhibit_rules())
        self.mapping["receivers"] = self._placed(("receivers",), self._receivers(self.mapping["route"]))
        self.mapping["time_intervals"] = self._placed(("time_intervals",), self._time_intervals())

    def native_problems(self) -> list[Problem]:
        """What is wrong with native fragments that are no mappings at all."""
        return [
            document.problem(
                (*place, field, index), "is not a mapping", value=shown(item), allowed="Alertmanager's own YAML"
            )
            for document, place, native in self._natives()
            for field in Native.model_fields
            for index, item in enumerate(getattr(native, field))
            if not isinstance(item, dict)
        ]

    def at_its_source(self, problem: Problem) -> Problem:
        """`problem` of the configuration, told of the place in the input that caused it."""
        prefix = problem.path
        while prefix:
            origin = self.origins.get(prefix)
            if origin is not None:
                rest = problem.path[len(prefix) :]
                return replace(
                    problem,
                    file=origin.document.file,
                    line=origin.document.line(origin.place),
                    path=dotted(origin.place) + rest,
                )
            prefix = (
                prefix[: max(prefix.rfind("."), prefix.rfind("["))]
                if max(prefix.rfind("."), prefix.rfind("[")) > 0
                else ""
            )
        return problem

    def source(self, place: Place) -> tuple[Document, Place] | None:
        """The document and place that the part of the configuration at `place` was written at; None: nowhere."""
        for length in range(len(place), 0, -1):
            if origin := self.origins.get(dotted(place[:length])):
                return origin.document, (*origin.place, *place[length:])
        return None

    def _came(self, at: Place, document: Document, place: Place) -> None:
        self.origins[dotted(at)] = _Origin(document, place)

    def _placed(self, at: Place, items: Iterable[tuple[dict[str, Any], _Origin | None]]) -> list[dict[str, Any]]:
        placed: list[dict[str, Any]] = []
        for index, (item, origin) in enumerate(items):
            if origin is not None:
                self._came((*at, index), origin.document, origin.place)
            placed.append(item)
        return placed

    def _natives(self) -> Iterator[tuple[Document, Place, Native]]:
        yield self.stack.sources.document, self.stack.sources.place("native"), self.settings.native
        for source in self.stack.sources.catalogs:
            yield source.document, ("native",), source.catalog.native

    def _native(self, field: str) -> Iterator[tuple[dict[str, Any], _Origin]]:
        for document, place, native in self._natives():
            for index, item in enumerate(getattr(native, field)):
                if isinstance(item, dict):
                    yield item, _Origin(document, (*place, field, index))

    def _grouping(self, labels: Sequence[str]) -> list[str]:
        if EVERY_LABEL in labels:
            return list(labels)
        return [*labels, *(label for label in self.identity if label not in labels)]

    # --- routes

    def _routes(self) -> Iterator[tuple[dict[str, Any], _Origin | None]]:
        yield from self._native_routes("routes_before")
        yield self._watchdog()
        yield {"receiver": NOBODY, "matchers": ['alertname="InfoInhibitor"']}, None
        sources = sorted(self.stack.sources.catalogs, key=lambda source: source.catalog.team)
        for source in sources:
            for name, service in source.catalog.services.items():
                yield from self._audience(source, "services", name, service, service_matchers(name, service))
        for source in sources:
            for name, audience in source.catalog.namespaces.items():
                yield from self._audience(source, "namespaces", name, audience, [Matcher("namespace", "=", name)])
        yield from self._native_routes("routes_after")

    def _native_routes(self, field: str) -> Iterator[tuple[dict[str, Any], _Origin]]:
        for route, origin in self._native(field):
            yield self._to_present(route), origin

    def _to_present(self, route: dict[str, Any]) -> dict[str, Any]:
        """`route` with receivers that the stack lacks replaced, as in the words of the catalog."""
        present = dict(route)
        if isinstance(route.get("receiver"), str):
            present["receiver"] = self.stack.receiver(route["receiver"])
        children = route.get("routes")
        if isinstance(children, list):
            below = cast("list[Any]", children)
            present["routes"] = [
                self._to_present(cast("dict[str, Any]", child)) if isinstance(child, dict) else child for child in below
            ]
        return present

    def _watchdog(self) -> tuple[dict[str, Any], _Origin | None]:
        heartbeat = self.settings.heartbeat
        route: dict[str, Any] = {"receiver": NOBODY, "matchers": ['alertname="Watchdog"']}
        if heartbeat is None:
            return route, None
        # A group is looked at every group_interval, and told again if the last time is longer ago than repeat_interval.
        # The last time is noted after sending, so at equal intervals every second look comes a little too early.
        interval = durations.parse(heartbeat.interval)
        timing = {
            "group_by": self._grouping(["alertname"]),
            "group_wait": "0s",
            "group_interval": durations.text(interval // 2),
            "repeat_interval": durations.text(interval * 5 // 6),
        }
        origin = _Origin(self.stack.sources.document, self.stack.sources.place("heartbeat"))
        return route | {"receiver": HEARTBEAT} | timing, origin

    def _audience(
        self, source: CatalogSource, section: str, name: str, audience: Audience, matchers: list[Matcher]
    ) -> Iterator[tuple[dict[str, Any], _Origin | None]]:
        """The routes of a service or namespace: severities that fare alike share one, `any` comes last.

        A severity that `any` takes has a route of its own only where a window or the team's timing sets it apart.
        """
        targets = dict(audience.targets())
        shared: list[tuple[dict[str, Any], list[str]]] = []
        for severity in (*self.settings.routing.severities, ANY):
            if (target := targets.get(severity) or targets.get(ANY)) is None:
                continue
            told = self._told(source.catalog, section, name, severity, target)
            if severity not in targets and told == self._told(source.catalog, section, name, ANY, target):
                continue
            same = next((group for known, group in shared if known == told and severity != ANY), None)
            if same is None:
                shared.append((told, [severity]))
            else:
                same.append(severity)
        for told, group in shared:
            every = [*matchers]
            if group != [ANY]:
                every.append(severity_matcher(group))
            place = (section, name, group[0] if group[0] in targets else ANY)
            yield {**told, "matchers": list(map(str, every))}, _Origin(source.document, place)

    def _told(self, catalog: Catalog, section: str, name: str, severity: str, target: Target) -> dict[str, Any]:
        """A route without its matchers: what is not said here is inherited from the root."""
        receiver = self.stack.receiver(target.to)
        route: dict[str, Any] = {"receiver": receiver}
        inherited = self.settings.routing.timing()
        # A team's timing is that of its services; any other application of a namespace waits as the root says.
        team = catalog.timing.get(severity, Timing()) if section == "services" else Timing()
        timing = effective_timing(self.stack.sources, [target, team])
        for field in Timing.model_fields:
            if (value := getattr(timing, field)) != getattr(inherited, field):
                route[field] = self._grouping(value) if field == "group_by" else value
        mutes = [
            *target.mute_time_intervals,
            *(
                window.name
                for window in catalog.maintenance
                if is_muted_by(window, section, name, severity, self.stack.receivers[receiver])
            ),
        ]
        if mutes:
            route["mute_time_intervals"] = mutes
        if target.active_time_intervals:
            route["active_time_intervals"] = list(target.active_time_intervals)
        return route

    # --- inhibition, receivers, intervals

    def _inhibit_rules(self) -> Iterator[tuple[dict[str, Any], _Origin | None]]:
        rules = self.settings.routing.inhibit_rules
        place = self.stack.sources.place("routing", "inhibit_rules")
        if rules is None:
            worst, *milder = self.settings.routing.severities
            if milder:
                yield (
                    {
                        "source_matchers": [str(severity_matcher([worst]))],
                        "target_matchers": [str(severity_matcher(milder))],
                        "equal": self._grouping(INHIBITION_EQUAL),
                    },
                    None,
                )
        for index, rule in enumerate(rules or []):
            yield rule, _Origin(self.stack.sources.document, (*place, index))
        yield from self._native("inhibit_rules")

    def _receivers(self, root: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], _Origin | None]]:
        for name, receiver in self.stack.receivers.items():
            lists = integrations(receiver, lambda credential: self.stack.credentials[credential].path)
            yield {"name": name} | lists, self._definition(name)
        if self.settings.heartbeat is not None:
            path = self.stack.credentials[self.settings.heartbeat.credential].path
            yield {"name": HEARTBEAT, "webhook_configs": [{"send_resolved": False, "url_file": path}]}, None
        if NOBODY in {root["receiver"], *(route.get("receiver") for route in root["routes"])}:
            yield {"name": NOBODY}, None
        yield from self._native("receivers")

    def _definition(self, name: str) -> _Origin:
        sources = self.stack.sources
        if self.settings.receivers.get(name) is None:
            for source in sources.catalogs:
                if name in source.catalog.receivers:
                    return _Origin(source.document, ("receivers", name))
        return _Origin(sources.document, sources.place("receivers", name))

    def _time_intervals(self) -> Iterator[tuple[dict[str, Any], _Origin | None]]:
        for source in self.stack.sources.catalogs:
            for name, definitions in source.catalog.time_intervals.items():
                yield {"name": name, "time_intervals": definitions}, _Origin(source.document, ("time_intervals", name))
            for index, window in enumerate(source.catalog.maintenance):
                yield (
                    {"name": window.name, "time_intervals": dated(window)},
                    _Origin(source.document, ("maintenance", index)),
                )
        yield from self._native("time_intervals")


def severity_matcher(severities: Sequence[str]) -> Matcher:
    """Takes the alerts of these severities."""
    if len(severities) == 1:
        return Matcher("severity", "=", severities[0])
    return Matcher("severity", "=~", "|".join(map(regex_of, severities)))


def dated(window: Maintenance) -> list[dict[str, Any]]:
    """A dated window in Alertmanager's terms, which know times of day only: first day, whole days between, last day.

    The times are those on the clock of the window's location, daylight saving included.
    """
    start, end = minute(window.start), minute(window.end)
    intervals: list[dict[str, Any]] = []
    day = start.date()
    while (midnight := datetime.datetime.combine(day, datetime.time())) < end:
        first = max(start, midnight)
        next_day = midnight + datetime.timedelta(days=1)
        times = []
        if first > midnight or end < next_day:
            last = "24:00" if end >= next_day else f"{end:%H:%M}"
            times = [{"start_time": f"{first:%H:%M}", "end_time": last}]
        intervals.append(_on_day(day, times, window.location))
        day = next_day.date()
    return _joined(intervals)


def _on_day(day: datetime.date, times: list[dict[str, str]], location: str) -> dict[str, Any]:
    limit: dict[str, Any] = {"times": times} if times else {}
    return limit | {
        "days_of_month": [str(day.day)],
        "months": [str(day.month)],
        "years": [str(day.year)],
        "location": location,
    }


def _joined(intervals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whole days of one month that follow each other as one interval, so that a long window stays short."""
    joined: list[dict[str, Any]] = []
    for interval in intervals:
        last = joined[-1] if joined else None
        alike = ("months", "years")
        if last and "times" not in last and "times" not in interval and all(last[f] == interval[f] for f in alike):
            first_day = last["days_of_month"][0].split(":")[0]
            last["days_of_month"] = [f"{first_day}:{interval['days_of_month'][0]}"]
        else:
            joined.append(dict(interval))
    return joined


def _templates(stack: Stack) -> tuple[dict[str, str], list[Problem]]:
    """The templates that ship with the configuration, and the stack's own files."""
    labels = stack.settings.external_labels
    files = templates(stack.settings.alertmanager.external_url, labels.cluster, labels.environment)
    problems: list[Problem] = []
    for index, entry in enumerate(stack.settings.alertmanager.templates):
        path = stack.directory / entry
        place = stack.sources.place("alertmanager", "templates", index)

        def complain(message: str, place: Place = place, entry: str = entry) -> None:
            problems.append(
                stack.sources.document.problem(
                    place,
                    message,
                    value=shown(entry),
                    allowed="a readable file NAME.tmpl in UTF-8, relative to the stack's file, each name once",
                    mend="correct the path",
                )
            )

        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            complain("no template can be read there")
            continue
        if path.suffix != ".tmpl" or path.name in files:
            complain("this name cannot be used" if path.suffix != ".tmpl" else "a template of this name exists already")
            continue
        files[path.name] = text
    return files, problems
