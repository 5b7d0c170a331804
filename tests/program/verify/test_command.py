"""The command itself: what it may read, whom it asks, how long it waits, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

import pytest
import yaml

from alertpath.verify import run
from alertpath.verify.peers import of_url
from tests.program.engine import ROOT
from tests.program.verify.alertmanagers import until
from tests.program.verify.test_faults import bad
from tests.program.verify.world import KEY, PAGERDUTY, World


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
    assert '{apiGroups: [""], resources: [secrets], resourceNames: [alertmanager-main], verbs: [get]}' in mends
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
        (("--kubeconfig", "/does/not/exist"), "cannot be asked"),
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
