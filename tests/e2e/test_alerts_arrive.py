"""One `up` from nothing: alerts arrive at the webhook or routing key that the guide's table says, and nowhere else."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.alerts import Alert, Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.e2e.sinks import Received
from tests.program.engine import Project

NAMESPACE = "monitoring"
# Where Vault has the webhooks.
SLACK = "monitoring/alertmanager/slack"
PAGES = "0123456789abcdef0123456789abcdef"
ALERTS, NOTIFY = "#seedtest-alerts", "#seedtest-notify"
# How long an alert may take, in seconds, on top of its group wait.
MARGIN = 5
WAIT = 30
WEEKDAYS = '["monday:friday"]'
HOURS = '      times: [{start_time: "09:00", end_time: "18:00"}]\n'


@dataclass(frozen=True)
class Stack:
    """The stack production, up and running."""

    project: Project
    peers: Peers
    webhooks: Mapping[str, str]


@pytest.fixture(scope="module")
def production(cluster: RealCluster, on_cluster: OnCluster) -> Stack:
    cluster.new_namespace(NAMESPACE)
    webhooks = {"webhook_url": cluster.sinks.webhook(ALERTS), "webhook_url_notify": cluster.sinks.webhook(NOTIFY)}
    cluster.vault.write(SLACK, webhooks)
    cluster.put_secret(NAMESPACE, "pagerduty-routing-key", {"routing_key": PAGES})
    cluster.put_alertmanager(NAMESPACE)
    stack = Stack(on_cluster("production", NAMESPACE), cluster.peers(NAMESPACE), webhooks)
    # Not now: neither today nor, around midnight, yesterday and tomorrow.
    stack.project.edit(stack.project.catalog, (HOURS, ""), (WEEKDAYS, weekdays(2)))
    stack.project.up()
    wait_until_it_runs(cluster, stack, weekdays(2))
    return stack


def weekdays(*from_now: int) -> str:
    """Days of the week in the catalog's time zone."""
    today = datetime.datetime.now(ZoneInfo("Asia/Seoul"))
    days = ((today + datetime.timedelta(days=days)).strftime("%A").lower() for days in from_now)
    return json.dumps(list(days))


def wait_until_it_runs(cluster: RealCluster, stack: Stack, text: str) -> None:
    """Waits until each Alertmanager runs a configuration with a text, and all have found each other."""
    wanted = text.strip('[]"')
    cluster.wait(
        lambda: cluster.settled(NAMESPACE) and all(wanted in each for each in stack.peers.configurations()),
        f"three Alertmanagers run a configuration with {wanted}",
        180,
    )


def running(cluster: RealCluster) -> list[tuple[str, list[int]]]:
    """Each pod's identity and how often its containers have started again."""
    return [
        (pod["metadata"]["uid"], [each["restartCount"] for each in pod["status"]["containerStatuses"]])
        for pod in cluster.pods(NAMESPACE)
    ]


def alert(name: str, severity: str, service: str = "seedtest-api", namespace: str = "seedtest") -> Alert:
    labels = {"alertname": name, "service": service, "severity": severity, "namespace": namespace}
    return Alert(labels, {"summary": f"{name} has happened"})


def arrived(cluster: RealCluster, *names: str) -> set[tuple[str, str]]:
    """The alerts that came with where they came to; each only once."""
    found = [
        (name, each.to) for each in list(cluster.sinks.received) for name in names if name in json.dumps(each.body)
    ]
    assert len(found) == len(set(found)), found
    return set(found)


def message(cluster: RealCluster, name: str) -> Received:
    return next(each for each in cluster.sinks.received if name in json.dumps(each.body))


def test_each_row_of_the_table(cluster: RealCluster, production: Stack) -> None:
    waited = {
        ("ApiWarning", ALERTS): alert("ApiWarning", "warning"),
        ("ApiInfo", ALERTS): alert("ApiInfo", "info"),
        ("OtherWarning", NOTIFY): alert("OtherWarning", "warning", "seedtest-web"),
        ("OtherCritical", NOTIFY): alert("OtherCritical", "critical", "seedtest-web"),
        ("NobodysAlert", NOTIFY): alert("NobodysAlert", "warning", "payments", "payments"),
    }
    silent = {
        "ApiCritical": alert("ApiCritical", "warning"),
        "OtherInfo": alert("OtherInfo", "info", "seedtest-web"),
        "Watchdog": alert("Watchdog", "none", "prometheus", "monitoring"),
    }
    names = [*(name for name, _ in waited), *silent]
    production.peers.post(alert("ApiCritical", "critical"))
    cluster.wait(lambda: bool(arrived(cluster, "ApiCritical")), "the page", MARGIN)
    production.peers.post(*waited.values(), *silent.values())
    posted = time.monotonic()
    cluster.wait(lambda: arrived(cluster, *names) >= waited.keys(), "every message", WAIT + MARGIN)
    # Those that must not come would come no later.
    time.sleep(max(0, posted + WAIT + MARGIN - time.monotonic()))
    assert arrived(cluster, *names) == {*waited, ("ApiCritical", PAGES)}


def test_what_a_page_says(cluster: RealCluster, production: Stack) -> None:
    production.peers.post(alert("WordsCritical", "critical"))
    cluster.wait(lambda: bool(arrived(cluster, "WordsCritical")), "the page", MARGIN)
    page = message(cluster, "WordsCritical").body
    assert page["event_action"] == "trigger"
    assert page["payload"]["severity"] == "critical"
    assert page["payload"]["summary"] == "[FIRING:1 · CRITICAL] WordsCritical · seedtest-api"
    assert "WordsCritical has happened" in page["payload"]["custom_details"]["firing"]


def test_what_a_message_says(cluster: RealCluster, production: Stack) -> None:
    production.peers.post(alert("WordsWarning", "warning"))
    cluster.wait(lambda: bool(arrived(cluster, "WordsWarning")), "the message", WAIT + MARGIN)
    [attachment] = message(cluster, "WordsWarning").body["attachments"]
    assert attachment["title"] == "[FIRING:1 · WARNING] WordsWarning · seedtest-api"
    assert attachment["text"].startswith("*WordsWarning has happened*\n")


def test_in_working_hours_low_priority_alerts_come(cluster: RealCluster, production: Stack) -> None:
    """The text on its way: edited, `up`, reloaded by what runs in the pods."""
    before = running(cluster)
    production.project.edit(production.project.catalog, (weekdays(2), weekdays(-1, 0, 1)))
    production.project.up()
    wait_until_it_runs(cluster, production, weekdays(0))
    production.peers.post(alert("HoursInfo", "info", "seedtest-web"))
    cluster.wait(lambda: bool(arrived(cluster, "HoursInfo")), "the message", WAIT + MARGIN)
    assert arrived(cluster, "HoursInfo") == {("HoursInfo", NOTIFY)}
    assert running(cluster) == before


def test_a_rotated_webhook_is_used(cluster: RealCluster, production: Stack) -> None:
    before = running(cluster)
    store = "        store: {name: vault-backend}\n"
    production.project.edit(production.project.stack_file, (store, f"{store}        refresh_interval: 1s\n"))
    production.project.up()
    webhook = cluster.sinks.webhook("#rotated")
    cluster.vault.write(SLACK, {**production.webhooks, "webhook_url": webhook})
    pods = [cluster.kubelet.pod(NAMESPACE, pod["metadata"]["name"]) for pod in cluster.pods(NAMESPACE)]
    files = [pod.root / "etc/alertmanager/secrets/alertmanager-secrets/slack_webhook_url" for pod in pods]
    cluster.wait(lambda: all(file.read_text() == webhook for file in files), "the pods have it")
    production.peers.post(alert("RotatedWarning", "warning"))
    cluster.wait(lambda: bool(arrived(cluster, "RotatedWarning")), "the message", WAIT + MARGIN)
    assert arrived(cluster, "RotatedWarning") == {("RotatedWarning", "#rotated")}
    assert running(cluster) == before
