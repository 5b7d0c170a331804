"""How clusters break: what people and controllers do to objects, pods and receivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.program.verify.alertmanagers import until
from tests.program.verify.world import PAGERDUTY, SLACK, World

MAIN: Final = "alertmanager-main"
WARNING: Final = {"service": "seedtest-api", "severity": "warning", "namespace": "seedtest"}
CRITICAL: Final = {**WARNING, "severity": "critical"}
OPEN: Final = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": MAIN},
    "spec": {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "alertmanager"}},
        "policyTypes": ["Ingress", "Egress"],
        "egress": [{}],
    },
}


def merge(kind: str, name: str, changes: Mapping[str, Any]) -> Callable[[World], object]:
    """Somebody edits an object."""
    return lambda world: world.space.merge(kind, name, changes)


def delete(kind: str, name: str) -> Callable[[World], object]:
    """Somebody deletes an object."""
    return lambda world: world.space.delete(kind, name)


def spec(**changes: object) -> Callable[[World], object]:
    """Somebody edits the Alertmanager object."""
    return merge("Alertmanager", "main", {"spec": changes})


def condition(kind: str, name: str, condition: str, message: str) -> Callable[[World], object]:
    """A controller says that an object does not hold a condition."""
    return lambda world: world.space.condition(kind, name, condition, "False", message)


def credential(name: str, **values: str) -> Callable[[World], object]:
    """A Secret has other values."""
    return lambda world: world.space.secret(name, values)


# --- the configuration and who reads it


def secret_renamed(world: World) -> None:
    """The configuration is there, under another name."""
    content = world.space.read()["Secret", MAIN]["data"]
    world.space.delete("Secret", MAIN)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "alertmanager-config"}, "data": content}
    world.space.put("Secret", secret, "kubectl-edit")


def key_renamed(world: World) -> None:
    """The configuration is there, under another key."""
    content = world.space.read()["Secret", MAIN]["data"]["alertmanager.yaml"]
    world.space.merge("Secret", MAIN, {"data": {"alertmanager.yaml": None, "alertmanager.yml": content}})


def foreign_edit(world: World) -> None:
    """Pages go to Slack, by hand."""
    world.deliver(world.text.replace("receiver: pagerduty-seedtest", "receiver: slack-lowprio"))


def null(world: World) -> None:
    """The operator looked while there was no Secret."""
    text = "route: {receiver: 'null'}\nreceivers: [{name: 'null'}]\n"
    world.space.generate(text)
    world.running.load(text)


def stopped(world: World) -> None:
    """The first update has waited in vain: credential, mounts and configuration are not there."""
    condition("ExternalSecret", "alertmanager-slack-webhook", "Ready", "cannot find secret data for key")(world)
    world.space.delete("Secret", SLACK)
    world.space.delete("Secret", MAIN)
    spec(secrets=[])(world)
    null(world)


def copied_unexamined(world: World) -> None:
    """The operator does not parse it, so that Alertmanager has to refuse it."""
    spec(alertmanagerConfigSelector=None)(world)
    world.deliver("route: {receiver: nobody}\n")


def refused_by_operator(world: World) -> None:
    """The operator parses it, and knows less."""
    world.space.condition("Alertmanager", "main", "Reconciled", "False", "failed to initialize: field labels not found")


def stuck(world: World) -> None:
    """The Secret has changed, and nothing came of it."""
    world.space.generate(slower(world))
    world.running.load(slower(world))


def slower(world: World) -> str:
    """The configuration with another interval: what was there before."""
    text = world.text.replace("group_interval: 5s", "group_interval: 50s", 1)
    assert text != world.text
    return text


# --- pods


def one_pod(world: World, number: int, status: Mapping[str, Any], *secrets: str) -> None:
    """A pod made anew that mounts Secrets (none named: all that it should)."""
    name = f"{MAIN}-{number}"
    world.space.delete("Pod", name)
    world.space.pod(number, secrets or (SLACK, PAGERDUTY))
    world.space.status("Pod", name, status)


def waiting(reason: str, message: str) -> dict[str, Any]:
    """The status of a pod that does not come up."""
    container = {"name": "alertmanager", "ready": False, "restartCount": 4, "image": "a", "imageID": "a"}
    state = {"waiting": {"reason": reason, "message": message}}
    conditions = [{"type": "Ready", "status": "False"}]
    return {"conditions": conditions, "containerStatuses": [{**container, "state": state}]}


def pods_without_mounts(world: World) -> None:
    """Pods from before a Secret was mounted."""
    for number in range(3):
        one_pod(world, number, {}, SLACK)


def other_labels(world: World) -> None:
    """The stack says `app: am`, and so does its policy; the pods do not."""
    delivery = "    delivery: cluster\n"
    policy = f"{delivery}    network_policy: {{pod_labels: {{app: am}}}}\n"
    world.project.edit(world.project.stack_file, (delivery, policy))
    assert world.expected.policy is not None
    world.space.delete("NetworkPolicy", "alertmanager-egress")
    world.space.put("NetworkPolicy", world.expected.policy)


def no_time_zones(world: World) -> None:
    """Their image holds no time zone data; what they run, they have from an image that did."""
    world.running.load(slower(world))
    world.running.know_time_zones(False)
    world.running.load(world.text)


def split(world: World) -> None:
    """Each Alertmanager is alone."""
    world.running.restart(together=False)


def one_replica(world: World) -> None:
    """A silence, and one replica without storage."""
    spec(replicas=1)(world)
    for number in (1, 2):
        world.space.delete("Pod", f"{MAIN}-{number}")
    world.space.merge("StatefulSet", MAIN, {"spec": {"replicas": 1}})
    world.running.silence(alertname="Nothing")


# --- the network


def closed(world: World) -> None:
    """Somebody closes everything in a namespace whose stack declares no policy."""
    delivery = "    delivery: cluster\n"
    world.project.edit(world.project.stack_file, (delivery, f"{delivery}    network_policy: {{enabled: false}}\n"))
    world.space.delete("NetworkPolicy", "alertmanager-egress")
    deny = {"podSelector": {}, "policyTypes": ["Egress"]}
    world.space.put("NetworkPolicy", {**OPEN, "metadata": {"name": "default-deny"}, "spec": deny})


# --- messages


def refused(path: str, answer: tuple[int, str], labels: Mapping[str, str]) -> Callable[[World], None]:
    """An alert fires, and what is to receive it answers otherwise than it should."""

    def make(world: World) -> None:
        world.sink.answers[path] = answer
        world.running.post({"alertname": "Broken", **labels})
        _count(world, "alertmanager_notifications_failed_total")

    return make


def _count(world: World, metric: str) -> None:
    until(lambda: any(world.running.sum(url, metric) for url in world.running.urls), "it is counted")


def unreachable(world: World) -> None:
    """An alert fires, and connections are refused, as by a firewall."""
    # Nobody listens at this port.
    mounted = f"etc/alertmanager/secrets/{SLACK}/slack_webhook_url"
    world.running.write({mounted: "http://127.0.0.1:9/services/closed"})
    world.running.post({"alertname": "Broken", **WARNING})
    _count(world, "alertmanager_notification_requests_failed_total")


def twice(world: World) -> None:
    """The catalog itself says `continue: true`."""
    file = world.project.catalog
    route = "{matchers: ['severity=\"critical\"'], receiver: pagerduty-seedtest, continue: true}"
    file.write_text(f"{file.read_text(encoding='utf-8')}\nnative:\n  routes_before: [{route}]\n", encoding="utf-8")
    world.deliver(world.expected.compiled.text)


def without_labels(world: World) -> None:
    """Two alerts, one of which lacks a label."""
    world.running.post(
        {"alertname": "Slow", "namespace": "seedtest", "severity": "critical", "service": "seedtest-api"},
        {"alertname": "Slow", "namespace": "seedtest", "severity": "warning"},
    )
