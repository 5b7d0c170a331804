"""The command itself: what it may read, whom it asks, how long it waits, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

import pytest
import yaml

from alertpath.cluster import run
from alertpath.cluster.peers import of_url
from alertpath.compiling.compile import CONFIGURATION
from tests.program.engine import ROOT
from tests.program.verify import breaking
from tests.program.verify.alertmanagers import until
from tests.program.verify.objects import encoded
from tests.program.verify.test_faults import bad
from tests.program.verify.world import KEY, PAGERDUTY, SLACK, World


def test_a_sound_cluster_passes(world: World) -> None:
    outcomes = world.outcomes()
    assert bad(outcomes) == []
    assert {each.status for each in outcomes} == {"ok"}
    text = world.command().expect(0).out
    assert "ok       Secret verify/alertmanager-main: holds the configuration of the stack production" in text
    assert "within 1h (refresh_interval)" in " ".join(text.split())


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_a_broken_one_ends_with_1_in_every_format(world: World, form: str) -> None:
    world.space.secret(PAGERDUTY, {"routing_key": f"{KEY} {KEY}"})
    done = world.command("--format", form).expect(1)
    subject = "Secret verify/pagerduty-routing-key, key routing_key"
    match form:
        case "text":
            assert done.out.endswith(f"Begin with: {subject}\n")
        case "json":
            assert [each["subject"] for each in done.json()["outcomes"] if each["status"] == "failed"] == [subject]
        case _:
            [failure] = Xml.fromstring(done.out).findall("testcase[failure]")  # noqa: S314 - made here
            assert failure.get("name") == subject


def account(world: World, name: str) -> Path:
    """A kubeconfig of a new service account."""
    space = f"api/v1/namespaces/{world.space.name}/serviceaccounts"
    world.space.cluster.request("POST", space, {"metadata": {"name": name}})
    token = world.space.cluster.request("POST", f"{space}/{name}/token", {"spec": {}})["status"]["token"]
    config = json.loads(world.space.cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    file = world.project.root.parent / f"{name}.kubeconfig"
    file.write_text(json.dumps(config))
    return file


def allow(world: World, name: str, role: dict[str, object]) -> None:
    """Gives a service account a Role or ClusterRole."""
    kind, group = str(role["kind"]), "apis/rbac.authorization.k8s.io/v1"
    where = f"{group}/namespaces/{world.space.name}" if kind == "Role" else group
    role = {**role, "metadata": {"name": name}}
    world.space.cluster.request("POST", f"{where}/{kind.lower()}s", role)
    subject = {"kind": "ServiceAccount", "name": name, "namespace": world.space.name}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    binding = {"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]}
    world.space.cluster.request("POST", f"{where}/{kind.lower()}bindings", binding)


def documented_roles() -> list[dict[str, object]]:
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    return list(yaml.safe_load_all(page.partition("```yaml\n")[2].partition("```")[0]))


def test_what_may_not_be_read_is_told_with_the_rule(world: World) -> None:
    outcomes = world.outcomes(account(world, "nobody"))
    assert {each.step for each in outcomes if each.status == "failed"} == {"permissions"}
    mends = "\n".join(each.mend for each in outcomes)
    # All of them at once, so that nobody has to come back for the next.
    names = ", ".join(["alertmanager-main", "alertmanager-main-generated", SLACK, PAGERDUTY])
    assert (
        f'a Role with the rule {{apiGroups: [""], resources: [secrets], resourceNames: [{names}], verbs: [get]}}'
        in mends
    )
    assert 'a ClusterRole with the rule {apiGroups: ["apps"], resources: [deployments], verbs: [list]}' in mends
    assert '{apiGroups: ["networking.k8s.io"], resources: [networkpolicies], verbs: [list]}' in mends


def test_the_documented_permissions_are_enough(world: World) -> None:
    kubeconfig = account(world, "verifier")
    for role in documented_roles():
        allow(world, "verifier", role)
    until(lambda: bad(world.outcomes(kubeconfig)) == [], "the roles are in force")


def test_without_one_permission_the_rest_is_looked_at(world: World) -> None:
    kubeconfig = account(world, "almost")
    for role in documented_roles():
        rules = [rule for rule in role["rules"] if "networkpolicies" not in rule["resources"]]  # type: ignore[attr-defined]
        allow(world, "almost", {**role, "rules": rules})
    world.space.secret(PAGERDUTY, {"routing-key": KEY})
    until(
        lambda: {each.step for each in bad(world.outcomes(kubeconfig))} == {"permissions", "credentials"},
        "only the policies cannot be read",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--context", "nowhere"), "nowhere"),
        (("--kubeconfig", "/does/not/exist"), "cannot be asked: there is no kubeconfig /does/not/exist"),
    ],
)
def test_another_cluster(world: World, arguments: tuple[str, ...], said: str) -> None:
    outcomes = world.command("--format", "json", *arguments).expect(1).json()["outcomes"]
    assert [each["step"] for each in outcomes if each["status"] == "failed"] == ["access"]
    assert said in outcomes[0]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--send",),
        ("--yes",),
        ("--alertmanager-url", "localhost:1"),
        ("--send", "--yes", "--receiver", "x"),
        ("--wait", "-1"),
    ],
)
def test_wrong_usage(world: World, arguments: tuple[str, ...]) -> None:
    assert "usage:" in world.command(*arguments).expect(2).err


def test_addresses_instead_of_the_port_forward(world: World) -> None:
    urls = [word for url in world.running.urls for word in ("--alertmanager-url", url)]
    world.command(*urls).expect(0)
    # One that nobody answers at.
    addresses = [of_url(url) for url in (*world.running.urls, NOWHERE)]
    first = bad(world.outcomes(addresses=addresses))[0]
    assert first.subject == NOWHERE
    assert "cannot be asked" in first.message


NOWHERE: Final = "http://127.0.0.1:1/am"


def test_it_looks_again_while_something_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.space.secret(PAGERDUTY, {"routing-key": KEY})
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            world.space.secret(PAGERDUTY, {"routing_key": KEY})

    monkeypatch.setattr(run.time, "sleep", sleep)
    assert bad(world.outcomes(seconds=600)) == []
    assert len(slept) == 2


def test_it_waits_until_they_notify(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.running.stop()
    world.running.start_slowly()
    assert [(each.status, each.step) for each in bad(world.outcomes())] == [("warning", "gossip")] * 3

    def settle(_: float) -> None:
        monkeypatch.undo()
        world.running.restart()

    monkeypatch.setattr(run.time, "sleep", settle)
    assert bad(world.outcomes(seconds=600)) == []


def test_a_rollback_by_hand_is_told_as_one(world: World) -> None:
    """As docs/break-glass.md does it, under the stack's own name; and what Pulumi wrote is told from that."""
    catalog = world.project.catalog
    before = catalog.read_text(encoding="utf-8")
    world.project.edit(catalog, ("critical: pagerduty-seedtest", "critical: slack-seedtest"))
    first = bad(world.outcomes())[0]
    assert first.cause.startswith("the stack's files have changed since `pulumi up` at ")
    assert first.mend == "`pulumi up --stack production`"
    catalog.write_text(before, encoding="utf-8")

    text = world.text.replace("receiver: pagerduty-seedtest", "receiver: slack-lowprio")
    metadata = {"name": "alertmanager-main"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded({CONFIGURATION: text})}
    path = f"{world.space.path('Secret', 'alertmanager-main')}?fieldManager=alertpath-production&force=true"
    world.space.cluster.request("PATCH", path, secret, "application/apply-patch+yaml")
    first = bad(world.outcomes())[0]
    assert (first.step, first.subject) == ("configuration", "Secret verify/alertmanager-main")
    assert first.cause.startswith("last written by somebody else under the stack's name alertpath-production at ")
    assert first.mend.startswith("if that was on purpose (a rollback by docs/break-glass.md), first revert the change")


def test_before_the_first_update_nobody_is_said_to_run_it(world: World) -> None:
    breaking.null(world)
    world.space.delete("Secret", "alertmanager-main")
    [told] = [each for each in world.outcomes() if each.step == "running"]
    assert told.status == "skipped"
    assert "the operator's own configuration with the receiver null" in told.message
