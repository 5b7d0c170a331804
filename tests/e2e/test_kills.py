"""Alertmanagers are killed, or hang, while alerts fire: nothing is lost, and what comes twice is the same incident."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
import urllib.request

import pytest

from tests.e2e.alerts import PORT, Peers
from tests.e2e.faulty import CLOSED, GROUP_WAIT, NAMESPACE, PAGE, STREAM, Faulty, alert, labels
from tests.e2e.processes import Process
from tests.e2e.sinks import Fault
from tests.e2e.stream import Stream, streaming


@pytest.fixture
def settled(faulty: Faulty) -> Faulty:
    faulty.wait_until_settled()
    return faulty


def in_order(peers: Peers) -> list[int]:
    """Which Alertmanager notifies first, second, ...: by the names that they gave themselves (cluster/cluster.go)."""
    names: dict[str, int] = {}
    for number, address in enumerate(peers.addresses):
        with urllib.request.urlopen(f"http://{address}:{PORT}/api/v2/status", timeout=60) as answer:
            names[json.load(answer)["cluster"]["name"]] = number
    return [names[name] for name in sorted(names)]


def process(faulty: Faulty, number: int) -> Process:
    pod = faulty.cluster.kubelet.pod(NAMESPACE, f"alertmanager-main-{number}")
    return next(each.process for each in pod.containers if each.name == "alertmanager")


def only(faulty: Faulty, number: int) -> Peers:
    return Peers((faulty.peers.addresses[number],))


def test_nothing_is_lost_where_two_are_killed(settled: Faulty) -> None:
    """The first while it sends a page, then the second when it does: PagerDuty gets it three times."""
    faulty, wait = settled, settled.cluster.wait
    sinks = faulty.cluster.sinks
    stream = Stream(faulty.peers, sinks, [(labels(STREAM), faulty.targets[STREAM])])
    first, second, _ = in_order(faulty.peers)
    with streaming(stream):
        with contextlib.ExitStack() as faults:
            # Nothing is delivered here as long as they are killed.
            faults.enter_context(sinks.failing(faulty.targets[CLOSED], Fault(500)))
            faulty.peers.post(alert(CLOSED, "Known"))
            wait(lambda: len(stream.arrived()) > 3, "the stream arrives")
            before = [name for name, _ in stream.arrived()]
            # It takes the page, but who sends it never hears so.
            faults.enter_context(sinks.failing(faulty.targets[PAGE], Fault(202, hangs=True)))
            faulty.peers.post(alert(PAGE, "Killed"))
            for count, victim in enumerate((first, second), 1):
                wait(lambda sent=count: len(faulty.accepted(PAGE, "Killed")) >= sent, f"page number {count}")
                # What nobody else knows is lost with it, and this test sees it.
                only(faulty, victim).post(alert(CLOSED, f"Lost{count}"))
                process(faulty, victim).kill()
        wait(lambda: len(faulty.accepted(PAGE, "Killed")) >= 3, "the third sends the page")
        faulty.wait_until_settled()
    wait(lambda: not stream.missing() and bool(faulty.accepted(CLOSED, "Known")), "all alerts", 120)
    assert not faulty.accepted(CLOSED, "Lost")
    # Twice only after a kill.
    assert {len(faulty.accepted(STREAM, name)) for name in before} == {1}
    pages = faulty.accepted(PAGE, "Killed")
    assert len({page.body["dedup_key"] for page in pages}) == 1


def test_nothing_is_lost_where_one_hangs(settled: Faulty) -> None:
    """Its connections are taken, but it does nothing, until it goes on later: the next one's turn comes meanwhile."""
    faulty = settled
    hanging, *others = in_order(faulty.peers)
    alerts = alert(PAGE, "Hangs"), alert(STREAM, "Hangs")

    def post() -> None:
        with contextlib.suppress(OSError):
            only(faulty, hanging).post(*alerts)

    unanswered = threading.Thread(target=post)
    process(faulty, hanging).send(signal.SIGSTOP)
    try:
        unanswered.start()
        for number in others:
            only(faulty, number).post(*alerts)
        faulty.cluster.wait(
            lambda: bool(faulty.accepted(PAGE, "Hangs") and faulty.accepted(STREAM, "Hangs")), "both", 120
        )
    finally:
        process(faulty, hanging).send(signal.SIGCONT)
        unanswered.join()
    faulty.wait_until_settled()
    # It has the alert, too, and may or may not have heard that others have told it.
    time.sleep(3 * GROUP_WAIT)
    pages = faulty.accepted(PAGE, "Hangs")
    assert len(pages) <= 2
    assert len({page.body["dedup_key"] for page in pages}) == 1
