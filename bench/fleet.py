"""What tools are compared on: a configuration of many namespaces, changes to it, and cases that hold for it.

A namespace has one route to its team's channel and a page for critical alerts below it; six namespaces a team, and
every fifth team reads what is for information in office hours only. Each change concerns a name of its own, by which it
is found in what a tool reports.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import yaml

_TEAM: Final = 6
_BLOCK: Final = 5 * _TEAM
_GLOBAL: Final = {"slack_api_url_file": "/etc/alertmanager/secrets/slack/url", "resolve_timeout": "5m"}
_OFFICE: Final = {"weekdays": ["monday:friday"], "times": [{"start_time": "09:00", "end_time": "18:00"}]}
_PAGE: Final = "/etc/alertmanager/secrets/pages"

Config = dict[str, Any]


@final
@dataclass(frozen=True, slots=True)
class Change:
    """A change that somebody makes; a report that sees it names `subject`, which no other change concerns."""

    what: str
    subject: str
    make: Callable[[Config], object]


def configuration(namespaces: int) -> Config:
    """Alertmanager's configuration for so many namespaces."""
    teams = [_team(number) for number in range(-(-namespaces // _TEAM))]
    return {
        "global": dict(_GLOBAL),
        "route": {
            "receiver": "default",
            "group_by": ["alertname", "namespace"],
            "routes": [_route(number) for number in range(namespaces)],
        },
        "inhibit_rules": [_rule('severity="critical"', 'severity=~"warning|info"'), _outage('severity="info"')],
        "time_intervals": [{"name": "office-hours", "time_intervals": [copy.deepcopy(_OFFICE)]}],
        "receivers": [
            {"name": "default", "slack_configs": [_slack("#alerts")]},
            *(receiver for team in teams for receiver in _receivers(team)),
        ],
    }


def _namespace(number: int) -> str:
    return f"apps-{number:04d}"


def _team(number: int) -> str:
    return f"team-{number:03d}"


def _route(number: int) -> Config:
    team = _team(number // _TEAM)
    routes: list[Config] = [{"matchers": ['severity="critical"'], "receiver": f"{team}-page", "group_wait": "0s"}]
    if number % _BLOCK < _TEAM:
        hours = {"active_time_intervals": ["office-hours"]}
        routes.append({"matchers": ['severity="info"'], "receiver": f"{team}-chat", **hours})
    return {"matchers": [f'namespace="{_namespace(number)}"'], "receiver": f"{team}-chat", "routes": routes}


def _receivers(team: str) -> Iterator[Config]:
    yield {"name": f"{team}-page", "pagerduty_configs": [{"routing_key_file": f"{_PAGE}/{team}"}]}
    yield {"name": f"{team}-chat", "slack_configs": [_slack(f"#{team}")]}


def _slack(channel: str) -> Config:
    return {"channel": channel, "send_resolved": True}


def _rule(source: str, target: str) -> Config:
    return {"source_matchers": [source], "target_matchers": [target], "equal": ["alertname", "namespace"]}


def _outage(target: str) -> Config:
    return {
        "source_matchers": ['alertname="ClusterOutage"', 'severity="critical"'],
        "target_matchers": ['alertname!="ClusterOutage"', target],
        "equal": ["cluster"],
    }


def changes(namespaces: int) -> tuple[Change, ...]:
    """Changes all over a configuration of so many namespaces."""

    def at(part: float, offset: int) -> int:
        # Past the team with hours, and never two changes in one team's namespaces.
        return int(namespaces * part) // _BLOCK * _BLOCK + offset

    elsewhere, to_chat, regrouped = at(0.93, 7), at(0.31, 8), at(0.55, 13)
    slower, rewritten = at(0.72, 14), at(0.12, 15)
    swapped, key = at(0.42, 18) // _TEAM, at(0.83, 24) // _TEAM
    return (
        Change("a page goes to another team", _namespace(elsewhere), lambda c: _page(c, elsewhere, _team(1) + "-page")),
        Change(
            "a page becomes a chat message",
            _namespace(to_chat),
            lambda c: _page(c, to_chat, _team(to_chat // _TEAM) + "-chat"),
        ),
        Change(
            "a namespace is grouped otherwise",
            _namespace(regrouped),
            lambda c: _child(c, regrouped).update(group_by=["alertname", "namespace", "pod"]),
        ),
        Change(
            "a namespace's alerts wait longer",
            _namespace(slower),
            lambda c: _child(c, slower).update(group_wait="5m"),
        ),
        Change(
            "a matcher is rewritten: firing alerts notify again",
            _namespace(rewritten),
            lambda c: _child(c, rewritten).update(matchers=[f'namespace=~"{_namespace(rewritten)}"']),
        ),
        Change(
            "a receiver writes to another channel",
            "#moved",
            lambda c: _chat(c, _team(swapped)).update(channel="#moved"),
        ),
        Change(
            "a pager's key comes from another file",
            f"{_PAGE}/rotated",
            lambda c: _pager(c, _team(key)).update(routing_key_file=f"{_PAGE}/rotated"),
        ),
        Change(
            "the hours of an interval end earlier",
            "office-hours",
            lambda c: c["time_intervals"][0]["time_intervals"][0]["times"][0].update(end_time="17:00"),
        ),
        Change(
            "an inhibition silences pages too",
            "ClusterOutage",
            lambda c: c["inhibit_rules"].__setitem__(1, _outage('severity=~"info|critical"')),
        ),
    )


def _child(config: Config, namespace: int) -> Config:
    return config["route"]["routes"][namespace]


def _page(config: Config, namespace: int, receiver: str) -> None:
    _child(config, namespace)["routes"][0]["receiver"] = receiver


def _pager(config: Config, team: str) -> Config:
    return _receiver(config, f"{team}-page")["pagerduty_configs"][0]


def _chat(config: Config, team: str) -> Config:
    return _receiver(config, f"{team}-chat")["slack_configs"][0]


def _receiver(config: Config, name: str) -> Config:
    return next(receiver for receiver in config["receivers"] if receiver["name"] == name)


def changed(config: Config, some: tuple[Change, ...]) -> Config:
    """The configuration with these changes."""
    new = copy.deepcopy(config)
    for change in some:
        change.make(new)
    return new


def cases(namespaces: int, count: int) -> list[tuple[Mapping[str, str], str]]:
    """Distinct alerts, and the receiver that each has."""
    found: list[tuple[Mapping[str, str], str]] = []
    for number in range(count):
        namespace = number * 7 % namespaces
        severity, kind = (("critical", "page"), ("warning", "chat"), ("info", "chat"))[number % 3]
        labels = {"alertname": f"Alert{number}", "namespace": _namespace(namespace), "severity": severity}
        found.append((labels, f"{_team(namespace // _TEAM)}-{kind}"))
    return found


def in_yaml(data: object) -> str:
    """As people write it: short lists and mappings on one line."""
    return yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, width=120, default_flow_style=None)
