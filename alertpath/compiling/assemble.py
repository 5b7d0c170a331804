"""A stack's configuration as plain data, not yet validated, with the way back to what people wrote.

The order of the routes, first match wins: a team's or stack's native `routes_before`; Watchdog and InfoInhibitor;
services, each by severity; namespaces, each by severity; native `routes_after`; the root's default receiver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast, final

from alertpath.alertmanager import durations
from alertpath.compiling.audience_routes import AudienceRoutes, one_of
from alertpath.compiling.maintenance import dated
from alertpath.compiling.source_map import Origin, Origins, Part
from alertpath.compiling.summary import NOBODY
from alertpath.documents.places import Place
from alertpath.documents.problems import Problem, shown
from alertpath.documents.yaml_file import Document
from alertpath.inputs.catalog import Native
from alertpath.inputs.fields import EVERY_LABEL
from alertpath.inputs.receivers import integrations
from alertpath.inputs.stack import Stack

TEMPLATES: Final = "/etc/alertmanager/config/*.tmpl"
HEARTBEAT: Final = "heartbeat"
INHIBITION_EQUAL: Final = ("alertname", "service", "namespace")
"""A critical alert silences milder ones that agree on these and on the external labels, however groups are made."""


@final
class Draft:
    """The configuration of a stack: `mapping` is it, `origins` tell where its parts were written."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.origins = Origins()
        self._settings = stack.settings
        labels = self._settings.external_labels
        self._identity = [name for name in ("cluster", "environment") if getattr(labels, name) is not None]
        routes = list(self._routes())
        routing = self._settings.routing
        self.mapping: dict[str, Any] = {
            "global": {"resolve_timeout": self._settings.alertmanager.resolve_timeout},
            "templates": [TEMPLATES],
            "route": {
                "receiver": stack.receiver(routing.default_receiver) if routing.default_receiver else NOBODY,
                "group_by": self._grouping(routing.group_by),
                "group_wait": routing.group_wait,
                "group_interval": routing.group_interval,
                "repeat_interval": routing.repeat_interval,
            },
        }
        self.origins.note(("route",), stack.sources.document, stack.sources.place("routing"))
        for name in ("default_receiver", "group_by", "group_wait", "group_interval", "repeat_interval"):
            self.origins.note(
                ("route", name.removeprefix("default_")), stack.sources.document, stack.sources.place("routing", name)
            )
        self.mapping["route"]["routes"] = self.origins.placed(("route", "routes"), routes)
        self.mapping["inhibit_rules"] = self.origins.placed(("inhibit_rules",), self._inhibit_rules())
        self.mapping["receivers"] = self.origins.placed(("receivers",), self._receivers(self.mapping["route"]))
        self.mapping["time_intervals"] = self.origins.placed(("time_intervals",), self._time_intervals())

    def native_problems(self) -> list[Problem]:
        """What is wrong with native fragments that are no mappings at all."""
        return [
            document.problem(
                (*place, field, index), "is not a mapping", value=shown(item), allowed="Alertmanager's own YAML"
            )
            for document, place, native in self._natives()
            for field in Native.fields()
            for index, item in enumerate(getattr(native, field))
            if not isinstance(item, dict)
        ]

    def _natives(self) -> Iterator[tuple[Document, Place, Native]]:
        yield self._stack.sources.document, self._stack.sources.place("native"), self._settings.native
        for source in self._stack.sources.catalogs:
            yield source.document, ("native",), source.catalog.native

    def _native(self, field: str) -> Iterator[Part]:
        for document, place, native in self._natives():
            for index, item in enumerate(getattr(native, field)):
                if isinstance(item, dict):
                    yield Part(cast("dict[str, Any]", item), Origin(document, (*place, field, index)))

    def _grouping(self, labels: Sequence[str]) -> list[str]:
        if EVERY_LABEL in labels:
            return list(labels)
        return [*labels, *(label for label in self._identity if label not in labels)]

    # --- routes

    def _routes(self) -> Iterator[Part]:
        yield from self._native_routes("routes_before")
        yield self._watchdog()
        here = Origin(self._stack.sources.document, self._stack.sources.place())
        yield Part({"receiver": NOBODY, "matchers": ['alertname="InfoInhibitor"']}, here)
        audiences = AudienceRoutes(self._stack, self._grouping)
        yield from audiences.services()
        yield from audiences.namespaces()
        yield from self._native_routes("routes_after")

    def _native_routes(self, field: str) -> Iterator[Part]:
        for part in self._native(field):
            yield Part(self._to_present(part.data), part.origin)

    def _to_present(self, route: dict[str, Any]) -> dict[str, Any]:
        """`route` with receivers that the stack lacks replaced, as in the words of the catalog."""
        present = dict(route)
        if isinstance(route.get("receiver"), str):
            present["receiver"] = self._stack.receiver(route["receiver"])
        children = route.get("routes")
        if isinstance(children, list):
            below = cast("list[Any]", children)
            present["routes"] = [
                self._to_present(cast("dict[str, Any]", child)) if isinstance(child, dict) else child for child in below
            ]
        return present

    def _watchdog(self) -> Part:
        heartbeat = self._settings.heartbeat
        route: dict[str, Any] = {"receiver": NOBODY, "matchers": ['alertname="Watchdog"']}
        origin = Origin(self._stack.sources.document, self._stack.sources.place("heartbeat"))
        if heartbeat is None:
            return Part(route, origin)
        # A group is looked at every group_interval, and told again if the last time is longer ago than repeat_interval.
        # The last time is noted after sending, so at equal intervals every second look comes a little too early.
        interval = durations.parse(heartbeat.interval)
        timing = {
            "group_by": self._grouping(["alertname"]),
            "group_wait": "0s",
            "group_interval": durations.text(interval // 2),
            "repeat_interval": durations.text(interval * 5 // 6),
        }
        return Part(route | {"receiver": HEARTBEAT} | timing, origin)

    # --- inhibition, receivers, intervals

    def _inhibit_rules(self) -> Iterator[Part]:
        rules = self._settings.routing.inhibit_rules
        place = self._stack.sources.place("routing", "inhibit_rules")
        if rules is None:
            worst, *milder = self._settings.routing.severities
            if milder:
                yield Part(
                    {
                        "source_matchers": [str(one_of("severity", [worst]))],
                        "target_matchers": [str(one_of("severity", milder))],
                        "equal": self._grouping(INHIBITION_EQUAL),
                    },
                    Origin(self._stack.sources.document, place),
                )
        for index, rule in enumerate(rules or []):
            yield Part(rule, Origin(self._stack.sources.document, (*place, index)))
        yield from self._native("inhibit_rules")

    def _receivers(self, root: Mapping[str, Any]) -> Iterator[Part]:
        for index, (name, receiver) in enumerate(self._stack.receivers.items()):
            definition = self._definition(name)
            lists: dict[str, list[dict[str, Any]]] = {}
            for field, config, place in integrations(receiver, lambda name: self._stack.credentials[name].path):
                entries = lists.setdefault(field, [])
                at = ("receivers", index, field, len(entries))
                self.origins.note(at, definition.document, (*definition.place, *place))
                entries.append(config)
            yield Part({"name": name} | lists, definition)
        if self._settings.heartbeat is not None:
            path = self._stack.credentials[self._settings.heartbeat.credential].path
            yield Part({"name": HEARTBEAT, "webhook_configs": [{"send_resolved": False, "url_file": path}]})
        if NOBODY in {root["receiver"], *(route.get("receiver") for route in root["routes"])}:
            yield Part({"name": NOBODY})
        yield from self._native("receivers")

    def _definition(self, name: str) -> Origin:
        sources = self._stack.sources
        if self._settings.receivers.get(name) is None:
            for source in sources.catalogs:
                if name in source.catalog.receivers:
                    return Origin(source.document, ("receivers", name))
        return Origin(sources.document, sources.place("receivers", name))

    def _time_intervals(self) -> Iterator[Part]:
        for source in self._stack.sources.catalogs:
            for name, definitions in source.catalog.time_intervals.items():
                place: Place = ("time_intervals", name)
                data = {"name": name, "time_intervals": definitions}
                yield Part(data, Origin(source.document, place), inner="time_intervals")
            for index, window in enumerate(source.catalog.maintenance):
                intervals = dated(window)
                yield Part(
                    {"name": window.name, "time_intervals": intervals}, Origin(source.document, ("maintenance", index))
                )
        yield from self._native("time_intervals")
