"""One run: connect, read, look, and where asked to, send test alerts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from alertpath.verify.expected import Expected
from alertpath.verify.library import Unreachable, connect
from alertpath.verify.outcomes import Outcome, any_failed
from alertpath.verify.peers import Address
from alertpath.verify.reading import read, unreachable
from alertpath.verify.steps import STEPS
from alertpath.verify.steps.base import follow

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

    `addresses`: Alertmanagers to ask instead of the pods. `seconds`: so long it looks again while something fails, as
    after an `up`, when pods are replaced and Secrets find their way into them.
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
        if not any_failed(outcomes) or time.monotonic() > end:
            break
        time.sleep(_PERIOD)
    if send_to is not None:
        from alertpath.verify.sending import send

        outcomes += send(expected, observed, asked, outcomes, send_to, unasked=unasked)
    return outcomes
