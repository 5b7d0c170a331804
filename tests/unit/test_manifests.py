"""From a stack to Kubernetes objects."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from alertpath.delivery.manifests import alertmanager, argocd, common, credentials
from alertpath.documents.problems import InvalidInput
from tests.unit.samples import CIPHERTEXT, SETTINGS, compiled, stack


def test_the_configuration_secret_holds_the_configuration_and_its_templates(tmp_path: Path) -> None:
    found, text = compiled(tmp_path)
    secret = alertmanager.configuration(found, text)
    assert secret["metadata"] == {
        "name": "alertmanager-main",
        "namespace": "monitoring",
        "labels": {"app.kubernetes.io/managed-by": "alertpath"},
    }
    assert base64.b64decode(secret["data"]["alertmanager.yaml"]).decode() == text.text
    assert {*secret["data"]} == {"alertmanager.yaml", *text.templates}


def test_a_namespace_only_where_asked_for(tmp_path: Path) -> None:
    assert common.namespace(stack(tmp_path)) is None
    made = common.namespace(stack(tmp_path, namespace={"name": "alerts", "create": True}))
    assert made is not None
    assert made["metadata"]["name"] == "alerts"
    assert "namespace" not in made["metadata"]


def test_the_whole_alertmanager(tmp_path: Path) -> None:
    settings = {
        "name": "global",
        "replicas": 2,
        "external_url": "https://am.example.com",
        "mounts": "object",
        "spec": {"retention": "240h", "secrets": ["tls"]},
    }
    made = alertmanager.alertmanager(stack(tmp_path, alertmanager=settings, versions={"alertmanager": "0.33.1"}))
    assert (made["apiVersion"], made["kind"]) == ("monitoring.coreos.com/v1", "Alertmanager")
    assert made["metadata"]["name"] == "global"
    assert made["spec"] == {
        "replicas": 2,
        # The operator takes it as the image's tag.
        "version": "v0.33.1",
        "configSecret": "alertmanager-main",
        "externalUrl": "https://am.example.com",
        "retention": "240h",
        "secrets": ["alertmanager-secrets", "pagerduty", "tls"],
    }


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"version": "v1"}, "`version` has a word of its own"),
        ({"replicas": 1}, "`replicas` has a word of its own"),
        ({"configSecret": "x"}, "`configSecret` has a word of its own"),
        ({"secrets": "tls"}, "`secrets` is not a list of names"),
        ({"secrets": [{"a": 1}]}, "`secrets` is not a list of names"),
        ({"secrets": ["tls", 1]}, "`secrets` is not a list of names"),
        ({"alertmanagerConfiguration": {"name": "x"}}, "the operator ignores the configuration Secret"),
        ({"paused": True}, "the operator ignores every change"),
    ],
)
def test_a_spec_that_contradicts_the_stack_is_refused(tmp_path: Path, spec: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=rf"alertmanager\.spec: .*{told}"):
        stack(tmp_path, alertmanager={"mounts": "object", "spec": spec})
    assert stack(tmp_path, alertmanager={"mounts": "object", "spec": {"paused": False, "secrets": ["tls"]}})


def live(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"managedFields": []}, "spec": spec}


def owned(manager: str, *secrets: str) -> dict[str, Any]:
    fields = {"manager": manager, "fieldsV1": {"f:spec": {"f:secrets": {}, "f:replicas": {}}}}
    return {"metadata": {"managedFields": [fields]}, "spec": {"secrets": list(secrets)}}


def test_a_live_object_that_nobody_else_mounts_secrets_of_may_be_patched(tmp_path: Path) -> None:
    found = stack(tmp_path)
    assert alertmanager.takeover_faults(found, live(replicas=3)) == []
    assert alertmanager.takeover_faults(found, live(configSecret="alertmanager-main")) == []
    assert alertmanager.takeover_faults(found, owned("alertpath-test", "old")) == []


def test_another_owner_is_named_with_the_lines_to_add_there(tmp_path: Path) -> None:
    [fault] = alertmanager.takeover_faults(stack(tmp_path), owned("helm", "tls", "pagerduty"))
    assert "'helm'" in fault
    assert "    secrets:\n    - tls\n    - pagerduty\n    - alertmanager-secrets\n" in fault
    assert alertmanager.takeover_faults(stack(tmp_path), owned("alertpath-other"))


def test_a_list_that_the_stack_may_take_over(tmp_path: Path) -> None:
    found = stack(tmp_path)
    ours = alertmanager.mounted_secrets(found)
    for manager in ("kubectl-client-side-apply", "argocd-controller", "helm"):
        assert alertmanager.owners_of_mounts(found, owned(manager, *ours)) == []
        assert alertmanager.owners_of_mounts(found, owned(manager, *ours, "corporate-ca")) == [manager]
    # It has delivered before: what kubectl adds is an edit.
    live = owned("kubectl-edit", "corporate-ca")
    live["metadata"]["annotations"] = {alertmanager.NEEDED_ANNOTATION: ",".join(ours)}
    assert alertmanager.owners_of_mounts(found, live) == []
    # What the stack has rendered, and somebody else has applied.
    live = owned("argocd-controller", *ours, "corporate-ca")
    live["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "alertpath"}
    assert alertmanager.owners_of_mounts(found, live) == []
    assert alertmanager.owners_of_mounts(found, owned("alertpath-other", *ours)) == ["alertpath-other"]


def test_a_live_object_that_reads_another_configuration_is_a_fault(tmp_path: Path) -> None:
    [fault] = alertmanager.takeover_faults(stack(tmp_path), live(configSecret="elsewhere"))
    assert "'elsewhere'" in fault
    [fault] = alertmanager.takeover_faults(stack(tmp_path), live(alertmanagerConfiguration={"name": "x"}))
    assert "alertmanagerConfiguration" in fault
    # Without configSecret the operator reads alertmanager-NAME.
    assert alertmanager.takeover_faults(stack(tmp_path, alertmanager={"name": "global"}), live())


def test_an_external_secret_outlives_its_operator(tmp_path: Path) -> None:
    settings = {
        **SETTINGS["credentials"],
        "external_secrets": {
            "api_version": "external-secrets.io/v1beta1",
            "store": {"name": "shared", "kind": "ClusterSecretStore"},
            "refresh_interval": "10m",
            "names": {"alertmanager-secrets": "slack"},
        },
    }
    [made] = credentials.external_secrets(stack(tmp_path, credentials=settings))
    assert made["apiVersion"] == "external-secrets.io/v1beta1"
    assert made["metadata"]["name"] == "slack"
    assert made["spec"] == {
        "refreshPolicy": "Periodic",
        "refreshInterval": "10m",
        "secretStoreRef": {"name": "shared", "kind": "ClusterSecretStore"},
        "target": {
            "name": "alertmanager-secrets",
            "creationPolicy": "Orphan",
            "deletionPolicy": "Retain",
            "template": {
                "type": "Opaque",
                "metadata": {"annotations": {"sealedsecrets.bitnami.com/managed": "true"}},
            },
        },
        "data": [{"secretKey": "hook", "remoteRef": {"key": "slack", "property": "url"}}],
    }


def test_a_vault_store_only_where_declared_and_used(tmp_path: Path) -> None:
    vault = {"server": "https://vault:8200", "path": "kv", "auth": {"kubernetes": {"role": "r"}}, "namespace": "team"}
    external = {"store": {"name": "vault-backend"}, "vault": vault}
    made = credentials.vault_store(
        stack(tmp_path, credentials={**SETTINGS["credentials"], "external_secrets": external})
    )
    assert made is not None
    assert made["spec"] == {"provider": {"vault": {**vault, "version": "v2"}}}
    assert credentials.vault_store(stack(tmp_path)) is None
    unused = {"provider": "existing", "external_secrets": external, "values": {"hook": None, "key": None}}
    assert credentials.vault_store(stack(tmp_path, credentials=unused)) is None


OTHER = f"{CIPHERTEXT[:-8]}AAAAAAAB"


def test_a_sealed_secret_is_strict_and_its_secret_outlives_it(tmp_path: Path) -> None:
    values = {"hook": {"sealed": CIPHERTEXT}, "key": {"sealed": OTHER}}
    [made] = credentials.sealed_secrets(
        stack(tmp_path, credentials={"provider": "sealed-secrets", "secret": "all", "values": values})
    )
    assert "annotations" not in made["metadata"], "any scope annotation would make it less than strict"
    assert made["spec"]["encryptedData"] == {"hook": CIPHERTEXT, "key": OTHER}
    assert made["spec"]["template"] == {
        "type": "Opaque",
        "metadata": {
            "name": "all",
            "namespace": "monitoring",
            "annotations": {
                "sealedsecrets.bitnami.com/skip-set-owner-references": "true",
                "sealedsecrets.bitnami.com/managed": "true",
            },
        },
    }


FILES: dict[str, Any] = {"delivery": "files", "alertmanager": {"mounts": "none"}}
REPOSITORY = {"repo_url": "https://example.com/a.git", "path": "infra"}


def test_the_application_never_prunes_or_creates_namespaces_by_default(tmp_path: Path) -> None:
    made = argocd.application(stack(tmp_path, **FILES, argocd=REPOSITORY))
    assert made is not None
    assert made["kind"] == "Application"
    assert "finalizers" not in made["metadata"], "deleting the Application would delete what it synced"
    assert made["spec"] == {
        "project": "default",
        "source": {"repoURL": "https://example.com/a.git", "targetRevision": "main", "path": "infra"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "monitoring"},
        "syncPolicy": {
            "automated": {"prune": False, "selfHeal": True},
            "syncOptions": ["ServerSideApply=true"],
        },
    }


def test_several_clusters_are_an_application_set(tmp_path: Path) -> None:
    clusters = [{"name": "a", "server": "https://a"}, {"name": "b", "server": "https://b", "path": "infra/b"}]
    made = argocd.application(stack(tmp_path, **FILES, argocd={**REPOSITORY, "clusters": clusters, "prune": True}))
    assert made is not None
    assert made["kind"] == "ApplicationSet"
    spec = made["spec"]
    assert spec["generators"] == [
        {
            "list": {
                "elements": [
                    {"name": "a", "server": "https://a", "path": "infra"},
                    {"name": "b", "server": "https://b", "path": "infra/b"},
                ]
            }
        }
    ]
    assert spec["syncPolicy"] == {"preserveResourcesOnDeletion": True}
    assert spec["template"]["metadata"]["name"] == "alertmanager-config-{{.name}}"
    assert spec["template"]["spec"]["source"]["path"] == "{{.path}}"
    assert spec["template"]["spec"]["destination"]["server"] == "{{.server}}"
    assert spec["template"]["spec"]["syncPolicy"]["automated"]["prune"] is True


def test_no_application_unless_asked_for(tmp_path: Path) -> None:
    assert argocd.application(stack(tmp_path, **FILES)) is None
