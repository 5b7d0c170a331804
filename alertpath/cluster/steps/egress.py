"""NetworkPolicies let out what receivers need, and no more than the stack says."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, name_of, part, spec
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.objects import broken
from alertpath.delivery.egress import Flow, Pod, Verdict, selecting_egress, verdict
from alertpath.delivery.manifests.network_policy import MESH, Destination, destinations
from alertpath.output.alert_classes import listed

# An address of the internet like any other.
_PUBLIC: Final = "1.1.1.1"
_FORBIDDEN: Final = {
    "a cloud's metadata, which hands out the node's credentials": Flow("TCP", 80, "169.254.169.254"),
    "private networks": Flow("TCP", 443, "10.255.255.1"),
    "any port of the internet": Flow("TCP", 6667, _PUBLIC),
}


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    source = _source(expected, observed)
    ours = _own(expected)
    if ours is not None and not selecting_egress([ours], source):
        labels = ", ".join(
            f"{name}={value}" for name, value in expected.stack.settings.network_policy.pod_labels.items()
        )
        yield failed(
            expected.subject("NetworkPolicy", name_of(ours)),
            f"selects no Alertmanager pod ({labels}): it restricts and opens nothing for them",
            "the pods carry other labels than `network_policy.pod_labels`",
            f"set it to labels of the pods, such as {_labels(source)}",
        )
        return
    closed = list(_closed(expected, observed, source))
    yield from closed
    wider = list(_wider(expected, observed, source, ours)) if ours is not None else []
    yield from wider
    if not closed and not wider:
        names = listed([name_of(policy) for policy in selecting_egress(observed.policies, source)])
        yield ok("egress", f"what receivers need is open{f', by {names}' if names else ': no policy restricts it'}")


def _own(expected: Expected) -> Mapping[str, Any] | None:
    settings = expected.stack.settings.network_policy
    return expected.policy if settings.egress == "restricted" else None


def _source(expected: Expected, observed: Observed) -> Pod:
    of_pod = observed.pods[0] if observed.pods else part(spec(observed.stateful_set), "template")
    labels = part(part(of_pod, "metadata"), "labels")
    guessed = {"app.kubernetes.io/name": "alertmanager", "alertmanager": expected.name}
    return _pod(observed, expected.namespace, labels or guessed)


def _pod(observed: Observed, namespace: str, labels: Mapping[str, str]) -> Pod:
    return Pod(namespace, labels, observed.namespaces.get(namespace, {}))


def _labels(source: Pod) -> str:
    return listed([f"{name}: {value}" for name, value in source.labels.items() if name.startswith("app.")])


def needed(expected: Expected, observed: Observed, source: Pod) -> Iterator[tuple[str, Flow]]:
    """What the pods must reach, and a flow that stands for it."""
    settings = expected.stack.settings.network_policy
    resolver = _pod(observed, settings.dns.namespace, settings.dns.pod_labels)
    for protocol in ("UDP", "TCP"):
        yield "DNS", Flow(protocol, settings.dns.port, pod=resolver)
        if int(spec(observed.alertmanager).get("replicas") or 1) > 1:
            yield "the other Alertmanagers", Flow(protocol, MESH, pod=source)
    if settings.proxy:
        address = str(ipaddress.ip_network(settings.proxy.cidr).network_address)
        yield "the proxy", Flow("TCP", settings.proxy.port, address)
    found = destinations(expected.config, expected.namespace, proxy_known=settings.proxy is not None)
    for destination in sorted(found, key=lambda each: (each.address, each.namespace, each.port)):
        yield _words(destination), _flow(observed, destination)


def _words(destination: Destination) -> str:
    if destination.namespace:
        return f"webhooks in the namespace {destination.namespace}"
    return destination.address or "Slack, PagerDuty and other receivers on the internet"


def _flow(observed: Observed, destination: Destination) -> Flow:
    if destination.namespace:
        return Flow("TCP", destination.port, pod=_pod(observed, destination.namespace, {}))
    return Flow("TCP", destination.port, destination.address or _PUBLIC)


def _closed(expected: Expected, observed: Observed, source: Pod) -> Iterator[Outcome]:
    found: dict[str, list[Flow]] = {}
    restricting = ""
    for what, flow in needed(expected, observed, source):
        if not (decided := verdict(observed.policies, source, flow)).allowed:
            found.setdefault(what, []).append(flow)
            restricting = listed([name_of(policy) for policy in selecting_egress(observed.policies, source)])
            assert decided.isolated  # noqa: S101 - what no policy restricts is allowed
    own = expected.subject("NetworkPolicy", name_of(expected.policy)) if expected.policy else ""
    changed = broken(expected, observed).get(own)
    for what, flows in found.items():
        ports = listed(sorted({f"{flow.protocol} {flow.port}" for flow in flows}))
        message = f"{ports} is closed by the policies that select the pods: {restricting}"
        if changed:
            yield skipped(f"egress to {what}", f"{message}; because {own} {changed}")
            continue
        yield failed(
            f"egress to {what}",
            message,
            "policies that close everything else, while the stack's is switched off or does not open it",
            "the pods' port, where it is not their Service's, goes into `network_policy.extra`"
            if own
            else "set `network_policy.enabled: true`, or open it in those policies",
        )


def _wider(expected: Expected, observed: Observed, source: Pod, ours: Mapping[str, Any]) -> Iterator[Outcome]:
    opened: dict[str, list[str]] = {}
    for what, flow in _FORBIDDEN.items():
        decided: Verdict = verdict(observed.policies, source, flow)
        if decided.by and not verdict([ours], source, flow).allowed:
            for name in decided.by:
                opened.setdefault(name, []).append(what)
    for name, what in opened.items():
        subject = expected.subject("NetworkPolicy", name)
        message = f"lets the Alertmanager pods reach {listed(what, len(what))}"
        if name == name_of(ours):
            yield skipped(subject, f"{message}; because it {broken(expected, observed).get(subject, 'was changed')}")
            continue
        yield failed(
            subject,
            message,
            f"policies add up: it cancels {name_of(ours)}; kube-prometheus ships such a one",
            "remove its `egress`, and `Egress` from its `policyTypes`, at its owner; its `ingress` may stay",
        )


STEP: Final = Step(
    "egress", "the network lets out what is needed", _look, ("policies", "declared"), ("access", "update")
)
