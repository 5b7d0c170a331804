"""The Alertmanager object reads the stack's Secret, in the versions that the stack is checked against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Object, Observed, spec
from alertpath.cluster.outcomes import Outcome, failed, ok, warning
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.words import applied
from alertpath.inputs.fields import version


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    found = list(unread(expected, observed))
    if observed.alertmanager is not None:
        found += _versions(expected, spec(observed.alertmanager))
    reads = f"reads the Secret {expected.stack.settings.alertmanager.secret}"
    yield from found or [ok(expected.alertmanager, reads)]


def unread(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    """Why the pods get nothing of what the stack writes, whatever version they are; nothing: they do."""
    subject, settings = expected.alertmanager, expected.stack.settings
    live = observed.alertmanager
    if live is None:
        owned = settings.alertmanager.mounts == "object"
        yield failed(
            subject,
            "does not exist, so no Alertmanager runs",
            "the stack was never applied here" if owned else "its chart or manifest is not installed in this namespace",
            applied(expected) if owned else "install it, or correct `alertmanager.name` and `namespace.name`",
        )
        return
    if live["metadata"].get("deletionTimestamp"):
        yield failed(subject, "is being deleted", "somebody deleted it", "let its owner apply it again")
    yield from _reads_another(expected, spec(live))


def _reads_another(expected: Expected, live: Object) -> Iterator[Outcome]:
    subject, secret = expected.alertmanager, expected.stack.settings.alertmanager.secret
    reads = live.get("configSecret") or f"alertmanager-{expected.name}"
    if live.get("alertmanagerConfiguration"):
        yield failed(
            subject,
            "has `spec.alertmanagerConfiguration`, and so ignores every configuration Secret",
            "its owner configures it by an AlertmanagerConfig",
            "remove that field at its owner; what it says belongs into the catalog",
        )
    elif reads != secret:
        yield failed(
            subject,
            f"reads the Secret {reads}, the stack writes {secret}",
            "the Secret's name is not what the operator expects",
            f"set `alertmanager.secret: {reads}`, or `spec.configSecret: {secret}` at its owner",
        )
    if live.get("paused"):
        yield failed(
            subject,
            "is paused: the operator ignores every change, also of the configuration",
            "somebody set `spec.paused: true`",
            "remove it, and every change since is taken",
        )


def _versions(expected: Expected, live: Object) -> Iterator[Outcome]:
    wanted = expected.stack.settings.versions.alertmanager
    runs = _version(str(live.get("version") or ""))
    if runs and runs != version(wanted):
        older = runs < version(wanted)
        yield (failed if older else warning)(
            expected.alertmanager,
            f"asks for Alertmanager {live['version']}, the stack is checked against {wanted}",
            "the object or the setting was changed alone",
            f"set `versions.alertmanager: {'.'.join(map(str, runs))}`, or `spec.version: v{wanted.removeprefix('v')}`",
        )


def _version(text: str) -> Any:
    try:
        return version(text)
    except ValueError:
        return None


STEP: Final = Step(
    "alertmanager", "the Alertmanager object reads that Secret", _look, ("alertmanager",), ("access", "update")
)
