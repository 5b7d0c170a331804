"""Messages arrive: what the Alertmanagers count.

Source: Alertmanager 0.34.2, notify/metrics.go and notify/retry_stage.go. A notification that fails with 4xx is given up
at once; others are tried again until the group's next turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Peer
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped, warning
from alertpath.cluster.steps.base import Step
from alertpath.output.alert_classes import counted, listed

RECEIVER: Final = "receiver_name"
_NAMES: Final = {"slack": "Slack", "pagerduty": "PagerDuty", "msteamsv2": "Microsoft Teams", "opsgenie": "Opsgenie"}
_UNREACHED: Final = (
    "no connection: egress is closed, a proxy is needed (`proxy_url`), or DNS fails; or no credential's file",
    "see what is said about egress, mounts and credentials; `kubectl logs` of the pod has the error's words",
)
_CAUSES: Final = {
    ("slack", "clientError"): (
        "the webhook was deleted, its channel was archived, or the channel is misspelt (channel_not_found)",
        "make a new webhook for the channel and store it, or correct `channel` in the catalog",
    ),
    ("slack", "authError"): (
        "the webhook or the app's token was revoked, or the app may not post there",
        "store a new webhook or token; invite the app into the channel",
    ),
    ("pagerduty", "clientError"): (
        "the routing key is wrong: PagerDuty knows no such integration, or it was deleted",
        "copy the Integration Key of an Events API v2 integration of the service into the credential",
    ),
}
_BY_REASON: Final = {
    "clientError": (
        "the receiver refuses the message: a wrong address or text",
        "try the credential by hand with curl",
    ),
    "authError": ("the credential was revoked, or is another one's", "store a new one"),
    "rateLimited": (
        "the receiver takes no more messages per minute",
        "group more alerts into one message (`group_by`, `group_interval`)",
    ),
    "serverError": (
        "the receiver itself is failing, or a proxy before it",
        "look at its status page; it is tried again",
    ),
    "contextDeadlineExceeded": _UNREACHED,
    "contextCanceled": ("Alertmanager was stopped or reloaded in the middle", "nothing: it is sent again"),
    "other": _UNREACHED,
    # Not given up yet: nothing says why.
    "": (f"{_UNREACHED[0]}; or the receiver itself is failing", _UNREACHED[1]),
}
_WORST: Final = ("authError", "clientError", "contextDeadlineExceeded", "other", "serverError", "rateLimited")


def cause(integration: str, reason: str) -> tuple[str, str]:
    """Why messages of an integration fail for one of Alertmanager's reasons ("": it still tries), and what to do."""
    return _CAUSES.get((integration, reason)) or _BY_REASON.get(reason, _UNREACHED)


@final
@dataclass
class Count:
    """What was sent by an integration, all Alertmanagers together.

    `attempts`: HTTP requests; `failed_attempts`; `given_up`: notifications that failed for good, by reason.
    """

    attempts: float = 0
    failed_attempts: float = 0
    given_up: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def arrived(self) -> float:
        """How many were accepted."""
        return self.attempts - self.failed_attempts

    def reason(self) -> str:
        """The most telling of the reasons for which notifications failed; "": none has."""
        there = {reason for reason, number in self.given_up.items() if number > 0}
        return next((reason for reason in _WORST if reason in there), min(there, default=""))


def counts(peers: list[Peer]) -> dict[tuple[str, str], Count]:
    """The counters by integration and receiver; the receiver is "" where the metrics do not name it."""
    found: dict[tuple[str, str], Count] = {}
    for peer in peers:
        for metric, field_name in (("requests", "attempts"), ("requests_failed", "failed_attempts")):
            for labels, value in peer.metrics.samples(f"alertmanager_notification_{metric}_total"):
                count = found.setdefault((labels.get("integration", ""), labels.get(RECEIVER, "")), Count())
                setattr(count, field_name, getattr(count, field_name) + value)
        for labels, value in peer.metrics.samples("alertmanager_notifications_failed_total"):
            count = found.setdefault((labels.get("integration", ""), labels.get(RECEIVER, "")), Count())
            reason = labels.get("reason", "other")
            count.given_up[reason] = count.given_up.get(reason, 0) + value
    return found


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    if not observed.answering:
        yield skipped("messages", "no Alertmanager could be asked")
        return
    used = {
        (kind.removesuffix("_configs"), receiver.name)
        for receiver in expected.config.receivers
        for kind in receiver.integrations
    }
    arrived: list[str] = []
    tried = False
    for (integration, receiver), count in sorted(counts(observed.answering).items()):
        mine = [name for kind, name in sorted(used) if kind == integration and receiver in ("", name)]
        if not mine:
            continue
        tried = tried or count.attempts > 0
        who = f"{_NAMES.get(integration, integration)} ({listed(mine)})"
        lost = sum(count.given_up.values())
        if count.failed_attempts and count.arrived <= 0:
            yield failed(
                who, f"nothing has arrived since the pods started: {_how(count)}", *_unproven(integration, count)
            )
        elif lost:
            why = _why(integration, count)
            message = f"{counted(round(lost), 'notification')} failed since the pods started: {_how(count)}"
            yield warning(who, f"{message}; {round(count.arrived)} arrived", *why)
        elif count.arrived > 0:
            arrived.append(f"{who}: {round(count.arrived)}")
    if arrived or not tried:
        yield ok("messages accepted", listed(arrived, len(arrived)) or "none was sent yet: --send proves it")


def _how(count: Count) -> str:
    reasons = [f"{reason} {round(number)}" for reason, number in sorted(count.given_up.items()) if number]
    return listed(reasons) or f"{counted(round(count.failed_attempts), 'attempt')} failed, and it is tried again"


def _unproven(integration: str, count: Count) -> tuple[str, str]:
    why, mend = _why(integration, count)
    return why, f"{mend}; once that is done, --send proves it"


def _why(integration: str, count: Count) -> tuple[str, str]:
    return cause(integration, count.reason())


STEP: Final = Step(
    "deliveries",
    "messages arrive",
    _look,
    ("peers",),
    ("access", "sources", "credentials", "mounts", "running", "egress"),
)
