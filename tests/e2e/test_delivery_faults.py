"""Slack and PagerDuty fail and recover, Alertmanagers are killed while alerts fire: what arrives, and what is counted.

Source of what is expected: Alertmanager 0.34.2, notify/retry_stage.go, notify/slack, notify/pagerduty, dispatch.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pytest

from bench import load
from tests.e2e.alerts import PORT, Alert, Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.processes import Process
from tests.e2e.sinks import Fault, Received
from tests.program.conftest import NewProject
from tests.program.engine import Done, Project, assert_hidden

NAMESPACE = "faults"
SECRET = "receivers"
# In seconds. An attempt to notify goes on for group_interval, but at least for 10 (notify/notify.go, MinTimeout).
GROUP_WAIT, GROUP_INTERVAL = 1, 10
# How long an Alertmanager waits for the one before it; 15 by default.
PEER_TIMEOUT = 5
MARGIN = 5
# Longer than an attempt: what is tried again then is another attempt.
OUTAGE = 14
BLINK = 3

# What each receiver's service does until it recovers.
LASTING: Final[Mapping[str, Fault]] = {
    "slack-500": Fault(500),
    "slack-hangs": Fault(500, delay=60),
    "slack-429": Fault(429),
    "slack-403": Fault(403),
    "slack-404": Fault(404),
    "pagerduty-500": Fault(500),
    "pagerduty-hangs": Fault(500, delay=60),
    "pagerduty-429": Fault(429),
}
SHORT: Final[Mapping[str, Fault]] = {"slack-blinks": Fault(503), "pagerduty-blinks": Fault(429)}
# As `LASTING`, and its alert ends before it recovers.
ENDED = "slack-ended"
KILLS, STREAM = "pagerduty-kills", "slack-stream"
RECEIVERS = (*LASTING, *SHORT, ENDED, KILLS, STREAM)
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


@dataclass(frozen=True)
class Faulty:
    """Three Alertmanagers with a receiver for each fault. `targets`: channel or routing key by receiver."""

    cluster: RealCluster
    project: Project
    peers: Peers
    targets: Mapping[str, str]
    credentials: Mapping[str, str]

    def accepted(self, receiver: str, name: str = "") -> list[Received]:
        """What the receiver's service took; only what names an alert."""
        return [each for each in self.cluster.sinks.to(self.targets[receiver]) if name in json.dumps(each.body)]


def is_page(receiver: str) -> bool:
    return receiver.startswith("pagerduty")


@pytest.fixture(scope="module")
def faulty(cluster: RealCluster, new_project: NewProject) -> Faulty:
    cluster.new_namespace(NAMESPACE)
    targets = {name: secrets.token_hex(16) if is_page(name) else f"#{name}" for name in RECEIVERS} | {
        "load": load.CHANNEL
    }
    credentials = {name: to if is_page(name) else cluster.sinks.webhook(to) for name, to in targets.items()}
    cluster.put_secret(NAMESPACE, SECRET, credentials)
    cluster.put_alertmanager(
        NAMESPACE, enableFeatures=["receiver-name-in-metrics"], clusterPeerTimeout=f"{PEER_TIMEOUT}s"
    )
    project = new_project("faults", stack_text(), providers=["kubernetes"])
    (project.root / "catalog.yaml").write_text(catalog_text(), encoding="utf-8")
    project = project.with_env(KUBECONFIG=str(cluster.api.kubeconfig))
    project.up()
    peers = cluster.peers(NAMESPACE)
    cluster.wait(
        lambda: cluster.settled(NAMESPACE) and all(STREAM in each for each in peers.configurations()),
        "three Alertmanagers run the configuration",
        180,
    )
    return Faulty(cluster, project, peers, targets, credentials)


def catalog_text() -> str:
    slack, page = '{{slack: {{channel: "#{0}", webhook: {0}}}}}', "{{pagerduty: {{routing_key: {0}}}}}"
    receivers = (f"  {name}: {(page if is_page(name) else slack).format(name)}\n" for name in RECEIVERS)
    services = (f"  {name}: {{any: {name}}}\n" for name in (*RECEIVERS, "load"))
    return f"team: faults\nreceivers:\n{''.join(receivers)}{load.RECEIVER}services:\n{''.join(services)}"


def stack_text() -> str:
    settings = {
        "delivery": "cluster",
        "namespace": {"name": NAMESPACE},
        "catalog": ["catalog.yaml"],
        "receivers": [*RECEIVERS, "load"],
        "routing": {
            "default_receiver": "slack-500",
            "group_wait": f"{GROUP_WAIT}s",
            "group_interval": f"{GROUP_INTERVAL}s",
        },
        "credentials": {
            "provider": "existing",
            "secret": SECRET,
            "values": {name: {"key": name} for name in (*RECEIVERS, "load")},
        },
    }
    return f"config:\n  alertpath:settings: {json.dumps(settings)}\n"


def alert(receiver: str, name: str) -> Alert:
    return Alert({"alertname": name, "service": receiver, "severity": "critical", "namespace": "seedtest"})


# --- a service fails, and recovers


@dataclass
class Outage:
    """What was seen of a failure of every service; `counters` and `verified` while it lasted."""

    recovered: float = 0
    counters: Mapping[str, Counter[str]] = field(default_factory=dict)
    verified: Done | None = None


@pytest.fixture(scope="module")
def outage(faulty: Faulty) -> Outage:
    """All of them at once: an alert for each, the failure, the recovery, and as long as delivery may take."""
    seen, sinks = Outage(), faulty.cluster.sinks
    with contextlib.ExitStack() as lasting, contextlib.ExitStack() as short:
        for stack, faults in ((lasting, {**LASTING, ENDED: Fault(404)}), (short, SHORT)):
            for receiver, fault in faults.items():
                stack.enter_context(sinks.failing(faulty.targets[receiver], fault))
        faulty.peers.post(*(alert(receiver, "Outage") for receiver in (*LASTING, *SHORT, ENDED)))
        posted = time.monotonic()
        time.sleep(BLINK)
        short.close()
        # Before the group's second turn, whose message the later Alertmanagers would still hold.
        faulty.peers.post(Alert(alert(ENDED, "Outage").labels, resolved=True))
        faulty.cluster.wait(
            lambda: bool(failures(faulty.peers)["slack-hangs"]["contextDeadlineExceeded"]),
            "the first attempt is over",
            GROUP_WAIT + GROUP_INTERVAL + MARGIN,
        )
        seen.verified = faulty.project.alertpath("verify", "--stack", "faults")
        time.sleep(max(0, posted + OUTAGE - time.monotonic()))
        seen.counters = failures(faulty.peers)
    seen.recovered = time.time()
    # No longer than that: every test here would see it.
    faulty.cluster.wait(
        lambda: all(faulty.accepted(receiver, "Outage") for receiver in LASTING),
        f"what each receiver missed; came: {[name for name in LASTING if faulty.accepted(name, 'Outage')]}",
        GROUP_INTERVAL + MARGIN,
    )
    # What the other Alertmanagers still send.
    time.sleep(2 * PEER_TIMEOUT + MARGIN)
    return seen


def failures(peers: Peers) -> dict[str, Counter[str]]:
    """The notifications that failed for good, by receiver and reason, all Alertmanagers together.

    alertmanager_notifications_failed_total; receivers have counters of their own by the feature
    receiver-name-in-metrics.
    """
    return by_receiver(peers, "alertmanager_notifications_failed_total", "reason")


def by_receiver(peers: Peers, metric: str, label: str = "integration") -> dict[str, Counter[str]]:
    """A metric by receiver and by another label."""
    found: dict[str, Counter[str]] = {receiver: Counter() for receiver in (*RECEIVERS, "load", "nobody")}
    for samples in peers.counters(metric):
        for text, value in samples.items():
            labels = dict(re.findall(r'(\w+)="([^"]*)"', text))
            found[labels["receiver_name"]][labels[label]] += round(value)
    return found


def test_what_failed_is_delivered_after_recovery(faulty: Faulty, outage: Outage) -> None:
    for receiver in LASTING:
        came = faulty.accepted(receiver, "Outage")
        assert came, receiver
        assert came[0].at >= outage.recovered, receiver
        # One for each Alertmanager that was trying when it recovered: none looks again what others have sent.
        assert len(came) <= len(faulty.peers.addresses), receiver
    # Who hangs is still about to answer.
    hanging = {faulty.targets[name] for name, fault in LASTING.items() if fault.delay}
    refused = {each.to for each in faulty.cluster.sinks.received if each.code >= 300} - hanging
    assert refused == {faulty.targets[name] for name in (*LASTING, *SHORT, ENDED)} - hanging


def test_pages_that_come_again_are_the_same_incident(faulty: Faulty, outage: Outage) -> None:
    assert outage.recovered
    keys = {name: {each.body["dedup_key"] for each in faulty.accepted(name)} for name in RECEIVERS if is_page(name)}
    for name in (*LASTING, *SHORT):
        if is_page(name):
            assert len(keys[name]) == 1, name
    # Another alert is another incident.
    assert len(keys["pagerduty-500"] | keys["pagerduty-429"]) == 2


def test_after_a_short_failure_it_comes_once(faulty: Faulty, outage: Outage) -> None:
    """As long as no other Alertmanager's turn has come."""
    assert {name: len(faulty.accepted(name, "Outage")) for name in SHORT} == dict.fromkeys(SHORT, 1)
    assert all(not outage.counters[name].total() for name in SHORT)


def test_each_failure_is_counted_by_its_reason(outage: Outage) -> None:
    wrong = {**GIVEN_UP, **TRIED_AGAIN}
    counted = {name: {reason for reason, count in outage.counters[name].items() if count} for name in wrong}
    assert counted == {name: {reason} for name, reason in wrong.items()}


def test_what_is_given_up_is_asked_once_a_turn(faulty: Faulty, outage: Outage) -> None:
    assert outage.recovered
    turns = by_receiver(faulty.peers, "alertmanager_notifications_total")
    requests = by_receiver(faulty.peers, "alertmanager_notification_requests_total")
    for name in GIVEN_UP:
        assert requests[name]["slack"] <= turns[name]["slack"], name
    assert requests["slack-500"]["slack"] > turns["slack-500"]["slack"]
    assert requests["pagerduty-429"]["pagerduty"] > turns["pagerduty-429"]["pagerduty"]


def test_an_alert_that_ended_meanwhile_is_never_told(faulty: Faulty, outage: Outage) -> None:
    assert faulty.accepted(ENDED) == []
    assert outage.counters[ENDED]["clientError"]


def test_verify_names_what_fails(faulty: Faulty, outage: Outage) -> None:
    assert outage.verified is not None
    text = outage.verified.expect(1).text
    for receiver, reason in {**GIVEN_UP, **TRIED_AGAIN}.items():
        kind = "PagerDuty" if is_page(receiver) else "Slack"
        found = re.search(rf"^failed +{kind} \({receiver}\): nothing has arrived since .*", text, re.MULTILINE)
        assert found, f"{receiver}\n{text}"
        assert reason in found[0], f"{receiver}\n{text}"
    assert "slack-blinks" not in "".join(re.findall("^failed.*", text, re.MULTILINE))
    assert_hidden(text, *faulty.credentials.values())


# --- an Alertmanager is killed, or hangs


def in_order(peers: Peers) -> list[int]:
    """Which Alertmanager notifies first, second, ...: by the names that they gave themselves (cluster/cluster.go)."""
    names: dict[str, int] = {}
    for number, address in enumerate(peers.addresses):
        with urllib.request.urlopen(f"http://{address}:{PORT}/api/v2/status", timeout=10) as answer:
            names[json.load(answer)["cluster"]["name"]] = number
    return [names[name] for name in sorted(names)]


def process(faulty: Faulty, number: int) -> Process:
    pod = faulty.cluster.kubelet.pod(NAMESPACE, f"alertmanager-main-{number}")
    return next(each.process for each in pod.containers if each.name == "alertmanager")


def only(faulty: Faulty, number: int) -> Peers:
    return Peers((faulty.peers.addresses[number],))


def began(faulty: Faulty, number: int, receiver: str) -> bool:
    """Whether an Alertmanager has begun to notify a receiver."""
    return bool(by_receiver(only(faulty, number), "alertmanager_notifications_total")[receiver].total())


@contextlib.contextmanager
def stream(faulty: Faulty, names: list[str]) -> Iterator[None]:
    """New alerts all the time in the block, each to every Alertmanager that answers; `names` gets theirs."""
    stopped = threading.Event()

    def post() -> None:
        while not stopped.wait(0.3):
            name = f"Stream{len(names)}x"
            for number in range(len(faulty.peers.addresses)):
                # As Prometheus: what does not answer now has lost it.
                with contextlib.suppress(OSError):
                    only(faulty, number).post(alert(STREAM, name))
            names.append(name)

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


@pytest.fixture
def settled(faulty: Faulty) -> Faulty:
    """All Alertmanagers run, whatever the test before has done to them."""
    faulty.cluster.wait(lambda: faulty.cluster.settled(NAMESPACE), "the Alertmanagers have found each other")
    return faulty


def test_nothing_is_lost_where_two_are_killed(settled: Faulty) -> None:
    """The first while it sends a page, and the second when it does: so the page is accepted three times."""
    faulty, names = settled, list[str]()
    first, second, third = in_order(faulty.peers)
    # Accepted, but the answer never reaches who is killed meanwhile.
    slow = Fault(202, delay=3)
    with stream(faulty, names), faulty.cluster.sinks.failing(faulty.targets[KILLS], slow):
        faulty.cluster.wait(lambda: bool(names and faulty.accepted(STREAM, names[0])), "the stream arrives")
        before = list(names)
        for victim in (first, second):
            if victim == first:
                faulty.peers.post(alert(KILLS, "Kills"))
            faulty.cluster.wait(lambda number=victim: began(faulty, number, KILLS), f"{victim} sends the page")
            # What nobody else knows is lost with it: the loss that this test would see.
            only(faulty, victim).post(alert(STREAM, f"Lost{victim}x"))
            process(faulty, victim).kill()
        faulty.cluster.wait(lambda: began(faulty, third, KILLS), "the third sends the page")
        faulty.cluster.wait(lambda: faulty.cluster.settled(NAMESPACE), "both are back")

    def arrivals() -> dict[str, int]:
        return {name: len(faulty.accepted(STREAM, name)) for name in names}

    faulty.cluster.wait(
        lambda: min(arrivals().values()) > 0, "the whole stream", GROUP_WAIT + 2 * PEER_TIMEOUT + MARGIN
    )
    # Twice only after a kill.
    assert {arrivals()[name] for name in before} == {1}
    assert not faulty.accepted(STREAM, f"Lost{first}x")
    assert not faulty.accepted(STREAM, f"Lost{second}x")
    pages = faulty.accepted(KILLS, "Kills")
    assert len(pages) == 3
    assert len({page.body["dedup_key"] for page in pages}) == 1


def test_nothing_is_lost_where_one_hangs(settled: Faulty) -> None:
    """Alive for the network, but it does nothing, and goes on later: the next one's turn comes meanwhile."""
    faulty = settled
    hanging = in_order(faulty.peers)[0]
    faulty.peers.post(alert(KILLS, "Hangs"), alert(STREAM, "Hangs"))
    process(faulty, hanging).send(signal.SIGSTOP)
    try:
        faulty.cluster.wait(
            lambda: bool(faulty.accepted(KILLS, "Hangs") and faulty.accepted(STREAM, "Hangs")), "both", 60
        )
    finally:
        process(faulty, hanging).send(signal.SIGCONT)
    time.sleep(GROUP_WAIT + MARGIN)
    pages = faulty.accepted(KILLS, "Hangs")
    assert len(pages) <= 2
    assert len({page.body["dedup_key"] for page in pages}) == 1


# --- load; `python -m bench.load` has more of it


def test_none_of_a_hundred_alerts_a_second_is_lost(settled: Faulty) -> None:
    result = load.run(settled.peers, settled.cluster.sinks, rate=100, seconds=10, groups=500)
    assert result.posted == 1000
    assert result.lost == 0


def test_a_lost_alert_would_be_noticed(settled: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a sink that refuses."""
    monkeypatch.setattr(load, "_PATIENCE", GROUP_WAIT + MARGIN)
    with settled.cluster.sinks.failing(load.CHANNEL, Fault(404)):
        assert load.run(settled.peers, settled.cluster.sinks, rate=10, seconds=1, groups=5).lost == 10
