"""The cluster answers, and may be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.verify.expected import Expected
from alertpath.verify.observed import Observed, Part
from alertpath.verify.outcomes import Outcome, failed, ok, warning
from alertpath.verify.steps.base import Step

# Without these, everything important can still be told.
_HELPFUL: Final[frozenset[Part]] = frozenset(("namespace", "namespaces", "operator", "store", "alertmanager-configs"))


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
    told: set[str] = set()
    for part, unread in observed.unread.items():
        if unread.why in told:
            continue
        told.add(unread.why)
        mend = f"give this user a Role with the rule {unread.rule}" if unread.rule else "ask again; look at its logs"
        if part in _HELPFUL:
            yield warning(subject, unread.why, "this user lacks the permission", mend)
        else:
            cause = "this user lacks the permission" if unread.rule else "the API server has a problem of its own"
            yield failed(subject, unread.why, cause, mend)
    if not observed.unread:
        yield ok(subject, "answers, and everything can be read")


STEP: Final = Step("access", "the cluster can be read", _look)
