"""Delivery to a real API server: from nothing, twice, changed, disturbed, renamed, destroyed; and what is refused."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from typing import Any

import pytest

from tests.program.cluster import Cluster
from tests.program.conftest import OnCluster
from tests.program.engine import Project
from tests.recorded import OTHERS

SECRET = "alertmanager-main"
POLICY = "alertmanager-egress"
EXTERNAL = "alertmanager-slack-webhook"
PAGES = "pagerduty-routing-key"
MOUNTED = ["alertmanager-secrets", PAGES]
EXTERNAL_SETTINGS = """      external_secrets:
        store: {name: vault-backend}
        names: {alertmanager-secrets: alertmanager-slack-webhook}
"""
NEW_SERVICE = ("services:\n", "services:\n  seedtest-web:\n    warning: slack-seedtest\n")


def live_alertmanager(cluster: Cluster, namespace: str, **spec: Any) -> dict[str, Any]:
    """The Alertmanager object that somebody else, here a chart, has made."""
    manifest = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Alertmanager",
        "metadata": {"name": "main"},
        "spec": {"replicas": 3, "version": "v0.34.2", "retention": "120h", **spec},
    }
    return cluster.put(manifest, namespace, "helm")


def found(cluster: Cluster, kind: str, namespace: str, name: str) -> dict[str, Any]:
    live = cluster.get(kind, namespace, name)
    assert live is not None, f"there is no {kind} {namespace}/{name}"
    return live


def uid(cluster: Cluster, kind: str, namespace: str, name: str) -> str:
    return found(cluster, kind, namespace, name)["metadata"]["uid"]


def owners(cluster: Cluster, kind: str, namespace: str, name: str) -> set[str]:
    """The managers of an object's fields, but for those of its status."""
    managed = found(cluster, kind, namespace, name)["metadata"]["managedFields"]
    return {entry["manager"] for entry in managed if "subresource" not in entry}


def compiled(project: Project) -> str:
    return project.alertpath("compile", "--stack", project.stack).expect(0).out


def destroy(project: Project) -> str:
    return project.pulumi("destroy", "--yes", "--skip-preview").expect(0).text


@pytest.fixture(scope="module")
def production(cluster: Cluster, on_cluster: OnCluster) -> Project:
    """The stack production, applied. Every test leaves it as it is."""
    project = on_cluster("production", "production")
    live_alertmanager(cluster, "production")
    project.up()
    return project


def test_up_from_nothing(cluster: Cluster, production: Project) -> None:
    data = cluster.data("production", SECRET)
    assert data["alertmanager.yaml"] == compiled(production)
    assert production.outputs()["digest"] == hashlib.sha256(compiled(production).encode()).hexdigest()
    assert {"alertpath.tmpl", "stack.tmpl"} <= data.keys()
    assert found(cluster, "Secret", "production", SECRET)["type"] == "Opaque"

    external = found(cluster, "ExternalSecret", "production", EXTERNAL)["spec"]
    assert external["secretStoreRef"] == {"name": "vault-backend", "kind": "SecretStore"}
    assert external["target"]["name"] == "alertmanager-secrets"
    assert external["target"]["creationPolicy"] == "Orphan"
    assert {each["secretKey"]: each["remoteRef"]["property"] for each in external["data"]} == {
        "slack_webhook_url": "webhook_url",
        "slack_webhook_url_notify": "webhook_url_notify",
    }
    egress = found(cluster, "NetworkPolicy", "production", POLICY)["spec"]["egress"]
    assert {port["port"] for rule in egress for port in rule["ports"]} == {53, 9094, 443}
    # `existing` is never written.
    assert cluster.names("Secret", "production") == {SECRET, PAGES}
    assert owners(cluster, "Secret", "production", PAGES) == {"platform"}


def test_the_mounts_are_added_to_the_live_alertmanager(cluster: Cluster, production: Project) -> None:
    live = found(cluster, "Alertmanager", "production", "main")
    assert live["spec"]["secrets"] == MOUNTED
    assert live["spec"]["retention"] == "120h"
    assert live["spec"]["replicas"] == 3
    owners = {
        entry["manager"]: sorted(entry["fieldsV1"]["f:spec"])
        for entry in live["metadata"]["managedFields"]
        if "f:spec" in entry["fieldsV1"]
    }
    assert owners == {"helm": ["f:replicas", "f:retention", "f:version"], "alertpath-production": ["f:secrets"]}
    assert production.outputs()["routing: everything else"]


def test_a_second_up_and_a_refresh_change_nothing(cluster: Cluster, production: Project) -> None:
    versions = [
        found(cluster, kind, "production", name)["metadata"]["resourceVersion"]
        for kind, name in (("Secret", SECRET), ("Alertmanager", "main"), ("NetworkPolicy", POLICY))
    ]
    assert re.search(r"Resources:\s+\d+ unchanged\n", production.up("--expect-no-changes").out)
    production.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes").expect(0)
    production.up("--expect-no-changes", "--refresh")
    assert versions == [
        found(cluster, kind, "production", name)["metadata"]["resourceVersion"]
        for kind, name in (("Secret", SECRET), ("Alertmanager", "main"), ("NetworkPolicy", POLICY))
    ]


def test_a_new_class_of_alerts_changes_the_secret_in_place(cluster: Cluster, production: Project) -> None:
    before, version = uid(cluster, "Secret", "production", SECRET), cluster.version("Secret", "production")
    production.edit(production.catalog, NEW_SERVICE)
    preview = production.preview()
    assert re.search(r"^\s+\+ routing: service=seedtest-web and severity=warning\s+: ", preview.out, re.MULTILINE)
    assert re.search(r"~ 1 to update\n", preview.out)
    production.up()
    assert cluster.events_since("Secret", "production", version) == [("MODIFIED", SECRET)]
    assert uid(cluster, "Secret", "production", SECRET) == before
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == compiled(production)
    assert "seedtest-web" in compiled(production)

    production.edit(production.catalog, (NEW_SERVICE[1], NEW_SERVICE[0]))
    production.up()
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == compiled(production)


OWN = "alertpath-production"
PLAIN_OR_REFRESH = pytest.mark.parametrize("arguments", [(), ("--refresh",)], ids=["up", "up--refresh"])


@PLAIN_OR_REFRESH
def test_an_edit_with_kubectl_is_seen_and_undone(
    cluster: Cluster, production: Project, arguments: tuple[str, ...]
) -> None:
    nonsense = base64.b64encode(b"route: {receiver: nobody}\n").decode()
    cluster.merge("Secret", "production", SECRET, {"data": {"alertmanager.yaml": nonsense}}, "kubectl-edit")
    told = r"Secret production/alertmanager-main was changed by kubectl-edit at \S+ \(data.alertmanager.yaml\)"
    preview = production.preview(*arguments)
    assert re.search(told, preview.text), preview.text
    assert re.search(rf"~\s+kubernetes:core/v1:Secret alertmanager-{SECRET} update", preview.out)
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == "route: {receiver: nobody}\n"
    version = cluster.version("Secret", "production")
    assert re.search(told, production.up(*arguments).text)
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == compiled(production)
    assert {event for event, _ in cluster.events_since("Secret", "production", version)} == {"MODIFIED"}
    assert owners(cluster, "Secret", "production", SECRET) == {OWN}
    unchanged(production)


def unchanged(project: Project) -> None:
    """Nothing is left to do, and nothing is told of."""
    for arguments in ((), ("--refresh",)):
        done = project.up("--expect-no-changes", *arguments)
        assert "`pulumi up`" not in done.text, done.text


def test_another_writer_is_named_and_overwritten(cluster: Cluster, production: Project) -> None:
    cluster.merge("NetworkPolicy", "production", POLICY, {"spec": {"egress": [{}]}}, "dashboard")
    told = f"NetworkPolicy production/{POLICY} was changed by dashboard at "
    assert told in production.preview().text
    assert found(cluster, "NetworkPolicy", "production", POLICY)["spec"]["egress"] == [{}]
    assert told in production.up().text
    assert found(cluster, "NetworkPolicy", "production", POLICY)["spec"]["egress"] != [{}]
    assert owners(cluster, "NetworkPolicy", "production", POLICY) == {OWN}
    unchanged(production)


@PLAIN_OR_REFRESH
def test_what_was_taken_out_by_hand_comes_back(
    cluster: Cluster, production: Project, arguments: tuple[str, ...]
) -> None:
    cluster.merge("Secret", "production", SECRET, {"data": {"alertmanager.yaml": None}}, "kubectl-edit")
    cluster.merge("Alertmanager", "production", "main", {"spec": {"secrets": None}}, "kubectl-edit")
    preview = production.preview(*arguments)
    assert "Secret production/alertmanager-main lacks data.alertmanager.yaml; `pulumi up` restores" in preview.text
    assert "Alertmanager production/main lacks spec.secrets; `pulumi up` restores" in preview.text
    assert re.search(rf"~\s+kubernetes:core/v1:Secret alertmanager-{SECRET} update", preview.out)
    assert re.search(r"~\s+kubernetes:monitoring.coreos.com/v1:AlertmanagerPatch alertmanager-main update", preview.out)
    production.up(*arguments)
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == compiled(production)
    assert found(cluster, "Alertmanager", "production", "main")["spec"]["secrets"] == MOUNTED
    unchanged(production)


@PLAIN_OR_REFRESH
@pytest.mark.parametrize(
    ("kind", "name"), [("Secret", SECRET), ("NetworkPolicy", POLICY), ("ExternalSecret", EXTERNAL)]
)
def test_what_was_deleted_by_hand_comes_back(
    cluster: Cluster, production: Project, kind: str, name: str, arguments: tuple[str, ...]
) -> None:
    cluster.request("DELETE", cluster.path(kind, "production", name))
    preview = production.preview(*arguments)
    assert f"{kind} production/{name} is not in the cluster; `pulumi up` makes it" in preview.text
    assert re.search(rf"alertmanager-{name} {'create' if arguments else 'update'}", preview.out)
    production.up(*arguments)
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == compiled(production)
    assert owners(cluster, kind, "production", name) == {OWN}
    unchanged(production)


def test_who_applied_the_same_values_is_no_owner_any_more(cluster: Cluster, production: Project) -> None:
    """What `kubectl apply --server-side` of the rendered files leaves: values are equal, nothing is in conflict."""
    live = found(cluster, "Secret", "production", SECRET)
    same = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET}, "data": live["data"]}
    cluster.put(same, "production", "kubectl")
    assert owners(cluster, "Secret", "production", SECRET) == {OWN, "kubectl"}
    told = "Secret production/alertmanager-main belongs to kubectl since "
    assert told in production.preview().text
    assert told in production.up().text
    assert owners(cluster, "Secret", "production", SECRET) == {OWN}
    unchanged(production)
    # Nobody owns a key that is not declared any more, so that it goes.
    production.edit(production.catalog, NEW_SERVICE)
    production.up()
    production.edit(production.catalog, (NEW_SERVICE[1], NEW_SERVICE[0]))
    production.up()
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == compiled(production)


def test_a_renamed_component_keeps_the_objects(cluster: Cluster, production: Project) -> None:
    kinds = ("Secret", SECRET), ("ExternalSecret", EXTERNAL), ("Alertmanager", "main")
    before = [uid(cluster, kind, "production", name) for kind, name in kinds]
    components = production.root / "components" / "alertmanager.py"
    name, other = '"alertpath:components:Alertmanager"', '"alertpath:components:Renamed"'
    production.edit(components, (name, other))
    done = production.up()
    assert re.search(r"\+ \d created", done.out)
    assert re.search(r"- \d deleted", done.out)
    assert [uid(cluster, kind, "production", name) for kind, name in kinds] == before
    assert cluster.data("production", SECRET)["alertmanager.yaml"] == compiled(production)
    assert found(cluster, "Alertmanager", "production", "main")["spec"]["secrets"] == MOUNTED

    production.edit(components, (other, name))
    production.up()
    assert [uid(cluster, kind, "production", name) for kind, name in kinds] == before
    production.up("--expect-no-changes", "--refresh")


def test_a_switch_to_files_and_back_keeps_the_secret(cluster: Cluster, production: Project) -> None:
    before = uid(cluster, "Secret", "production", SECRET)
    switch = "    delivery: cluster\n", "    delivery: files\n    alertmanager: {mounts: none}\n"
    production.edit(production.stack_file, switch)
    production.up()
    assert production.files()["alertmanager.yaml"].decode() == cluster.data("production", SECRET)["alertmanager.yaml"]
    assert uid(cluster, "Secret", "production", SECRET) == before
    assert found(cluster, "Alertmanager", "production", "main")["spec"]["secrets"] == MOUNTED

    production.edit(production.stack_file, (switch[1], switch[0]))
    production.up()
    assert not production.rendered.exists()
    assert uid(cluster, "Secret", "production", SECRET) == before
    production.up("--expect-no-changes", "--refresh")


def test_destroy_leaves_what_pages_depend_on(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("production", "destroyed")
    live_alertmanager(cluster, "destroyed")
    project.up()
    kinds = ("Secret", SECRET), ("Alertmanager", "main")
    before = [uid(cluster, kind, "destroyed", name) for kind, name in kinds]
    said = destroy(project)
    assert [uid(cluster, kind, "destroyed", name) for kind, name in kinds] == before
    assert found(cluster, "Alertmanager", "destroyed", "main")["spec"]["secrets"] == MOUNTED
    assert cluster.get("NetworkPolicy", "destroyed", POLICY) is None
    # The Secret that it makes outlives it.
    assert cluster.get("ExternalSecret", "destroyed", EXTERNAL) is None
    assert project.resources() == []
    assert re.search(rf"{SECRET}.*retain", said), said

    # What was left is taken over again.
    project.up()
    assert [uid(cluster, kind, "destroyed", name) for kind, name in kinds] == before
    project.up("--expect-no-changes", "--refresh")


def test_without_retain_everything_goes(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster(
        "staging",
        "short-lived",
        ("    delivery: cluster\n", "    delivery: cluster\n    alertmanager: {mounts: object, retain: false}\n"),
    )
    project.up()
    live = found(cluster, "Alertmanager", "short-lived", "main")["spec"]
    assert live["secrets"] == ["alertmanager-secrets"]
    assert live["configSecret"] == SECRET
    project.up("--expect-no-changes")
    destroy(project)
    # But for what somebody else has made.
    assert cluster.names("Secret", "short-lived") == {PAGES}
    for kind in ("ExternalSecret", "Alertmanager", "NetworkPolicy"):
        assert cluster.names(kind, "short-lived") == set()


def test_a_mount_outlives_the_configuration_that_needs_it(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("production", "unmounting")
    live_alertmanager(cluster, "unmounting")
    project.up()
    cluster.put({**OTHERS, "metadata": {"name": "pagerduty-new"}}, "unmounting", "platform")
    project.edit(project.stack_file, ("secret: pagerduty-routing-key", "secret: pagerduty-new"))
    # The configuration's step fails.
    cluster.merge("Secret", "unmounting", SECRET, {"immutable": True}, "dashboard")

    def mounted() -> list[str]:
        return found(cluster, "Alertmanager", "unmounting", "main")["spec"]["secrets"]

    for arguments in ((), ("--refresh",)):
        assert "field is immutable" in project.up("--skip-preview", *arguments, code=None).failed().text
        assert mounted() == ["alertmanager-secrets", "pagerduty-new", "pagerduty-routing-key"]

    # Nothing but this takes that back.
    cluster.request("DELETE", cluster.path("Secret", "unmounting", SECRET))
    assert (
        "pods restart: yes, one after the other, because pagerduty-routing-key will be unmounted"
        in project.preview().text
    )
    done = project.up().text
    assert "Alertmanager unmounting/main no longer mounts pagerduty-routing-key: pods restart" in done
    assert cluster.data("unmounting", SECRET)["alertmanager.yaml"] == compiled(project)
    assert mounted() == ["alertmanager-secrets", "pagerduty-new"]
    # An update without a change restarts nothing.
    before = found(cluster, "Alertmanager", "unmounting", "main")["metadata"]["generation"]
    unchanged(project)
    assert found(cluster, "Alertmanager", "unmounting", "main")["metadata"]["generation"] == before
    # Somebody takes the mounts away: what is then mounted is what is needed now.
    cluster.merge("Alertmanager", "unmounting", "main", {"spec": {"secrets": None}}, "kubectl-edit")
    project.up()
    assert mounted() == ["alertmanager-secrets", "pagerduty-new"]
    unchanged(project)


def generated(cluster: Cluster, namespace: str, text: str) -> None:
    """What the operator makes of a configuration."""
    packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "alertmanager-main-generated"}}
    cluster.put({**secret, "data": {"alertmanager.yaml.gz": packed}}, namespace, "operator")


def test_nothing_is_unmounted_that_the_pods_need(cluster: Cluster, on_cluster: OnCluster) -> None:
    """The operator refuses the new configuration: the pods run the old one."""
    project = on_cluster("production", "refusing")
    live_alertmanager(cluster, "refusing")
    project.up()
    generated(cluster, "refusing", compiled(project))
    cluster.put({**OTHERS, "metadata": {"name": "pagerduty-new"}}, "refusing", "platform")
    project.edit(project.stack_file, ("secret: pagerduty-routing-key", "secret: pagerduty-new"))
    project.edit(
        project.root / "alertpath" / "cluster" / "unmounting.py", ("_SECONDS: Final = 30", "_SECONDS: Final = 1")
    )
    assert "Alertmanager refusing/main mounts pagerduty-routing-key until the next update" in project.up().text
    assert found(cluster, "Alertmanager", "refusing", "main")["spec"]["secrets"] == [
        *("alertmanager-secrets", "pagerduty-new", "pagerduty-routing-key")
    ]


def test_a_whole_other_secret_leaves_the_old_one(cluster: Cluster, on_cluster: OnCluster) -> None:
    """The way to rename a key that docs/credentials.md gives."""
    project = on_cluster(
        "production",
        "renaming",
        ("      provider: external-secrets\n", "      provider: generated\n"),
        (EXTERNAL_SETTINGS, ""),
        ("          remote: {key: monitoring/alertmanager/slack, property: webhook_url}\n", ""),
        ("          remote: {key: monitoring/alertmanager/slack, property: webhook_url_notify}\n", ""),
    )
    live_alertmanager(cluster, "renaming")
    project.up()
    before = cluster.data("renaming", "alertmanager-secrets")
    project.edit(
        project.stack_file,
        ("      provider: generated\n", "      provider: generated\n      secret: renamed\n"),
        ("          key: slack_webhook_url\n", "          key: alerts\n"),
    )
    project.up()
    assert cluster.data("renaming", "alertmanager-secrets") == before
    assert cluster.data("renaming", "renamed").keys() == {"alerts", "slack_webhook_url_notify"}
    live = found(cluster, "Alertmanager", "renaming", "main")["spec"]["secrets"]
    assert live == ["pagerduty-routing-key", "renamed"]


THEIRS = """\
route:
  receiver: theirs
  routes:
    - {receiver: pages, matchers: ['severity = "critical"']}
receivers:
  - name: theirs
  - name: pages
    pagerduty_configs: [{routing_key_file: /etc/alertmanager/secrets/theirs/key}]
"""


@pytest.mark.parametrize("before", ["a-new-stack", "a-stack-that-was-up"])
def test_a_secret_of_somebody_else_is_taken_over_in_place(cluster: Cluster, on_cluster: OnCluster, before: str) -> None:
    namespace = f"adopted-by-{before}"
    project = on_cluster("production", namespace)
    live_alertmanager(cluster, namespace)
    theirs = base64.b64encode(THEIRS.encode()).decode()
    secret = {"metadata": {"name": SECRET}, "type": "Opaque", "data": {"alertmanager.yaml": theirs}}
    secret["metadata"] |= {"labels": {"app.kubernetes.io/managed-by": "Helm"}}
    if before == "a-stack-that-was-up":
        project.up()
        cluster.request("DELETE", cluster.path("Secret", namespace, SECRET))
    cluster.request("POST", f"{cluster.path('Secret', namespace)}?fieldManager=helm", secret)
    was, version = uid(cluster, "Secret", namespace, SECRET), cluster.version("Secret", namespace)
    if before == "a-new-stack":
        # What a preview says is what `up` says, and it says what is lost first.
        names = {kind: cluster.names(kind, namespace) for kind in ("Secret", "NetworkPolicy", "ExternalSecret")}
        for done in (project.preview(), project.up(code=None).failed()):
            assert "Secret adopted-by-a-new-stack/alertmanager-main: there already, written by helm." in done.text
            assert "With this stack's configuration instead: " in done.text
            assert "alertmanager: {adopt: true}" in done.text
        assert {kind: cluster.names(kind, namespace) for kind in names} == names
        assert cluster.data(namespace, SECRET)["alertmanager.yaml"] == THEIRS
        project.edit(
            project.stack_file, ("    delivery: cluster\n", "    delivery: cluster\n    alertmanager: {adopt: true}\n")
        )
    assert "was changed by helm" in project.preview().text
    project.up()
    assert cluster.data(namespace, SECRET)["alertmanager.yaml"] == compiled(project)
    assert uid(cluster, "Secret", namespace, SECRET) == was
    assert {kind for kind, name in cluster.events_since("Secret", namespace, version) if name == SECRET} == {"MODIFIED"}
    assert owners(cluster, "Secret", namespace, SECRET) == {OWN}
    unchanged(project)


def test_an_absent_alertmanager_is_an_error(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("staging", "absent")
    for done in (project.pulumi("preview"), project.up(code=None)):
        assert "Alertmanager (alertmanager-main-live)" in done.failed().text
        assert "resource 'absent/main' does not exist" in done.text
    assert cluster.names("Alertmanager", "absent") == set()
    assert cluster.names("Secret", "absent") == {PAGES}


def test_mounts_that_belong_to_somebody_else_are_an_error(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("staging", "owned")
    live_alertmanager(cluster, "owned", secrets=["corporate-ca"])
    for done in (project.pulumi("preview"), project.up(code=None)):
        text = done.failed().text
        assert "`spec.secrets` belongs to the field manager 'helm'" in text
        assert "- corporate-ca" in text
        assert "- alertmanager-secrets" in text
        # What takes credentials out of the pods is never advised.
        assert "remove `secrets`" not in text
    assert found(cluster, "Alertmanager", "owned", "main")["spec"]["secrets"] == ["corporate-ca"]
    assert cluster.names("Secret", "owned") == {PAGES}

    # As the message says: the owner's source has the lines, the stack mounts nothing.
    live_alertmanager(cluster, "owned", secrets=["corporate-ca", "alertmanager-secrets"])
    project.edit(
        project.stack_file, ("    delivery: cluster\n", "    delivery: cluster\n    alertmanager: {mounts: none}\n")
    )
    project.up()
    assert SECRET in cluster.names("Secret", "owned")


def test_another_configuration_secret_is_an_error(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("staging", "other-secret")
    live_alertmanager(cluster, "other-secret", configSecret="somewhere-else")
    text = project.up(code=None).failed().text
    assert "it reads the Secret 'somewhere-else', this stack writes 'alertmanager-main'" in text
    assert cluster.names("Secret", "other-secret") == {PAGES}


def test_the_namespace_is_created_only_where_asked_for(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("staging", "unused")
    project.edit(
        project.stack_file,
        ("namespace: {name: unused}", "namespace: {name: made, create: true}"),
        ("    delivery: cluster\n", "    delivery: cluster\n    alertmanager: {mounts: object}\n"),
    )
    project.up()
    assert found(cluster, "Secret", "made", SECRET)
    assert found(cluster, "Alertmanager", "made", "main")
