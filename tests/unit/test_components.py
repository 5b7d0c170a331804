"""What the components register: types, parents, order, what is kept, what is secret."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from alertpath.documents.problems import InvalidInput
from alertpath.inputs.credentials import Concealed
from components.alert_delivery import AlertDelivery, AlertDeliveryArgs
from tests.unit.recording_mocks import SECRET, Recording, Registered, record
from tests.unit.samples import CIPHERTEXT, SETTINGS, compiled

NAME = "alerts"
LIVE: dict[str, Any] = {"metadata": {"name": "main", "managedFields": []}, "spec": {"replicas": 3}}


def deliver(
    where: Path, *, live: dict[str, Any] | None = None, preview: bool = False, config: Any = None, **settings: Any
) -> Recording:
    args = AlertDeliveryArgs(*compiled(where, **settings))
    for name, value in (config or {}).items():
        object.__setattr__(args.stack.credentials[name], "value", Concealed(value))

    def state(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        if name.endswith("-live"):
            return LIVE if live is None else live
        return {**inputs, "result": "R" * 32} if kind.startswith("random:") else inputs

    return inside(record(lambda: AlertDelivery(NAME, args), preview=preview, state=state))


def inside(made: Recording) -> Recording:
    """The same with the names as they are without the component's own before them."""

    def short(name: str) -> str:
        return name.replace(f"::{NAME}-", "::").removeprefix(f"{NAME}-")

    resources = [
        replace(
            each,
            name=short(each.name),
            parent=short(each.parent),
            provider=short(each.provider),
            depends_on=tuple(map(short, each.depends_on)),
        )
        for each in made.resources
    ]
    return Recording(resources, made.outputs)


def named(made: Recording, name: str) -> Registered:
    [found] = [each for each in made.resources if each.name == name]
    return found


def applied(made: Recording) -> list[Registered]:
    return [each for each in made.resources if each.type.startswith("kubernetes:") and not each.read]


def providers(made: Recording) -> list[Registered]:
    return [each for each in made.resources if each.type == "pulumi:providers:kubernetes"]


def test_what_a_cluster_gets(tmp_path: Path) -> None:
    made = deliver(tmp_path)
    assert made.types() == {
        "alertpath:components:AlertDelivery",
        "alertpath:components:Alertmanager",
        "alertpath:components:ExistingSecrets",
        "alertpath:components:ExternalSecrets",
        "alertpath:components:NetworkPolicy",
        "kubernetes:core/v1:Secret",
        "kubernetes:external-secrets.io/v1:ExternalSecret",
        "kubernetes:monitoring.coreos.com/v1:Alertmanager",
        "kubernetes:monitoring.coreos.com/v1:AlertmanagerPatch",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "pulumi:providers:kubernetes",
    }


def test_every_resource_has_its_component_as_parent_and_the_one_provider(tmp_path: Path) -> None:
    made = deliver(tmp_path)
    assert {each.name: each.parent for each in made.resources if each.type.startswith("kubernetes:")} == {
        "alertmanager-secrets": f"alertpath:components:ExternalSecrets::{NAME}",
        "alertmanager-main": f"alertpath:components:Alertmanager::{NAME}",
        "main": f"alertpath:components:Alertmanager::{NAME}",
        "main-live": f"alertpath:components:Alertmanager::{NAME}",
        "main-needed": f"alertpath:components:Alertmanager::{NAME}",
        "alertmanager-egress": f"alertpath:components:NetworkPolicy::{NAME}",
    }
    assert {each.provider for each in applied(made)} == {"pulumi:providers:kubernetes::cluster"}


def test_secrets_change_in_place(tmp_path: Path) -> None:
    provider = next(each for each in deliver(tmp_path).resources if each.name == "cluster")
    assert provider.inputs["enableSecretMutable"] == "true"
    assert provider.inputs["enableServerSideApply"] == "true"


def test_no_machines_kubeconfig_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/somewhere/on/this/machine")
    assert [each.name for each in providers(deliver(tmp_path))] == ["cluster", "reader"]
    assert [each.inputs["kubeconfig"] for each in providers(deliver(tmp_path))] == ["", ""]
    named = providers(deliver(tmp_path, cluster={"context": "prod", "kubeconfig": "/kept"}))
    assert [(each.inputs["context"], each.inputs["kubeconfig"]) for each in named] == [("prod", "/kept")] * 2


@pytest.mark.parametrize(("mounts", "kind"), [("patch", "AlertmanagerPatch::main"), ("object", "Alertmanager::main")])
def test_credentials_then_mounts_then_configuration(tmp_path: Path, mounts: str, kind: str) -> None:
    made = deliver(tmp_path, alertmanager={"mounts": mounts})
    mount = next(each for each in made.resources if each.name == "main")
    assert "kubernetes:external-secrets.io/v1:ExternalSecret::alertmanager-secrets" in mount.depends_on
    assert made.only("v1:Secret").depends_on == (
        f"kubernetes:monitoring.coreos.com/v1:{kind}",
        "kubernetes:external-secrets.io/v1:ExternalSecret::alertmanager-secrets",
    )


def test_without_mounts_the_configuration_waits_for_the_credentials(tmp_path: Path) -> None:
    made = deliver(tmp_path, alertmanager={"mounts": "none"})
    assert made.only("v1:Secret").depends_on == (
        "kubernetes:external-secrets.io/v1:ExternalSecret::alertmanager-secrets",
    )
    assert not made.names("Alertmanager")[1:]


def test_a_created_namespace_comes_first_and_stays(tmp_path: Path) -> None:
    made = deliver(tmp_path, namespace={"name": "alerts", "create": True})
    assert made.only(":Namespace").retained
    assert [each.name for each in providers(made)] == ["cluster", "reader"]
    depends_on = {each.name: each.depends_on for each in applied(made)}
    for name in ("alertmanager-secrets", "main", "alertmanager-egress"):
        assert "kubernetes:core/v1:Namespace::alerts" in depends_on[name]


def test_what_pages_depend_on_is_kept(tmp_path: Path) -> None:
    kept = {each.name for each in deliver(tmp_path).resources if each.retained}
    # Not the ExternalSecret: its Secret outlives it, and it would fight with the next provider over that Secret.
    assert kept == {"alertmanager-main", "main"}
    values = deliver(tmp_path, credentials=credentials("generated"))
    assert {each.name for each in values.resources if each.retained} == {*kept, "alertmanager-secrets", "pagerduty"}
    loose = deliver(tmp_path, alertmanager={"retain": False})
    assert not [each.name for each in loose.resources if each.retained]


def test_every_object_has_the_stacks_field_manager(tmp_path: Path) -> None:
    annotations = {each.name: each.inputs["metadata"]["annotations"] for each in applied(deliver(tmp_path))}
    # Two managers of one object cannot both be named in its one annotation.
    assert annotations.pop("main-needed") == {"alertpath/needed-secrets": "alertmanager-secrets,pagerduty"}
    assert {each["pulumi.com/patchFieldManager"] for each in annotations.values()} == {"alertpath-test"}


@pytest.mark.parametrize(
    ("provider", "kind", "condition"),
    [("external-secrets", "ExternalSecret", "Ready"), ("sealed-secrets", "SealedSecret", "Synced")],
)
def test_what_a_controller_makes_of_it_is_waited_for(tmp_path: Path, provider: str, kind: str, condition: str) -> None:
    given = {"sealed": CIPHERTEXT} if provider == "sealed-secrets" else {"remote": {"key": "kv"}}
    store = {"external_secrets": {"store": {"name": "vault"}}} if provider == "external-secrets" else {}
    values = {"hook": {"key": "url", **given}, "key": {"key": "routing_key", **given}}
    made = deliver(tmp_path, credentials={"provider": provider, "values": values, **store})
    waits = {each.type: each.inputs["metadata"]["annotations"].get("pulumi.com/waitFor") for each in applied(made)}
    assert {each: waited for each, waited in waits.items() if waited} == {
        made.only(f":{kind}").type: f"condition={condition}"
    }


def test_the_patch_names_every_secret_and_nothing_else(tmp_path: Path) -> None:
    patch = named(deliver(tmp_path), "main")
    assert patch.inputs["spec"] == {"secrets": ["alertmanager-secrets", "pagerduty"]}


def ours(*secrets: str, **annotations: str) -> dict[str, Any]:
    """A live object whose mounts the stack has made."""
    fields = {"manager": "alertpath-test", "fieldsV1": {"f:spec": {"f:secrets": {}}}}
    metadata = {"managedFields": [fields], "annotations": {f"alertpath/{k}": v for k, v in annotations.items()}}
    return {"metadata": metadata, "spec": {"secrets": list(secrets)}}


@pytest.mark.parametrize(
    ("live", "mounted"),
    [
        # What the configuration names that this update replaces stays, as far as it is mounted.
        (ours("old", "pagerduty", **{"needed-secrets": "old,gone"}), ["alertmanager-secrets", "old", "pagerduty"]),
        # It has been replaced.
        (ours("old", **{"needed-secrets": "alertmanager-secrets,pagerduty"}), ["alertmanager-secrets", "pagerduty"]),
        # Nobody knows.
        (ours("old"), ["alertmanager-secrets", "old", "pagerduty"]),
    ],
)
def test_mounts_outlive_the_configuration_that_needs_them(
    tmp_path: Path, live: dict[str, Any], mounted: list[str]
) -> None:
    made = deliver(tmp_path, live=live)
    assert named(made, "main").inputs["spec"] == {"secrets": mounted}
    note = named(made, "main-needed")
    assert note.inputs["metadata"]["annotations"]["alertpath/needed-secrets"] == "alertmanager-secrets,pagerduty"
    assert "kubernetes:core/v1:Secret::alertmanager-main" in note.depends_on
    assert "spec" not in note.inputs


def test_a_live_object_of_another_manager_is_not_patched(tmp_path: Path) -> None:
    fields = {"manager": "argocd-controller", "fieldsV1": {"f:spec": {"f:secrets": {}}}}
    live = {"metadata": {"managedFields": [fields]}, "spec": {"secrets": ["tls"]}}
    with pytest.raises(pulumi.RunError, match="'argocd-controller'"):
        deliver(tmp_path, live=live)
    ours = {"manager": "alertpath-test", "fieldsV1": {"f:spec": {"f:secrets": {}}}}
    assert deliver(tmp_path, live={"metadata": {"managedFields": [ours]}, "spec": {}}).names("AlertmanagerPatch")


def test_an_update_without_a_cluster_fails(tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError, match="does not answer"):
        deliver(tmp_path, live={})


def test_a_preview_without_a_cluster_goes_on(tmp_path: Path) -> None:
    assert isinstance(named(deliver(tmp_path, live={}, preview=True), "main").inputs["spec"]["secrets"], Unknown)


def credentials(provider: str, **values: Any) -> dict[str, Any]:
    both = {"hook": {"key": "url"}, "key": {"secret": "pagerduty", "key": "routing_key"}}
    return {"provider": provider, "values": both, **values}


def data(made: Recording, name: str) -> dict[str, Any]:
    [secret] = [each for each in made.resources if each.type.endswith(":Secret") and each.name == name]
    assert SECRET in secret.inputs["data"], "a credential is no secret of Pulumi"
    return {key: base64.b64decode(value).decode() for key, value in secret.inputs["data"]["value"].items()}


def test_generated_values_have_their_shape_and_are_secret(tmp_path: Path) -> None:
    made = deliver(tmp_path, credentials=credentials("generated"))
    assert data(made, "alertmanager-secrets") == {"url": f"http://127.0.0.1:8080/{'R' * 32}"}
    assert data(made, "pagerduty") == {"routing_key": "R" * 32}
    random = [each for each in made.resources if each.type.startswith("random:")]
    assert {each.parent for each in random} == {f"alertpath:components:GeneratedSecrets::{NAME}"}
    assert [(each.inputs["length"], each.inputs["special"]) for each in random] == [(32, False)] * 2


def test_sealed_secrets_are_one_for_each_secret(tmp_path: Path) -> None:
    key = {"secret": "pagerduty", "key": "routing_key", "sealed": CIPHERTEXT}
    values = {"hook": {"sealed": CIPHERTEXT}, "key": key}
    made = deliver(tmp_path, credentials={"provider": "sealed-secrets", "values": values})
    assert made.names("SealedSecret") == ["alertmanager-secrets", "pagerduty"]
    assert made.names("v1:Secret") == ["alertmanager-main"]


def test_a_vault_store_comes_before_what_reads_from_it(tmp_path: Path) -> None:
    vault = {"server": "https://vault:8200", "path": "secret", "auth": {"tokenSecretRef": {"name": "t", "key": "t"}}}
    settings = {**SETTINGS["credentials"], "external_secrets": {"store": {"name": "vault-backend"}, "vault": vault}}
    made = deliver(tmp_path, credentials=settings)
    assert made.only("ExternalSecret").depends_on == ("kubernetes:external-secrets.io/v1:SecretStore::vault-backend",)


def test_files_need_no_provider(tmp_path: Path) -> None:
    made = deliver(tmp_path, delivery="files", alertmanager={"mounts": "none"}, directory="rendered/x")
    assert made.types() == {"alertpath:components:AlertDelivery", "pulumi-python:dynamic/alertpath:RenderedFiles"}
    [outputs] = [out for urn, out in made.outputs.items() if urn.endswith(f"::{NAME}")]
    assert outputs == {"rendered": "rendered/x", "secret": ""}


def test_an_applied_application_waits_for_the_files(tmp_path: Path) -> None:
    argocd = {"repo_url": "https://example.com/a.git", "path": "x", "application": "apply"}
    made = deliver(tmp_path, delivery="files", alertmanager={"mounts": "none"}, argocd=argocd)
    application = made.only(":Application")
    assert application.depends_on == ("pulumi-python:dynamic/alertpath:RenderedFiles::rendered",)
    assert application.parent == f"alertpath:components:ArgoCdApplication::{NAME}"
    assert application.inputs["metadata"]["annotations"] == {
        "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
        "pulumi.com/patchFieldManager": "alertpath-test",
    }


def test_every_component_declares_outputs(tmp_path: Path) -> None:
    made = deliver(tmp_path)
    components = {each.name for each in made.resources if each.type.startswith("alertpath:")}
    declared = {urn.rpartition("::")[2] for urn, outputs in made.outputs.items() if outputs}
    assert components <= declared


def test_an_invalid_value_registers_nothing(tmp_path: Path) -> None:
    stack, text = compiled(tmp_path, credentials=credentials("existing"))
    values = {name: Concealed("x y") for name in stack.credentials}
    for name, value in values.items():
        object.__setattr__(stack.credentials[name], "value", value)
    caught: list[InvalidInput] = []

    def program() -> None:
        try:
            AlertDelivery(NAME, AlertDeliveryArgs(stack, text))
        except InvalidInput as error:
            caught.append(error)

    assert record(program).types() == set()
    assert [problem.message for problem in caught[0].problems] == ["has white space inside"] * 2
    assert "x y" not in str(caught[0])


def sops_credentials() -> dict[str, Any]:
    return {"provider": "sops", "sops": {"file": "x.yaml"}, "values": {"hook": None, "key": None}}


def test_a_preview_goes_on_where_nothing_can_be_decrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    made = deliver(tmp_path, credentials=sops_credentials(), preview=True)
    assert made.only("SopsSecrets").name == NAME
    [secret] = [each for each in made.resources if each.name == "alertmanager-secrets"]
    data = secret.inputs["data"]
    # Newer SDKs (3.272) say of what is unknown too that it is a secret.
    assert isinstance(data["value"] if isinstance(data, dict) else data, Unknown)


def test_an_update_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput, match="install sops"):
        deliver(tmp_path, credentials=sops_credentials())
