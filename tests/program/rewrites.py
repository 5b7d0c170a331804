"""Other ways of writing a configuration that deliver the same, at most under other group keys."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import yaml

from tests.program.mutants import Data, parts, route, routes

_TAGGED: Final = re.compile(r'!!(?:bool|int) "(\w+)"')


def rewrites(text: str) -> list[tuple[str, str]]:
    """Each rewrite's name and text, no two alike."""
    data = yaml.safe_load(text)
    found: dict[str, str] = {}
    for function in _REWRITES:
        for name, other in function(data):
            written = other if isinstance(other, str) else written_as_yaml(other)
            if written != text:
                found.setdefault(written, name)
    return [(name, written) for written, name in found.items()]


def written_as_yaml(data: Data) -> str:
    """Block style, keys in their order."""
    return yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1000)


def _with(data: Data, edit: Callable[[Data], object]) -> Data:
    other = copy.deepcopy(data)
    edit(other)
    return other


def _styles(data: Data) -> Iterator[tuple[str, str]]:
    block = written_as_yaml(data)
    yield "block style", block
    yield "JSON", json.dumps(data)
    yield "flow style", yaml.safe_dump(data, default_flow_style=True, sort_keys=False)
    yield "all quoted", _TAGGED.sub(r"\1", yaml.safe_dump(data, default_style='"', sort_keys=False))
    yield "keys sorted", yaml.safe_dump(data)
    yield "comments", "# first\n" + block.replace("\n- name:", "\n# a receiver\n- name:") + "# last\n"
    yield "document marks", f"---\n{block}...\n"


def _every_route(data: Data, name: str, edit: Callable[[Data], object]) -> Iterator[tuple[str, Data]]:
    def all_of_them(other: Data) -> None:
        for path in routes(other):
            edit(route(other, path))

    yield f"{name} everywhere", _with(data, all_of_them)
    for path in routes(data)[1:]:
        yield f"{name} at {path}", _with(data, lambda other, p=path: edit(route(other, p)))


def _matchers(data: Data) -> Iterator[tuple[str, Data]]:
    def each(edit: Callable[[str], str]) -> Callable[[Data], object]:
        def change(one: Data) -> None:
            if "matchers" in one:
                one["matchers"] = [edit(matcher) for matcher in one["matchers"]]

        return change

    def turned(one: Data) -> None:
        one["matchers"] = one.get("matchers", [])[::-1]

    def old_fields(one: Data) -> None:
        for matcher in list(one.get("matchers", ())):
            label, op, value = parts(matcher)
            if op in ("=", "=~"):
                one["matchers"].remove(matcher)
                one.setdefault("match" if op == "=" else "match_re", {})[label] = value

    def quoted(matcher: str) -> str:
        label, op, value = parts(matcher)
        return f'"{label}" {op} "{value}"'

    def bare(matcher: str) -> str:
        label, op, value = parts(matcher)
        return f"{label}{op}{value}" if value.replace("-", "").isalnum() else matcher

    def alternatives(matcher: str) -> str:
        label, op, value = parts(matcher)
        return f'{label}{op}"{"|".join(value.split("|")[::-1])}"' if "(" not in value else matcher

    def as_regex(matcher: str) -> str:
        label, op, value = parts(matcher)
        return f'{label}{ {"=": "=~", "!=": "!~"}[op] }"{value}"' if "~" not in op else matcher

    def grouped(matcher: str) -> str:
        label, op, value = parts(matcher)
        return f'{label}{op}"(?:{value})"' if "~" in op else matcher

    yield from _every_route(data, "matchers in another order", turned)
    yield from _every_route(data, "match and match_re", old_fields)
    yield from _every_route(data, "quoted names", each(quoted))
    yield from _every_route(data, "no quotes", each(bare))
    yield from _every_route(data, "alternatives in another order", each(alternatives))
    yield from _every_route(data, "a regex for a text", each(as_regex))
    yield from _every_route(data, "a group around a regex", each(grouped))


def _inherited(data: Data) -> Iterator[tuple[str, Data]]:
    keys = ("receiver", "group_by", "group_wait", "group_interval", "repeat_interval")
    base = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h", **data["route"]}

    def written_out(one: Data, above: Data, only: str) -> None:
        effective = {key: one.get(key, above.get(key)) for key in keys}
        if effective[only] is not None:
            one[only] = effective[only]
        for child in one.get("routes", ()):
            written_out(child, effective, only)

    for key in keys:
        yield f"{key} written out", _with(data, lambda other, k=key: written_out(other["route"], base, k))

    def left_out(one: Data, above: Data) -> None:
        effective = {key: one.get(key, above.get(key)) for key in keys}
        for child in one.get("routes", ()):
            for key in keys:
                if child.get(key) == effective[key]:
                    child.pop(key, None)
            left_out(child, effective)

    yield "what is inherited left out", _with(data, lambda other: left_out(other["route"], base))


def _routes(data: Data) -> Iterator[tuple[str, Data]]:
    def durations(one: Data) -> None:
        for key in ("group_wait", "group_interval", "repeat_interval"):
            if key in one:
                one[key] = {"30s": "30000ms", "5m": "300s", "2h": "120m", "3h": "180m", "2m": "120s"}.get(
                    one[key], one[key]
                )

    def group_by(one: Data) -> None:
        if "group_by" in one:
            one["group_by"] = one["group_by"][::-1]

    def lists(one: Data) -> None:
        for key in ("mute_time_intervals", "active_time_intervals"):
            if key in one:
                one[key] = [*one[key][::-1], one[key][0]]

    yield from _every_route(data, "durations in other units", durations)
    yield from _every_route(data, "group_by in another order", group_by)
    yield from _every_route(data, "intervals in another order, one twice", lists)
    yield "one more level", _with(data, lambda o: o["route"].update(routes=[{"routes": o["route"]["routes"]}]))
    never = {"receiver": data["receivers"][0]["name"], "matchers": ['service="a"', 'service="b"']}
    yield "a route that nothing takes", _with(data, lambda o: o["route"]["routes"].insert(0, never))
    for path in routes(data)[1:]:
        one = route(data, path)
        siblings = route(data, path[:-1])["routes"]
        if path[-1] == len(siblings) - 1:
            yield f"continue at the last {path}", _with(data, lambda o, p=path: route(o, p).update({"continue": True}))
        if not one.get("continue"):

            def shadowed(other: Data, p: tuple[int, ...] = path) -> None:
                route(other, p[:-1])["routes"].insert(p[-1] + 1, copy.deepcopy(route(other, p)))

            yield f"the same again after {path}", _with(data, shadowed)
        if path[-1] and _disjoint(siblings[path[-1] - 1], one):

            def swapped(other: Data, p: tuple[int, ...] = path) -> None:
                some = route(other, p[:-1])["routes"]
                some[p[-1] - 1], some[p[-1]] = some[p[-1]], some[p[-1] - 1]

            yield f"{path} before its neighbour", _with(data, swapped)
        for index, matcher in enumerate(one.get("matchers", ())):
            label, op, value = parts(matcher)
            if op == "=~" and value.replace("|", "").isalnum() and "|" in value:

                def split(other: Data, p: tuple[int, ...] = path, i: int = index, m: str = matcher) -> None:
                    some = route(other, p[:-1])["routes"]
                    name, _, values = parts(m)
                    one_each = [copy.deepcopy(some[p[-1]]) for _ in values.split("|")]
                    for single, word in zip(one_each, values.split("|"), strict=True):
                        single["matchers"][i] = f'{name}="{word}"'
                    some[p[-1] : p[-1] + 1] = one_each

                yield f"{path} split by {label}", _with(data, split)


def _disjoint(one: Data, other: Data) -> bool:
    asked = [
        {label: set(value.split("|")) for label, op, value in map(parts, each.get("matchers", ())) if op in ("=", "=~")}
        for each in (one, other)
    ]
    plain = all(word.replace("-", "").isalnum() for some in asked for words in some.values() for word in words)
    return plain and any(not words & asked[1].get(label, words) for label, words in asked[0].items())


def _inhibition(data: Data) -> Iterator[tuple[str, Data]]:
    def each(edit: Callable[[Data], object]) -> Callable[[Data], object]:
        return lambda other: [edit(rule) for rule in other["inhibit_rules"]]

    def old_fields(rule: Data) -> None:
        for side in ("source", "target"):
            for matcher in list(rule[f"{side}_matchers"]):
                label, op, value = parts(matcher)
                if op in ("=", "=~"):
                    rule[f"{side}_matchers"].remove(matcher)
                    rule.setdefault(f"{side}_match" + ("_re" if op == "=~" else ""), {})[label] = value

    def split(other: Data) -> None:
        rules: list[Any] = []
        for rule in other["inhibit_rules"]:
            label, op, value = parts(rule["target_matchers"][0])
            words = value.split("|") if op == "=~" and value.replace("|", "").isalnum() else [value]
            rules += [
                {**rule, "target_matchers": [f'{label}{op}"{word}"', *rule["target_matchers"][1:]]} for word in words
            ]
        other["inhibit_rules"] = rules

    yield "equal in another order", _with(data, each(lambda rule: rule.update(equal=rule.get("equal", [])[::-1])))
    yield "rules in another order", _with(data, lambda o: o["inhibit_rules"].reverse())
    yield "rules with names", _with(data, each(lambda rule: rule.update(name="a rule")))
    yield "a rule twice", _with(data, lambda o: o["inhibit_rules"].append(o["inhibit_rules"][0]))
    yield "source_match and target_match", _with(data, each(old_fields))
    yield "a rule for each value", _with(data, split)


def _intervals(data: Data) -> Iterator[tuple[str, Data | str]]:
    def each(edit: Callable[[Data], object]) -> Callable[[Data], object]:
        return lambda other: [edit(part) for one in other["time_intervals"] for part in one["time_intervals"]]

    def weekdays(part: Data) -> None:
        if part.get("weekdays") == ["monday:friday"]:
            part["weekdays"] = ["tuesday:friday", "monday", "friday"]

    def times(part: Data) -> None:
        if "times" in part:
            last = part["times"].pop()
            part["times"] += [
                {"start_time": "12:00" if last["start_time"] < "12:00" else "23:00", "end_time": last["end_time"]},
                {"start_time": last["start_time"], "end_time": "12:30" if last["start_time"] < "12:00" else "23:30"},
            ]

    def every_month(part: Data) -> None:
        part.setdefault("months", ["1:6", "july:december"])

    def alias(part: Data) -> None:
        names = {"Asia/Seoul": "ROK", "America/New_York": "US/Eastern"}
        part["location"] = names.get(part.get("location", "UTC"), part.get("location", "Etc/UTC"))

    yield "weekdays one by one", _with(data, each(weekdays))
    yield "times in two", _with(data, each(times))
    yield "all months", _with(data, each(every_month))
    yield "another name of the zone", _with(data, each(alias))
    yield (
        "an interval in two",
        _with(data, lambda o: [one["time_intervals"].append(one["time_intervals"][0]) for one in o["time_intervals"]]),
    )
    yield "the old key", _with(data, lambda o: o.update(mute_time_intervals=o.pop("time_intervals")))
    yield (
        "an interval that nobody uses",
        _with(
            data, lambda o: o["time_intervals"].insert(0, {"name": "unused", "time_intervals": [{"months": ["may"]}]})
        ),
    )
    for name in [one["name"] for one in data["time_intervals"]]:
        yield f"{name} renamed", written_as_yaml(data).replace(name, f"renamed {name}")


def _receivers(data: Data) -> Iterator[tuple[str, Data]]:
    def each(edit: Callable[[str, Data], object]) -> Callable[[Data], object]:
        return lambda other: [
            edit(name, entry)
            for one in other["receivers"]
            for name, entries in one.items()
            if name.endswith("_configs")
            for entry in entries
        ]

    def resolved(name: str, entry: Data) -> None:
        entry.setdefault("send_resolved", name not in ("slack_configs", "email_configs"))

    def from_global(name: str, entry: Data) -> None:
        shared = data.get("global", {})
        given = {"slack_configs": ("slack_", "api_url_file"), "opsgenie_configs": ("opsgenie_", "api_key_file")}
        prefix, *keys = {**given, "email_configs": ("smtp_", "smarthost", "from")}.get(name, ("",))
        for key in keys:
            if prefix + key in shared:
                entry.setdefault(key, shared[prefix + key])

    def to_receivers(other: Data) -> None:
        each(from_global)(other)
        for key in ("slack_api_url_file", "smtp_smarthost", "smtp_from", "opsgenie_api_key_file"):
            other.get("global", {}).pop(key, None)

    def http(name: str, entry: Data) -> None:
        if name != "email_configs":
            entry.setdefault("http_config", {"follow_redirects": True, "tls_config": {"insecure_skip_verify": False}})

    def zero(name: str, entry: Data) -> None:
        off = {"slack_configs": {"link_names": False, "timeout": "0s"}, "webhook_configs": {"max_alerts": 0}}
        entry.update(off.get(name, {}))

    def urls(other: Data) -> None:
        other.setdefault("global", {}).update(
            pagerduty_url="https://events.pagerduty.com/v2/enqueue", opsgenie_api_url="https://api.opsgenie.com"
        )

    unused = {"name": "unused", "pagerduty_configs": [{"routing_key_file": "/unused"}]}
    yield "a receiver that nobody uses", _with(data, lambda o: o["receivers"].insert(0, unused))
    yield "receivers in another order", _with(data, lambda o: o["receivers"].reverse())
    yield "send_resolved written out", _with(data, each(resolved))
    yield "global values at the receivers too", _with(data, each(from_global))
    yield "global values at the receivers alone", _with(data, to_receivers)
    yield "http_config written out", _with(data, each(http))
    yield "what is off written out", _with(data, each(zero))
    yield "global URLs written out", _with(data, urls)
    yield (
        "the global http_config written out",
        _with(data, lambda o: o.setdefault("global", {}).update(http_config={"enable_http2": True})),
    )
    yield (
        "the name as a label",
        _with(data, lambda o: [one.update(labels={"name": one["name"]}) for one in o["receivers"]]),
    )


_REWRITES: Final = (_styles, _matchers, _inherited, _routes, _inhibition, _intervals, _receivers)
