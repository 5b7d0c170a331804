"""A stack's settings: the one structured value `settings` of its Pulumi.<stack>.yaml, as types."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, cast

from alertpath.alertmanager.integration_fields import ASSUMED
from alertpath.inputs.catalog import Native, Timing
from alertpath.inputs.credentials import Credentials
from alertpath.inputs.fields import (
    Cidr,
    CredentialName,
    DnsLabel,
    Duration,
    GroupingLabel,
    HeartbeatInterval,
    Identifier,
    KubernetesName,
    LabelName,
    LabelValue,
    PodLabel,
    PodLabelValue,
    Port,
    PositiveDuration,
    TemplatePath,
    Url,
    Version,
)
from alertpath.inputs.models import After, Before, Fault, Model, Within, field
from alertpath.inputs.receivers import Receiver

SEVERITIES: Final = ("critical", "warning", "info")


def _no_content(text: str) -> str:
    # Pulumi would take it, and keep it in plain text.
    if re.search(r"[\n{]|: ", text):
        raise Fault("is not a path", "the path of a kubeconfig", "write it into a file", secret=True)
    return text


class Cluster(Model):
    """The cluster that `delivery: cluster` applies to; without a context, the kubeconfig's current one.

    `kubeconfig`: the path of one. Pulumi's Kubernetes provider leaves a copy of that file among temporary files each
    time; of the one that $KUBECONFIG names it leaves none.
    """

    context: str | None = None
    kubeconfig: Annotated[str, After(_no_content)] | None = None


class Namespace(Model):
    """The namespace of all objects; created only where asked for."""

    name: DnsLabel = "monitoring"
    create: bool = False


class Versions(Model):
    """What runs in the cluster: fields that it does not know are refused."""

    alertmanager: Version = ".".join(map(str, ASSUMED))
    operator: Version = "0.85.0"


# Fields of an Alertmanager object that follow from other settings.
_SAID_ELSEWHERE: Final = {
    "replicas": "alertmanager.replicas",
    "version": "versions.alertmanager",
    "externalUrl": "alertmanager.external_url",
    "configSecret": "alertmanager.secret",
}


def _nothing_twice(spec: dict[str, Any]) -> dict[str, Any]:
    for name, word in _SAID_ELSEWHERE.items():
        if name in spec:
            raise Fault(f"`{name}` has a word of its own", f"`{word}` of the settings", "move the value there")
    secrets: object = spec.get("secrets", [])
    if not isinstance(secrets, list) or not all(isinstance(name, str) for name in cast("list[object]", secrets)):
        raise Fault("`secrets` is not a list of names", "the names of further Secrets to mount", "write a list")
    if "alertmanagerConfiguration" in spec:
        raise Fault(
            "with `alertmanagerConfiguration` the operator ignores the configuration Secret",
            "the Secret that this stack writes, and no other configuration",
            "remove it; what it says belongs into the catalog",
        )
    if spec.get("paused"):
        raise Fault(
            "with `paused: true` the operator ignores every change, also of the configuration",
            "`paused: false`",
            "remove it",
        )
    return spec


class Alertmanager(Model):
    """The Alertmanager object and its configuration Secret.

    `mounts`: how the credentials' Secrets get into the pods. `patch`: the live object's `spec.secrets` is taken over;
    `object`: the stack owns the whole object (`spec` is added to it); `none`: somebody else mounts them.
    `retain`: objects that pages depend on stay in the cluster when the stack lets go of them.
    `adopt`: a configuration Secret that ran before this stack is taken over in place; without it, `up` refuses.
    """

    name: KubernetesName = "main"
    secret: KubernetesName = "alertmanager-main"
    mounts: Literal["patch", "object", "none"] = "patch"
    replicas: int = field(default=3, ge=1)
    spec: Annotated[dict[str, Any], After(_nothing_twice)] = field(default_factory=dict)
    external_url: Url | None = None
    resolve_timeout: PositiveDuration = "5m"
    retain: bool = True
    adopt: bool = False
    templates: list[TemplatePath] = field(default_factory=list)


class Routing(Model):
    """The root route: who gets what nobody claims, and the grouping and waits that others inherit.

    `share_routes`: the services of a team whose alerts go to the same receivers in the same way share one route
    (`service=~"a|b|c"`), where it groups by `service`; for catalogs that would not fit into a Secret. Adding a service
    to a shared route, or removing one, changes that route's key: the firing alerts of its other services notify again,
    and open PagerDuty incidents of theirs are orphaned. So does setting it.
    """

    default_receiver: Identifier | None = None
    group_by: list[GroupingLabel] = field(default_factory=lambda: ["alertname", "service", "namespace"])
    group_wait: Duration = "30s"
    group_interval: PositiveDuration = "5m"
    repeat_interval: PositiveDuration = "2h"
    severities: list[LabelValue] = field(default_factory=lambda: list(SEVERITIES))
    inhibit_rules: list[Any] | None = None
    share_routes: bool = False

    @property
    def worst(self) -> str:
        """The worst severity: it silences the others, and no maintenance window mutes it unless it names it."""
        return self.severities[0] if self.severities else SEVERITIES[0]

    def timing(self) -> Timing:
        """The waits and grouping that routes inherit."""
        return Timing(
            group_by=self.group_by,
            group_wait=self.group_wait,
            group_interval=self.group_interval,
            repeat_interval=self.repeat_interval,
        )


_SUPPLIED: Final = ["namespace", "cluster", "environment", "prometheus", "job", "instance", "pod", "container", "node"]


class LabelStandard(Model):
    """The labels of every alert, for `alertpath check`; the values of `severity` are `routing.severities`.

    `required` and `optional` stand in the rule. `supplied` come from its expression or from Prometheus (external
    labels, relabelling): a rule need not have them, and inhibition may rely on them.
    """

    required: list[LabelName] = field(default_factory=lambda: ["severity", "service"])
    optional: list[LabelName] = field(default_factory=lambda: ["component"])
    supplied: list[LabelName] = field(default_factory=lambda: list(_SUPPLIED))


class ExternalLabels(Model):
    """What Prometheus puts on every alert; where set, it is in group keys, inhibition and titles."""

    cluster: LabelValue | None = None
    environment: LabelValue | None = None


class Heartbeat(Model):
    """A dead man's switch: the alert Watchdog, which always fires, is posted to `credential`'s URL every `interval`."""

    credential: CredentialName
    interval: HeartbeatInterval = "1m"


class Dns(Model):
    """Who answers DNS: pods, or fixed addresses such as NodeLocal DNSCache's 169.254.20.10/32."""

    namespace: DnsLabel = "kube-system"
    pod_labels: dict[PodLabel, PodLabelValue] = field(default_factory=lambda: {"k8s-app": "kube-dns"})
    cidrs: list[Cidr] = field(default_factory=list)
    port: Port = 53


class Proxy(Model):
    """A forward proxy, by exact address."""

    cidr: Cidr
    port: Port


class ExtraEgress(Model):
    """One more thing that Alertmanager may reach: TCP `ports` of an address range, or of pods of a namespace."""

    cidr: Cidr | None = None
    namespace: DnsLabel | None = None
    pod_labels: dict[PodLabel, PodLabelValue] = field(default_factory=dict)
    ports: list[Port] = field(min_length=1)

    def check(self) -> None:
        """One kind of peer."""
        if (self.cidr is None) == (self.namespace is None):
            both = "names both a range of addresses and a namespace"
            neither = "names neither a range of addresses nor a namespace"
            raise Fault(neither if self.cidr is None else both, "either `cidr` or `namespace`", "an entry for each")
        if self.cidr is not None and self.pod_labels:
            raise Fault("has `pod_labels` beside `cidr`", "`pod_labels` with `namespace` only", "remove `pod_labels`")


class NetworkPolicy(Model):
    """Egress of the Alertmanager pods: `restricted` to what receivers need, or `open`: all namespaces, TCP 443."""

    enabled: bool = True
    name: KubernetesName = "alertmanager-egress"
    egress: Literal["restricted", "open"] = "restricted"
    pod_labels: dict[PodLabel, PodLabelValue] = field(
        default_factory=lambda: {"app.kubernetes.io/name": "alertmanager"}
    )
    dns: Dns = Dns()
    proxy: Proxy | None = None
    extra: list[ExtraEgress] = field(default_factory=list[ExtraEgress])


class ArgoDestination(Model):
    """A cluster that Argo CD syncs to. `path`: another directory than the stack's own, for this cluster."""

    name: KubernetesName
    server: Url = "https://kubernetes.default.svc"
    path: str | None = None


def _each_once(clusters: list[ArgoDestination]) -> list[ArgoDestination]:
    names = [cluster.name for cluster in clusters]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Fault(f"names a cluster twice: {', '.join(twice)}", "each name once", "remove or rename one of the two")
    return clusters


class ArgoCd(Model):
    """The Argo CD Application that syncs the rendered files; an ApplicationSet where `clusters` names more than one.

    `application`: `write` puts it among the files (argocd/), `apply` applies it to the cluster.
    """

    name: KubernetesName = "alertmanager-config"
    namespace: DnsLabel = "argocd"
    project: KubernetesName = "default"
    repo_url: Url
    revision: str = "main"
    path: str = field(min_length=1, pattern=r"^[^/].*$")
    clusters: Annotated[list[ArgoDestination], After(_each_once)] = field(
        default_factory=lambda: [ArgoDestination(name="in-cluster")], min_length=1
    )
    prune: bool = False
    self_heal: bool = True
    application: Literal["write", "apply"] = "write"


def _expand(value: object) -> object:
    if isinstance(value, dict):
        return cast("object", value)
    allowed = "a list of names that the catalogs define, or a mapping of names that also defines some here"
    mend = "name the receivers of this stack"
    if not isinstance(value, list):
        raise Fault("is neither a list nor a mapping", allowed, mend)
    names = cast("list[object]", value)
    if not names:
        raise Fault("is empty", allowed, mend)
    if not all(isinstance(name, str) for name in names):
        raise Fault("is not a list of names", allowed, mend)
    if len(set(names)) < len(names):
        raise Fault("names a receiver twice", "each name once", "remove one of the two")
    return dict.fromkeys(names)


ReceiversOrNames = Annotated[dict[Identifier, Receiver | None], Before(_expand), Within(min_length=1)]


class Settings(Model):
    """Everything a stack says.

    `catalog`: files or directories, relative to the stack's file. `delivery`: `cluster` applies the objects, `files`
    writes them to `directory` (default rendered/STACK) for Argo CD. `production` demands a default receiver
    (default: the stack is called production or prod). `receivers`: those that exist in this stack: a list of names
    that the catalogs define, or a mapping that also defines some here.
    """

    delivery: Literal["cluster", "files"]
    production: bool | None = None
    catalog: list[str] = field(default_factory=lambda: ["catalog"], min_length=1)
    directory: str | None = field(default=None, min_length=1)
    cluster: Cluster = Cluster()
    namespace: Namespace = Namespace()
    versions: Versions = Versions()
    external_labels: ExternalLabels = ExternalLabels()
    alertmanager: Alertmanager = Alertmanager()
    routing: Routing = Routing()
    label_standard: LabelStandard = LabelStandard()
    receivers: ReceiversOrNames
    heartbeat: Heartbeat | None = None
    credentials: Credentials = Credentials()
    network_policy: NetworkPolicy = NetworkPolicy()
    argocd: ArgoCd | None = None
    native: Native = Native()
