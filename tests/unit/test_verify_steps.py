"""The steps of `alertpath verify`, on clusters made in code: a sound one, and one with each fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from alertpath.compile import CONFIGURATION
from alertpath.credentials import Concealed
from alertpath.manifests.alertmanager import configuration_files
from alertpath.verify.expected import Expected
from alertpath.verify.metrics import Metrics
from alertpath.verify.observed import Observed, Peer, Secret, Unread
from alertpath.verify.outcomes import Outcome
from alertpath.verify.report import FORMATS
from alertpath.verify.steps import STEPS
from alertpath.verify.steps.base import follow
from alertpath.verify.steps.running import config_hash
from tests.unit.samples import compiled

WEBHOOK = "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/verifyabcdefghijklmnop"
ROUTING_KEY = "v0123456789abcdefghijklmnopqrst7"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LABELS = {"app.kubernetes.io/name": "alertmanager", "alertmanager": "main"}
CONDITIONS = [
    {"type": "Reconciled", "status": "True", "observedGeneration": 3},
    {"type": "Available", "status": "True"},
]
Fault = Callable[[Expected, Observed], Observed]


@pytest.fixture
def expected(tmp_path: Path) -> Expected:
    return Expected(*compiled(tmp_path))


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


def test_a_sound_cluster_has_no_fault(expected: Expected) -> None:
    outcomes = found(expected, sound(expected))
    assert bad(outcomes) == []
    assert {outcome.step for outcome in outcomes} == {step.id for step in STEPS}
    assert {outcome.status for outcome in outcomes} == {"ok"}


def test_a_value_is_never_shown() -> None:
    assert WEBHOOK not in repr(secret("a", hook=WEBHOOK))


def spec_of(observed: Observed, **changes: Any) -> Mapping[str, Any]:
    live = observed.alertmanager
    assert live is not None
    return {**live, "spec": {**live["spec"], **changes}}


def no_secret(_: Expected, observed: Observed) -> Observed:
    return replace(observed, configuration=None)


def other_key(expected: Expected, observed: Observed) -> Observed:
    return replace(observed, configuration=secret("alertmanager-main", **{"alertmanager.yml": expected.compiled.text}))


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
    text = "route: {receiver: 'null'}\nreceivers: [{name: 'null'}]\n"
    return replace(observed, generated=generated(text), peers=[peer(each.name, text) for each in observed.peers])


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
    why = 'secrets "pagerduty" is forbidden'
    return replace(observed, unread={"secrets": Unread(why, "{resources: [secrets], verbs: [get]}")}, secrets={})


def elsewhere(*_: object) -> Observed:
    return Observed(now=NOW, unreachable="no such context")


FAULTS: list[tuple[Fault, str, str, str]] = [
    (no_secret, "configuration", "Secret monitoring/alertmanager-main", "does not exist"),
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
    (forbidden, "access", "cluster https://127.0.0.1:6443", "is forbidden"),
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


# Those that are two faults: what lies there is invalid, and what became of it.
_TWO = {"invalid_with_selector": "operator", "invalid_without_selector": "running"}


@pytest.mark.parametrize(("fault", "step"), [(fault, step) for fault, step, *_ in FAULTS if step != "silences"])
def test_what_follows_is_no_failure_of_its_own(expected: Expected, fault: Fault, step: str) -> None:
    failures = [each for each in found(expected, fault(expected, sound(expected))) if each.status == "failed"]
    assert {each.step for each in failures} == {step, _TWO.get(fault.__name__, step)}


def test_a_stack_that_was_never_applied_is_one_failure(expected: Expected) -> None:
    observed = sound(expected)
    never = replace(
        observed,
        configuration=None,
        declared=dict.fromkeys(observed.declared),
        policies=[],
        secrets=dict.fromkeys(observed.secrets),
        alertmanager=spec_of(observed, secrets=[]),
        pods=[pod(number) for number in range(3)],
    )
    failures = [each for each in found(expected, never) if each.status == "failed"]
    # The other Secret is not the stack's to make.
    assert [each.subject for each in failures] == ["Secret monitoring/alertmanager-main", "Secret monitoring/pagerduty"]
    assert failures[0].cause == "the stack was never applied here"


def test_pods_that_are_being_replaced_are_one_failure(expected: Expected) -> None:
    observed = sound(expected)
    created = {"creationTimestamp": "2026-03-02T11:59:50Z"}
    new = {**pod(2, *expected.mounted, phase="Pending"), "metadata": {**pod(2)["metadata"], **created}}
    sts = {
        **(observed.stateful_set or {}),
        "status": {"currentRevision": "a", "updateRevision": "b", "updatedReplicas": 1},
    }
    text = expected.compiled.text.replace("receiver: page", "receiver: chat")
    rolling = replace(
        observed, stateful_set=sts, pods=[pod(0), pod(1), new], peers=[peer("a", text), peer("b", text, sees=2)]
    )
    [failure] = [each for each in found(expected, rolling) if each.status in ("failed", "warning")]
    assert "is being rolled out: 1 of 3 pods are new" in failure.message
    # One that has not come up for an hour is no rollout that takes its time.
    new["metadata"]["creationTimestamp"] = "2026-03-02T11:00:00Z"
    [failure] = [each for each in found(expected, rolling) if each.status == "failed"]
    assert failure.subject == "Pod monitoring/alertmanager-main-2"


def test_the_operators_two_ways_of_refusing_are_told_apart(expected: Expected) -> None:
    said: dict[str, Outcome] = {}
    for fault in (invalid_with_selector, invalid_without_selector):
        outcomes = found(expected, fault(expected, sound(expected)))
        said[fault.__name__] = next(each for each in outcomes if each.step == _TWO[fault.__name__])
    with_selector, without = said.values()
    assert "the operator refuses it" in with_selector.message
    assert "go on with the configuration before" in with_selector.message
    assert "is refused; the one before stays in force" in without.message
    assert "copies the text without examining it" in without.cause


def test_routes_of_alertmanager_configs_are_named_and_no_difference(expected: Expected) -> None:
    observed = sound(expected)
    text = expected.compiled.text
    more = {"receiver": "team-b/db/mail", "matchers": ['namespace="team-b"'], "continue": True}
    found_config: dict[str, Any] = json.loads(json.dumps(_as_data(text)))
    found_config["route"]["routes"].insert(0, more)
    found_config["receivers"].append({"name": "team-b/db/mail"})
    merged = json.dumps(found_config)
    outcomes = found(
        expected,
        replace(
            observed,
            generated=generated(merged),
            alertmanager_configs=[{"metadata": {"namespace": "team-b", "name": "db"}}],
            peers=[peer(each.name, merged) for each in observed.peers],
        ),
    )
    assert bad(outcomes) == []
    assert any("team-b/db come before them" in each.message for each in outcomes if each.step == "operator")


def _as_data(text: str) -> Any:
    import yaml

    return yaml.load(text, Loader=yaml.CSafeLoader)


def test_twice_by_continue(expected: Expected) -> None:
    observed = sound(expected)
    config = _as_data(expected.compiled.text)
    config["route"]["routes"].insert(0, {"receiver": "page", "matchers": ['severity="critical"'], "continue": True})
    text = json.dumps(config)
    # The same in the Secret, so that nothing else is at fault.
    live = replace(
        observed,
        configuration=configuration(expected, **{CONFIGURATION: text}),
        generated=generated(text),
        peers=[peer(each.name, text) for each in observed.peers],
    )
    first = bad(found(expected, live))[0]
    assert first.step == "configuration"
    told = follow([step for step in STEPS if step.id == "duplicates"], expected, live)
    assert [each.status for each in told] == ["failed"]
    assert "sent to the same place twice" in told[0].message


def test_two_credentials_with_one_value(tmp_path: Path) -> None:
    receivers = {
        "page": {"pagerduty": {"routing_key": "key"}},
        "chat": {"slack": {"channel": "#a", "webhook": "hook"}},
        "low": {"slack": {"channel": "#b", "webhook": "hook-b"}},
    }
    values = {name: {"provider": "existing"} for name in ("hook", "hook-b", "key")}
    (tmp_path / "two").mkdir()
    two = Expected(
        *compiled(
            tmp_path / "two",
            {"receivers": receivers, "services": {"api": {"critical": "page", "warning": "low", "any": "chat"}}},
            receivers=["page", "chat", "low"],
            credentials={"values": values},
        )
    )
    step = [step for step in STEPS if step.id == "credentials"]
    live = secret("alertmanager-secrets", hook=WEBHOOK, **{"hook-b": WEBHOOK, "key": ROUTING_KEY})
    outcomes = follow(step, two, Observed(now=NOW, secrets={"alertmanager-secrets": live}))
    assert [each.status for each in outcomes] == ["ok", "warning"]
    assert "have the same value" in outcomes[1].message
    assert WEBHOOK not in str(outcomes)


def test_a_refused_part_is_skipped_and_says_which_rule_grants_it(expected: Expected) -> None:
    outcomes = found(expected, forbidden(expected, sound(expected)))
    assert "{resources: [secrets], verbs: [get]}" in outcomes[0].mend
    assert next(each.status for each in outcomes if each.step == "credentials") == "skipped"


def test_the_reports(expected: Expected) -> None:
    outcomes = found(expected, key_mistyped(expected, sound(expected)))
    text = FORMATS["text"](outcomes)
    assert "failed   Secret monitoring/pagerduty, key routing_key: there is no such key" in text
    assert text.endswith("Begin with: Secret monitoring/pagerduty, key routing_key\n")
    data = json.loads(FORMATS["json"](outcomes))
    assert data["counts"]["failed"] == 1
    assert {"step", "status", "subject", "message", "cause", "mend"} == set(data["outcomes"][0])
    suite = Xml.fromstring(FORMATS["junit"](outcomes))  # noqa: S314 - made here
    assert suite.get("failures") == "1"
    assert len(suite.findall("testcase")) == len(outcomes) == int(suite.get("tests", ""))
    assert len(suite.findall("testcase/failure")) == 1


def test_metrics_are_read_as_prometheus_writes_them() -> None:
    text = 'a_total{b="x\\"y\\\\z\\n",c="d,e}"} 1.5e+06\n# HELP a_total of a\na_total 3 1700000000\nb NaN\n'
    read = Metrics(text)
    assert read.samples("a_total") == [({"b": 'x"y\\z\n', "c": "d,e}"}, 1.5e6), ({}, 3.0)]
    assert read.value("nothing") is None
