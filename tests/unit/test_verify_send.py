"""Asking Alertmanagers and sending test alerts, on loopback servers that speak Alertmanager's API."""

from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from alertpath.cluster import sending
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Peer
from alertpath.cluster.outcomes import Outcome, failed
from alertpath.cluster.peers import Address, NoAnswer, of_url
from alertpath.cluster.trials import LABEL, NAME, rounds, trials
from tests.unit.samples import compiled
from tests.unit.verify_clusters import NOW, sound

RECEIVERS = {"page": {"pagerduty": {"routing_key": "key"}}, "chat": {"slack": {"channel": "#a", "webhook": "hook"}}}


class Alertmanager(ThreadingHTTPServer):
    """Takes alerts; an alert of a severity counts as the message that its integration sends, or as `refused`.

    An integration that is `silent` has sent nothing yet.
    """

    def __init__(self, *, named: bool = False, refused: str = "", silent: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[list[dict[str, Any]]] = []
        self.named = named
        self.refused = refused
        self.silent = silent
        self.other = 200
        self.url = f"http://127.0.0.1:{self.server_address[1]}/prefix"

    def metrics(self) -> str:
        firing = [
            alert for alerts in self.posted for alert in alerts if alert["endsAt"] > datetime.now(UTC).isoformat()
        ]
        lines: list[str] = []
        for integration, receiver, severity in (("pagerduty", "page", "critical"), ("slack", "chat", "")):
            count = sum((alert["labels"].get("severity") == "critical") == bool(severity) for alert in firing)
            count *= integration != self.silent
            labels = f'integration="{integration}"' + (f',receiver_name="{receiver}"' if self.named else "")
            why = f'{labels},reason="{self.refused or "other"}"'
            failures = count if self.refused else 0
            lines += [
                f"alertmanager_notification_requests_total{{{labels}}} {7 + count}",
                f"alertmanager_notification_requests_failed_total{{{labels}}} {2 + failures}",
                f"alertmanager_notifications_failed_total{{{why}}} {1 + failures}",
            ]
        return "\n".join(lines) + "\n"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Alertmanager)
        answers = {
            "/prefix/api/v2/status": json.dumps({"cluster": {"status": "disabled"}, "config": {"original": "a: b"}}),
            "/prefix/api/v2/alerts": json.dumps([{"labels": {"alertname": "A"}}]),
            "/prefix/api/v2/silences": "[]",
            "/prefix/metrics": server.metrics(),
        }
        self._answer(server.other, answers.get(self.path, ""))

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Alertmanager)
        server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(200, "")

    def _answer(self, code: int, text: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(**options: Any) -> Iterator[tuple[Alertmanager, Address]]:
    with Alertmanager(**options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server, of_url(server.url)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def expected(tmp_path: Path) -> Expected:
    return Expected(*compiled(tmp_path))


def observed_by(expected: Expected, *addresses: Address) -> Observed:
    base = sound(expected)
    live = {**(base.alertmanager or {}), "spec": {"replicas": len(addresses)}}
    return replace(
        base, now=NOW, alertmanager=live, peers=[replace(address.read(), alerts=()) for address in addresses]
    )


def test_everything_is_read_below_the_prefix() -> None:
    with serving() as (_, address):
        peer = address.read()
    assert not peer.error
    assert peer.configuration == "a: b"
    assert peer.alerts == [{"labels": {"alertname": "A"}}]
    assert peer.metrics.value("alertmanager_notification_requests_total") == 7


def test_what_does_not_answer_is_an_error_of_that_peer() -> None:
    with serving() as (server, address):
        server.other = 503
        assert "answers 503" in address.read().error
    assert address.read().error
    with pytest.raises(NoAnswer):
        address.post([])


@pytest.mark.parametrize("url", ["localhost:9093", "ftp://a", "http://user:x@host", "http://", "http://a?b=c"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        of_url(url)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_PERIOD", 0.02)


def send(expected: Expected, observed: Observed, *addresses: Address, **options: Any) -> list[Outcome]:
    given = {"before": [], "receivers": frozenset[str](), "unasked": True, **options}
    return sending.send(
        expected, observed, addresses, given["before"], given["receivers"], unasked=given["unasked"]
    )  # fmt: skip


@pytest.mark.parametrize("named", [False, True])
def test_sent_to_all_proven_and_resolved(expected: Expected, named: bool) -> None:
    with serving(named=named) as (one, first), serving(named=named) as (two, second):
        outcomes = send(expected, observed_by(expected, first, second), first, second)
    said = {outcome.subject: outcome for outcome in outcomes}
    assert said["receiver chat"].status == "ok"
    assert "slack accepted the message" in said["receiver chat"].message
    # What PagerDuty makes of an event, only a person can tell.
    assert said["receiver page"].status == "warning"
    assert f"look for an incident that names {NAME}1" in said["receiver page"].mend
    assert one.posted == two.posted
    fired, ended = one.posted
    identities = {alert["labels"][LABEL] for alert in fired}
    assert len(identities) == 1
    assert {alert["labels"]["alertname"] for alert in fired} == {f"{NAME}1", f"{NAME}2"}
    assert [alert["labels"] for alert in ended] == [alert["labels"] for alert in fired]
    now = datetime.now(UTC)
    assert all(datetime.fromisoformat(alert["endsAt"]) > now for alert in fired)
    assert all(datetime.fromisoformat(alert["endsAt"]) <= now for alert in ended)


def test_a_refused_message_says_why(expected: Expected) -> None:
    with serving(refused="clientError") as (server, address):
        outcomes = send(expected, observed_by(expected, address), address, receivers=frozenset(["page"]))
    [outcome] = outcomes
    assert outcome.status == "failed"
    assert "pagerduty: the message was not accepted: clientError" in outcome.message
    assert "routing key is wrong" in outcome.cause
    assert len(server.posted) == 2


def test_nothing_is_sent_where_alerts_would_go_astray(expected: Expected) -> None:
    broken = [replace(failed("pod a", "runs another", "", ""), step="running")]
    with serving() as (server, address):
        [outcome] = send(expected, observed_by(expected, address), address, before=broken)
        assert (outcome.status, server.posted) == ("skipped", [])
        three = replace(observed_by(expected, address), alertmanager={"metadata": {}, "spec": {"replicas": 3}})
        [outcome] = send(expected, three, address)
        assert "1 of 3 Alertmanagers are named" in outcome.message
        assert server.posted == []


@pytest.mark.parametrize(("answer", "sent"), [("n\n", 0), ("\n", 0), ("", 0), ("y\n", 2)])
def test_asked_before_anybody_is_paged(
    expected: Expected,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    sent: int,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer + "y\n" * bool(sent)))
    with serving() as (server, address):
        outcomes = send(expected, observed_by(expected, address), address, unasked=False)
    assert "page (wakes people up): " in capsys.readouterr().err
    assert len(server.posted) == sent
    if sent:
        assert {outcome.status for outcome in outcomes} == {"ok"}


def test_an_attempt_is_accepted_only_if_no_failure_follows(
    expected: Expected,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Alertmanager may answer with an attempt before it has counted that it failed."""
    with serving() as (server, address):
        seen = observed_by(expected, address)

        def fails_after_all(_: float) -> None:
            server.refused = "clientError"

        monkeypatch.setattr(sending.time, "sleep", fails_after_all)
        [outcome] = send(expected, seen, address, receivers=frozenset(["chat"]))
    assert outcome.status == "failed"
    assert "was not accepted: clientError" in outcome.message


def test_who_answers_slowly_misses_nothing(
    expected: Expected,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Messages to others arrive while somebody looks for an incident; the time for them is not over by that."""
    passed = 0.0

    def confirmed(_: str) -> bool:
        nonlocal passed
        passed, server.silent = 3600.0, ""
        return True

    monkeypatch.setattr(sending, "_ask", confirmed)
    monkeypatch.setattr(sending, "_confirmed", lambda *_: True)
    monkeypatch.setattr(sending, "time", Clock(lambda: passed))
    with serving(silent="slack") as (server, address):
        seen = observed_by(expected, address)
        outcomes = send(expected, seen, address, unasked=False)
    assert {outcome.subject: outcome.status for outcome in outcomes} == {"receiver page": "ok", "receiver chat": "ok"}


class Clock:
    """The time of `sending`, which stands still but for what is said."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.sleep = lambda _: None


def test_an_interrupted_run_resolves_what_it_sent(
    expected: Expected,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "_by_counter", lambda *_: {("nothing", ""): 1})
    monkeypatch.setattr(sending.time, "sleep", interrupted)
    with serving() as (server, address):
        seen = observed_by(expected, address)
        with pytest.raises(KeyboardInterrupt):
            send(expected, seen, address)
    assert len(server.posted) == 2


MUTED = {
    "services": {"api": {"critical": "page", "any": {"to": "chat", "mute_time_intervals": ["always"]}}},
    "time_intervals": {"always": [{"years": ["2020:2030"]}]},
}


def planned(made: Expected, observed: Observed) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    found, without = trials(made, observed, "0a1b", frozenset())
    return {trial.receiver: dict(trial.labels) for trial in found}, {each.subject: each.message for each in without}


def test_what_would_not_arrive_is_not_sent(tmp_path: Path) -> None:
    receivers = {**RECEIVERS, "other": {"slack": {"channel": "#b", "webhook": "hook"}}}
    credentials = {
        "values": {"hook": {"provider": "existing", "legacy_webhook": True}, "key": {"provider": "existing"}}
    }
    made = Expected(
        *compiled(
            tmp_path,
            {"receivers": receivers, **MUTED},
            receivers=list(receivers),
            routing={"default_receiver": "other"},
            credentials=credentials,
        )
    )
    found, without = planned(made, Observed(now=NOW))
    assert "its route is silent now (always) until 2031-01-01" in without["receiver chat"]
    assert found["page"]["severity"] == "critical"
    assert found["page"][LABEL] == "0a1b"

    silence = {
        "id": "s1",
        "status": {"state": "active"},
        "matchers": [{"name": "severity", "value": "crit.*", "isRegex": True}],
    }
    _, without = planned(made, Observed(now=NOW, peers=[Peer("a", silences=[silence])]))
    assert "the silence s1 covers it" in without["receiver page"]


def test_a_test_alert_silences_nothing_and_is_not_inhibited(tmp_path: Path) -> None:
    rule = {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity!="critical"'],
        "equal": ["service"],
    }
    made = Expected(*compiled(tmp_path, routing={"default_receiver": "chat", "inhibit_rules": [rule]}))
    found, _ = trials(made, Observed(now=NOW), "0a1b", frozenset())
    firing = {"alertname": "Slow", "service": "api", "severity": "warning"}
    _, without = planned(made, Observed(now=NOW, peers=[Peer("a", alerts=[{"labels": firing}])]))
    assert "it would silence an alert that fires" in without["receiver page"]
    # Sent one after the other where one would silence the other.
    services = {trial.labels.get("service", "") for trial in found}
    assert len(rounds(made, Observed(now=NOW), found)) == (2 if len(services) == 1 else 1)
