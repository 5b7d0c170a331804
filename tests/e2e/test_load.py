"""A hundred alerts a second, and none is lost; `python -m bench.load` finds the rate where that stops."""

from __future__ import annotations

from bench import load
from tests.e2e.faulty import GROUP_WAIT, Faulty
from tests.e2e.sinks import Fault


def test_none_of_a_hundred_alerts_a_second_is_lost(faulty: Faulty) -> None:
    faulty.wait_until_settled()
    result = load.run(faulty.peers, faulty.cluster.sinks, rate=100, seconds=60, groups=500)
    assert result.posted == 6000
    assert result.lost == 0, result


def test_a_lost_alert_would_be_noticed(faulty: Faulty) -> None:
    """The same with a service that refuses."""
    faulty.wait_until_settled()
    with faulty.cluster.sinks.failing(load.CHANNEL, Fault(404)):
        result = load.run(faulty.peers, faulty.cluster.sinks, rate=10, seconds=1, groups=5, patience=4 * GROUP_WAIT)
    assert result.lost == 10
