"""Slack and PagerDuty fail and recover: what arrives when, what is counted, and what `verify` says meanwhile.

Source of what is expected: Alertmanager 0.34.2, notify/retry_stage.go, notify/slack, notify/pagerduty, dispatch.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import pytest

from tests.e2e.faulty import (
    ENDED,
    GROUP_INTERVAL,
    GROUP_WAIT,
    LASTING,
    MARGIN,
    PEER_TIMEOUT,
    SHORT,
    Faulty,
    alert,
    is_page,
)
from tests.e2e.sinks import Fault
from tests.program.engine import Done, assert_hidden

# Alertmanager's word for each failure, and whether it tries again before the group's next turn.
GIVEN_UP: Final[Mapping[str, str]] = {
    "slack-429": "rateLimited",
    "slack-403": "authError",
    "slack-404": "clientError",
    ENDED: "clientError",
}
TRIED_AGAIN: Final[Mapping[str, str]] = {
    "slack-500": "serverError",
    "slack-hangs": "contextDeadlineExceeded",
    "pagerduty-500": "serverError",
    "pagerduty-hangs": "contextDeadlineExceeded",
    "pagerduty-429": "rateLimited",
}
# Where the time of an attempt ends within a request, on a slow machine, this is the reason instead.
SLOW: Final = "contextDeadlineExceeded"


@dataclass(frozen=True)
class Outage:
    """What was seen of a failure of every service: `failures`, `requests` and `verified` at its end."""

    recovered: float
    failures: Mapping[str, Counter[str]]
    attempts: Mapping[str, Counter[str]]
    requests: Mapping[str, Counter[str]]
    verified: Done


@pytest.fixture(scope="module")
def outage(faulty: Faulty) -> Outage:
    """All of them at once: an alert for each, the failure, the recovery, and as long as delivery may take."""
    sinks, wait = faulty.cluster.sinks, faulty.cluster.wait
    faulty.wait_until_settled()
    with ExitStack() as lasting, ExitStack() as short:
        for stack, faults in ((lasting, {**LASTING, ENDED: Fault(404)}), (short, SHORT)):
            for receiver, fault in faults.items():
                stack.enter_context(sinks.failing(faulty.targets[receiver], fault))
        faulty.peers.post(*(alert(receiver, "Outage") for receiver in (*LASTING, *SHORT, ENDED)))
        wait(lambda: all(map(faulty.refused, (*SHORT, ENDED))), "the first requests")
        short.close()
        # Before the group's second turn, whose message the later Alertmanagers would still hold.
        faulty.peers.post(alert(ENDED, "Outage", resolved=True))
        # All of the first attempts are over: what arrives later is another attempt.
        wait(
            lambda: all(faulty.failures()[name].total() for name in TRIED_AGAIN), "the first attempts have failed", 120
        )
        verified = faulty.project.alertpath("verify", "--stack", "faults")
        seen = (
            faulty.failures(),
            faulty.by_receiver("alertmanager_notifications_total"),
            faulty.by_receiver("alertmanager_notification_requests_total"),
        )
        recovered = time.time()
    outage = Outage(recovered, *seen, verified)
    wait(
        lambda: all(faulty.accepted(name, "Outage") for name in LASTING),
        f"what each receiver missed; it came to {[name for name in LASTING if faulty.accepted(name, 'Outage')]}",
        120,
    )
    # What the Alertmanagers still send that were trying, too.
    time.sleep(PEER_TIMEOUT)
    return outage


def test_what_failed_is_delivered_within_group_interval_of_the_recovery(faulty: Faulty, outage: Outage) -> None:
    came = {name: faulty.accepted(name, "Outage") for name in LASTING}
    late = {name: found[0].at - outage.recovered for name, found in came.items()}
    assert all(0 <= seconds < GROUP_INTERVAL + MARGIN for seconds in late.values()), late
    # One for each Alertmanager that was trying when it recovered: none looks again what others have sent.
    assert all(len(found) <= len(faulty.peers.addresses) for found in came.values())


def test_pages_that_come_again_are_the_same_incident(faulty: Faulty, outage: Outage) -> None:
    assert outage.recovered
    pages = [name for name in (*LASTING, *SHORT) if is_page(name)]
    keys = {name: {each.body["dedup_key"] for each in faulty.accepted(name)} for name in pages}
    assert {name: len(found) for name, found in keys.items()} == dict.fromkeys(pages, 1)
    # Another alert is another incident.
    assert len(set[str]().union(*keys.values())) == len(pages)


def test_after_a_short_failure_it_comes_once(faulty: Faulty, outage: Outage) -> None:
    for name in SHORT:
        came, first = faulty.accepted(name, "Outage"), faulty.refused(name)[0]
        assert came, name
        # Else another Alertmanager's turn had come.
        if came[0].at < first.at + PEER_TIMEOUT - GROUP_WAIT:
            assert len(came) == 1, name
            assert not outage.failures[name].total(), name


def test_each_failure_is_counted_by_its_reason(outage: Outage) -> None:
    for name, reason in {**GIVEN_UP, **TRIED_AGAIN}.items():
        counted = {each for each, count in outage.failures[name].items() if count}
        assert counted - {SLOW} == {reason} - {SLOW}, name
        assert reason in counted, name


def test_what_is_given_up_is_asked_once_a_turn(outage: Outage) -> None:
    for name in GIVEN_UP:
        assert outage.requests[name].total() <= outage.attempts[name].total(), name
    for name in ("slack-500", "pagerduty-500", "pagerduty-429"):
        assert outage.requests[name].total() > outage.attempts[name].total(), name


def test_an_alert_that_ended_meanwhile_is_never_told(faulty: Faulty, outage: Outage) -> None:
    assert outage.failures[ENDED]["clientError"]
    assert faulty.accepted(ENDED) == []


def test_verify_names_what_fails(faulty: Faulty, outage: Outage) -> None:
    text = outage.verified.expect(1).text
    for receiver, reason in {**GIVEN_UP, **TRIED_AGAIN}.items():
        kind = "PagerDuty" if is_page(receiver) else "Slack"
        found = re.search(rf"^failed +{kind} \({receiver}\): nothing has arrived since .*", text, re.MULTILINE)
        assert found, f"{receiver}\n{text}"
        assert reason in found[0], f"{receiver}\n{text}"
    assert "blinks" not in "".join(re.findall("^failed.*", text, re.MULTILINE))
    assert_hidden(text, *faulty.credentials.values())
