"""What a reviewer sees before anything is changed: useful without a cluster, and never a credential."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.program.cluster import Cluster
from tests.program.conftest import NewProject, OnCluster
from tests.program.engine import Project, assert_hidden
from tests.program.test_cluster import SECRET, live_alertmanager

ROUTING_KEY = "0123456789abcdefghijklmnopqrstuv"
WEBHOOK = "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize(
    ("stack", "critical", "resources"), [("staging", "slack-seedtest", 5), ("production", "pagerduty-seedtest", 5)]
)
def test_a_preview_without_a_cluster(new_project: NewProject, stack: str, critical: str, resources: int) -> None:
    project = new_project(stack, providers=["kubernetes"])
    done = project.preview()
    objects = set(re.findall(r"\+\s+kubernetes:\S+:(\w+) (\S+) create", done.out))
    assert objects == {
        ("Secret", f"alertmanager-{SECRET}"),
        ("ExternalSecret", "alertmanager-alertmanager-slack-webhook"),
        ("NetworkPolicy", "alertmanager-alertmanager-egress"),
        ("AlertmanagerPatch", "alertmanager-main"),
        ("AlertmanagerPatch", "alertmanager-main-needed"),
    }
    assert len(objects) == resources
    # That nothing is known about the live object is said, and is no error.
    assert "error" not in done.text
    assert re.search(rf'service=seedtest-api and severity=critical\s*: "{critical} ', done.out)
    assert ("pagerduty" in done.text.lower()) == (stack == "production")
    assert project.resources() == []


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and never answers; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"https://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("refuses", "403|forbidden"),
        ("knows-nobody", "does not accept the credentials"),
        ("silent", "the cluster is not known here .*timed out"),
        ("another-certificate", "the cluster is not known here .*certificate"),
    ],
)
def test_a_preview_where_the_cluster_does_not_answer(
    cluster: Cluster, on_cluster: OnCluster, tmp_path: Path, what: str, why: str
) -> None:
    """It goes on, and says what is not known."""
    namespace = f"not-known-{what}"
    project = on_cluster("production", namespace)
    config = json.loads(cluster.kubeconfig.read_text(encoding="utf-8"))
    user, server = config["users"][0]["user"], config["clusters"][0]["cluster"]
    with silent() as nobody:
        if what == "refuses":
            user["token"] = without_rights(cluster)
        elif what == "knows-nobody":
            user["token"] = "x"
        elif what == "silent":
            server["server"] = nobody
        else:
            server["certificate-authority"] = str(certificate(tmp_path))
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(json.dumps(config), encoding="utf-8")
        done = project.with_env(KUBECONFIG=str(kubeconfig)).preview()
    assert re.search(why, done.text, re.IGNORECASE), done.text
    assert "Secret alertmanager-alertmanager-main create" in done.out
    assert "error" not in done.out.lower().replace("errored", "error") or what == "refuses"


def without_rights(cluster: Cluster) -> str:
    """The token of a user whom the API server knows and who may do nothing."""
    accounts = "api/v1/namespaces/default/serviceaccounts"
    cluster.request("POST", accounts, {"metadata": {"name": "nobody"}})
    return cluster.request("POST", f"{accounts}/nobody/token", {"spec": {"expirationSeconds": 3600}})["status"]["token"]


def certificate(directory: Path) -> Path:
    """A certificate authority that nobody uses."""
    file = directory / "authority.crt"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=nobody", "-days", "1"]
    subprocess.run([*words, "-keyout", directory / "authority.key", "-out", file], check=True, capture_output=True)
    return file


@pytest.fixture(scope="module")
def secretive(cluster: Cluster, on_cluster: OnCluster) -> Project:
    """Production whose credentials are all in Pulumi's configuration, deployed."""
    project = on_cluster(
        "production",
        "previews",
        ("      provider: external-secrets\n", "      provider: pulumi-config\n"),
        ("          provider: existing\n", ""),
        (EXTERNAL, ""),
        ("          remote: {key: monitoring/alertmanager/slack, property: webhook_url}\n", ""),
        ("          remote: {key: monitoring/alertmanager/slack, property: webhook_url_notify}\n", ""),
    )
    live_alertmanager(cluster, "previews")
    project.set_secret("slack-seedtest-alerts", WEBHOOK)
    project.set_secret("slack-seedtest-notify", f"{WEBHOOK}2")
    project.set_secret("pagerduty-seedtest", ROUTING_KEY)
    project.up()
    return project


EXTERNAL = """      external_secrets:
        store: {name: vault-backend}
        names: {alertmanager-secrets: alertmanager-slack-webhook}
"""


@pytest.mark.parametrize("arguments", [(), ("--diff",), ("--json",), ("--refresh", "--diff")], ids=" ".join)
def test_no_credential_is_shown(cluster: Cluster, secretive: Project, arguments: tuple[str, ...]) -> None:
    assert cluster.data("previews", "pagerduty-routing-key")["routing_key"] == ROUTING_KEY
    project = secretive
    files = (project.stack_file, project.project_file)
    before = [file.read_bytes() for file in files]
    try:
        # All of them change, and one is new at its place.
        project.set_secret("slack-seedtest-alerts", f"{WEBHOOK}3")
        project.set_secret("pagerduty-seedtest", ROUTING_KEY[::-1])
        project.edit(project.stack_file, ("key: slack_webhook_url_notify", "key: another_key"))
        shown = project.preview(*arguments).text
    finally:
        for file, content in zip(files, before, strict=True):
            file.write_bytes(content)
    assert re.search(r'"op": "update"' if "--json" in arguments else r"[~+]", shown)
    assert_hidden(shown, WEBHOOK, ROUTING_KEY, ROUTING_KEY[::-1])


def test_the_hidden_is_found_where_it_is_not(cluster: Cluster, secretive: Project) -> None:
    """The check above can fail: this is where the values are."""
    live = cluster.get("Secret", "previews", "pagerduty-routing-key")
    assert live is not None
    with pytest.raises(AssertionError):
        assert_hidden(str(live["data"]), ROUTING_KEY)
    assert_hidden(secretive.pulumi("stack", "export").expect(0).text, WEBHOOK, ROUTING_KEY)
    assert_hidden(secretive.pulumi("stack", "output", "--json").expect(0).text, WEBHOOK, ROUTING_KEY)
    assert_hidden(secretive.state_text(), WEBHOOK, ROUTING_KEY)
    assert_hidden(secretive.stack_file.read_text(encoding="utf-8"), WEBHOOK, ROUTING_KEY)
