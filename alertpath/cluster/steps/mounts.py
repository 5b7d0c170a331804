"""The Secrets with credentials are mounted into every Alertmanager pod."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Object, Observed, name_of, part, parts, spec
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.objects import broken, unapplied
from alertpath.cluster.steps.words import applied, kubectl
from alertpath.delivery.manifests.alertmanager import owners_of_mounts, writers_of_mounts
from alertpath.inputs.credentials import MOUNT
from alertpath.output.alert_classes import listed


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    declared = set(cast("list[str]", spec(observed.alertmanager).get("secrets") or []))
    # Somebody else may mount them by `volumes` and `volumeMounts` of their own.
    by_hand = _mounted(spec(observed.alertmanager))
    missing = [name for name in expected.mounted if name not in declared | by_hand]
    if missing and (unapplied(observed) or expected.alertmanager in broken(expected, observed)):
        yield skipped(
            expected.alertmanager,
            f"`spec.secrets` does not mount {listed(missing)}; because the stack's objects were not applied, see above",
        )
        return
    if missing:
        yield _undeclared(expected, observed, missing, declared)
        return
    for pod in observed.pods:
        absent = [name for name in expected.mounted if name not in _mounted(spec(pod))]
        if absent:
            yield failed(
                expected.subject("Pod", name_of(pod)),
                f"does not mount {listed(absent)}, although `spec.secrets` says so",
                "the operator has not changed the StatefulSet, or the pod has not been replaced since",
                f"{kubectl(expected, f'rollout status statefulset alertmanager-{expected.name}')}; the operator's logs",
            )
            return
    where = f" in {len(observed.pods)} pods" if observed.pods else ""
    yield ok(expected.alertmanager, f"mounts {listed(expected.mounted) or 'nothing, and needs nothing'}{where}")


def _undeclared(expected: Expected, observed: Observed, missing: list[str], declared: set[str]) -> Outcome:
    stack, wanted = expected.stack, listed([*sorted(declared), *missing])
    owners, writers = (
        [repr(manager) for manager in managers(stack, observed.alertmanager or {})]
        for managers in (owners_of_mounts, writers_of_mounts)
    )
    if stack.settings.alertmanager.mounts == "none":
        mend = f"let its owner set `spec.secrets` to {wanted}"
    elif owners:
        mend = f"let {listed(owners)} mount {wanted} at its source, and set `alertmanager: {{mounts: none}}`"
    else:
        mend = applied(expected, restored=True)
    return failed(
        expected.alertmanager,
        f"`spec.secrets` does not mount {listed(missing)}, so {MOUNT}/{missing[0]}/ does not exist in the pods",
        f"the list belongs to {listed(writers)}" if writers else "the stack's mounts were never applied, or taken away",
        mend,
    )


def _mounted(pod: Object) -> set[str]:
    return {name for each in parts(pod, "volumes") if (name := part(each, "secret").get("secretName"))}


STEP: Final = Step(
    "mounts", "the credentials are mounted", _look, ("alertmanager", "pods"), ("access", "alertmanager", "pods")
)
