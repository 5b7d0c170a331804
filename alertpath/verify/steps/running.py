"""Each Alertmanager runs the configuration that the operator generated.

Source: Alertmanager 0.34.2, config/coordinator.go: a refused configuration leaves the one before in force, and
`alertmanager_config_hash` is made of the text that was loaded last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from alertpath.compile import CONFIGURATION
from alertpath.verify.expected import Expected
from alertpath.verify.observed import Observed, Peer, seconds_since
from alertpath.verify.outcomes import Outcome, failed, ok, skipped
from alertpath.verify.steps.base import Step
from alertpath.verify.steps.operator import parses
from alertpath.verify.steps.words import KUBELET, kubectl, loaded, what_differs
from alertpath.words import listed

# The config-reloader replaces such references by environment variables.
_VARIABLE: Final = "$("


def config_hash(text: str) -> float:
    """What Alertmanager says of a configuration's text: 48 bits of its MD5."""
    return float(int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:6], "little"))


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    if not observed.peers:
        yield skipped("Alertmanagers", "none could be asked: no pod runs")
        return
    alike: dict[Outcome | None, list[str]] = {}
    for peer in observed.peers:
        alike.setdefault(_fault(expected, observed, peer), []).append(peer.name)
    for outcome, names in alike.items():
        if outcome is not None:
            yield replace(outcome, subject=listed(names))
    if good := alike.get(None):
        yield ok(listed(good), "runs the configuration" if len(good) == 1 else "run the configuration")


def _fault(expected: Expected, observed: Observed, peer: Peer) -> Outcome | None:
    if peer.error:
        return failed(
            "Alertmanager",
            f"cannot be asked: {peer.error}",
            "it is not ready, or serves TLS (`spec.web.tlsConfig`), or the URL leads elsewhere",
            "see what is said about the pods; or name it with --alertmanager-url",
        )
    generated = observed.generated.text(CONFIGURATION) if observed.generated else None
    if peer.metrics.value("alertmanager_config_last_reload_successful") == 0:
        return _refuses(expected, observed)
    found = peer.metrics.value("alertmanager_config_hash")
    if generated is None or found is None or _VARIABLE in generated:
        difference = what_differs(loaded(peer.configuration), expected.config, expected.paging)
        exact = False
    else:
        exact = found == config_hash(generated)
        wanted = loaded(generated) or expected.config
        difference = "" if exact else what_differs(loaded(peer.configuration), wanted, expected.paging)
    if exact or (generated is None and not difference):
        return None
    return failed(
        "Alertmanager",
        f"runs another configuration than the operator generated: {difference or 'of other words, the same routes'}",
        f"{_age(observed)}a changed Secret takes {KUBELET} into a running pod; or the container config-reloader hangs",
        f"wait for it (--wait 150); else {kubectl(expected, 'logs POD -c config-reloader')}",
    )


def _age(observed: Observed) -> str:
    found = observed.generated.written(f"{CONFIGURATION}.gz") if observed.generated else None
    age = seconds_since(observed, found.when) if found else None
    return f"it was generated {age:,.0f} s ago: " if age is not None else ""


def _refuses(expected: Expected, observed: Observed) -> Outcome:
    kept = "It goes on with the one before"
    if parses(observed):
        why = "the operator found nothing wrong with it, but Alertmanager did: its version is older than the setting's"
    else:
        why = (
            "without `spec.alertmanagerConfigSelector` the operator copies the text without examining it: what is "
            "in the Secret is invalid. A pod that restarts now does not come up again"
        )
    return failed(
        "Alertmanager",
        f"refuses the configuration that the operator generated. {kept}",
        why,
        f"{kubectl(expected, 'logs POD -c alertmanager')} says what it refuses (`Loading configuration`); set "
        f"`versions` to what runs, mend what `alertpath compile --stack {expected.stack.name}` then says, `pulumi up`",
    )


STEP: Final = Step(
    "running", "each Alertmanager runs it", _look, ("generated", "peers"), ("access", "alertmanager", "pods")
)
