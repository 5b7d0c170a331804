"""AlertmanagerConfigs as the Prometheus Operator adds them to a configuration: names, namespaces, order.

`generated` takes what `kubectl get` gives and returns the data of Alertmanager's YAML, with the place where each part
was written. What a Secret holds is not known: `FromSecret` stands for it.
Source: prometheus-operator 0.94, pkg/alertmanager/amcfg.go, operator.go and validation/v1alpha1; its API 0.95.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast, final

from alertpath.alertmanager import durations, urls
from alertpath.alertmanager.resource_fields import INTEGRATIONS, PARTS, STRATEGIES, Part, Strategy
from alertpath.alertmanager.time_intervals import MONTHS, WEEKDAYS
from alertpath.documents.go_yaml import FromSecret, Reader
from alertpath.documents.manifests import Manifest, selects
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem, did_you_mean, shown

Data = Mapping[str, object]
CONFIG: Final = "AlertmanagerConfig"
ALERTMANAGER: Final = "Alertmanager"
KINDS: Final = (CONFIG, ALERTMANAGER, "Namespace")
"""The kinds of objects that matter here."""
DEFAULT: Final[Data] = {"route": {"receiver": "null"}, "receivers": [{"name": "null"}]}
"""What the operator takes where there is no Secret with a configuration."""

_TLS_ASSETS: Final = "/etc/alertmanager/certs/"
_TEMPLATES: Final = "/etc/alertmanager/templates/"
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_ROUTE: Final = (
    "receiver", "groupBy", "groupWait", "groupInterval", "repeatInterval", "matchers", "continue", "routes",
    "muteTimeIntervals", "activeTimeIntervals", "labels",
)  # fmt: skip
_PERIOD: Final = ("times", "weekdays", "daysOfMonth", "months", "years")
_OPERATORS: Final = ("=", "!=", "=~", "!~")
# What the operator checks as a URL or a template although Alertmanager does not.
_LINKS: Final = frozenset(
    [
        *(("pagerduty_configs", "clientURL"), ("pagerduty_image", "href"), ("pagerduty_link", "href")),
        *(("pushover_configs", "url"), ("sns_configs", "apiURL"), ("rocketchat_action", "url")),
        ("webhook_configs", "url"),
        *(("rocketchat_configs", f"{name}URL") for name in ("icon", "image", "thumb")),
    ]
)
_NEEDED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "pagerduty_configs": (("routingKey", "serviceKey"),),
    "pushover_configs": (("userKey",), ("token",)),
    "telegram_configs": (("botToken", "botTokenFile"),),
    "webhook_configs": (("url", "urlSecret"),),
}
"""One of each group, where Alertmanager would also take a file or a global setting."""


@final
@dataclass(frozen=True, slots=True)
class Generated:
    """What the operator gives to Alertmanager. `first` of the routes below the root are AlertmanagerConfigs'.

    `spots`: where the parts stand that AlertmanagerConfigs have said. `default`: the rest is the operator's default
    configuration. `notes`: what was left out, in words.
    """

    data: Data
    spots: Mapping[Place, Spot]
    first: int
    default: bool
    notes: tuple[str, ...] = ()

    def unwritten(self, place: Place) -> bool:
        """Whether nobody has written the part at `place`, but the operator has put it there."""
        if place[:2] == ("route", "routes") and len(place) == 4:
            return cast("int", place[2]) < self.first and place[3] == "continue"
        return self.default and (place[:2] == ("receivers", 0) or (place[0] == "route" and place[1:2] != ("routes",)))

    def spot(self, place: Place, base: Callable[[Place], Spot]) -> Spot:
        """Where the part at `place` was written; `base` knows it for the configuration that was there before."""
        for length in range(len(place), 0, -1):
            if (found := self.spots.get(place[:length])) is not None:
                return found
        if place[:2] == ("route", "routes") and len(place) > 2 and isinstance(place[2], int):
            return base((*place[:2], place[2] - self.first, *place[3:]))
        return base(place)


def generated(
    base: Data | None, objects: Sequence[Manifest], strategy: Strategy | None = None, namespace: str = ""
) -> Generated:
    """The configuration that the operator makes of `base`, its Secret's, and these objects, an Alertmanager among them
    or not.

    `base` None: there is no such Secret. `strategy`: that of the Alertmanager, if there is none among the objects.
    `namespace`: that of the Alertmanager, and of objects that do not say theirs. Raises InvalidInput: the operator
    would leave an object out, or refuse all of it.
    """
    owner = _owner(objects)
    about = _Alertmanager(owner, strategy, namespace)
    problems = list(about.reader.problems)
    parts: list[_Translated] = []
    main: _Translated | None = None
    notes: list[str] = []
    for config, key in _in_order(objects, namespace, problems):
        if about.main and key == (about.namespace, about.main):
            main = _Translated(config, key, None)
            problems += main.reader.problems
        elif (why := about.leaves_out(config, key, objects)) is not None:
            notes.append(f"{config.file}: AlertmanagerConfig {'/'.join(key)} is left out: {why}")
        else:
            parts.append(_Translated(config, key, about.enforced(key)))
            problems += parts[-1].reader.problems
    if about.main and main is None:
        at = about.spot("alertmanagerConfiguration", "name")
        problems.append(Problem(at, "this AlertmanagerConfig is not given", value=shown(about.main)))
    if problems:
        raise InvalidInput(problems)
    return _joined(base, main, parts, about, notes)


def _owner(objects: Sequence[Manifest]) -> Manifest | None:
    owners = [each for each in objects if each.kind == ALERTMANAGER]
    if len(owners) > 1:
        message = f"{len(owners)} Alertmanagers are given: {', '.join(shown(each.name) for each in owners)}"
        raise InvalidInput([Problem(Spot(owners[1].file, owners[1].line(())), message, allowed="one of them")])
    return owners[0] if owners else None


def _in_order(
    objects: Sequence[Manifest], namespace: str, problems: list[Problem]
) -> list[tuple[Manifest, tuple[str, str]]]:
    # By NAMESPACE/NAME, as the operator sorts them; an object that is given again counts instead of the first.
    found: dict[str, tuple[Manifest, tuple[str, str]]] = {}
    for each in objects:
        if each.kind != CONFIG:
            continue
        at = Spot(each.file, each.line(("metadata",)), ("metadata",))
        if not each.name:
            problems.append(Problem(at, "`name` is missing", mend="add `name`"))
        key = (each.namespace or namespace, each.name)
        if not key[0]:
            mend = "write it, or run with --namespace NAME: kubectl takes the namespace of its context"
            problems.append(Problem(at, "`namespace` is missing, by which its routes are limited", mend=mend))
        if "/".join(key) in found:
            problems.append(Problem(at, "this object is given twice", value="/".join(key), mend="give it once"))
        found["/".join(key)] = (each, key)
    return [found[name] for name in sorted(found)]


@final
class _Alertmanager:
    # What the Alertmanager object, or the command line, says of the AlertmanagerConfigs.
    def __init__(self, owner: Manifest | None, strategy: Strategy | None, namespace: str) -> None:
        self.owner: Final = owner
        self.reader: Final = Reader(owner.file, owner.line) if owner else Reader("")
        self.namespace: Final = (owner.namespace if owner else "") or namespace
        spec = _below(owner.data if owner else {}, "spec")
        self.spec: Final = spec
        given = _below(spec, "alertmanagerConfigMatcherStrategy").get("type") or strategy or "OnNamespace"
        if given not in STRATEGIES:
            place = ("spec", "alertmanagerConfigMatcherStrategy", "type")
            self.reader.complain(place, "is no such strategy", value=shown(given), allowed=", ".join(STRATEGIES))
        self._strategy: Final = given
        self.configuration: Final = _below(spec, "alertmanagerConfiguration")
        self.main: Final = str(self.configuration.get("name", "")) if self.configuration else ""

    def spot(self, *place: str) -> Spot:
        """Where a field of its specification stands."""
        where = ("spec", *place)
        return Spot(self.owner.file, self.owner.line(where), where) if self.owner else Spot("", 0, where)

    def enforced(self, key: tuple[str, str]) -> str | None:
        """The namespace that alerts must have for the object; None: any."""
        if self._strategy == "None":
            return None
        own = self._strategy == "OnNamespaceExceptForAlertmanagerNamespace" and key[0] == self.namespace
        return None if own else key[0]

    def leaves_out(self, config: Manifest, key: tuple[str, str], objects: Sequence[Manifest]) -> str | None:
        """Why the selectors of the Alertmanager do not select it; None: they do."""
        if self.owner is None:
            return None
        selector = self.spec.get("alertmanagerConfigSelector")
        if selector is None:
            return "the Alertmanager has no alertmanagerConfigSelector"
        if not selects(selector, config.labels):
            return "alertmanagerConfigSelector does not select its labels"
        namespaces = self.spec.get("alertmanagerConfigNamespaceSelector")
        if namespaces is None:
            return None if key[0] == self.namespace else "only the Alertmanager's namespace is selected"
        labels = {"kubernetes.io/metadata.name": key[0]}
        for each in objects:
            if each.kind == "Namespace" and each.name == key[0]:
                labels |= each.labels
        if selects(namespaces, labels):
            return None
        return f"alertmanagerConfigNamespaceSelector does not select the namespace {key[0]}, of which {labels} is known"


def _joined(
    base: Data | None, main: _Translated | None, parts: list[_Translated], about: _Alertmanager, notes: list[str]
) -> Generated:
    spots: dict[Place, Spot] = {}
    first = sum(part.route is not None for part in parts)
    if main is not None:
        data = _main(main, about, spots, first)
    else:
        data = dict(base if base is not None else DEFAULT)
        if base is None:
            spots |= dict.fromkeys((("route",), ("receivers", 0)), Spot("(the operator's default configuration)"))
    root = dict(_below(data, "route"))
    routes = [part.route for part in parts if part.route is not None]
    root["routes"] = [*routes, *_list(root, "routes")]
    at = 0
    lists = {key: _list(data, key) for key in ("receivers", "inhibit_rules", "time_intervals")}
    for part in parts:
        part.place_lists(lists, spots)
        if part.route is not None:
            part.place(("route",), ("route", "routes", at), spots)
            at += 1
    data["route"] = root
    data |= {key: found for key, found in lists.items() if found}
    return Generated(data, spots, first, base is None and main is None, tuple(notes))


def _main(main: _Translated, about: _Alertmanager, spots: dict[Place, Spot], first: int) -> dict[str, object]:
    data: dict[str, object] = {"route": main.root or {}}
    reader = about.reader
    place = ("spec", "alertmanagerConfiguration", "global")
    settings = _Objects(reader, about.namespace, {}).read(about.configuration.get("global"), place, "global", ())
    flat: dict[str, object] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping) and key != "http_config":
            flat |= {f"{key}_{below}": part for below, part in cast("Data", value).items()}
        else:
            flat[key] = value
    if reader.problems:
        raise InvalidInput(reader.problems)
    if flat:
        data["global"] = flat
        spots[("global",)] = about.spot("alertmanagerConfiguration", "global")
    names = [
        str(_below(entry, source)["key"])
        for entry in cast("Sequence[Data]", _list(about.configuration, "templates"))
        for source in ("configMap", "secret")
        if "key" in _below(entry, source)
    ]
    if names:
        data["templates"] = [f"{_TEMPLATES}{name}" for name in names]
    lists: dict[str, list[object]] = {key: [] for key in ("receivers", "inhibit_rules", "time_intervals")}
    main.place_lists(lists, spots)
    for place_, spot in main.spots.items():
        if place_[0] == "route":
            moved = (*place_[:2], cast("int", place_[2]) + first, *place_[3:]) if len(place_) > 2 else place_
            spots[moved] = spot
    return data | {key: found for key, found in lists.items() if found}


def _below(data: object, key: str) -> Data:
    found = cast("Data", data).get(key) if isinstance(data, Mapping) else None
    return cast("Data", found) if isinstance(found, Mapping) else {}


def _list(data: Data, key: str) -> list[object]:
    found = data.get(key)
    return list(cast("Sequence[object]", found)) if isinstance(found, list | tuple) else []


@final
class _Translated:
    """One AlertmanagerConfig in Alertmanager's words. `root`: its route as it stands, `route`: as one below the root.

    `spots`: where its parts stand; `reader` has its mistakes. `namespace`: what alerts must have; None: any.
    """

    def __init__(self, config: Manifest, key: tuple[str, str], namespace: str | None) -> None:
        self.reader: Final = Reader(config.file, config.line)
        self.spots: Final[dict[Place, Spot]] = {}
        self._prefix: Final = "/".join((*key, ""))
        self._newer: Final = str(config.data.get("apiVersion", "")).endswith("/v1beta1")
        self._namespace: Final = namespace
        self._objects: Final = _Objects(self.reader, key[0], self.spots)
        self._intervals: Final = "timeIntervals" if self._newer else "muteTimeIntervals"
        known = ("route", "receivers", "inhibitRules", self._intervals)
        spec = self.reader.mapping(config.data.get("spec"), ("spec",), known)
        self.receivers: Final = list(self._receivers(spec.get("receivers")))
        self.intervals: Final = list(self._time_intervals(spec.get(self._intervals)))
        self.rules: Final = list(self._inhibit_rules(spec.get("inhibitRules")))
        self._names: Final = [str(one["name"]).removeprefix(self._prefix) for one in self.receivers]
        self._known: Final = self._interval_names(spec.get(self._intervals))
        self.root: Final = (
            self._route(spec["route"], ("spec", "route"), ("route",), top=True) if "route" in spec else None
        )
        self.route: Final = self.root and self._enforced(self.root)
        if self.root is None:
            self.receivers.clear()
            self.intervals.clear()

    def place_lists(self, lists: dict[str, list[object]], spots: dict[Place, Spot]) -> None:
        """Appends its receivers, rules and intervals to those of the configuration."""
        own = {"receivers": self.receivers, "inhibit_rules": self.rules, "time_intervals": self.intervals}
        for key, parts in own.items():
            for index, part in enumerate(parts):
                self.place((key, index), (key, len(lists[key])), spots)
                lists[key].append(part)

    def place(self, own: Place, there: Place, spots: dict[Place, Spot]) -> None:
        """Says of the part at `own` that it stands at `there` in the configuration."""
        depth = len(own)
        for place, spot in self.spots.items():
            if place[:depth] == own:
                spots[(*there, *place[depth:])] = spot

    def _mark(self, there: Place, place: Place) -> None:
        self.spots[there] = Spot(self.reader.file, self.reader.line(place), place)

    def _named(self, name: str) -> str:
        return f"{self._prefix}{name}" if name else ""

    def _receivers(self, data: object) -> Iterator[dict[str, object]]:
        names: list[str] = []
        for index, entry in enumerate(self.reader.items(data, ("spec", "receivers"))):
            place, there = ("spec", "receivers", index), ("receivers", index)
            self._mark(there, place)
            given = self.reader.mapping(entry, place, ("name", *INTEGRATIONS))
            name = self.reader.text(given.get("name"), (*place, "name"))
            if not name:
                self.reader.complain(place, "`name` is missing", mend="add `name`")
            if name in names:
                self.reader.complain((*place, "name"), "another receiver has this name", value=shown(name))
            names.append(name)
            found: dict[str, object] = {"name": self._named(name)}
            for key, integration in INTEGRATIONS.items():
                entries = [
                    self._objects.read(each, (*place, key, at), integration, (*there, integration, at))
                    for at, each in enumerate(self.reader.items(given.get(key), (*place, key)))
                ]
                if entries:
                    found[integration] = entries
            yield found

    def _matchers(self, data: object, place: Place) -> list[str]:
        found: list[str] = []
        known = ("name", "value", "matchType") if self._newer else ("name", "value", "matchType", "regex")
        for index, entry in enumerate(self.reader.items(data, place)):
            at = (*place, index)
            given = self.reader.mapping(entry, at, known)
            name, value, kind = (self.reader.text(given[key], (*at, key)) if key in given else "" for key in known[:3])
            regex = self.reader.boolean(given["regex"], (*at, "regex")) if "regex" in given else False
            if kind and kind not in _OPERATORS:
                allowed = ", ".join(_OPERATORS)
                self.reader.complain((*at, "matchType"), "is no kind of match", value=shown(kind), allowed=allowed)
            if not name.strip():
                self.reader.complain(at, "`name` is missing", mend="add `name`")
            found.append(_matcher(name, kind or ("=~" if regex else "="), value))
        return found

    def _route(self, data: object, place: Place, there: Place, *, top: bool = False) -> dict[str, object]:
        self._mark(there, place)
        reader = self.reader
        given = reader.mapping(data, place, _ROUTE)

        def texts(key: str) -> list[str]:
            return list(reader.texts(given.get(key), (*place, key)))

        found: dict[str, object] = {}
        receiver = reader.text(given.get("receiver"), (*place, "receiver"))
        if receiver:
            self._is_defined(receiver, self._names, (*place, "receiver"), "receiver")
            found["receiver"] = self._named(receiver)
        elif top:
            reader.complain(place, "`receiver` is missing", mend="add `receiver`")
        group_by = texts("groupBy")
        if len(set(group_by)) < len(group_by):
            reader.complain((*place, "groupBy"), "names a label twice", mend="name each once")
        elif "..." in group_by and len(group_by) > 1:
            reader.complain((*place, "groupBy"), "has other labels beside '...', which means all")
        if group_by:
            found["group_by"] = group_by
        for key, name in (
            ("groupWait", "group_wait"),
            ("groupInterval", "group_interval"),
            ("repeatInterval", "repeat_interval"),
        ):
            text = reader.text(given.get(key), (*place, key))
            length = reader.parsed(text, (*place, key), durations.parse, 0) if text else 0
            if text and (length or name == "group_wait"):
                found[name] = text
            self._mark((*there, name), (*place, key))
        if matchers := self._matchers(given.get("matchers"), (*place, "matchers")):
            found["matchers"] = matchers
            self._mark((*there, "matchers"), (*place, "matchers"))
        if "continue" in given and reader.boolean(given["continue"], (*place, "continue")):
            found["continue"] = True
        for key, name in (
            ("muteTimeIntervals", "mute_time_intervals"),
            ("activeTimeIntervals", "active_time_intervals"),
        ):
            names = texts(key)
            for index, one in enumerate(names):
                self._is_defined(one, self._known, (*place, key, index), "time interval")
            if names:
                found[name] = list(map(self._named, names))
        if labels := self._objects.pairs(given.get("labels"), (*place, "labels")):
            found["labels"] = labels
        below = reader.items(given.get("routes"), (*place, "routes"), nulls=True)
        if below:
            found["routes"] = [
                self._route(entry, (*place, "routes", at), (*there, "routes", at)) for at, entry in enumerate(below)
            ]
        return found

    def _is_defined(self, name: str, known: Sequence[str], place: Place, what: str) -> None:
        if name not in known:
            allowed = ", ".join(known) or f"a {what} of this object"
            mend = did_you_mean(name, known) or f"define the {what} in this object: others are not seen from here"
            self.reader.complain(place, f"this {what} is not defined", value=shown(name), allowed=allowed, mend=mend)

    def _enforced(self, route: dict[str, object]) -> dict[str, object]:
        limit = [] if self._namespace is None else [_matcher("namespace", "=", self._namespace)]
        matchers = [*_list(route, "matchers"), *limit]
        return {**route, **({"matchers": matchers} if matchers else {}), "continue": True}

    def _inhibit_rules(self, data: object) -> Iterator[dict[str, object]]:
        for index, entry in enumerate(self.reader.items(data, ("spec", "inhibitRules"))):
            place = ("spec", "inhibitRules", index)
            self._mark(("inhibit_rules", index), place)
            given = self.reader.mapping(entry, place, ("sourceMatch", "targetMatch", "equal"))
            found: dict[str, object] = {}
            for key, name in (("sourceMatch", "source_matchers"), ("targetMatch", "target_matchers")):
                matchers = self._matchers(given.get(key), (*place, key))
                if self._namespace is not None:
                    limit = _matcher("namespace", "=", self._namespace)
                    if limit.replace(" ", "") not in (one.replace(" ", "") for one in matchers):
                        matchers.append(limit)
                if matchers:
                    found[name] = matchers
            if equal := list(self.reader.texts(given.get("equal"), (*place, "equal"))):
                found["equal"] = equal
            yield found

    def _interval_names(self, data: object) -> list[str]:
        entries = cast("list[object]", data) if isinstance(data, list) else []
        return [str(cast("Data", each).get("name", "")) for each in entries if isinstance(each, Mapping)]

    def _time_intervals(self, data: object) -> Iterator[dict[str, object]]:
        for index, entry in enumerate(self.reader.items(data, ("spec", self._intervals))):
            place = ("spec", self._intervals, index)
            self._mark(("time_intervals", index), place)
            given = self.reader.mapping(entry, place, ("name", "timeIntervals"))
            name = self.reader.text(given.get("name"), (*place, "name"))
            if not name:
                self.reader.complain(place, "`name` is missing", mend="add `name`")
            at = (*place, "timeIntervals")
            periods = self.reader.items(given.get("timeIntervals"), at)
            if not periods:
                # The operator gives it no name then, and Alertmanager refuses the configuration.
                self.reader.complain(at, "is an empty list", allowed="at least one entry")
            yield {
                "name": self._named(name),
                "time_intervals": [_period(self.reader, one, (*at, number)) for number, one in enumerate(periods)],
            }


def _matcher(name: str, kind: str, value: str) -> str:
    written = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    return f'{name}{kind}"{written}"'


def _period(reader: Reader, data: object, place: Place) -> dict[str, object]:
    given = reader.mapping(data, place, _PERIOD)
    found: dict[str, object] = {}
    times: list[object] = []
    for index, entry in enumerate(reader.items(given.get("times"), (*place, "times"))):
        at = (*place, "times", index)
        span = reader.mapping(entry, at, ("startTime", "endTime"))
        start, end = (reader.text(span.get(key), (*at, key)) for key in ("startTime", "endTime"))
        if not all(map(_CLOCK.fullmatch, (start, end))) or start >= end:
            allowed = "startTime and endTime as HH:MM, 24:00 at most, the end after the start"
            reader.complain(at, "is no span of time", value=f"{start}-{end}", allowed=allowed)
        times.append({"start_time": start, "end_time": end})
    if times:
        found["times"] = times
    for key, name, number in (
        ("weekdays", "weekdays", _weekday),
        ("months", "months", _month),
        ("years", "years", _whole),
    ):
        entries = reader.texts(given.get(key), (*place, key))
        if entries:
            spans = [_span(reader, one, (*place, key, at), number) for at, one in enumerate(entries)]
            words = {"weekdays": WEEKDAYS, "months": ("", *MONTHS)}.get(name)
            found[name] = [":".join(words[each] if words else str(each) for each in span) for span in spans]
    days: list[str] = []
    for index, entry in enumerate(reader.items(given.get("daysOfMonth"), (*place, "daysOfMonth"))):
        at = (*place, "daysOfMonth", index)
        span = reader.mapping(entry, at, ("start", "end"))
        first, last = (reader.integer(span[key], (*at, key), -31, 31) if key in span else 0 for key in ("start", "end"))
        days.append(f"{first}:{last}")
    if days:
        found["days_of_month"] = days
    return found


def _span(reader: Reader, text: str, place: Place, number: Callable[[str], int]) -> tuple[int, int]:
    first, colon, last = text.partition(":")
    try:
        begin, end = number(first), number(last if colon else first)
    except ValueError as error:
        reader.complain(place, str(error), value=shown(text))
        return 1, 1
    if begin > end:
        reader.complain(place, "ends before it begins", value=shown(text))
        return 1, 1
    return begin, end


def _whole(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number")
    return int(text)


def _weekday(text: str) -> int:
    day = WEEKDAYS.index(text.lower()) if text.lower() in WEEKDAYS else _whole(text)
    if not 0 <= day <= 6:
        raise ValueError("is not a day of the week")
    return day


def _month(text: str) -> int:
    month = MONTHS.index(text.lower()) + 1 if text.lower() in MONTHS else _whole(text)
    if not 1 <= month <= 12:
        raise ValueError("is not a month")
    return month


@final
@dataclass(frozen=True)
class _Objects:
    # Reads objects by the table of their fields; `spots` gets where they stand.
    reader: Reader
    namespace: str
    spots: dict[Place, Spot] = field(default_factory=dict[Place, Spot])

    def read(self, data: object, place: Place, name: str, there: Place) -> dict[str, object]:
        """The object `name` at `place`, which comes to stand at `there`."""
        reader, parts = self.reader, PARTS[name]
        given = reader.mapping(data, place, parts)
        self.spots[there] = Spot(reader.file, reader.line(place), place)
        found: dict[str, object] = {}
        for key, part in parts.items():
            if key not in given:
                if part.required:
                    reader.complain(place, f"`{key}` is missing", mend=f"add `{key}`")
                continue
            value = self._value(given[key], (*place, key), part, (*there, part.name))
            if part.required and value in ("", 0):
                reader.complain((*place, key), "is empty", allowed="a value")
            if (name, key) in _LINKS and isinstance(value, str) and value:
                reader.parsed(value, (*place, key), urls.check_template, None)
            elif (key in ("apiURL", "apiUrl") or (name, key) == ("pagerduty_configs", "url")) and value:
                if not isinstance(value, FromSecret):
                    reader.parsed(value, (*place, key), urls.check, None)
            elif key == "actions" and name == "rocketchat_configs":
                reader.complain((*place, key), "are written by the operator in a form that Alertmanager refuses")
            if part.name and value is not None:
                found[part.name] = value
                self.spots.setdefault((*there, part.name), Spot(reader.file, reader.line((*place, key)), (*place, key)))
        for group in _NEEDED.get(name, ()):
            if not any(key in given for key in group):
                reader.complain(place, f"{' or '.join(group)} is missing", mend="add it")
        self._proxy(given, place)
        return found

    def _proxy(self, given: Data, place: Place) -> None:
        # Where `proxyURL` is the old name, these count only beside the new one.
        for key in ("noProxy", "proxyConnectHeader") if "proxyURL" in given and not given.get("proxyUrl") else ():
            if given.get(key) and not (key == "proxyConnectHeader" and given.get("proxyFromEnvironment")):
                self.reader.complain((*place, key), "needs `proxyUrl`", mend="write `proxyUrl` instead of `proxyURL`")

    def pairs(self, data: object, place: Place) -> dict[str, str]:
        """A list of keys and values as a mapping."""
        found: dict[str, str] = {}
        for index, entry in enumerate(self.reader.items(data, place)):
            at = (*place, index)
            pair = self.reader.mapping(entry, at, ("key", "value"))
            key, value = (self.reader.text(pair.get(part), (*at, part)) for part in ("key", "value"))
            if place[-1] == "headers" and key.lower() in map(str.lower, found):
                self.reader.complain((*at, "key"), "is written twice; case does not matter in header names")
            found[key] = value
        return found

    def _value(self, data: object, place: Place, part: Part, there: Place) -> object:
        # None: as if it were not given.
        reader = self.reader
        match part.kind:
            case "text":
                return reader.text(data, place) or None
            case "kept_text":
                return reader.text(data, place)
            case "flag":
                return reader.boolean(data, place)
            case "dropped_flag":
                return reader.boolean(data, place) or None
            case "number":
                return reader.integer(data, place, -(2**63), 2**63 - 1) or None
            case "texts":
                return list(reader.texts(data, place)) or None
            case "text_map":
                return reader.text_map(data, place) or None
            case "pairs":
                return self.pairs(data, place) or None
            case "duration":
                text = reader.text(data, place)
                length = reader.parsed(text, place, durations.parse, None) if text else None
                return None if length is None else durations.text(length)
            case "secret":
                return self._secret(data, place)
            case "secret_or_map":
                return self._secret_or_map(data, place)
            case "asset":
                return self._asset(data, place)
            case "secret_lists":
                return {
                    key: [self._secret(one, (*place, key, at)) for at, one in enumerate(reader.items(v, (*place, key)))]
                    for key, v in reader.mapping(data, place).items()
                } or None
            case "threading":
                given = reader.mapping(data, place, ("threadByDate",))
                by = reader.text(given.get("threadByDate"), (*place, "threadByDate"))
                return {"enabled": True, **({"thread_by_date": by.lower()} if by in ("Daily", "None") else {})}
            case "host_port":
                return self._host_port(data, place)
            case "object":
                return self.read(data, place, part.of, there)
            case "objects":
                entries = enumerate(reader.items(data, place))
                return [self.read(one, (*place, at), part.of, (*there, at)) for at, one in entries] or None

    def _host_port(self, data: object, place: Place) -> str | None:
        if not isinstance(data, Mapping):
            return self.reader.text(data, place) or None
        given = self.reader.mapping(cast("Data", data), place, ("host", "port"))
        host, port = (self.reader.text(given.get(key), (*place, key)) for key in ("host", "port"))
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def _secret(self, data: object, place: Place, source: str = "secret") -> FromSecret | None:
        given = self.reader.mapping(data, place, ("name", "key", "optional"))
        name, key = (self.reader.text(given.get(part), (*place, part)) for part in ("name", "key"))
        for part, value in (("name", name), ("key", key)):
            if not value:
                what = "Secret" if source == "secret" else "ConfigMap"
                self.reader.complain(place, f"`{part}` is missing", allowed=f"the name of a {what} and a key of it")
        return FromSecret(f"<{source} {self.namespace}/{name}/{key}>")

    def _source(self, data: object, place: Place) -> tuple[str, object] | None:
        given = self.reader.mapping(data, place, ("secret", "configMap"))
        if len(given) > 1:
            self.reader.complain(place, "has both a Secret and a ConfigMap", allowed="one of them")
        return next(iter(given.items()), None)

    def _secret_or_map(self, data: object, place: Place) -> FromSecret | None:
        source = self._source(data, place)
        if source is None:
            self.reader.complain(place, "is empty", allowed="`secret` or `configMap`")
            return None
        return self._secret(source[1], (*place, source[0]), source[0].lower())

    def _asset(self, data: object, place: Place) -> str | None:
        # `keySecret` refers to a Secret itself.
        source = ("secret", data) if place[-1] == "keySecret" else self._source(data, place)
        if source is None:
            return None
        kind, reference = source
        below = place if place[-1] == "keySecret" else (*place, kind)
        if not (found := self._secret(reference, below, kind.lower())):
            return None
        _, name, key = found[:-1].split(" ", 1)[1].split("/", 2)
        return f"{_TLS_ASSETS}{int(kind != 'secret')}_{self.namespace}_{name}_{key}"
