"""What would leave nobody told: a preview says so and goes on, an update refuses it before it changes anything."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.program.cluster import Cluster
from tests.program.conftest import OnCluster
from tests.program.servers import DEFINITIONS
from tests.program.test_cluster import PAGES, SECRET, compiled, found, live_alertmanager, owners, unchanged

DELIVERY = "    delivery: cluster\n"
# How alertpath looks without what this tests.
CHECK, NO_CHECK = "if isinstance(settings.get_monitor(), mocks.MockMonitor):", "if mocks:"
Break = Callable[[Cluster, str], object]


def without_secret(cluster: Cluster, namespace: str) -> None:
    cluster.request("DELETE", cluster.path("Secret", namespace, PAGES))


def with_value(value: Mapping[str, str | None]) -> Break:
    data = {key: None if text is None else base64.b64encode(text.encode()).decode() for key, text in value.items()}

    def change(cluster: Cluster, namespace: str) -> None:
        cluster.merge("Secret", namespace, PAGES, {"data": data}, "platform")

    return change


def with_spec(**spec: Any) -> Break:
    return lambda cluster, namespace: live_alertmanager(cluster, namespace, **spec)


FAULTS: dict[str, tuple[Break, str, str]] = {
    "secret-missing": (without_secret, f"/{PAGES}: does not exist", "let its owner write it"),
    "key-missing": (
        with_value({"routing_key": None, "other": "x"}),
        f"/{PAGES}, key routing_key: there is no such key; the Secret has other",
        "correct `credentials.values.pagerduty-seedtest.key`",
    ),
    "wrong-shape": (with_value({"routing_key": "short"}), f"/{PAGES}, key routing_key: its value is not", "its owner"),
    "paused": (with_spec(paused=True), "/main: is paused", "remove it"),
    "two-readers": (
        with_spec(alertmanagerConfiguration={"name": "x"}),
        "/main: has `spec.alertmanagerConfiguration`",
        "remove that field",
    ),
}


def changes(cluster: Cluster, namespace: str, versions: Mapping[str, str]) -> list[tuple[str, str]]:
    return [each for kind, version in versions.items() for each in cluster.events_since(kind, namespace, version)]


def versions(cluster: Cluster, namespace: str) -> dict[str, str]:
    kinds = ("Secret", "Alertmanager", "NetworkPolicy", "ExternalSecret")
    return {kind: cluster.version(kind, namespace) for kind in kinds}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_update_refuses_before_any_change(cluster: Cluster, on_cluster: OnCluster, fault: str) -> None:
    namespace = f"refused-{fault}"
    # What mounts them is somebody else's: so nothing but the check says that it is wrong.
    project = on_cluster("production", namespace, (DELIVERY, f"{DELIVERY}    alertmanager: {{mounts: none}}\n"))
    live_alertmanager(cluster, namespace)
    break_it, told, mend = FAULTS[fault]
    break_it(cluster, namespace)
    before = versions(cluster, namespace)
    for text in (project.preview().text, project.up(code=None).failed().text):
        assert f"{namespace}{told}" in text, text
        assert mend in text
        assert "Traceback" not in text
    assert changes(cluster, namespace, before) == []
    assert project.resources() == [] or all(not each["custom"] for each in project.resources())

    # Without the check it ends well, and nobody is told.
    project.edit(project.root / "components" / "live.py", (CHECK, NO_CHECK))
    project.up()


def test_a_wrong_namespace(on_cluster: OnCluster) -> None:
    project = on_cluster("production", "right-namespace")
    project.edit(project.stack_file, ("namespace: {name: right-namespace}", "namespace: {name: wrong-namespace}"))
    text = project.up(code=None).failed().text
    assert "Namespace wrong-namespace: does not exist" in text
    assert "correct `cluster.context` or `namespace.name`" in text


def test_another_stack_is_named(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("production", "shared")
    live_alertmanager(cluster, "shared")
    project.up()
    live = found(cluster, "Secret", "shared", SECRET)
    theirs = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET}, "data": live["data"]}
    cluster.put(theirs, "shared", "alertpath-staging")
    before = versions(cluster, "shared")
    for text in (project.preview().text, project.up(code=None).failed().text):
        assert "Secret shared/alertmanager-main: the stack staging writes it too" in text
    assert changes(cluster, "shared", before) == []
    # As the message says, for a stack that is gone.
    project.edit(project.stack_file, (DELIVERY, f"{DELIVERY}    alertmanager: {{adopt: true}}\n"))
    project.up()
    assert owners(cluster, "Secret", "shared", SECRET) == {"alertpath-production"}
    unchanged(project)


APPLICATIONS = "apis/argoproj.io/v1alpha1/namespaces/argocd/applications"


def test_an_application_that_syncs_is_named(cluster: Cluster, on_cluster: OnCluster) -> None:
    project = on_cluster("production", "synced")
    live_alertmanager(cluster, "synced")
    project.up()
    _define_applications(cluster)
    cluster.new_namespace("argocd")
    application = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "alerts"}}
    cluster.request("POST", APPLICATIONS, application)
    live = found(cluster, "Secret", "synced", SECRET)
    tracking = {"argocd.argoproj.io/tracking-id": f"alerts:/Secret:synced/{SECRET}"}
    metadata = {"name": SECRET, "annotations": tracking}
    theirs = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": live["data"]}
    cluster.put(theirs, "synced", "argocd-controller")
    for text in (project.preview().text, project.up(code=None).failed().text):
        assert "Secret synced/alertmanager-main: the Argo CD Application alerts still syncs it" in text
        assert "`argocd app delete alerts --cascade=false`" in text
    # What that command does.
    cluster.request("DELETE", f"{APPLICATIONS}/alerts")
    project.up()
    assert cluster.data("synced", SECRET)["alertmanager.yaml"] == compiled(project)
    declared = [
        entry["manager"]
        for entry in found(cluster, "Secret", "synced", SECRET)["metadata"]["managedFields"]
        if "f:data" in entry["fieldsV1"]
    ]
    assert declared == ["alertpath-production"]
    unchanged(project)


def _define_applications(cluster: Cluster) -> None:
    """The kind Application, of any content."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": schema}
    names = {"kind": "Application", "plural": "applications", "singular": "application", "listKind": "ApplicationList"}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "applications.argoproj.io"},
        "spec": {"group": "argoproj.io", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    cluster.request("POST", DEFINITIONS, definition)
    end = time.monotonic() + 30
    while not any(group["name"] == "argoproj.io" for group in cluster.request("GET", "apis")["groups"]):
        assert time.monotonic() < end, "the kind Application is not served"
        time.sleep(0.1)
