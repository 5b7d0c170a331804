"""The steps of `alertpath verify`, on clusters made in code, and how what they find is told."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml

from alertpath.cluster.expected import Expected
from alertpath.cluster.metrics import Metrics
from alertpath.cluster.observed import Manager, Observed, Part, Permission, Unread
from alertpath.cluster.outcomes import Outcome
from alertpath.cluster.report import FORMATS
from alertpath.cluster.run import examine
from alertpath.cluster.steps.base import follow
from alertpath.cluster.steps.every import STEPS
from alertpath.compiling.compile import CONFIGURATION
from tests.unit.samples import compiled
from tests.unit.test_verify_faults import (
    TWO,
    elsewhere,
    forbidden,
    invalid_with_selector,
    invalid_without_selector,
    key_mistyped,
    split_gossip,
)
from tests.unit.verify_clusters import (
    NOW,
    ROUTING_KEY,
    WEBHOOK,
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


@pytest.fixture
def expected(tmp_path: Path) -> Expected:
    return Expected(*compiled(tmp_path))


def test_a_sound_cluster_has_no_fault(expected: Expected) -> None:
    outcomes = found(expected, sound(expected))
    assert bad(outcomes) == []
    assert {outcome.step for outcome in outcomes} == {step.id for step in STEPS}
    assert {outcome.status for outcome in outcomes} == {"ok"}


def test_a_value_is_never_shown() -> None:
    assert WEBHOOK not in repr(secret("a", hook=WEBHOOK))


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
        said[fault.__name__] = next(each for each in outcomes if each.step == TWO[fault.__name__])
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


def test_without_the_permission_to_read_them_nobody_is_blamed_for_their_routes(expected: Expected) -> None:
    observed = sound(expected)
    found_config: dict[str, Any] = _as_data(expected.compiled.text)
    found_config["route"]["routes"].insert(0, {"receiver": "chat", "matchers": ['namespace="team-b"']})
    merged = json.dumps(found_config)
    missing = Permission("monitoring.coreos.com", "alertmanagerconfigs", "list", everywhere=True)
    unread: dict[Part, list[Unread]] = {"alertmanager-configs": [Unread("is forbidden", missing)]}
    peers = [peer(each.name, merged) for each in observed.peers]
    outcomes = found(expected, replace(observed, generated=generated(merged), peers=peers, unread=unread))
    assert [(each.step, each.status) for each in bad(outcomes)] == [("permissions", "warning")]
    assert next(each.status for each in outcomes if each.step == "operator") == "skipped"


def test_why_a_valid_configuration_is_refused_is_told_by_elimination(expected: Expected) -> None:
    observed = sound(expected)
    refusing = [replace(each, metrics=metrics("", loaded=0)) for each in observed.peers]
    made = Manager("operator", "2026-03-02T11:59:00Z", {"f:data": {f"f:{CONFIGURATION}.gz": {}}})
    causes: list[str] = []
    for when in ("2026-03-02T11:59:00Z", "2026-03-02T11:00:00Z"):
        live = replace(generated(expected.compiled.text), managers=(replace(made, when=when),))
        [failure] = bad(found(expected, replace(observed, generated=live, peers=refusing)))
        assert failure.step == "running"
        causes.append(failure.cause)
    assert "an earlier one was refused" in causes[0]
    # The config-reloader has long given up.
    assert "an earlier one was refused" not in causes[1]
    assert "a template" in causes[1]


def _as_data(text: str) -> Any:
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
    told = next(each for each in outcomes if each.step == "permissions")
    assert told.message == 'secrets "alertmanager-secrets" is forbidden; nor may it read pagerduty'
    rule = '{apiGroups: [""], resources: [secrets], resourceNames: [alertmanager-secrets, pagerduty], verbs: [get]}'
    assert told.mend == f"give this user a Role with the rule {rule}"
    assert next(each.status for each in outcomes if each.step == "credentials") == "skipped"
    # All the same, the rest is looked at.
    assert next(each.status for each in outcomes if each.step == "running") == "ok"


HAND: dict[str, Any] = {"f:data": {f"f:{CONFIGURATION}": {}}}
PULUMI = {**HAND, "f:metadata": {"f:annotations": {"f:pulumi.com/patchFieldManager": {}}}}


@pytest.mark.parametrize(
    ("name", "fields", "cause"),
    [
        ("kubectl-edit", HAND, "last written by kubectl-edit at 2026-03-02T11:00:00Z, not by the stack"),
        # As docs/break-glass.md does.
        ("alertpath-test", HAND, "last written by somebody else under the stack's name alertpath-test at"),
        ("alertpath-test", PULUMI, "the stack's files have changed since `pulumi up` at 2026-03-02T11:00:00Z"),
    ],
)
def test_who_wrote_it_last_is_told_apart(expected: Expected, name: str, fields: dict[str, Any], cause: str) -> None:
    text = expected.compiled.text.replace("receiver: page", "receiver: chat")
    earlier = Manager("helm", "2026-03-02T10:00:00Z", HAND)
    managers = (Manager(name, "2026-03-02T11:00:00Z", fields), earlier)
    live = replace(configuration(expected, **{CONFIGURATION: text}), managers=managers)
    failure = bad(found(expected, replace(sound(expected), configuration=live)))[0]
    assert failure.cause.startswith(cause)
    on_purpose = "if that was on purpose (a rollback by docs/break-glass.md), first revert the change in Git"
    assert failure.mend.startswith("`pulumi up --stack test`" if fields is PULUMI else on_purpose)


def test_argo_cd_is_nobody_who_writes_by_hand(tmp_path: Path) -> None:
    files = Expected(*compiled(tmp_path, delivery="files", alertmanager={"mounts": "none"}))
    for name, by_hand in (("argocd-controller", False), ("kubectl", True), ("alertpath-test", True)):
        live = replace(configuration(files, **{CONFIGURATION: "route: {receiver: a}\nreceivers: [{name: a}]\n"}))
        live = replace(live, managers=(Manager(name, "2026-03-02T11:00:00Z", HAND),))
        failure = bad(found(files, replace(sound(files), configuration=live)))[0]
        assert ("if that was on purpose" in failure.mend) is by_hand
        assert name in failure.cause


def test_who_writes_a_status_is_not_blamed(expected: Expected) -> None:
    observed = sound(expected)
    name = ("ExternalSecret", "alertmanager-secrets")
    live = copy.deepcopy(dict(observed.declared[name] or {}))
    live["spec"]["refreshInterval"] = "2h"
    live["metadata"]["managedFields"] = [
        {"manager": "kubectl-edit", "time": "2026-03-02T11:00:00Z", "fieldsV1": {"f:spec": {}}},
        {"manager": "external-secrets", "time": "2026-03-02T11:59:00Z", "fieldsV1": {"f:status": {}}},
    ]
    [failure] = bad(found(expected, replace(observed, declared={**observed.declared, name: live})))
    assert failure.cause == "last written by kubectl-edit at 2026-03-02T11:00:00Z, not by the stack"


def test_what_is_skipped_for_one_reason_is_one_line(expected: Expected) -> None:
    outcomes = found(expected, elsewhere())
    skipped = [each for each in outcomes if each.status == "skipped"]
    lines = [line for line in FORMATS["text"](outcomes).splitlines() if line.startswith("skipped")]
    assert lines == [f"skipped  {len(skipped)} steps: not looked at, because this does not hold: the cluster answers"]
    assert len(skipped) > 10
    # For programs each is there.
    assert len(json.loads(FORMATS["json"](outcomes))["outcomes"]) == len(outcomes)
    # A few that follow from something are told one by one.
    text = FORMATS["text"](found(expected, split_gossip(expected, sound(expected))))
    assert "skipped  silences survive a rollout: not looked at" in text


@pytest.mark.parametrize("given", ["option", "environment"])
def test_a_kubeconfig_that_is_not_there_is_named(
    expected: Expected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    missing = tmp_path / "nowhere" / "config"
    monkeypatch.setenv("KUBECONFIG", "" if given == "option" else str(missing))
    first = examine(expected, str(missing) if given == "option" else None, None)[0]
    assert (first.step, first.message) == ("access", f"cannot be asked: there is no kubeconfig {missing}")


def test_a_home_without_kubeconfig_is_told_as_kubectl_looks_for_it(
    expected: Expected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", "")
    assert "there is no kubeconfig ~/.kube/config" in examine(expected, None, None)[0].message


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
