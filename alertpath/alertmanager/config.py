"""Alertmanager's configuration as types: read, validated and written without loss.

`load` refuses what Alertmanager refuses by itself, and the little in `STRICTER`; `validate` adds what must not be
deployed to given versions of Alertmanager and the Prometheus Operator. Parts of a configuration inside another file are
read with `route_from`, `receiver_from`, `inhibit_rule_from` and `time_interval_from`: give them a `Reader` of that file
and the part's place.

Two old spellings are read and never written: `match` and `match_re` become matchers, the top-level
`mute_time_intervals` become time intervals. Neither changes what Alertmanager does, nor its group keys. Null becomes
what it is for Alertmanager: false, the empty text or 0s where the field has a default, else nothing.
Source: Alertmanager 0.34.2, config/config.go, config/common, dispatch/route.go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, cast

from alertpath.alertmanager import config_yaml, durations, integrations, matchers, policy, time_intervals
from alertpath.alertmanager.config_types import Config, Data, InhibitRule, NamedTimeInterval, Receiver, Route
from alertpath.alertmanager.integration_fields import ALWAYS, ASSUMED
from alertpath.alertmanager.integrations import INTEGRATIONS, Version
from alertpath.alertmanager.matchers import Matcher
from alertpath.documents.go_yaml import Form, LineOf, Reader, no_line, nulls
from alertpath.documents.places import Place
from alertpath.documents.problems import InvalidInput, Problem, shown

DEFAULT_GROUP_WAIT: Final = 30_000
DEFAULT_GROUP_INTERVAL: Final = 300_000
DEFAULT_REPEAT_INTERVAL: Final = 14_400_000
"""What the root route has where it says nothing, in milliseconds."""

STRICTER: Final = (
    "an entry of a list of mappings that is null: Alertmanager crashes on most of them, if only when it notifies",
    "null for a URL, http_config or smtp_tls_config under `global`: receivers that rely on the default crash",
    "null for tracing's client_type, which no other value stands for",
    "a null without quotes written Null or NULL, which some fields take for null and others for a mistake",
    "a tag that says how a scalar is to be read, such as !!int or !!binary, and a key that is not text",
    "a number with a fraction where a whole one belongs, which Alertmanager cuts off",
    "a timeout without a unit, which Alertmanager takes for nanoseconds",
    "a matcher with an empty label name, which Alertmanager itself could not read back",
    "a credential that is empty, and the text ~ or null where Alertmanager takes it unread for a URL or a name",
    "aliases that stand for more than five million values",
)
"""What `load` refuses although Alertmanager takes it, each for the harm that it does or hides; nothing else."""

GROUP_BY_ALL: Final = "..."

_TOP: Final = (
    "global", "route", "inhibit_rules", "receivers", "time_intervals", "mute_time_intervals", "templates", "tracing",
    "event_recorder",
)  # fmt: skip
_ROUTE: Final = (
    "receiver", "matchers", "match", "match_re", "group_by", "group_wait", "group_interval", "repeat_interval",
    "mute_time_intervals", "active_time_intervals", "continue", "labels", "routes",
)  # fmt: skip
_ROUTE_FIELDS: Final = frozenset(_ROUTE)
_INHIBIT: Final = frozenset(
    (
        "equal",
        "name",
        *(f"{side}_{form}" for side in ("source", "target") for form in ("matchers", "match", "match_re")),
    )
)


def load(text: str, file: str, alertmanager: Version = ASSUMED) -> Config:
    """The configuration in the YAML `text` as that version reads it; `file` is its name in messages.

    Raises InvalidInput with every reason for which Alertmanager would refuse it, and for what `STRICTER` lists.
    """
    config, line_of = load_with_lines(text, file)
    config = replace(config, alertmanager=alertmanager)
    if problems := refused(config, file, line_of):
        raise InvalidInput(problems)
    return config


def refused(config: Config, file: str, line_of: LineOf = no_line) -> list[Problem]:
    """The reasons for which its version of Alertmanager would not load what other versions do."""
    reader = Reader(file, line_of)
    for form in config.forms:
        if form.refused:
            integrations.check_form(reader, form, config.alertmanager)
    mend = "--alertmanager-version says that another version reads it"
    return [replace(problem, mend=f"{problem.mend}; {mend}") for problem in reader.problems]


def load_with_lines(text: str, file: str) -> tuple[Config, LineOf]:
    """As `load`, for any version, and a lookup of the line of each place, for `refused`, `validate` and checks."""
    data, line_of = config_yaml.read(text, file)
    return load_data(data, file, line_of), lambda place: line_of(written(data, place))


def load_data(data: object, file: str, line_of: config_yaml.Lines | LineOf, *, parts_alone: bool = False) -> Config:
    """As `load`, for what `config_yaml.read` has read, or what is like it; `parts_alone`: as `config_from`."""
    reader = Reader(file, line_of)
    config = config_from(reader, data)
    if not reader.problems and not parts_alone:
        # These places are those of the configuration, not of the text.
        checked = Reader(file, lambda place: line_of(written(data, place)))
        _check(checked, config)
        reader.problems.extend(
            replace(one, at=replace(one.at, place=written(data, one.at.place))) for one in checked.problems
        )
    if reader.problems:
        raise InvalidInput(reader.problems)
    if isinstance(line_of, config_yaml.Lines) and line_of.ignored:
        what = f"what begins on line {line_of.ignored}, after the end of the document,"
        config = replace(config, forms=(*config.forms, Form((), what, ALWAYS, None)))
    return config


def written(data: object, place: Place) -> Place:
    """The place in the text of what has the place `place` in a `Config`: `mute_time_intervals` come first there."""
    if place[:1] == ("time_intervals",) and len(place) > 1 and isinstance(place[1], int) and isinstance(data, Mapping):
        old = cast("Data", data).get("mute_time_intervals")
        before = len(cast("Sequence[object]", old)) if isinstance(old, list | tuple) else 0
        if place[1] < before:
            return ("mute_time_intervals", *place[1:])
        return ("time_intervals", place[1] - before, *place[2:])
    return place


def validate(
    config: Config, file: str, alertmanager: Version, operator: Version, line_of: LineOf = no_line
) -> list[Problem]:
    """Every reason not to deploy `config`, sorted by place; empty: both readers take it, and no credential is in it.

    `alertmanager` and `operator` are the versions of the stack, such as (0, 34, 2) and (0, 94, 0).
    """
    reader = Reader(file, line_of)
    integrations.check_known(reader, alertmanager, operator)
    # A configuration that was not read from YAML has not been checked by its fields yet.
    sections = {name: integrations.read(reader, section, (name,), name) for name, section in config.sections()}
    receivers = enumerate(config.receivers)
    config = replace(
        config,
        receivers=tuple(receiver_from(reader, one.to_mapping(), ("receivers", index)) for index, one in receivers),
        global_=sections.get("global", {}),
        tracing=sections.get("tracing", {}),
        event_recorder=sections.get("event_recorder", {}),
    )
    for path, route in walk(config.route):
        _check_route(reader, route, path)
    for index, rule in enumerate(config.inhibit_rules):
        _check_labels(reader, rule.equal, ("inhibit_rules", index, "equal"))
    _check(reader, config)
    for form in (*config.forms, *reader.forms):
        integrations.check_form(reader, form, alertmanager, operator)
    policy.judge(reader, config, alertmanager, operator)
    policy.judge_timing(reader, config.route, ("route",), (), DEFAULT_GROUP_INTERVAL, DEFAULT_REPEAT_INTERVAL)
    return sorted({each for each in reader.problems if each.kind != "operator" or operator != integrations.NO_OPERATOR})


def dump(config: Config) -> str:
    """`config` as YAML: canonical, without what is default, and `load` gives an equal configuration back."""
    data: dict[str, object] = {}
    if config.global_:
        data["global"] = integrations.ordered(config.global_, "global")
    if config.templates:
        data["templates"] = list(config.templates)
    data["route"] = _route_data(config.route)
    if config.inhibit_rules:
        data["inhibit_rules"] = [_inhibit_data(rule) for rule in config.inhibit_rules]
    if config.receivers:
        data["receivers"] = [integrations.ordered(receiver.to_mapping(), "receiver") for receiver in config.receivers]
    if config.time_intervals:
        data["time_intervals"] = [_interval_data(interval) for interval in config.time_intervals]
    for name, section in config.sections():
        if name != "global":
            data[name] = integrations.ordered(section, name)
    return config_yaml.write(data)


def config_from(reader: Reader, data: object) -> Config:
    """The configuration that the mapping `data` holds, without the checks across its parts."""
    given = reader.mapping(data, (), frozenset(_TOP))
    if "route" not in given and (data is None or isinstance(data, Mapping)):
        reader.complain((), "`route` is missing", allowed="a root route with a receiver")

    def entries(key: str) -> Iterator[tuple[object, Place]]:
        for index, entry in enumerate(reader.items(given.get(key), (key,))):
            yield entry, (key, index)

    def section(key: str) -> dict[str, object]:
        return integrations.read(reader, given[key], (key,), key) if key in given else {}

    root = route_from(reader, given.get("route"), ("route",))
    return Config(
        route=root,
        receivers=tuple(receiver_from(reader, *entry) for entry in entries("receivers")),
        inhibit_rules=tuple(inhibit_rule_from(reader, *entry) for entry in entries("inhibit_rules")),
        time_intervals=tuple(
            time_interval_from(reader, *entry)
            for key in ("mute_time_intervals", "time_intervals")
            for entry in entries(key)
        ),
        templates=reader.texts(given.get("templates"), ("templates",)),
        global_=section("global"),
        tracing=section("tracing"),
        event_recorder=section("event_recorder"),
        forms=tuple(
            _all_forms(reader, cast("object", data), root)
        ),  # The last one: it tells what reading the others has found.
    )


def route_from(reader: Reader, data: object, path: Place) -> Route:
    """The route, with all below it, that the mapping `data` at `path` holds."""
    given = reader.mapping(data, path, _ROUTE_FIELDS)
    get = given.get

    def duration(key: str) -> int | None:
        return reader.parsed(given[key], (*path, key), durations.parse, None) if key in given else None

    if "labels" in nulls(data):
        reader.forms.append(Form((*path, "labels"), "`labels` of a route", (0, 34), (0, 95)))
    group_by = get("group_by")
    route = Route(
        receiver=reader.text(given["receiver"], (*path, "receiver")) or None if "receiver" in given else None,
        matchers=_matchers_from(reader, given, path, ""),
        group_by=reader.texts(group_by, (*path, "group_by")) if group_by is not None else None,
        group_wait=duration("group_wait"),
        group_interval=duration("group_interval"),
        repeat_interval=duration("repeat_interval"),
        mute_time_intervals=reader.texts(get("mute_time_intervals"), (*path, "mute_time_intervals")),
        active_time_intervals=reader.texts(get("active_time_intervals"), (*path, "active_time_intervals")),
        continue_=reader.boolean(given["continue"], (*path, "continue")) if "continue" in given else False,
        labels=reader.text_map(get("labels"), (*path, "labels")),
        routes=tuple(
            route_from(reader, entry, (*path, "routes", index))
            for index, entry in enumerate(reader.items(get("routes"), (*path, "routes")))
        ),
    )
    _check_route(reader, route, path)
    return route


def receiver_from(reader: Reader, data: object, path: Place) -> Receiver:
    """The receiver that the mapping `data` at `path` holds."""
    given = integrations.read(reader, data, path, "receiver")
    receiver = Receiver(
        name=cast("str", given.get("name", "")),
        integrations={key: cast("Sequence[Data]", given[key]) for key in INTEGRATIONS if given.get(key)},
        labels=cast("Mapping[str, str]", given.get("labels", {})),
    )
    if receiver.labels.get("name", receiver.name) != receiver.name:
        reader.complain((*path, "labels", "name"), "is not the receiver's name", allowed=shown(receiver.name))
    return receiver


def inhibit_rule_from(reader: Reader, data: object, path: Place) -> InhibitRule:
    """The inhibition rule that the mapping `data` at `path` holds."""
    given = reader.mapping(data, path, _INHIBIT)
    if "name" in nulls(data):
        reader.forms.append(Form((*path, "name"), "`name` of an inhibition rule", (0, 30), None))
    rule = InhibitRule(
        source=_matchers_from(reader, given, path, "source_"),
        target=_matchers_from(reader, given, path, "target_"),
        equal=reader.texts(given.get("equal"), (*path, "equal")),
        name=reader.text(given.get("name"), (*path, "name")),
    )
    _check_labels(reader, rule.equal, (*path, "equal"))
    return rule


def time_interval_from(reader: Reader, data: object, path: Place) -> NamedTimeInterval:
    """The named time interval that the mapping `data` at `path` holds."""
    given = reader.mapping(data, path, ("name", "time_intervals"))
    name = reader.text(given.get("name"), (*path, "name"))
    if not name:
        reader.complain(path, "`name` is missing", mend="add `name`")
    below = (*path, "time_intervals")
    entries = reader.items(given.get("time_intervals"), below)
    return NamedTimeInterval(
        name=name,
        intervals=tuple(time_intervals.parse(reader, entry, (*below, i)) for i, entry in enumerate(entries)),
    )


def files(config: Config) -> Iterator[tuple[Place, str]]:
    """Each path of a file that `config` reads a credential or certificate from, and its place."""
    for name, section in config.sections():
        yield from integrations.files(section, name, (name,))
    for index, receiver in enumerate(config.receivers):
        yield from integrations.files(receiver.to_mapping(), "receiver", ("receivers", index))


def walk(route: Route, path: Place = ("route",)) -> Iterator[tuple[Place, Route]]:
    """`route` and all below it in the order of the file, each with its place."""
    yield path, route
    for index, child in enumerate(route.routes):
        yield from walk(child, (*path, "routes", index))


def _all_forms(reader: Reader, data: object, root: Route) -> Iterator[Form]:
    yield from reader.forms
    given: Data = cast("Data", data) if isinstance(data, Mapping) else {}
    if "event_recorder" in given:
        yield Form(("event_recorder",), "`event_recorder`", (0, 33), None)  # Even an empty one, which is not kept.
    if "tracing" in given and given["tracing"] is None:
        yield Form(("tracing",), "`tracing`", (0, 30), None)
    route = given.get("route")
    if not root.matchers and isinstance(route, Mapping) and cast("Data", route).get("matchers"):
        yield Form(("route", "matchers"), "`matchers` of the root route, even of none,", ALWAYS, None)


def _matchers_from(reader: Reader, given: Data, path: Place, prefix: str) -> tuple[Matcher, ...]:
    found: list[Matcher] = []
    key = f"{prefix}matchers"
    for index, entry in enumerate(reader.items(given[key], (*path, key), nulls=True)) if key in given else ():
        place = (*path, key, index)
        parsed = reader.parsed(entry, place, matchers.parse_all, ())
        found += parsed
        if all(matcher.classic for matcher in parsed) and not matchers.is_classic(reader.text(entry, place)):
            what = "a quoted label name, or a space outside ASCII, in a matcher"
            reader.forms.append(Form(place, what, (0, 27), None))
    key = f"{prefix}match"
    if key in given:
        found += _old_matchers(reader, given[key], (*path, key), "=")
    key = f"{prefix}match_re"
    if key in given:
        found += _old_matchers(reader, given[key], (*path, key), "=~")
    return tuple(found)


def _old_matchers(reader: Reader, data: object, path: Place, op: Literal["=", "=~"]) -> Iterator[Matcher]:
    for label, value in reader.text_map(data, path).items():
        if not matchers.CLASSIC_LABEL.fullmatch(label):
            reader.complain((*path, label), "is not a label name", allowed="letters, digits and _, no digit first")
        if op == "=~":
            if cast("Data", data)[label] is None or value in ("~", "null"):
                mend = "write '' for the empty text, otherwise use matchers"
                reader.complain((*path, label), "has no regex", mend=mend)
            reader.parsed(value, (*path, label), matchers.check_regex, None)
        # Alertmanager anchors it before it makes a matcher, which is what the route's key has.
        yield Matcher(label, op, f"^(?:{value})$" if op == "=~" else value)


def _check_route(reader: Reader, route: Route, path: Place) -> None:
    """What Alertmanager refuses about a route by itself."""
    if route.group_by:
        if GROUP_BY_ALL in route.group_by and len(set(route.group_by)) > 1:
            reader.complain(
                (*path, "group_by"), "has other labels beside '...', which means all", allowed="['...'], or labels"
            )
        _check_labels(reader, route.group_by, (*path, "group_by"))
        if len(set(route.group_by)) < len(route.group_by):
            twice = next(label for label in route.group_by if route.group_by.count(label) > 1)
            if twice != GROUP_BY_ALL:
                reader.complain((*path, "group_by"), "names a label twice", value=shown(twice))
    for key, value in (("group_interval", route.group_interval), ("repeat_interval", route.repeat_interval)):
        if value == 0:
            reader.complain((*path, key), "is zero", allowed="a duration above zero", mend="write 1s or more")
    if route.labels:
        _check_labels(reader, route.labels, (*path, "labels"))


def _check_labels(reader: Reader, labels: Collection[str], path: Place) -> None:
    if "" in labels:
        reader.complain(path, "has an empty label name", allowed="label names")


def _check(reader: Reader, config: Config) -> None:
    """What Alertmanager refuses about the parts together."""
    root = config.route
    if not root.receiver:
        reader.complain(("route",), "`receiver` is missing", mend="name a default receiver for all other alerts")
    for key, given in (
        ("matchers", root.matchers),
        ("mute_time_intervals", root.mute_time_intervals),
        ("active_time_intervals", root.active_time_intervals),
        ("continue", root.continue_),
    ):
        if given:
            reader.complain(("route", key), "is not allowed in the root route", mend="move it to a route below")
    receivers = _unique(reader, [receiver.name for receiver in config.receivers], "receivers")
    intervals = _unique(reader, [interval.name for interval in config.time_intervals], "time_intervals")
    for path, route in walk(root):
        if route.receiver and route.receiver not in receivers:
            _undefined(reader, (*path, "receiver"), "receiver", route.receiver, receivers)
        for key in ("mute_time_intervals", "active_time_intervals"):
            names: tuple[str, ...] = getattr(route, key)
            for index, name in enumerate(names):
                if name not in intervals:
                    _undefined(reader, (*path, key, index), "time interval", name, intervals)
    for index, receiver in enumerate(config.receivers):
        integrations.check_inherited(reader, receiver.integrations, ("receivers", index), config.global_)


def _unique(reader: Reader, names: Sequence[str], key: str) -> dict[str, int]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if first.setdefault(name, index) != index:
            reader.complain((key, index, "name"), "another one has this name", value=shown(name), mend="rename one")
    return first


def _undefined(reader: Reader, path: Place, what: str, name: str, known: Collection[str]) -> None:
    some = sorted(known)[:10]
    allowed = ", ".join(some) + (f" and {len(known) - 10} more" if len(known) > 10 else "")
    reader.complain(path, f"this {what} is not defined", value=shown(name), allowed=allowed, mend=f"define the {what}")


def _route_data(route: Route) -> dict[str, object]:
    data: dict[str, object] = {}
    if route.receiver:
        data["receiver"] = route.receiver
    if route.matchers:
        data["matchers"] = list(map(str, route.matchers))
    if route.group_by is not None:
        data["group_by"] = route.group_by
    for key, value in (
        ("group_wait", route.group_wait),
        ("group_interval", route.group_interval),
        ("repeat_interval", route.repeat_interval),
    ):
        if value is not None:
            data[key] = durations.text(value)
    if route.mute_time_intervals:
        data["mute_time_intervals"] = route.mute_time_intervals
    if route.active_time_intervals:
        data["active_time_intervals"] = route.active_time_intervals
    if route.continue_:
        data["continue"] = True
    if route.labels:
        data["labels"] = route.labels
    if route.routes:
        data["routes"] = list(map(_route_data, route.routes))
    return data


def _inhibit_data(rule: InhibitRule) -> dict[str, object]:
    data: dict[str, object] = {"name": rule.name} if rule.name else {}
    for key, found in (("source_matchers", rule.source), ("target_matchers", rule.target)):
        if found:
            data[key] = list(map(str, found))
    if rule.equal:
        data["equal"] = rule.equal
    return data


def _interval_data(named: NamedTimeInterval) -> dict[str, object]:
    data: dict[str, object] = {"name": named.name}
    if named.intervals:
        data["time_intervals"] = list(map(time_intervals.to_mapping, named.intervals))
    return data
