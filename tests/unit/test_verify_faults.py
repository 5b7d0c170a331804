"""The steps of `alertpath verify`, on clusters with one fault each, made in code."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Permission, Unread
from alertpath.compiling.compile import CONFIGURATION
from tests.unit.samples import CIPHERTEXT, compiled
from tests.unit.verify_clusters import (
    LABELS,
    NOW,
    ROUTING_KEY,
    bad,
    configuration,
    found,
    generated,
    metrics,
    peer,
    pod,
    secret,
    sound,
    spec_of,
)

Fault = Callable[[Expected, Observed], Observed]
# What the operator makes where there is no configuration.
NULL = "route: {receiver: 'null'}\nreceivers: [{name: 'null'}]\n"


@pytest.fixture
def expected(tmp_path: Path) -> Expected:
    return Expected(*compiled(tmp_path))


def no_secret(_: Expected, observed: Observed) -> Observed:
    return replace(observed, configuration=None)


def other_key(expected: Expected, observed: Observed) -> Observed:
    return replace(observed, configuration=secret("alertmanager-main", **{"alertmanager.yml": expected.compiled.text}))


def never_applied(expected: Expected, observed: Observed) -> Observed:
    return replace(null_receiver(expected, observed), configuration=None)


def foreign_edit(expected: Expected, observed: Observed) -> Observed:
    text = expected.compiled.text.replace("receiver: page", "receiver: chat")
    assert text != expected.compiled.text
    peers = [peer(each.name, text) for each in observed.peers]
    live = configuration(expected, **{CONFIGURATION: text})
    return replace(observed, configuration=live, generated=generated(text), peers=peers)


def invalid_with_selector(expected: Expected, observed: Observed) -> Observed:
    message = "provision alertmanager configuration: failed to initialize from secret: field nonsense not found"
    live = {
        **spec_of(observed),
        "status": {"conditions": [{"type": "Reconciled", "status": "False", "message": message}]},
    }
    return replace(
        observed, configuration=configuration(expected, **{CONFIGURATION: "nonsense: true\n"}), alertmanager=live
    )


def invalid_without_selector(expected: Expected, observed: Observed) -> Observed:
    text = "nonsense: true\n"
    peers = [replace(each, metrics=metrics(expected.compiled.text, loaded=0)) for each in observed.peers]
    return replace(
        observed,
        configuration=configuration(expected, **{CONFIGURATION: text}),
        generated=generated(text),
        alertmanager=spec_of(observed, alertmanagerConfigSelector=None),
        peers=peers,
    )


def null_receiver(_: Expected, observed: Observed) -> Observed:
    return replace(observed, generated=generated(NULL), peers=[peer(each.name, NULL) for each in observed.peers])


def reads_another(_: Expected, observed: Observed) -> Observed:
    return replace(observed, alertmanager=spec_of(observed, configSecret="other"))


def ignores_secrets(_: Expected, observed: Observed) -> Observed:
    return replace(observed, alertmanager=spec_of(observed, alertmanagerConfiguration={"name": "global"}))


def paused(_: Expected, observed: Observed) -> Observed:
    return replace(observed, alertmanager=spec_of(observed, paused=True))


def too_old(_: Expected, observed: Observed) -> Observed:
    return replace(observed, alertmanager=spec_of(observed, version="v0.27.0"))


def key_mistyped(_: Expected, observed: Observed) -> Observed:
    return replace(observed, secrets={**observed.secrets, "pagerduty": secret("pagerduty", routing_kee=ROUTING_KEY)})


def wrong_shape(_: Expected, observed: Observed) -> Observed:
    values = secret("pagerduty", routing_key=f"{ROUTING_KEY}7")
    return replace(observed, secrets={**observed.secrets, "pagerduty": values})


def no_credential(_: Expected, observed: Observed) -> Observed:
    pods = [*observed.pods[:2], pod(2, "alertmanager-secrets", "pagerduty", phase="Pending", containerStatuses=[
        {"state": {"waiting": {"reason": "ContainerCreating"}}}
    ])]  # fmt: skip
    return replace(observed, secrets={**observed.secrets, "pagerduty": None}, pods=pods)


def not_mounted(_: Expected, observed: Observed) -> Observed:
    pods = [pod(number, "alertmanager-secrets") for number in range(3)]
    return replace(observed, alertmanager=spec_of(observed, secrets=["alertmanager-secrets"]), pods=pods)


def not_synchronised(_: Expected, observed: Observed) -> Observed:
    name = ("ExternalSecret", "alertmanager-secrets")
    live = copy.deepcopy(dict(observed.declared[name] or {}))
    live["status"]["conditions"] = [
        {"type": "Ready", "status": "False", "reason": "SecretSyncedError", "message": "could not get secret data"}
    ]
    return replace(
        observed,
        declared={**observed.declared, name: live},
        secrets={**observed.secrets, "alertmanager-secrets": None},
    )


def store_missing(_: Expected, observed: Observed) -> Observed:
    return replace(observed, store=None)


def stopped_at_first(expected: Expected, observed: Observed) -> Observed:
    """The first update waited for an ExternalSecret: there are no mounts and no configuration yet."""
    return replace(
        not_synchronised(expected, observed),
        configuration=None,
        alertmanager=spec_of(observed, secrets=[]),
        generated=generated(NULL),
        pods=[pod(number) for number in range(3)],
        peers=[peer(each.name, NULL) for each in observed.peers],
    )


def stopped_later(expected: Expected, observed: Observed) -> Observed:
    """A later update waits for a new one, which nobody has looked at: what ran before goes on."""
    text = expected.compiled.text.replace("alertmanager-secrets", "before")
    name = ("ExternalSecret", "alertmanager-secrets")
    return replace(
        observed,
        configuration=configuration(expected, **{CONFIGURATION: text}),
        declared={**observed.declared, name: {**(observed.declared[name] or {}), "status": {}}},
        secrets={**observed.secrets, "alertmanager-secrets": None},
        generated=generated(text),
        peers=[peer(each.name, text) for each in observed.peers],
    )


def stopped_by_its_store(expected: Expected, observed: Observed) -> Observed:
    condition = {"type": "Ready", "status": "False", "reason": "InvalidProviderConfig", "message": "unable to log in"}
    store = {**(observed.store or {}), "status": {"conditions": [condition]}}
    return replace(stopped_at_first(expected, observed), store=store)


def old_configuration(expected: Expected, observed: Observed) -> Observed:
    text = expected.compiled.text.replace("receiver: page", "receiver: chat")
    return replace(observed, peers=[*observed.peers[:2], peer("alertmanager-main-2", text)])


def split_gossip(expected: Expected, observed: Observed) -> Observed:
    return replace(observed, peers=[*observed.peers[:2], peer("alertmanager-main-2", expected.compiled.text, sees=1)])


def crashing(_: Expected, observed: Observed) -> Observed:
    broken = pod(2, "alertmanager-secrets", "pagerduty", phase="Running", containerStatuses=[
        {"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}
    ])  # fmt: skip
    return replace(observed, pods=[*observed.pods[:2], broken], peers=observed.peers[:2])


def closed_by_default(_: Expected, observed: Observed) -> Observed:
    deny = {"metadata": {"name": "default-deny", "namespace": "monitoring"}, "spec": {"policyTypes": ["Egress"]}}
    name = ("NetworkPolicy", "alertmanager-egress")
    return replace(observed, policies=[deny], declared={**observed.declared, name: None})


def cancelled(_: Expected, observed: Observed) -> Observed:
    spec = {"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Egress"], "egress": [{}]}
    other = {"metadata": {"name": "alertmanager-main", "namespace": "monitoring"}, "spec": spec}
    return replace(observed, policies=[*observed.policies, other])


def other_labels(_: Expected, observed: Observed) -> Observed:
    pods = [{**each, "metadata": {**each["metadata"], "labels": {"app": "am"}}} for each in observed.pods]
    return replace(observed, pods=pods)


def counters(integration: str, reason: str) -> Fault:
    lines = (
        f'alertmanager_notification_requests_total{{integration="{integration}"}} 4\n'
        f'alertmanager_notification_requests_failed_total{{integration="{integration}"}} 4\n'
        f'alertmanager_notifications_failed_total{{integration="{integration}",reason="{reason}"}} 2\n'
    )

    def fault(expected: Expected, observed: Observed) -> Observed:
        text = expected.compiled.text
        return replace(observed, peers=[peer("alertmanager-main-0", text, more=lines), *observed.peers[1:]])

    return fault


def without_labels(expected: Expected, observed: Observed) -> Observed:
    alerts = [
        {"labels": {"alertname": "Slow", "severity": "critical", "service": "api", "namespace": "a"}},
        {"labels": {"alertname": "Slow", "severity": "warning", "namespace": "a"}},
    ]
    first = peer("alertmanager-main-0", expected.compiled.text, alerts=alerts)
    return replace(observed, peers=[first, *observed.peers[1:]])


def one_replica(expected: Expected, observed: Observed) -> Observed:
    silences = [{"id": "1", "status": {"state": "active"}}]
    alone = peer("alertmanager-main-0", expected.compiled.text, sees=1, silences=silences)
    sts = {"metadata": {}, "spec": {"replicas": 1}}
    live = spec_of(observed, replicas=1)
    return replace(observed, alertmanager=live, stateful_set=sts, pods=observed.pods[:1], peers=[alone])


def forbidden(_: Expected, observed: Observed) -> Observed:
    names = ("alertmanager-secrets", "pagerduty")
    unread = [Unread(f'secrets "{name}" is forbidden', Permission("", "secrets", "get", (name,))) for name in names]
    return replace(observed, unread={"secrets": unread}, secrets={})


def elsewhere(*_: object) -> Observed:
    return Observed(now=NOW, unreachable="no such context")


FAULTS: list[tuple[Fault, str, str, str]] = [
    (no_secret, "configuration", "Secret monitoring/alertmanager-main", "does not exist"),
    (never_applied, "configuration", "Secret monitoring/alertmanager-main", "does not exist"),
    (other_key, "configuration", "Secret monitoring/alertmanager-main", "it has alertmanager.yml"),
    (foreign_edit, "configuration", "Secret monitoring/alertmanager-main", "lost pages: service=api"),
    (invalid_with_selector, "configuration", "Secret monitoring/alertmanager-main", "Alertmanager would refuse it"),
    (invalid_without_selector, "configuration", "Secret monitoring/alertmanager-main", "Alertmanager would refuse it"),
    (null_receiver, "operator", "Secret monitoring/alertmanager-main-generated", "receiver null"),
    (reads_another, "alertmanager", "Alertmanager monitoring/main", "reads the Secret other"),
    (ignores_secrets, "alertmanager", "Alertmanager monitoring/main", "ignores every configuration Secret"),
    (paused, "alertmanager", "Alertmanager monitoring/main", "is paused"),
    (too_old, "alertmanager", "Alertmanager monitoring/main", "v0.27.0"),
    (key_mistyped, "credentials", "Secret monitoring/pagerduty, key routing_key", "the Secret has routing_kee"),
    (wrong_shape, "credentials", "Secret monitoring/pagerduty, key routing_key", "it has 33 characters"),
    (no_credential, "credentials", "Secret monitoring/pagerduty", "does not exist"),
    (not_mounted, "mounts", "Alertmanager monitoring/main", "does not mount pagerduty"),
    (not_synchronised, "sources", "ExternalSecret monitoring/alertmanager-secrets", "could not get secret data"),
    (store_missing, "sources", "SecretStore monitoring/vault-backend", "does not exist"),
    (stopped_at_first, "update", "ExternalSecret monitoring/alertmanager-secrets", "could not get secret data"),
    (stopped_later, "update", "ExternalSecret monitoring/alertmanager-secrets", "nobody has looked at it"),
    (stopped_by_its_store, "update", "SecretStore monitoring/vault-backend", "unable to log in"),
    (old_configuration, "running", "alertmanager-main-2", "another configuration is in force"),
    (split_gossip, "gossip", "alertmanager-main-2", "sees 1 Alertmanager of 3"),
    (crashing, "pods", "Pod monitoring/alertmanager-main-2", "CrashLoopBackOff"),
    (closed_by_default, "objects", "NetworkPolicy monitoring/alertmanager-egress", "does not exist"),
    (cancelled, "egress", "NetworkPolicy monitoring/alertmanager-main", "metadata"),
    (other_labels, "egress", "NetworkPolicy monitoring/alertmanager-egress", "selects no Alertmanager pod"),
    (counters("slack", "clientError"), "deliveries", "Slack (chat)", "nothing has arrived"),
    (counters("pagerduty", "clientError"), "deliveries", "PagerDuty (page)", "nothing has arrived"),
    (without_labels, "inhibition", "alert alertname=Slow namespace=a severity=warning", "the label service"),
    (one_replica, "silences", "silences", "1 silence in force"),
    (forbidden, "permissions", "cluster https://127.0.0.1:6443", "is forbidden"),
    (elsewhere, "access", "cluster", "no such context"),
]


@pytest.mark.parametrize(("fault", "step", "subject", "message"), FAULTS)
def test_the_cause_comes_first(expected: Expected, fault: Fault, step: str, subject: str, message: str) -> None:
    outcomes = found(expected, fault(expected, sound(expected)))
    first = bad(outcomes)[0]
    assert (first.step, first.subject) == (step, subject)
    assert message in first.message
    assert first.cause
    assert first.mend


@pytest.mark.parametrize("fault", [never_applied, null_receiver])
def test_the_operators_own_configuration_is_never_all_right(expected: Expected, fault: Fault) -> None:
    [told] = [each for each in found(expected, fault(expected, sound(expected))) if each.step == "running"]
    assert told.status == "skipped"
    assert told.message.startswith("run the operator's own configuration with the receiver null: nobody is told")


@pytest.mark.parametrize("fault", [fault for fault, *_ in FAULTS])
def test_every_update_that_is_told_names_the_stack(expected: Expected, fault: Fault) -> None:
    """So that it can be pasted."""
    for outcome in found(expected, fault(expected, sound(expected))):
        for command in re.findall(r"`(pulumi (?:up|preview)[^`]*|alertpath [^`]*)`", outcome.mend):
            assert "--stack test" in command, outcome


# Those that are two faults: what lies there is invalid, and what became of it.
TWO = {"invalid_with_selector": "operator", "invalid_without_selector": "running"}


@pytest.mark.parametrize(("fault", "step"), [(fault, step) for fault, step, *_ in FAULTS if step != "silences"])
def test_what_follows_is_no_failure_of_its_own(expected: Expected, fault: Fault, step: str) -> None:
    failures = [each for each in found(expected, fault(expected, sound(expected))) if each.status == "failed"]
    assert {each.step for each in failures} == {step, TWO.get(fault.__name__, step)}


@pytest.mark.parametrize("fault", [stopped_at_first, stopped_later, stopped_by_its_store])
def test_an_update_that_waits_goes_on_without_refresh(expected: Expected, fault: Fault) -> None:
    [first] = [each for each in found(expected, fault(expected, sound(expected))) if each.status == "failed"]
    assert "an update waits for it" in first.message
    assert "annotate externalsecret alertmanager-secrets force-sync=1 --overwrite`" in first.mend
    assert first.mend.split("; ")[-1].startswith("then `pulumi up --stack test`, without `--refresh`")


def test_a_sealed_secret_holds_an_update_up_too(tmp_path: Path) -> None:
    values = {
        "hook": {"provider": "sealed-secrets", "secret": "sealed", "sealed": CIPHERTEXT},
        "key": {"provider": "existing", "secret": "pagerduty", "key": "routing_key"},
    }
    expected = Expected(*compiled(tmp_path, credentials={"values": values}))
    condition = {"type": "Synced", "status": "False", "message": "no key could decrypt secret"}
    live = {"metadata": {"name": "sealed"}, "status": {"conditions": [condition]}}
    key = secret("pagerduty", routing_key=ROUTING_KEY)
    held_up = Observed(
        now=NOW,
        namespace={"metadata": {}},
        declared={("SealedSecret", "sealed"): live},
        secrets={"sealed": None, "pagerduty": key},
    )
    first = bad(found(expected, held_up))[0]
    assert (first.step, first.subject) == ("update", "SealedSecret monitoring/sealed")
    assert "no key could decrypt secret; an update waits for it" in first.message
    assert "annotate externalsecret" not in first.mend


def test_what_files_bring_waits_for_nothing(tmp_path: Path) -> None:
    """Argo CD applies all at once: that the configuration is not there has another cause."""
    expected = Expected(*compiled(tmp_path, delivery="files", alertmanager={"mounts": "none"}))
    first = bad(found(expected, stopped_at_first(expected, sound(expected))))[0]
    assert first.step == "configuration"
