"""Test alerts: which alert reaches a receiver, and why one is better not sent now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from alertpath.alertmanager.config import GROUP_BY_ALL, Receiver
from alertpath.alertmanager.matchers import Matcher
from alertpath.checks.subject import Subject
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, part, parts
from alertpath.cluster.outcomes import Outcome, skipped
from alertpath.cluster.steps.deliveries import RECEIVER
from alertpath.cluster.steps.inhibition import firing
from alertpath.documents.places import Spot
from alertpath.inputs.fields import version
from alertpath.output.alert_classes import example
from alertpath.semantics.inhibition import inhibiting, inhibits
from alertpath.semantics.intervals import Calendar
from alertpath.semantics.routing import EffectiveRoute

NAME: Final = "AlertpathVerify"
LABEL: Final = "alertpath_verify"

Labels = Mapping[str, str]


@final
@dataclass(frozen=True, slots=True)
class Trial:
    """A test alert, and what must arrive: how many messages by integration and receiver, after `wait` milliseconds.

    `channels`: of Slack, in which it must then stand. `shared`: other alerts that fire go to the same places, and may
    be counted too.
    """

    receiver: str
    labels: Labels
    messages: Mapping[tuple[str, str], int]
    wait: int
    channels: Sequence[str]
    shared: bool


def trials(
    expected: Expected, observed: Observed, identity: str, receivers: frozenset[str]
) -> tuple[list[Trial], list[Outcome]]:
    """A test alert for each receiver of `receivers` (none: for all), and those for which there is none, and why."""
    planner = _Planner(expected, observed, identity)
    found: list[Trial] = []
    without: list[Outcome] = []
    for receiver in expected.config.receivers:
        if receiver.integrations and (not receivers or receiver.name in receivers):
            trial = planner.trial(receiver, len(found) + 1)
            if isinstance(trial, Trial):
                found.append(trial)
            else:
                without.append(skipped(f"receiver {receiver.name}", f"no test alert: {trial}"))
    return found, without


def rounds(expected: Expected, observed: Observed, planned: Sequence[Trial]) -> list[list[Trial]]:
    """Trials that may go at the same time: none silences another, and the counters tell them apart."""
    named = any(
        RECEIVER in labels
        for peer in observed.answering
        for labels, _ in peer.metrics.samples("alertmanager_notification_requests_total")
    )
    found: list[list[Trial]] = []
    for trial in planned:
        for one in found:
            if not any(_collide(expected, trial, other, named=named) for other in one):
                one.append(trial)
                break
        else:
            found.append([trial])
    return found


def _collide(expected: Expected, one: Trial, other: Trial, *, named: bool) -> bool:
    rules = expected.config.inhibit_rules
    pairs = ((one.labels, other.labels), (other.labels, one.labels))
    if any(inhibits(rule, source, target) for rule in rules for source, target in pairs):
        return True
    sides = [{key if named else key[0] for key in trial.messages} for trial in (one, other)]
    return not sides[0].isdisjoint(sides[1])


@final
class _Planner:
    def __init__(self, expected: Expected, observed: Observed, identity: str) -> None:
        self._expected = expected
        self._observed = observed
        self._identity = identity
        self._firing = firing(observed)
        settings = expected.stack.settings
        self._subject = Subject(
            config=expected.config,
            locate=lambda _: Spot(""),
            files={},
            alertmanager=version(settings.versions.alertmanager),
            severities=tuple(settings.routing.severities),
            paging=dict.fromkeys(expected.paging, True),
        )
        self._receivers: Mapping[str, Receiver] = self._subject.receivers
        self._calendar = Calendar(expected.config)

    def trial(self, receiver: Receiver, number: int) -> Trial | str:
        """A test alert that reaches the receiver; else why there is none."""
        why = "no route leads there"
        for route in self._subject.routes:
            if route.receiver != receiver.name:
                continue
            name = f"{NAME}{number}"
            own = (Matcher("alertname", "=", name), Matcher(LABEL, "=", self._identity))
            labels = self._subject.taken(route, *own)
            if not labels:
                why = "only alerts of other names reach it" if self._names_alerts(route) else why
                continue
            labels = {label: value for label, value in labels.items() if value}
            obstacle = self._obstacle(labels)
            if not obstacle:
                return self._made(receiver, labels)
            why = obstacle
        return why

    def _names_alerts(self, route: EffectiveRoute) -> bool:
        return any(matcher.label == "alertname" for matcher in route.path)

    def _made(self, receiver: Receiver, labels: Labels) -> Trial:
        taken = self._subject.router.match(labels)
        messages: dict[tuple[str, str], int] = {}
        for each in taken:
            for kind, entries in self._receivers[each.receiver].integrations.items():
                key = (kind.removesuffix("_configs"), each.receiver)
                messages[key] = messages.get(key, 0) + len(entries)
        apart = {GROUP_BY_ALL, "alertname", LABEL}
        # A group that exists already is told of again at its next turn only.
        waits = [each.group_wait if apart & set(each.group_by) else each.group_interval for each in taken]
        places = {kind for kind, _ in messages}
        shared = any(
            kind.removesuffix("_configs") in places
            for other in self._firing
            for each in self._subject.router.match(other)
            for kind in self._receivers[each.receiver].integrations
        )
        slack = [e for each in taken for e in self._receivers[each.receiver].integrations.get("slack_configs", ())]
        channels = sorted({str(entry["channel"]) for entry in slack if entry.get("channel")})
        return Trial(receiver.name, labels, messages, max(waits), channels, shared)

    def _obstacle(self, labels: Labels) -> str:
        config, now = self._expected.config, self._observed.now
        for each in self._subject.router.match(labels):
            if muted := self._calendar.silence(each.route, now):
                until = f" until {muted.until:%Y-%m-%d %H:%M} UTC" if muted.until else ""
                return f"its route is silent now ({', '.join(muted.by)}){until}"
        if found := inhibiting(config, labels, self._firing):
            return f"it would be inhibited by {example(found[0].source)}"
        if any(inhibits(rule, labels, other) for rule in config.inhibit_rules for other in self._firing):
            return "it would silence an alert that fires"
        if silence := next((each for each in self._silences() if _silences(each, labels)), None):
            return f"the silence {silence.get('id')} covers it"
        return ""

    def _silences(self) -> Iterator[Mapping[str, Any]]:
        for peer in self._observed.answering:
            for silence in peer.silences:
                if part(silence, "status").get("state") == "active":
                    yield silence


def _silences(silence: Mapping[str, Any], labels: Labels) -> bool:
    matchers = parts(silence, "matchers")
    return bool(matchers) and all(_matcher(each).matches(labels) for each in matchers)


def _matcher(found: Mapping[str, Any]) -> Matcher:
    equal = found.get("isEqual", True)
    op = ("=~" if equal else "!~") if found.get("isRegex") else ("=" if equal else "!=")
    return Matcher(str(found["name"]), op, str(found["value"]))
