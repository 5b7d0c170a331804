"""Sends test alerts, proves from the Alertmanagers' counters that messages were accepted, and resolves them."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Peer
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped, warning
from alertpath.cluster.peers import Address, NoAnswer
from alertpath.cluster.steps.deliveries import Count, cause, counts
from alertpath.cluster.steps.gossip import replicas, seen
from alertpath.cluster.trials import NAME, Trial, rounds, trials
from alertpath.documents.safe_text import printable
from alertpath.output.alert_classes import counted, example, listed

STEP: Final = "send"
# Where any of these failed, alerts would not go where the stack says.
_FIRST: Final = ("access", "permissions", "update", "configuration", "alertmanager", "operator", "running")
_MARGIN: Final = 20.0
"""Seconds beside the group's wait: a second Alertmanager waits 15 s for the first."""
_PERIOD: Final = 2.0
Counts = Mapping[tuple[str, str], Count]
_TEXTS: Final = {
    "summary": "A test by alertpath verify: nothing is wrong.",
    "description": "It is resolved by itself within minutes.",
}


def send(
    expected: Expected,
    observed: Observed,
    addresses: Sequence[Address],
    before: Sequence[Outcome],
    receivers: frozenset[str],
    *,
    unasked: bool,
) -> list[Outcome]:
    """Sends to `receivers` (none: to all), once it is confirmed, unless `unasked`. `before`: what was found so far."""
    return [outcome.redacted(STEP) for outcome in _send(expected, observed, addresses, before, receivers, unasked)]


def _send(
    expected: Expected,
    observed: Observed,
    addresses: Sequence[Address],
    before: Sequence[Outcome],
    receivers: frozenset[str],
    unasked: bool,
) -> Iterator[Outcome]:
    if hindered := _hindered(observed, addresses, before):
        yield hindered
        return
    identity = secrets.token_hex(4)
    planned, without = trials(expected, observed, identity, receivers)
    yield from without
    if not planned:
        return
    if not unasked and not _confirmed(expected, planned):
        yield skipped("test alerts", "not sent: not confirmed")
        return
    sender = _Sender(expected, addresses, unasked=unasked)
    for together in rounds(expected, observed, planned):
        yield from sender.run(together)


def _hindered(observed: Observed, addresses: Sequence[Address], before: Sequence[Outcome]) -> Outcome | None:
    if broken := next((each for each in before if each.status == "failed" and each.step in _FIRST), None):
        return skipped("test alerts", f"not sent: because this failed: {broken.subject}")
    if not addresses or len(observed.answering) < len(addresses):
        return skipped("test alerts", "not sent: not every Alertmanager could be asked")
    wanted = max(replicas(observed), *map(seen, observed.answering))
    if len(addresses) < wanted:
        return skipped(
            "test alerts",
            f"not sent: {len(addresses)} of {wanted} Alertmanagers are named, and alerts must go to all",
            "name each with --alertmanager-url, or none for the port-forward",
        )
    return None


def _confirmed(expected: Expected, planned: Sequence[Trial]) -> bool:
    print("Test alerts, each resolved afterwards:", file=sys.stderr)
    for trial in planned:
        pages = " (wakes people up)" if trial.receiver in expected.paging else ""
        print(f"  {printable(trial.receiver)}{pages}: {example(trial.labels)}", file=sys.stderr)
    return _ask(f"Send {counted(len(planned), 'alert')}?")


def _ask(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Sender:
    def __init__(self, expected: Expected, addresses: Sequence[Address], *, unasked: bool) -> None:
        self._expected = expected
        self._addresses = addresses
        self._unasked = unasked

    def run(self, together: Sequence[Trial]) -> Iterator[Outcome]:
        """Sends some alerts at once, waits for what becomes of them, and resolves them whatever happens."""
        names = listed([f"{trial.receiver} (at most {_seconds(trial):.0f} s)" for trial in together])
        print(f"sending to {printable(names)} ...", file=sys.stderr, flush=True)
        try:
            start = counts(self._peers())
            self._post(together, firing=True)
            yield from self._outcomes(together, start)
        except NoAnswer as error:
            yield failed(
                "test alerts",
                f"an Alertmanager stopped answering: {error}",
                "its pod was replaced, or the connection to the cluster was lost",
                "run this again",
            )
        finally:
            self._post(together, firing=False)

    def _outcomes(self, together: Sequence[Trial], start: Counts) -> Iterator[Outcome]:
        began = time.monotonic()
        waiting = list(together)
        # The reading before, and when it was: what it lacks may have come in time all the same, such as while somebody
        # was asked about another receiver.
        earlier, passed = start, 0.0
        while waiting:
            moment = time.monotonic() - began
            now = counts(self._peers())
            for trial in list(waiting):
                outcome = self._judged(trial, _since(start, earlier, now), late=passed > _seconds(trial))
                if outcome is not None:
                    waiting.remove(trial)
                    yield outcome
            earlier, passed = now, moment
            if waiting:
                time.sleep(_PERIOD)

    def _judged(self, trial: Trial, counted_since: Counts, *, late: bool) -> Outcome | None:
        subject = f"receiver {trial.receiver}"
        missing: list[str] = []
        for (integration, receiver), wanted in _by_counter(trial, counted_since).items():
            since = counted_since.get((integration, receiver), Count())
            if reason := since.reason():
                why, mend = cause(integration, reason)
                return failed(
                    subject, f"{integration}: the message was not accepted: {reason}{_doubt(trial)}", why, mend
                )
            if since.arrived < wanted:
                missing.append(integration)
                if late and since.failed_attempts:
                    why, mend = cause(integration, "")
                    tries = counted(round(since.failed_attempts), "attempt")
                    return failed(
                        subject, f"{integration}: {tries} failed, and it is tried again{_doubt(trial)}", why, mend
                    )
        if not missing:
            return self._accepted(trial, subject)
        if not late:
            return None
        return failed(
            subject,
            f"no message by {listed(missing)} within {_seconds(trial):.0f} s",
            "the alert went elsewhere, or into a group that was told of a short while ago",
            f"look for {example(trial.labels)} in Alertmanager's list of alerts",
        )

    def _accepted(self, trial: Trial, subject: str) -> Outcome:
        said = f"{listed(sorted({kind for kind, _ in trial.messages}))} accepted the message"
        if trial.channels:
            # A webhook posts to its own channel, whatever the configuration says.
            said += f"; {trial.labels['alertname']} must stand in {listed(trial.channels)}"
        said += _doubt(trial)
        if not any(kind == "pagerduty" for kind, _ in trial.messages):
            return ok(subject, said)
        incident = f"an incident that names {trial.labels['alertname']}"
        closed = "PagerDuty's service suppresses it, is disabled, or merges it into another incident"
        if self._unasked:
            return warning(subject, f"{said}, which proves receipt", closed, f"look for {incident} there")
        if _ask(f"{trial.receiver}: did PagerDuty open {incident}?"):
            return ok(subject, f"{said}, and there is an incident")
        return failed(subject, f"{said}, but there is no incident", closed, "look at the service's activity there")

    def _peers(self) -> list[Peer]:
        return [Peer(address.name, metrics=address.metrics()) for address in self._addresses]

    def _post(self, together: Sequence[Trial], *, firing: bool) -> None:
        now = datetime.now(UTC)
        # Should this be killed, Alertmanager resolves them by itself.
        last = timedelta(seconds=max(map(_seconds, together))) + timedelta(minutes=5)
        alerts = [
            {
                "labels": dict(trial.labels),
                "annotations": _TEXTS,
                "startsAt": (now - timedelta(seconds=1)).isoformat(),
                "endsAt": (now + last if firing else now).isoformat(),
            }
            for trial in together
        ]
        lost: list[NoAnswer] = []
        for address in self._addresses:
            try:
                address.post(alerts)
            except NoAnswer as error:
                lost.append(error)
        if lost and firing:
            raise lost[0]
        if lost:
            why = printable(str(lost[0]))
            print(f"not resolved everywhere ({why}): {NAME}* ends by itself in minutes", file=sys.stderr)


def _seconds(trial: Trial) -> float:
    return trial.wait / 1000 + _MARGIN


def _doubt(trial: Trial) -> str:
    name = trial.labels["alertname"]
    return f"; other alerts go there too and may have counted: look there for {name}" if trial.shared else ""


def _by_counter(trial: Trial, now: Counts) -> dict[tuple[str, str], int]:
    """How many messages are wanted of each counter: of those that name receivers, or of those that do not."""
    if any(receiver for _, receiver in now):
        return dict(trial.messages)
    found: dict[tuple[str, str], int] = {}
    for (integration, _), number in trial.messages.items():
        found[integration, ""] = found.get((integration, ""), 0) + number
    return found


def _since(start: Counts, earlier: Counts, now: Counts) -> Counts:
    """What was counted since `start`: attempts until `earlier`, failures until `now`.

    Alertmanager counts an attempt before its failure, and answers with both while it counts: read at one time, an
    attempt that has failed may look like one that has not.
    """
    none, found = Count(), dict[tuple[str, str], Count]()
    for key, count in now.items():
        first = start.get(key, none)
        given_up = {reason: number - first.given_up.get(reason, 0) for reason, number in count.given_up.items()}
        attempts = earlier.get(key, none).attempts - first.attempts
        found[key] = Count(attempts, count.failed_attempts - first.failed_attempts, given_up)
    return found
