"""The StatefulSet is rolled out, and its pods are ready."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Object, Observed, condition, name_of, part, parts, seconds_since, spec
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped, warning
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.operator import parses
from alertpath.cluster.steps.time_zones import zones
from alertpath.cluster.steps.words import kubectl, loaded
from alertpath.compiling.compile import CONFIGURATION
from alertpath.output.alert_classes import listed

_YOUNG: Final = 120
"""Seconds that a new pod may take to become ready."""


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    name = f"alertmanager-{expected.name}"
    subject = expected.subject("StatefulSet", name)
    if observed.stateful_set is None:
        yield _no_stateful_set(observed, subject)
        return
    wanted = int(spec(observed.stateful_set).get("replicas") or 0)
    if wanted == 0:
        yield failed(subject, "has no replicas: no Alertmanager runs", "it was scaled down", "set `spec.replicas`")
        return
    stuck = [pod for pod in observed.unready if not (observed.rolling and _is_young(observed, pod))]
    yield from (_not_ready(expected, observed, pod) for pod in stuck)
    status = part(observed.stateful_set, "status")
    if observed.rolling and not stuck:
        yield failed(
            subject,
            f"is being rolled out: {status.get('updatedReplicas') or 0} of {wanted} pods are new",
            "its pods or mounts were changed minutes ago",
            f"wait for it (--wait 300), or {kubectl(expected, f'rollout status statefulset {name}')}",
        )
    elif len(observed.pods) < wanted and not observed.unready:
        yield failed(
            subject,
            f"has {len(observed.pods)} of {wanted} pods",
            "the controller cannot make them: a quota, or an admission webhook",
            kubectl(expected, f"describe statefulset {name}"),
        )
    yield from _versions(expected, observed)
    if not observed.unready and not observed.rolling and len(observed.pods) >= wanted:
        yield ok(subject, f"{listed([name_of(pod) for pod in observed.pods])} ready")


def _no_stateful_set(observed: Observed, subject: str) -> Outcome:
    if (condition(observed.alertmanager, "Reconciled") or {}).get("status") != "True":
        return skipped(subject, "does not exist; because the operator has not made it, see above")
    return failed(
        subject,
        "does not exist",
        "somebody deleted it, and the operator does not run",
        "look at the operator's pods and logs: it makes it again",
    )


def _is_young(observed: Observed, pod: Object) -> bool:
    age = seconds_since(observed, part(pod, "metadata").get("creationTimestamp"))
    return age is not None and age < _YOUNG


def _not_ready(expected: Expected, observed: Observed, pod: Object) -> Outcome:
    subject = expected.subject("Pod", name_of(pod))
    reason, message = _waits(pod)
    said = f"is not ready: {': '.join(filter(None, (reason, message))) or 'no reason given'}"
    missing = [name for name, secret in observed.secrets.items() if secret is None]
    if missing and reason in ("ContainerCreating", "PodInitializing", "Pending"):
        return skipped(subject, f"{said}; because Secret {listed(missing)} does not exist")
    describe = kubectl(expected, f"describe pod {name_of(pod)}")
    if reason in ("CrashLoopBackOff", "Error"):
        return _crashing(expected, observed, subject, said, name_of(pod))
    if reason in ("ImagePullBackOff", "ErrImagePull"):
        return failed(subject, said, "there is no such image or version, or no access to it", describe)
    if reason == "Unschedulable":
        return failed(subject, said, "no node has room, or a volume cannot be had", describe)
    return failed(subject, said, "a Secret or ConfigMap that it mounts is missing, or it has just started", describe)


def _crashing(expected: Expected, observed: Observed, subject: str, said: str, name: str) -> Outcome:
    logs = f"{kubectl(expected, f'logs {name} -c alertmanager --previous')} says why"
    generated = observed.generated.text(CONFIGURATION) if observed.generated else None
    if any(peer.metrics.value("alertmanager_config_last_reload_successful") == 0 for peer in observed.answering):
        return skipped(subject, f"{said}; because Alertmanager refuses the configuration")
    if generated is not None and loaded(generated) is None:
        unexamined = "" if parses(observed) else ", which the operator copied without examining it"
        return failed(subject, said, f"Alertmanager refuses the configuration{unexamined}", logs)
    # Its config-reloader tries a refused configuration for 3 minutes, then waits 3 more if nothing changes meanwhile.
    cause = "an earlier configuration, which is refused, lies in it for up to 6 minutes; or a broken volume or argument"
    if found := zones(expected):
        cause += f"; or its image has no time zone data for {listed(found)}"
    return failed(subject, said, cause, f"{kubectl(expected, f'delete pod {name}')} takes the new one at once; {logs}")


def _waits(pod: Object) -> tuple[str, str]:
    """Why a pod is not ready: a reason in one word, and what it says."""
    status = part(pod, "status")
    for container in (*parts(status, "containerStatuses"), *parts(status, "initContainerStatuses")):
        for kind in ("waiting", "terminated"):
            found = part(part(container, "state"), kind)
            if found and found.get("reason") != "Completed":
                return str(found.get("reason") or kind), str(found.get("message") or "")
    scheduled = condition(pod, "PodScheduled") or {}
    if scheduled.get("status") == "False":
        return str(scheduled.get("reason") or "Unschedulable"), str(scheduled.get("message") or "")
    return str(status.get("phase") or "Unknown"), ""


def _versions(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    wanted = expected.stack.settings.versions.alertmanager.removeprefix("v")
    asked = str(spec(observed.alertmanager).get("version") or wanted).removeprefix("v")
    for peer in observed.answering:
        # What the object asks for is told elsewhere.
        if peer.version and peer.version != asked:
            yield warning(
                peer.name,
                f"is Alertmanager {peer.version}, not {asked}",
                "an image of its own (`spec.image`), or a rollout that is not over",
                f"set `versions.alertmanager: {peer.version}`, or correct the image",
            )


STEP: Final = Step("pods", "the pods are ready", _look, ("stateful-set", "pods"), ("access", "alertmanager"))
