"""The baseline of bench/preview.py: what production declares, written out by hand with nothing but Pulumi's SDKs."""

import base64
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

HERE = Path(__file__).parent
FILES = {
    name: (HERE / name).read_text(encoding="utf-8") for name in ("alertmanager.yaml", "alertpath.tmpl", "stack.tmpl")
}

reader = kubernetes.Provider("reader", enable_server_side_apply=True, kubeconfig="", skip_update_unreachable=True)
cluster = kubernetes.Provider("cluster", enable_server_side_apply=True, enable_secret_mutable=True, kubeconfig="")
opts = pulumi.ResourceOptions(provider=cluster, retain_on_delete=True)

external_secret = kubernetes.apiextensions.CustomResource(
    "alertmanager-slack-webhook",
    api_version="external-secrets.io/v1",
    kind="ExternalSecret",
    metadata={
        "name": "alertmanager-slack-webhook",
        "namespace": "monitoring",
        "labels": {"app.kubernetes.io/managed-by": "alertpath"},
    },
    spec={
        "refreshPolicy": "Periodic",
        "refreshInterval": "1h",
        "secretStoreRef": {"name": "vault-backend", "kind": "SecretStore"},
        "target": {
            "name": "alertmanager-secrets",
            "creationPolicy": "Orphan",
            "deletionPolicy": "Retain",
            "template": {"type": "Opaque"},
        },
        "data": [
            {
                "secretKey": "slack_webhook_url",
                "remoteRef": {"key": "monitoring/alertmanager/slack", "property": "webhook_url"},
            },
            {
                "secretKey": "slack_webhook_url_notify",
                "remoteRef": {"key": "monitoring/alertmanager/slack", "property": "webhook_url_notify"},
            },
        ],
    },
    opts=opts,
)
live = kubernetes.apiextensions.CustomResource.get(
    "main-live",
    "monitoring.coreos.com/v1",
    "Alertmanager",
    "monitoring/main",
    opts=pulumi.ResourceOptions(provider=reader),
)
mounts = kubernetes.apiextensions.CustomResourcePatch(
    "main",
    api_version="monitoring.coreos.com/v1",
    kind="Alertmanager",
    metadata={"name": "main", "namespace": "monitoring"},
    spec={"secrets": ["alertmanager-secrets", "pagerduty-routing-key"]},
    opts=opts,
)
configuration = kubernetes.core.v1.Secret(
    "alertmanager-main",
    metadata={
        "name": "alertmanager-main",
        "namespace": "monitoring",
        "labels": {"app.kubernetes.io/managed-by": "alertpath"},
    },
    type="Opaque",
    data={name: base64.b64encode(text.encode()).decode() for name, text in FILES.items()},
    opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[external_secret, mounts])),
)
kubernetes.apiextensions.CustomResourcePatch(
    "main-needed",
    api_version="monitoring.coreos.com/v1",
    kind="Alertmanager",
    metadata={
        "name": "main",
        "namespace": "monitoring",
        "annotations": {"alertpath/needed-secrets": "alertmanager-secrets,pagerduty-routing-key"},
    },
    opts=pulumi.ResourceOptions(provider=cluster, depends_on=[configuration]),
)
kubernetes.apiextensions.CustomResource(
    "alertmanager-egress",
    api_version="networking.k8s.io/v1",
    kind="NetworkPolicy",
    metadata={
        "name": "alertmanager-egress",
        "namespace": "monitoring",
        "labels": {"app.kubernetes.io/managed-by": "alertpath"},
    },
    spec={
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "alertmanager"}},
        "policyTypes": ["Egress"],
        "egress": [
            {
                "to": [
                    {
                        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                    }
                ],
                "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
            },
            {
                "to": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "alertmanager"}}}],
                "ports": [{"protocol": "UDP", "port": 9094}, {"protocol": "TCP", "port": 9094}],
            },
            {
                "to": [
                    {
                        "ipBlock": {
                            "cidr": "0.0.0.0/0",
                            "except": [
                                "0.0.0.0/8",
                                "10.0.0.0/8",
                                "100.64.0.0/10",
                                "127.0.0.0/8",
                                "169.254.0.0/16",
                                "172.16.0.0/12",
                                "192.0.0.0/24",
                                "192.168.0.0/16",
                                "198.18.0.0/15",
                                "224.0.0.0/4",
                                "240.0.0.0/4",
                            ],
                        }
                    },
                    {"ipBlock": {"cidr": "::/0", "except": ["::/127", "fc00::/7", "fe80::/10", "ff00::/8"]}},
                ],
                "ports": [{"protocol": "TCP", "port": 443}],
            },
        ],
    },
    opts=pulumi.ResourceOptions(provider=cluster),
)
pulumi.export("configuration", FILES["alertmanager.yaml"])
