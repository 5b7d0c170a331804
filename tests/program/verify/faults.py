"""Broken clusters, each by one cause, and what is said of it first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, final

from tests.program.verify import breaking, sink
from tests.program.verify.breaking import CRITICAL, MAIN, WARNING
from tests.program.verify.world import KEY, PAGERDUTY, SLACK, WEBHOOKS, World

EXTERNAL: Final = "alertmanager-slack-webhook"


@final
@dataclass(frozen=True)
class Fault:
    """`message` and `cause`: what must be in them; `also`: steps that fail too, since they say more of the same."""

    make: Callable[[World], object]
    step: str
    subject: str
    message: str
    cause: str
    also: tuple[str, ...] = ()
    status: Literal["failed", "warning"] = "failed"


FAULTS: Final[Mapping[str, Fault]] = {
    "Secret renamed": Fault(
        breaking.secret_renamed, "configuration", f"Secret verify/{MAIN}", "does not exist", "deleted or renamed"
    ),
    "its key renamed": Fault(
        breaking.key_renamed, "configuration", f"Secret verify/{MAIN}", "it has alertmanager.yml", "under another key"
    ),
    "a foreign edit": Fault(
        breaking.foreign_edit,
        "configuration",
        f"Secret verify/{MAIN}",
        "lost pages: service=seedtest-api, severity=critical",
        "last written by kubectl-edit",
    ),
    "another Secret read": Fault(
        breaking.spec(configSecret="other"),
        "alertmanager",
        "Alertmanager verify/main",
        f"reads the Secret other, the stack writes {MAIN}",
        "not what the operator expects",
    ),
    "configured by an AlertmanagerConfig": Fault(
        breaking.spec(alertmanagerConfiguration={"name": "global"}),
        "alertmanager",
        "Alertmanager verify/main",
        "ignores every configuration Secret",
        "AlertmanagerConfig",
    ),
    "paused": Fault(
        breaking.spec(paused=True), "alertmanager", "Alertmanager verify/main", "is paused", "somebody set `spec.paused"
    ),
    "an older Alertmanager": Fault(
        breaking.spec(version="v0.27.0"), "alertmanager", "Alertmanager verify/main", "v0.27.0", "changed alone"
    ),
    "an ExternalSecret edited": Fault(
        breaking.merge("ExternalSecret", EXTERNAL, {"spec": {"secretStoreRef": {"name": "vault-backed"}}}),
        "objects",
        f"ExternalSecret verify/{EXTERNAL}",
        "spec.secretStoreRef.name is 'vault-backed', not 'vault-backend'",
        "last written by kubectl-edit",
    ),
    "store missing": Fault(
        breaking.delete("SecretStore", "vault-backend"),
        "sources",
        "SecretStore verify/vault-backend",
        "does not exist",
        "misspelt",
    ),
    "store not ready": Fault(
        breaking.condition("SecretStore", "vault-backend", "Ready", "unable to log in to Vault"),
        "sources",
        "SecretStore verify/vault-backend",
        "unable to log in to Vault",
        "does not accept its login",
    ),
    "ExternalSecret not synced": Fault(
        breaking.condition("ExternalSecret", EXTERNAL, "Ready", "cannot find secret data for key"),
        "sources",
        f"ExternalSecret verify/{EXTERNAL}",
        "cannot find secret data for key",
        "monitoring/alertmanager/slack/webhook_url",
    ),
    "an update stopped at an ExternalSecret": Fault(
        breaking.stopped,
        "update",
        f"ExternalSecret verify/{EXTERNAL}",
        "an update waits for it, and then fails before mounts and configuration",
        "monitoring/alertmanager/slack/webhook_url",
    ),
    "External Secrets does not run": Fault(
        lambda world: world.space.status("ExternalSecret", EXTERNAL, {"conditions": None}),
        "sources",
        f"ExternalSecret verify/{EXTERNAL}",
        "nobody has looked at it",
        "External Secrets does not run",
    ),
    "no credential": Fault(
        breaking.delete("Secret", PAGERDUTY),
        "credentials",
        f"Secret verify/{PAGERDUTY}",
        "does not exist; Alertmanager needs its key routing_key",
        "provider existing",
    ),
    "key mistyped": Fault(
        breaking.credential(PAGERDUTY, **{"routing-key": KEY}),
        "credentials",
        f"Secret verify/{PAGERDUTY}, key routing_key",
        "there is no such key; the Secret has routing-key",
        "misspelt",
    ),
    "pasted twice": Fault(
        breaking.credential(PAGERDUTY, routing_key=f"{KEY} {KEY}"),
        "credentials",
        f"Secret verify/{PAGERDUTY}, key routing_key",
        "its value has white space inside",
        "another value was stored",
    ),
    "a webhook instead of a routing key": Fault(
        breaking.credential(PAGERDUTY, routing_key=WEBHOOKS["slack_webhook_url"]),
        "credentials",
        f"Secret verify/{PAGERDUTY}, key routing_key",
        "its value",
        "another value was stored",
    ),
    "one webhook for two channels": Fault(
        breaking.credential(SLACK, **dict.fromkeys(WEBHOOKS, WEBHOOKS["slack_webhook_url"])),
        "credentials",
        "credentials alertmanager-secrets/slack_webhook_url",
        "messages for one channel arrive in the other's",
        "one webhook was stored twice",
        status="warning",
    ),
    "operator refuses": Fault(
        breaking.refused_by_operator,
        "operator",
        "Alertmanager verify/main",
        "field labels not found. Pods go on with the configuration before",
        "strict parser",
    ),
    "operator does not run": Fault(
        lambda world: world.space.status("Alertmanager", "main", {"conditions": []}),
        "operator",
        "Alertmanager verify/main",
        "the operator has not looked at it",
        "does not run",
    ),
    "operator's null": Fault(
        breaking.null,
        "operator",
        f"Secret verify/{MAIN}-generated",
        "the receiver null: nobody is told of anything",
        "found no configuration when it looked last",
    ),
    "operator is stuck": Fault(
        breaking.stuck,
        "operator",
        f"Secret verify/{MAIN}-generated",
        "is not what the Secret says",
        "it is stuck",
    ),
    "copied unexamined, refused by Alertmanager": Fault(
        breaking.copied_unexamined,
        "configuration",
        f"Secret verify/{MAIN}",
        "Alertmanager would refuse it",
        "kubectl-edit",
        also=("running",),
    ),
    "StatefulSet deleted": Fault(
        breaking.delete("StatefulSet", MAIN),
        "pods",
        f"StatefulSet verify/{MAIN}",
        "does not exist",
        "somebody deleted it",
    ),
    "pod crashes": Fault(
        lambda world: breaking.one_pod(world, 2, breaking.waiting("CrashLoopBackOff", "back-off 40s")),
        "pods",
        f"Pod verify/{MAIN}-2",
        "CrashLoopBackOff: back-off 40s",
        "an earlier configuration, which is refused",
    ),
    "pod without its image": Fault(
        lambda world: breaking.one_pod(world, 1, breaking.waiting("ImagePullBackOff", "no such tag")),
        "pods",
        f"Pod verify/{MAIN}-1",
        "ImagePullBackOff: no such tag",
        "no such image",
    ),
    "credential not mounted": Fault(
        breaking.spec(secrets=[SLACK]),
        "mounts",
        "Alertmanager verify/main",
        f"does not mount {PAGERDUTY}",
        "'kubectl-edit'",
    ),
    "pods made before the mount": Fault(
        breaking.pods_without_mounts,
        "mounts",
        f"Pod verify/{MAIN}-0",
        f"does not mount {PAGERDUTY}, although `spec.secrets` says so",
        "has not been replaced since",
    ),
    "pods on an old configuration": Fault(
        lambda world: world.running.load(breaking.slower(world)),
        "running",
        f"{MAIN}-0, {MAIN}-1 and {MAIN}-2",
        "another configuration is in force than the operator generated",
        "a changed Secret takes about 2 minutes",
    ),
    "one pod on an old configuration": Fault(
        lambda world: world.running.load(breaking.slower(world), 1),
        "running",
        f"{MAIN}-1",
        "another configuration is in force than the operator generated",
        "config-reloader hangs",
    ),
    "no time zone data": Fault(
        breaking.no_time_zones,
        "running",
        f"{MAIN}-0, {MAIN}-1 and {MAIN}-2",
        "is refused; the one before stays in force",
        "no time zone data for Asia/Seoul",
    ),
    "gossip split": Fault(
        breaking.split,
        "gossip",
        f"{MAIN}-0, {MAIN}-1 and {MAIN}-2",
        "each see 1 Alertmanager of 3: messages come twice",
        "port 9094",
    ),
    "policy for other pods": Fault(
        breaking.other_labels,
        "egress",
        "NetworkPolicy verify/alertmanager-egress",
        "selects no Alertmanager pod",
        "other labels",
    ),
    "egress closed": Fault(
        breaking.closed,
        "egress",
        "egress to ",
        "closed by the policies that select the pods: default-deny",
        "switched off",
    ),
    "policy deleted": Fault(
        breaking.delete("NetworkPolicy", "alertmanager-egress"),
        "objects",
        "NetworkPolicy verify/alertmanager-egress",
        "does not exist",
        "it was deleted",
    ),
    "policy cancelled by another": Fault(
        lambda world: world.space.put("NetworkPolicy", breaking.OPEN, "kube-prometheus"),
        "egress",
        f"NetworkPolicy verify/{MAIN}",
        "a cloud's metadata",
        "it cancels alertmanager-egress",
    ),
    "wrong webhook": Fault(
        breaking.refused(sink.SLACK, sink.NO_SERVICE, WARNING),
        "deliveries",
        "Slack (",
        "nothing has arrived since the pods started: clientError",
        "the webhook was deleted",
    ),
    "webhook revoked": Fault(
        breaking.refused(sink.SLACK, sink.REVOKED, WARNING),
        "deliveries",
        "Slack (",
        "nothing has arrived since the pods started: authError",
        "revoked",
    ),
    "channel misspelt": Fault(
        breaking.refused(sink.SLACK, sink.NO_CHANNEL, WARNING),
        "deliveries",
        "Slack (",
        "nothing has arrived since the pods started: clientError",
        "the channel is misspelt",
    ),
    "dead routing key": Fault(
        breaking.refused(sink.PAGERDUTY, sink.INVALID_KEY, CRITICAL),
        "deliveries",
        "PagerDuty (pagerduty-seedtest)",
        "nothing has arrived since the pods started: clientError",
        "the routing key is wrong",
    ),
    "no connection to Slack": Fault(
        breaking.unreachable,
        "deliveries",
        "Slack (",
        "nothing has arrived since the pods started",
        "no connection: egress is closed",
    ),
    "duplicates by continue": Fault(
        breaking.twice,
        "duplicates",
        "receivers pagerduty-seedtest",
        "is sent to the same place twice",
        "`continue: true`",
    ),
    "inhibition without labels": Fault(
        breaking.without_labels,
        "inhibition",
        "alert alertname=Slow namespace=seedtest severity=warning",
        "only one of them has the label service",
        "`equal` of the inhibition rule names it",
    ),
    "silences lost by a rollout": Fault(
        breaking.one_replica,
        "silences",
        "silences",
        "1 silence in force; a rollout forgets",
        "one replica",
        status="warning",
    ),
}
