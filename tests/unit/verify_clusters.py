"""A cluster that does what a stack says, made in code, and the parts to make others of."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from alertpath.cluster.expected import Expected
from alertpath.cluster.metrics import Metrics
from alertpath.cluster.observed import Observed, Peer, Secret
from alertpath.cluster.outcomes import Outcome
from alertpath.cluster.report import FORMATS
from alertpath.cluster.steps.base import follow
from alertpath.cluster.steps.every import STEPS
from alertpath.cluster.steps.running import config_hash
from alertpath.compiling.compile import CONFIGURATION
from alertpath.delivery.manifests.alertmanager import configuration_files
from alertpath.inputs.credentials import Concealed

WEBHOOK = "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/verifyabcdefghijklmnop"
ROUTING_KEY = "v0123456789abcdefghijklmnopqrst7"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LABELS = {"app.kubernetes.io/name": "alertmanager", "alertmanager": "main"}
CONDITIONS = [
    {"type": "Reconciled", "status": "True", "observedGeneration": 3},
    {"type": "Available", "status": "True"},
]


def secret(name: str, **values: str) -> Secret:
    return Secret(name, {key: Concealed(text) for key, text in values.items()})


def configuration(expected: Expected, **changes: str) -> Secret:
    files = {**configuration_files(expected.compiled), **changes}
    return Secret("alertmanager-main", {key: Concealed(text) for key, text in files.items()})


def generated(text: str) -> Secret:
    return Secret("alertmanager-main-generated", {CONFIGURATION: Concealed(text)})


def metrics(text: str, *, loaded: int = 1, more: str = "") -> Metrics:
    return Metrics(
        f"alertmanager_config_hash {config_hash(text):.0f}\nalertmanager_config_last_reload_successful {loaded}\n{more}"
    )


def peer(name: str, text: str, *, loaded: int = 1, more: str = "", sees: int = 3, **fields: Any) -> Peer:
    status = {
        "config": {"original": text},
        "versionInfo": {"version": "0.34.2"},
        "cluster": {"status": "ready", "peers": [{"name": str(number)} for number in range(sees)]},
    }
    return Peer(name, status=status, metrics=metrics(text, loaded=loaded, more=more), **fields)


def pod(number: int, *secrets: str, **status: Any) -> dict[str, Any]:
    volumes = [{"name": f"secret-{name}", "secret": {"secretName": name}} for name in secrets]
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    return {
        "metadata": {"name": f"alertmanager-main-{number}", "labels": LABELS},
        "spec": {"volumes": volumes},
        "status": status or ready,
    }


def sound(expected: Expected) -> Observed:
    """A cluster that does what the stack says."""
    text = expected.compiled.text
    declared = {(each["kind"], each["metadata"]["name"]): copy.deepcopy(each) for each in expected.declared}
    synced = {"conditions": [{"type": "Ready", "status": "True"}], "refreshTime": "2026-03-02T11:30:00Z"}
    declared["ExternalSecret", "alertmanager-secrets"]["status"] = synced
    mounted = expected.mounted
    return Observed(
        now=NOW,
        where="https://127.0.0.1:6443",
        namespace={"metadata": {"name": "monitoring"}},
        configuration=configuration(expected),
        alertmanager={
            "metadata": {"name": "main", "generation": 3},
            "spec": {"replicas": 3, "version": "v0.34.2", "secrets": mounted, "alertmanagerConfigSelector": {}},
            "status": {"conditions": CONDITIONS},
        },
        generated=generated(text),
        stateful_set={
            "metadata": {"name": "alertmanager-main"},
            "spec": {"replicas": 3},
            "status": {"currentRevision": "a", "updateRevision": "a"},
        },
        pods=[pod(number, *mounted) for number in range(3)],
        secrets={
            "alertmanager-secrets": secret("alertmanager-secrets", hook=WEBHOOK),
            "pagerduty": secret("pagerduty", routing_key=ROUTING_KEY),
        },
        declared=declared,
        store={"metadata": {"name": "vault-backend"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
        policies=[declared["NetworkPolicy", "alertmanager-egress"]],
        namespaces={"kube-system": {}, "monitoring": {}},
        peers=[peer(f"alertmanager-main-{number}", text) for number in range(3)],
    )


def found(expected: Expected, observed: Observed) -> list[Outcome]:
    outcomes = follow(STEPS, expected, observed)
    for form in FORMATS.values():
        text = form(outcomes)
        assert WEBHOOK not in text
        assert ROUTING_KEY not in text
    return outcomes


def bad(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.status in ("failed", "warning")]


def spec_of(observed: Observed, **changes: Any) -> Mapping[str, Any]:
    live = observed.alertmanager
    assert live is not None
    return {**live, "spec": {**live["spec"], **changes}}
