"""Configurations, and what an edit can do to one: mutations that mostly change deliveries, rewrites that must not.

Works on the parsed YAML alone and knows nothing of alertpath's own types. Whether a mutant delivers differently is not
said here.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml

Data = dict[str, Any]

_MATCHER: Final = re.compile(r'(?P<label>[\w. ]+?)(?P<op>=~|!~|!=|=)"(?P<value>.*)"')


@dataclass(frozen=True, slots=True)
class Mutant:
    """An edited configuration: by which operator, where, and the whole text."""

    operator: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.operator} at {self.where}"


def mutants(text: str, chance: random.Random, most: int) -> list[Mutant]:
    """Mutants of the configuration `text`, no two alike, up to `most` of each operator."""
    base = yaml.safe_load(text)
    seen = {text, _text(base)}
    found: list[Mutant] = []
    for operator, edits in OPERATORS.items():
        some = list(edits(base))
        chance.shuffle(some)
        kept = 0
        for where, edited in some:
            written = _text(edited)
            if kept < most and written not in seen:
                seen.add(written)
                kept += 1
                found.append(Mutant(operator, where, written))
    return found


def _text(data: Data) -> str:
    return yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1000)


Edits = Iterator[tuple[str, Data]]
_Path = tuple[int, ...]


def routes(data: Data) -> list[_Path]:
    """The paths of all routes, the root's () first."""

    def below(route: Data, path: _Path) -> Iterator[_Path]:
        yield path
        for index, child in enumerate(route.get("routes", ())):
            yield from below(child, (*path, index))

    return list(below(data["route"], ()))


def route(data: Data, path: _Path) -> Data:
    """The route at a path."""
    found = data["route"]
    for index in path:
        found = found["routes"][index]
    return found


def _edit(data: Data, path: _Path, edit: Callable[[Data], object]) -> tuple[str, Data]:
    other = copy.deepcopy(data)
    edit(route(other, path))
    return f"route {'.'.join(map(str, path)) or 'root'}", other


def _set(key: str, value: object) -> Callable[[Data], object]:
    return lambda part: part.__setitem__(key, value)


def _receiver(data: Data) -> Edits:
    names = [receiver["name"] for receiver in data["receivers"]]
    for path in routes(data):
        others = [name for name in names if name != route(data, path).get("receiver")]
        for name in others:
            yield _edit(data, path, _set("receiver", name))


def _each_matcher(data: Data) -> Iterator[tuple[_Path, int, str, str, str]]:
    for path in routes(data):
        for index, matcher in enumerate(route(data, path).get("matchers", ())):
            yield path, index, *parts(matcher)


def parts(matcher: str) -> tuple[str, str, str]:
    """Label, operator and value of a matcher."""
    found = _MATCHER.fullmatch(matcher)
    assert found, matcher
    return found["label"], found["op"], found["value"]


def _others(op: str, value: str) -> list[tuple[str, str]]:
    # Other operators, with the same value.
    return [(other, value) for other in ("=", "!=", "=~", "!~") if other != op]


def _values(op: str, value: str) -> list[str]:
    if op in ("=", "!="):
        return [f"{value}x", value[:-1] or "y"]
    return [f"{value}|extra", value.partition("|")[0] + "z", f"{value}.+"]


def _matcher_value(data: Data) -> Edits:
    for path, index, label, op, value in _each_matcher(data):
        for other in _values(op, value):
            text = f'{label}{op}"{other}"'
            yield _edit(data, path, lambda part, i=index, m=text: part["matchers"].__setitem__(i, m))


def _matcher_operator(data: Data) -> Edits:
    for path, index, label, op, value in _each_matcher(data):
        for other, same in _others(op, value):
            text = f'{label}{other}"{same}"'
            yield _edit(data, path, lambda part, i=index, m=text: part["matchers"].__setitem__(i, m))


def _matcher_removed(data: Data) -> Edits:
    for path, index, *_ in _each_matcher(data):
        yield _edit(data, path, lambda part, i=index: part["matchers"].pop(i))


def _matcher_added(data: Data) -> Edits:
    for path in routes(data)[1:]:
        for text in ('zone="east"', 'namespace!=""', 'severity=~"crit.*"'):
            yield _edit(data, path, lambda part, m=text: part.setdefault("matchers", []).append(m))


def _order(data: Data) -> Edits:
    for path in routes(data):
        count = len(route(data, path).get("routes", ()))
        for index in range(count - 1):

            def swap(part: Data, i: int = index) -> None:
                part["routes"][i : i + 2] = reversed(part["routes"][i : i + 2])

            yield _edit(data, path, swap)
        if count > 2:
            yield _edit(data, path, lambda part: part["routes"].insert(0, part["routes"].pop()))


def _continue(data: Data) -> Edits:
    for path in routes(data)[1:]:
        yield _edit(data, path, lambda part: part.__setitem__("continue", not part.get("continue", False)))


def _route_removed(data: Data) -> Edits:
    for path in routes(data)[1:]:
        yield _edit(data, path[:-1], lambda part, i=path[-1]: part["routes"].pop(i))


def _route_added(data: Data) -> Edits:
    names = [receiver["name"] for receiver in data["receivers"]]
    asked = [f'{label}{op}"{value}"' for _, _, label, op, value in _each_matcher(data)]
    for number, path in enumerate(routes(data)):
        matchers = [asked[number * 7 % len(asked)], 'severity!="page"']
        for at in (0, len(route(data, path).get("routes", ()))):
            added = {"receiver": names[(number + at) % len(names)], "matchers": matchers}
            yield _edit(data, path, lambda part, i=at, r=added: part.setdefault("routes", []).insert(i, r))


def _route_down(data: Data) -> Edits:
    # It becomes a child of the sibling before it.
    for path in routes(data)[1:]:
        if path[-1]:

            def move(part: Data, i: int = path[-1]) -> None:
                part["routes"][i - 1].setdefault("routes", []).append(part["routes"].pop(i))

            yield _edit(data, path[:-1], move)


def _route_up(data: Data) -> Edits:
    for path in routes(data):
        if len(path) > 1:

            def move(part: Data, i: int = path[-2], j: int = path[-1]) -> None:
                part["routes"].insert(i, part["routes"][i]["routes"].pop(j))

            yield _edit(data, path[:-2], move)


def _group_by(data: Data) -> Edits:
    for path in routes(data):
        now = route(data, path).get("group_by", [])
        yield _edit(data, path, _set("group_by", [*now, "zone"]))
        yield _edit(data, path, _set("group_by", now[1:] if now else ["..."]))


def _waits(data: Data) -> Edits:
    for path in routes(data):
        for key, value in (("group_wait", "7s"), ("group_interval", "11m"), ("repeat_interval", "26h")):
            yield _edit(data, path, _set(key, value))


def _hours_of_routes(data: Data) -> Edits:
    names = [interval["name"] for interval in data.get("time_intervals", ())]
    for path in routes(data)[1:]:
        for key in ("mute_time_intervals", "active_time_intervals"):
            if now := route(data, path).get(key):
                yield _edit(data, path, _set(key, now[1:]))
            for name in names:
                if name not in (now or ()):
                    yield _edit(data, path, _set(key, [*(now or ()), name]))


def _interval(data: Data) -> Edits:
    for number, named in enumerate(data.get("time_intervals", ())):
        for index, one in enumerate(named["time_intervals"]):
            for other in (
                {**one, "times": [{"start_time": "08:00", "end_time": "17:30"}]},
                {**one, "weekdays": ["monday:saturday"]},
                {**one, "weekdays": ["sunday", "tuesday:thursday"]},
                {**one, "location": "Europe/Berlin"},
                {**one, "months": ["june:december"]},
                {**one, "days_of_month": ["1:15", "-1"]},
                {key: value for key, value in one.items() if key != "times"},
            ):
                edited = copy.deepcopy(data)
                edited["time_intervals"][number]["time_intervals"][index] = other
                yield f"interval {named['name']}", edited


def _inhibition(key: str) -> Callable[[Data], Edits]:
    def edits(data: Data) -> Edits:
        for number, rule in enumerate(data.get("inhibit_rules", ())):
            now = rule.get(key, [])
            if key == "equal":
                changes = [*([name for name in now if name != one] for one in now), [*now, "zone"]]
            else:
                changes = [[*now, 'zone!=""'], *([one for one in now if one != gone] for gone in now)]
                for index, one in enumerate(now):
                    label, op, value = parts(one)
                    others = [*((op, other) for other in _values(op, value)), *_others(op, value)]
                    changes += [
                        [*now[:index], f'{label}{other}"{wanted}"', *now[index + 1 :]] for other, wanted in others
                    ]
            for changed in changes:
                edited = copy.deepcopy(data)
                edited["inhibit_rules"][number][key] = changed
                yield f"rule {number}", edited

    return edits


def _rule_removed(data: Data) -> Edits:
    for number in range(len(data.get("inhibit_rules", ()))):
        edited = copy.deepcopy(data)
        edited["inhibit_rules"].pop(number)
        yield f"rule {number}", edited


def _rule_added(data: Data) -> Edits:
    for rule in (
        {"source_matchers": ['alertname="Down"'], "target_matchers": ['severity="warning"'], "equal": ["namespace"]},
        {"source_matchers": ['severity="warning"'], "target_matchers": ['severity="info"']},
        {"source_matchers": ['service=~".+"'], "target_matchers": ['service!=""'], "equal": ["service", "zone"]},
    ):
        edited = copy.deepcopy(data)
        edited.setdefault("inhibit_rules", []).append(rule)
        yield "end", edited


def _each_integration(data: Data) -> Iterator[tuple[int, str, int, Data]]:
    for number, receiver in enumerate(data["receivers"]):
        for name, entries in receiver.items():
            if name.endswith("_configs"):
                for index, entry in enumerate(cast("list[Data]", entries)):
                    yield number, name, index, entry


def _integrations(edit: Callable[[list[Data], int], object]) -> Callable[[Data], Edits]:
    def edits(data: Data) -> Edits:
        for number, name, index, _ in _each_integration(data):
            edited = copy.deepcopy(data)
            edit(edited["receivers"][number][name], index)
            yield f"receiver {data['receivers'][number]['name']} {name}", edited

    return edits


def _fields(*names: str) -> Callable[[Data], Edits]:
    # Another value of each of these settings that an integration has.
    def edits(data: Data) -> Edits:
        for number, name, index, entry in _each_integration(data):
            for key in names:
                if isinstance(entry.get(key), str):
                    edited = copy.deepcopy(data)
                    edited["receivers"][number][name][index][key] = _other(entry[key])
                    yield f"receiver {data['receivers'][number]['name']} {name}.{key}", edited

    return edits


def _other(value: str) -> str:
    return f"x{value}" if "@" in value else f"{value}x"


def _send_resolved(data: Data) -> Edits:
    for number, name, index, entry in _each_integration(data):
        edited = copy.deepcopy(data)
        silent = name in ("slack_configs", "email_configs")
        edited["receivers"][number][name][index]["send_resolved"] = not entry.get("send_resolved", not silent)
        yield f"receiver {data['receivers'][number]['name']} {name}", edited


def _text_added(data: Data) -> Edits:
    own = {
        "slack_configs": ("pretext", "username"),
        "pagerduty_configs": ("severity", "client"),
        "email_configs": ("html", "text"),
        "opsgenie_configs": ("priority", "message"),
        "webhook_configs": ("max_alerts",),
    }
    for number, name, index, _ in _each_integration(data):
        for key in own.get(name, ()):
            edited = copy.deepcopy(data)
            edited["receivers"][number][name][index][key] = 3 if key == "max_alerts" else "another text"
            yield f"receiver {data['receivers'][number]['name']} {name}.{key}", edited


def _integration_added(data: Data) -> Edits:
    for number, receiver in enumerate(data["receivers"]):
        for name, entry in (
            ("slack_configs", {"channel": "#added", "api_url_file": "/added"}),
            ("pagerduty_configs", {"routing_key_file": "/added"}),
        ):
            edited = copy.deepcopy(data)
            edited["receivers"][number].setdefault(name, []).append(entry)
            yield f"receiver {receiver['name']} {name}", edited


def _global(data: Data) -> Edits:
    for key, value in (
        ("pagerduty_url", "https://events.eu.pagerduty.com/v2/enqueue"),
        ("slack_api_url_file", "/secrets/other"),
        ("smtp_from", "other@example.com"),
        ("smtp_smarthost", "other.example.com:25"),
        ("http_config", {"proxy_url": "http://proxy.example.com:3128"}),
        ("resolve_timeout", "17m"),
    ):
        edited = copy.deepcopy(data)
        edited.setdefault("global", {})[key] = value
        yield key, edited


def _never(*definitions: Data, active: int = 0, receiver: bool = False) -> Callable[[Data], Edits]:
    # The route is muted in the intervals so defined, but for the first `active`, in which alone it is active.
    def edits(data: Data) -> Edits:
        names = [f"never-{number}" for number in range(len(definitions))]
        others = [one["name"] for one in data["receivers"]]
        for number, path in enumerate(routes(data)[1:]):
            where, edited = _edit(data, path, lambda _: None)
            for name, one in zip(names, definitions, strict=True):
                defined = {"name": name, "time_intervals": [one]}
                edited.setdefault("time_intervals", []).append(defined)
            if names[:active]:
                route(edited, path)["active_time_intervals"] = names[:active]
            if names[active:]:
                route(edited, path)["mute_time_intervals"] = names[active:]
            if receiver:
                route(edited, path)["receiver"] = others[number % len(others)]
            yield where, edited

    return edits


def _grouping_and_wait(data: Data) -> Edits:
    for path in routes(data):
        now = route(data, path).get("group_by", [])
        yield _edit(data, path, lambda part, n=now: part.update({"group_by": [*n, "zone"], "group_wait": "7s"}))


def _receiver_renamed(data: Data) -> Edits:
    for number, receiver in enumerate(data["receivers"]):
        edited = copy.deepcopy(data)
        name = edited["receivers"][number]["name"] = f"{receiver['name']}-renamed"
        for path in routes(edited):
            if route(edited, path).get("receiver") == receiver["name"]:
                route(edited, path)["receiver"] = name
        yield f"receiver {receiver['name']}", edited


def _receiver_stubbed(data: Data) -> Edits:
    for number, receiver in enumerate(data["receivers"]):
        edited = copy.deepcopy(data)
        edited["receivers"][number] = {"name": receiver["name"]}
        yield f"receiver {receiver['name']}", edited


def stubbed(text: str) -> str:
    """The configuration with receivers that tell nobody, as people make it to compare routes alone."""
    data = yaml.safe_load(text)
    data["receivers"] = [{"name": receiver["name"]} for receiver in data["receivers"]]
    return _text(data)


_OFFICE: Final = {"times": [{"start_time": "09:00", "end_time": "18:00"}], "location": "Asia/Seoul"}
_IN_UTC: Final = {"times": [{"start_time": "00:00", "end_time": "09:00"}]}


OPERATORS: Final[dict[str, Callable[[Data], Edits]]] = {
    "receiver": _receiver,
    "matcher: value": _matcher_value,
    "matcher: operator": _matcher_operator,
    "matcher: removed": _matcher_removed,
    "matcher: added": _matcher_added,
    "order of siblings": _order,
    "continue": _continue,
    "route: removed": _route_removed,
    "route: added": _route_added,
    "route: one level down": _route_down,
    "route: one level up": _route_up,
    "group_by": _group_by,
    "waits": _waits,
    "mute and active lists": _hours_of_routes,
    "interval": _interval,
    "inhibition: equal": _inhibition("equal"),
    "inhibition: source": _inhibition("source_matchers"),
    "inhibition: target": _inhibition("target_matchers"),
    "inhibition: rule removed": _rule_removed,
    "inhibition: rule added": _rule_added,
    "key file": _fields("routing_key_file", "api_url_file", "api_key_file", "url_file"),
    "channel or address": _fields("channel", "to", "url"),
    "send_resolved": _send_resolved,
    "text": _fields("title", "text", "description", "html", "message"),
    "text: added": _text_added,
    "integration: removed": _integrations(lambda entries, index: entries.pop(index)),
    "integration: duplicated": _integrations(lambda entries, index: entries.append(dict(entries[index]))),
    "integration: added": _integration_added,
    "global": _global,
    "never: muted always": _never({"location": "Asia/Seoul"}),
    "never: years that are over": _never({"years": ["2020:2024"]}, active=1),
    "never: no such date": _never({"months": ["february"], "days_of_month": ["30"]}, active=1),
    "never: active and muted": _never(_OFFICE, _OFFICE, active=1),
    "never: in another zone": _never(_OFFICE, _IN_UTC, active=1),
    "never: another receiver": _never({"location": "Asia/Seoul"}, receiver=True),
    "grouping and wait": _grouping_and_wait,
    "receiver: renamed": _receiver_renamed,
    "receiver: stubbed": _receiver_stubbed,
}
