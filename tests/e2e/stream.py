"""A steady stream of alerts, each with a name of its own, and a count of those that arrive where they belong."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, final

from tests.e2e.alerts import Alert, Peers
from tests.e2e.sinks import Sinks
from tests.program.repeating import every

_PER_SECOND: Final = 5


@final
class Stream:
    """`targets`: the labels of a kind of alert, and the channel or routing key where it belongs."""

    def __init__(self, peers: Peers, sinks: Sinks, targets: Sequence[tuple[Mapping[str, str], str]]) -> None:
        self.posted: Final[dict[str, str]] = {}
        """Where each alert belongs, by its name."""
        self._peers = peers
        self._sinks = sinks
        self._targets = itertools.cycle(targets)
        self._name = f"Stream{secrets.token_hex(4)}N"

    def post(self) -> None:
        """One more alert, to every Alertmanager that answers; what does not answer now has lost it, as in a cluster."""
        labels, target = next(self._targets)
        name = f"{self._name}{len(self.posted)}x"
        alert = Alert({**labels, "alertname": name}, {"summary": name})
        for address in self._peers.addresses:
            with contextlib.suppress(OSError):
                Peers((address,)).post(alert)
        self.posted[name] = target

    def arrived(self) -> set[tuple[str, str]]:
        """Alerts by name, and where they were accepted; a message may hold several."""
        pattern = re.compile(rf"{self._name}\d+x")
        return {
            (name, each.to)
            for each in list(self._sinks.received)
            if each.code < 300
            for name in pattern.findall(json.dumps(each.body))
        }

    def missing(self) -> set[tuple[str, str]]:
        """Those that have not come to where they belong."""
        return set(self.posted.items()) - self.arrived()

    def astray(self) -> set[tuple[str, str]]:
        """Those that have come elsewhere."""
        return self.arrived() - set(self.posted.items())


@contextmanager
def streaming(stream: Stream) -> Iterator[None]:
    """Alerts go out until the block is left."""
    with every(1 / _PER_SECOND, stream.post, "stream"):
        yield
