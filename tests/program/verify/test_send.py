"""Test alerts: what the Alertmanagers' own counters say of them, at sinks that accept and refuse."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from alertpath.cluster import sending
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed
from alertpath.cluster.outcomes import Outcome
from alertpath.cluster.peers import of_url
from alertpath.cluster.trials import NAME
from tests.program.conftest import had
from tests.program.verify import sink as sinks
from tests.program.verify.alertmanagers import CONFIGURATION, Alertmanagers, running, until
from tests.program.verify.world import World
from tests.unit.samples import compiled


def sent(world: World, *arguments: str, code: int) -> dict[str, dict[str, str]]:
    outcomes = world.command("--format", "json", "--send", "--yes", *arguments).expect(code).json()["outcomes"]
    return {each["subject"]: each for each in outcomes if each["step"] == sending.STEP}


def ended(alertmanagers: Alertmanagers) -> bool:
    now = datetime.now(UTC)
    return all(datetime.fromisoformat(alert["endsAt"]) <= now for alert in alertmanagers.alerts())


def test_test_alerts_arrive_and_are_resolved(world: World) -> None:
    outcomes = world.command("--format", "json", "--send", "--yes").expect(0).json()["outcomes"]
    told = {each["subject"]: each for each in outcomes if each["step"] == sending.STEP}
    # What it has just proven is counted.
    [counted] = [each for each in outcomes if each["step"] == "deliveries"]
    assert "PagerDuty (pagerduty-seedtest): " in counted["message"]
    assert told["receiver slack-seedtest"]["status"] == "ok"
    assert "must stand in #seedtest-alerts" in told["receiver slack-seedtest"]["message"]
    assert told["receiver slack-lowprio"]["status"] == "ok"
    # What PagerDuty makes of an event, only a person can tell.
    assert told["receiver pagerduty-seedtest"]["status"] == "warning"
    assert f"look for an incident that names {NAME}" in told["receiver pagerduty-seedtest"]["mend"]
    assert ended(world.running)
    for path in (sinks.SLACK, sinks.SLACK_LOW, sinks.PAGERDUTY):
        assert NAME in str(world.sink.took(path)[0])
    # Within group_interval, 5 s here, what it opened is closed.
    until(lambda: "resolve" in [each["event_action"] for each in world.sink.took(sinks.PAGERDUTY)], "it is resolved")


def test_one_receiver_whose_key_is_dead(world: World) -> None:
    world.sink.answers[sinks.PAGERDUTY] = sinks.INVALID_KEY
    told = sent(world, "--receiver", "pagerduty-seedtest", code=1)
    [outcome] = told.values()
    assert outcome["status"] == "failed"
    assert "pagerduty: the message was not accepted: clientError" in outcome["message"]
    assert "the routing key is wrong" in outcome["cause"]
    assert world.sink.took(sinks.SLACK) == []
    assert ended(world.running)
    # From then on the counters say so by themselves.
    [failure] = [each for each in world.outcomes() if each.status == "failed"]
    assert (failure.step, failure.subject) == ("deliveries", "PagerDuty (pagerduty-seedtest)")
    # And are content again once --send has proven what was mended.
    world.sink.answers.clear()
    assert sent(world, "--receiver", "pagerduty-seedtest", code=0)


class Clock:
    """The time of `sending`: patience ends once `done`, however slow the machine is, and not before."""

    def __init__(self, done: Callable[[], bool]) -> None:
        self._done = done
        self._found = 0

    def monotonic(self) -> float:
        return 3600.0 if self._found > 1 else 0.0

    def sleep(self, _: float) -> None:
        time.sleep(0.2)
        # It looks twice at what is counted.
        self._found += self._done()


ANSWERS: Final = {"good": (200, "ok"), "gone": (404, "no"), "ill": (500, "ill")}


@pytest.mark.parametrize(
    "flags", [(), ("--enable-feature=receiver-name-in-metrics",)], ids=["integrations", "receivers"]
)
def test_what_becomes_of_test_alerts_is_told_from_real_counters(
    tool: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
) -> None:
    with sinks.serving() as sink:
        sink.answers.update({f"/{name}": answer for name, answer in ANSWERS.items()})
        expected = of_webhooks(tmp_path, sink.url)
        files = {CONFIGURATION: expected.compiled.text}
        with had("Alertmanagers"), running(tool("alertmanager"), tmp_path / "pods", files, 2, *flags) as alertmanagers:
            monkeypatch.setattr(sending, "time", Clock(lambda: all(tried_again(alertmanagers, sink))))
            said = {outcome.subject: (outcome.status, outcome.message) for outcome in send(expected, alertmanagers)}
            assert ended(alertmanagers)
    assert said.keys() == {f"receiver {name}" for name in ANSWERS}
    assert said["receiver good"] == ("ok", "webhook accepted the message")
    assert said["receiver gone"] == ("failed", "webhook: the message was not accepted: clientError")
    assert said["receiver ill"][0] == "failed"
    assert re.match(r"webhook: \d+ attempts? failed, and it is tried again", said["receiver ill"][1])
    assert {path for path, _ in sink.received} == {f"/{name}" for name in ANSWERS}


def of_webhooks(work: Path, url: str) -> Expected:
    receivers = {name: {"webhook": {"url": f"{url}/{name}"}} for name in ANSWERS}
    return Expected(
        *compiled(
            work,
            {"receivers": receivers, "services": {name: {"any": name} for name in ANSWERS}},
            receivers=list(ANSWERS),
            routing={"default_receiver": "good", "group_wait": "0s"},
            credentials={},
        )
    )


def tried_again(alertmanagers: Alertmanagers, sink: sinks.Sink) -> list[bool]:
    """Whether the one that fails was asked more than once, and is the last."""
    asked = len(sink.took("/ill"))
    metric = "alertmanager_notification_requests_failed_total"
    counted = sum(alertmanagers.sum(url, metric) for url in alertmanagers.urls)
    return [asked > 1, counted > 1]


def send(expected: Expected, alertmanagers: Alertmanagers) -> list[Outcome]:
    addresses = [of_url(url) for url in alertmanagers.urls]
    observed = Observed(
        now=datetime.now(UTC),
        alertmanager={"metadata": {}, "spec": {"replicas": 2}},
        peers=[address.read() for address in addresses],
    )
    return sending.send(expected, observed, addresses, [], frozenset(), unasked=True)
