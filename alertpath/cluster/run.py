"""One run: connect, read, look, and where asked to, send test alerts."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from alertpath.cluster.client import Unreachable, connect
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Peer
from alertpath.cluster.observing import read, unreachable
from alertpath.cluster.outcomes import Outcome
from alertpath.cluster.peers import Address, NoAnswer
from alertpath.cluster.steps.base import follow
from alertpath.cluster.steps.every import STEPS
from alertpath.output.alert_classes import printable

_PERIOD: Final = 5.0


def examine(
    expected: Expected,
    kubeconfig: str | None,
    context: str | None,
    addresses: Sequence[Address] = (),
    *,
    seconds: float = 0,
    send_to: frozenset[str] | None = None,
    unasked: bool = False,
) -> list[Outcome]:
    """What is found in the cluster; None: as the stack says, else as kubectl does.

    `addresses`: Alertmanagers to ask instead of the pods. `seconds`: so long it looks again while something fails
    or is not over yet, as after an `up`, when pods are replaced and Secrets find their way into them.
    `send_to`: None: send nothing; else to these receivers, or to all where it is empty. `unasked`: without asking.
    """
    settings = expected.stack.settings.cluster
    try:
        api = connect(kubeconfig or settings.kubeconfig, context or settings.context)
    except Unreachable as error:
        return follow(STEPS, expected, unreachable(str(error)))
    end = time.monotonic() + seconds
    while True:
        observed, asked = read(expected, api, addresses)
        outcomes = follow(STEPS, expected, observed)
        left = end - time.monotonic()
        wrong = _waited_for(outcomes)
        if wrong is None or left <= 0:
            break
        print(f"not yet, for {left:.0f} s more: {printable(wrong.subject)}: {wrong.step}", file=sys.stderr, flush=True)
        time.sleep(min(_PERIOD, left))
    if send_to is not None:
        from alertpath.cluster.sending import send

        sent = send(expected, observed, asked, outcomes, send_to, unasked=unasked)
        if any(outcome.status != "skipped" for outcome in sent):
            # What nothing had arrived at has been reached now, or has refused it.
            outcomes = follow(STEPS, expected, replace(observed, peers=_counted(observed, asked)))
        outcomes += sent
    return outcomes


def _waited_for(outcomes: Sequence[Outcome]) -> Outcome | None:
    failures = [outcome for outcome in outcomes if outcome.status == "failed"]
    passing = [outcome for outcome in outcomes if outcome.passes]
    return next(iter((*failures, *passing)), None)


def _counted(observed: Observed, asked: Sequence[Address]) -> list[Peer]:
    """The Alertmanagers with their counters as they are now, where they still answer."""
    found: list[Peer] = []
    for peer, address in zip(observed.peers, asked, strict=False):
        try:
            found.append(replace(peer, metrics=address.metrics()))
        except NoAnswer:
            found.append(peer)
    return found
