"""The flow matrix: what Alertmanager's pods may reach by the policy that the stacks render, and what not."""

from __future__ import annotations

from typing import Final

from alertpath.delivery.egress import Flow, Pod

ALERTMANAGER: Final = {"app.kubernetes.io/name": "alertmanager"}
SOURCE: Final = Pod("monitoring", ALERTMANAGER)
PEER: Final = Pod("monitoring", ALERTMANAGER, ports={"mesh": 9094})
DNS: Final = Pod("kube-system", {"k8s-app": "kube-dns"})
OTHER: Final = Pod("seedtest", {"app": "seedtest-api"}, {"team": "seedtest"}, {"web": 8080})
# Addresses cannot tell them from the rest of the public internet.
SLACK: Final = Flow("TCP", 443, "3.5.140.1")
PAGERDUTY: Final = Flow("TCP", 443, "44.240.1.1")

MATRIX: Final = (
    (Flow("UDP", 53, "10.96.0.10", DNS), True),
    (Flow("TCP", 53, "10.96.0.10", DNS), True),
    (Flow("UDP", 53, "8.8.8.8"), False),
    (Flow("TCP", 80, "10.96.0.10", DNS), False),
    (Flow("TCP", 9094, "10.1.0.7", PEER), True),
    (Flow("UDP", 9094, "10.1.0.7", PEER), True),
    (Flow("TCP", 9093, "10.1.0.7", PEER), False),
    (Flow("TCP", 9094, "10.1.0.9", OTHER), False),
    (SLACK, True),
    (PAGERDUTY, True),
    (Flow("TCP", 443, "2606:4700::6810:1"), True),
    (Flow("TCP", 443, "::ffff:3.5.140.1"), True),
    (Flow("UDP", 443, "3.5.140.1"), False),
    (Flow("TCP", 80, "3.5.140.1"), False),
    # A cloud's metadata.
    (Flow("TCP", 443, "169.254.169.254"), False),
    (Flow("TCP", 80, "169.254.169.254"), False),
    (Flow("TCP", 443, "100.100.100.200"), False),
    (Flow("TCP", 443, "fd00:ec2::254"), False),
    (Flow("TCP", 443, "10.0.0.1"), False),
    (Flow("TCP", 443, "::ffff:10.0.0.1"), False),
    (Flow("TCP", 443, "172.16.5.4"), False),
    (Flow("TCP", 443, "192.168.1.1"), False),
    (Flow("TCP", 443, "fe80::1"), False),
    (Flow("TCP", 443, "fd12::1"), False),
    # The API server.
    (Flow("TCP", 6443, "10.0.0.1"), False),
    (Flow("TCP", 8080, "10.1.0.9", OTHER), False),
)
