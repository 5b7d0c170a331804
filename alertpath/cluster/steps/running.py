"""Each Alertmanager runs the configuration that the operator generated.

Source: Alertmanager 0.34.2, config/coordinator.go: a refused configuration leaves the one before in force, and
`alertmanager_config_hash` is made of the text that was loaded last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Peer, name_of, seconds_since
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.operator import falls_back, parses
from alertpath.cluster.steps.time_zones import zones
from alertpath.cluster.steps.words import KUBELET, applied, kubectl, loaded, what_differs
from alertpath.compiling.compile import CONFIGURATION
from alertpath.output.alert_classes import listed

# The config-reloader replaces such references by environment variables.
_VARIABLE: Final = "$("
# prometheus-config-reloader 0.94: the retries of one reload last for its --watch-interval, 3 minutes.
_RETRIES: Final = 240
_UNEXAMINED: Final = (
    "what is in the Secret is invalid, and without `spec.alertmanagerConfigSelector` the operator copies the text "
    "without examining it"
)


def config_hash(text: str) -> float:
    """What Alertmanager says of a configuration's text: 48 bits of its MD5."""
    return float(int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:6], "little"))


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    if not observed.peers:
        yield skipped("Alertmanagers", "none could be asked: no pod runs, or they cannot be read")
        return
    alike: dict[Outcome | None, list[str]] = {}
    for peer in observed.peers:
        alike.setdefault(_fault(expected, observed, peer), []).append(peer.name)
    for outcome, names in alike.items():
        if outcome is not None:
            yield replace(outcome, subject=listed(names))
    if good := alike.get(None):
        yield _sound(expected, observed, good)


def _sound(expected: Expected, observed: Observed, names: list[str]) -> Outcome:
    run = "runs" if len(names) == 1 else "run"
    if falls_back(expected, observed):
        null = "the operator's own configuration with the receiver null: nobody is told of anything"
        return skipped(listed(names), f"{run} {null}; because the operator found none, see {expected.configuration}")
    return ok(listed(names), f"{run} the configuration")


def _fault(expected: Expected, observed: Observed, peer: Peer) -> Outcome | None:
    if peer.error and peer.name in map(name_of, observed.unready):
        return skipped("Alertmanager", f"cannot be asked: {peer.error}; because the pod is not ready")
    if peer.error:
        return failed(
            "Alertmanager",
            f"cannot be asked: {peer.error}",
            "it serves TLS (`spec.web.tlsConfig`), or the URL leads elsewhere",
            "name each with --alertmanager-url",
        )
    if peer.metrics.value("alertmanager_config_last_reload_successful") == 0:
        return _refuses(expected, observed, peer)
    generated = observed.generated.text(CONFIGURATION) if observed.generated else None
    found = peer.metrics.value("alertmanager_config_hash")
    if generated is not None and found == config_hash(generated):
        return None
    wanted = (loaded(generated) if generated else None) or expected.config
    difference = what_differs(loaded(peer.configuration), wanted, expected.paging)
    if not difference and (generated is None or found is None or _VARIABLE in generated):
        return None
    age = _age(observed)
    ago = "" if age is None else f"it was generated {age:,.0f} s ago: "
    return failed(
        "Alertmanager",
        f"another configuration is in force than the operator generated: {difference or 'the same in other words'}",
        f"{ago}a changed Secret takes {KUBELET} into a running pod; or the container config-reloader hangs",
        f"wait for it (--wait 150); else {kubectl(expected, 'logs POD -c config-reloader')}",
    )


def _age(observed: Observed) -> float | None:
    """Seconds since the operator generated what the pods are to run."""
    found = observed.generated.written(f"{CONFIGURATION}.gz") if observed.generated else None
    return seconds_since(observed, found.when) if found else None


def _refuses(expected: Expected, observed: Observed, peer: Peer) -> Outcome:
    generated = observed.generated.text(CONFIGURATION) if observed.generated else None
    message = "the configuration in the pod is refused; the one before stays in force"
    logs = f"{kubectl(expected, 'logs POD -c alertmanager')} says what is refused (`Loading configuration`)"
    compiled = f"`alertpath compile --stack {expected.stack.name}`"
    mend = f"set `versions` to what runs, mend what {compiled} says, {applied(expected)}"
    dies = "A pod that restarts now does not come up again"
    if generated is None or loaded(generated) is None:
        cause = "the operator has not examined it" if parses(observed) else _UNEXAMINED
        return failed("Alertmanager", message, f"{cause}. {dies}", f"{logs}; {mend}")
    causes = list(_refusals_of_good(expected, observed, peer))
    wait = "wait for it (--wait 240); else " if _retried(observed) else ""
    return failed(
        "Alertmanager",
        message,
        "; or ".join(causes),
        f"{wait}{logs}: {mend}, or take an image with /usr/share/zoneinfo, as the official one is",
    )


def _refusals_of_good(expected: Expected, observed: Observed, peer: Peer) -> Iterator[str]:
    """Why an Alertmanager may refuse what is valid, the likeliest first."""
    wanted = expected.stack.settings.versions.alertmanager.removeprefix("v")
    if peer.version and peer.version != wanted:
        yield f"it is Alertmanager {peer.version}, not {wanted} (`versions.alertmanager`), and may know less"
    if _retried(observed):
        yield "an earlier one was refused, which the config-reloader tries again for 3 minutes before it reads the next"
    if found := zones(expected):
        yield f"its image has no time zone data for {listed(found)}"
    yield "a template cannot be parsed"


def _retried(observed: Observed) -> bool:
    age = _age(observed)
    return age is None or age < _RETRIES


STEP: Final = Step(
    "running", "each Alertmanager runs it", _look, ("generated", "peers"), ("access", "alertmanager", "pods")
)
