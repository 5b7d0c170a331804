"""The cluster answers, and is the one that was meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed
from alertpath.cluster.outcomes import Outcome, failed, ok
from alertpath.cluster.steps.base import Step


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    subject = f"cluster {observed.where}".strip()
    if observed.unreachable:
        yield failed(
            subject,
            f"cannot be asked: {observed.unreachable}",
            "another context or kubeconfig than was meant, a VPN that is off, or a login that has expired",
            "`cluster: {context: ..., kubeconfig: ...}` in the stack's file or --context and --kubeconfig say which "
            "cluster; `kubectl --context CONTEXT get namespaces` must work",
        )
        return
    if observed.namespace is None and "namespace" not in observed.unread:
        yield failed(
            f"Namespace {expected.namespace}",
            "does not exist",
            "another cluster than was meant, or the stack was never applied",
            f"correct the context, or `pulumi up --stack {expected.stack.name}` with `namespace: {{create: true}}`",
        )
        return
    yield ok(subject, "answers")


STEP: Final = Step("access", "the cluster answers", _look)
