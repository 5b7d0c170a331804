"""What the Alertmanager pods may reach: DNS, each other, and where the receivers are. Nothing needs the API server."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, final
from urllib.parse import urlsplit

from alertpath.alertmanager import config as alertmanager
from alertpath.compiling.compile import Compiled
from alertpath.delivery.manifests.common import Manifest, manifest
from alertpath.inputs.settings import NetworkPolicy as Settings
from alertpath.inputs.stack import Stack

MESH: Final = 9094
"""The port of Alertmanager's mesh, TCP and UDP."""
_HTTPS: Final = 443
_SCHEMES: Final = {"http": 80, "https": _HTTPS, "socks5": 1080}
# What is not the public internet, by IANA's special-purpose address registries
# (https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry): private, shared
# (carriers, and a cloud's metadata at 100.100.100.200), loopback, link-local (metadata at 169.254.169.254), multicast,
# reserved; in IPv6 unique local (metadata at fd00:ec2::254), link-local, loopback, multicast.
_NOT_PUBLIC: Final = {
    "0.0.0.0/0": (
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
    ),
    "::/0": ("::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
}
_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
# SERVICE.NAMESPACE.svc, with POD. before it for a pod of its own, and the cluster's domain after it: `cluster.local`
# unless the cluster has another (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/).
_IN_CLUSTER: Final = re.compile(rf"([^.]+\.)+?(?P<namespace>{_LABEL})(\.(svc|pod)(\.cluster\.local)?|\.cluster\.local)")
_OTHER_DOMAIN: Final = re.compile(rf"([^.]+\.)+?(?P<namespace>{_LABEL})\.svc\..+")
_TWO_LABELS: Final = re.compile(rf"[^.]+\.(?P<namespace>{_LABEL})")
# What Go takes for a port besides a number, as far as mail goes.
_MAIL_PORTS: Final = {"smtp": 25, "smtps": 465, "submission": 587, "submissions": 465}
_NUMBER: Final = re.compile(r"[0-9]{1,5}")
_LAST_PORT: Final = 65535

Rule = dict[str, Any]
Peer = dict[str, Any]


@final
@dataclass(frozen=True, order=True)
class Destination:
    """Where messages go: TCP `port` of an address, of a namespace's pods, or, with neither, of the public internet."""

    port: int
    address: str = ""
    namespace: str = ""


def network_policy(stack: Stack, compiled: Compiled) -> Manifest | None:
    """The egress policy of the Alertmanager pods, or None where it is disabled."""
    settings = stack.settings.network_policy
    return egress_policy(settings, compiled.config, stack.settings.namespace.name) if settings.enabled else None


def egress_policy(settings: Settings, config: alertmanager.Config, namespace: str) -> Manifest:
    """The egress policy of the pods, in `namespace`, that run this configuration.

    Kubernetes compares ports after a Service's translation: the pods' port, not the Service's. A webhook in the cluster
    is opened at its URL's port; where its pods listen on another, `extra` names that one. What cannot be parsed opens
    nothing: it is no destination for Alertmanager either.
    """
    egress = _open() if settings.egress == "open" else _restricted(settings, config, namespace)
    spec = {"podSelector": {"matchLabels": dict(settings.pod_labels)}, "policyTypes": ["Egress"], "egress": egress}
    return manifest("networking.k8s.io/v1", "NetworkPolicy", namespace, settings.name, spec=spec)


def _open() -> list[Rule]:
    return [
        {"to": [{"namespaceSelector": {}}]},
        {"to": [_range(everything) for everything in _NOT_PUBLIC], "ports": _tcp(_HTTPS)},
    ]


def _restricted(settings: Settings, config: alertmanager.Config, namespace: str) -> list[Rule]:
    dns: list[Peer] = [_pods(settings.dns.namespace, settings.dns.pod_labels), *map(_range, settings.dns.cidrs)]
    pods: list[Peer] = [{"podSelector": {"matchLabels": dict(settings.pod_labels)}}]
    rules: list[Rule] = [
        {"to": dns, "ports": _both(settings.dns.port)},
        {"to": pods, "ports": _both(MESH)},
    ]
    if settings.proxy:
        rules.append({"to": [_range(settings.proxy.cidr)], "ports": _tcp(settings.proxy.port)})
    found = destinations(config, namespace, proxy_known=settings.proxy is not None)
    rules += _rules(found)
    for extra in settings.extra:
        # A valid entry has either.
        peer = _range(extra.cidr) if extra.cidr else _pods(extra.namespace or "", extra.pod_labels)
        rules.append({"to": [peer], "ports": _tcp(*extra.ports)})
    return rules


def _rules(found: Iterable[Destination]) -> Iterator[Rule]:
    ports: dict[tuple[str, str], list[int]] = {}
    for destination in sorted(found, key=lambda each: (each.address, each.namespace, each.port)):
        ports.setdefault((destination.address, destination.namespace), []).append(destination.port)
    for (address, namespace), numbers in ports.items():
        if address:
            to = [_range(address)]
        elif namespace:
            to = [_pods(namespace, {})]
        else:
            to = [_range(everything, *excluded) for everything, excluded in _NOT_PUBLIC.items()]
        yield {"to": to, "ports": _tcp(*numbers)}


def destinations(config: alertmanager.Config, namespace: str, *, proxy_known: bool = False) -> frozenset[Destination]:
    """Where the receivers of a configuration send to, as seen from pods of `namespace`.

    An address that is a credential cannot be read: the public internet, port 443. A proxy replaces what is behind it;
    with `proxy_known` the policy opens one by its address, so that its name need not be.
    """
    found: set[Destination] = set()
    smarthost, http = config.global_.get("smtp_smarthost", ""), config.global_.get("http_config", {})
    for receiver in config.receivers:
        for integration, entries in receiver.integrations.items():
            for entry in entries:
                # An empty value is none: Alertmanager then takes the global one.
                given = {field: value for field, value in entry.items() if value is not None}
                whole = {"smarthost": smarthost, "http_config": http, **given}
                found.update(
                    _mail(whole, namespace) if integration == "email_configs" else _http(whole, namespace, proxy_known)
                )
    return frozenset(found)


def _mail(config: Mapping[str, Any], namespace: str) -> Iterator[Destination]:
    host, _, text = cast("str", config["smarthost"]).rpartition(":")
    port = int(text) if _NUMBER.fullmatch(text) else _MAIL_PORTS.get(text, 0)
    yield from _destination(host.removeprefix("[").removesuffix("]"), port, namespace)


def _http(config: Mapping[str, Any], namespace: str, proxy_known: bool) -> Iterator[Destination]:
    http = cast("Mapping[str, Any]", config["http_config"])
    proxy = cast("str", http.get("proxy_url", ""))
    if proxy or http.get("proxy_from_environment"):
        if proxy and not proxy_known:
            yield from _of_url(proxy, namespace)
        if not http.get("no_proxy"):
            return
    address = _address(config)
    yield from [Destination(_HTTPS)] if address is None else _of_url(address, namespace)
    if token_url := cast("Mapping[str, str]", http.get("oauth2") or {}).get("token_url"):
        yield from _of_url(token_url, namespace)


def _address(config: Mapping[str, Any]) -> str | None:
    # The fields in which Alertmanager's integrations take a URL that is no credential.
    for field in ("url", "api_url", "webhook_url", "app_url"):
        # What is a template is unknown until an alert fires.
        if isinstance(text := config.get(field), str) and "{{" not in text:
            return text
    return None


def _of_url(url: str, namespace: str) -> Iterator[Destination]:
    try:
        parts = urlsplit(url)
        port = _SCHEMES.get(parts.scheme, _HTTPS) if parts.port is None else parts.port
    except ValueError:
        return
    yield from _destination(parts.hostname or "", port, namespace, public=parts.scheme == "https" and port == _HTTPS)


def _destination(host: str, port: int, namespace: str, *, public: bool = False) -> Iterator[Destination]:
    """Where `host` is; `public`: a name of the form NAME.DOMAIN is no service of a namespace called DOMAIN."""
    host = host.removesuffix(".").lower()
    if not host or not 0 < port <= _LAST_PORT:
        return
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        yield from _of_name(host, port, namespace, public=public)
        return
    # Policies do not apply to what stays inside the pod.
    if not address.is_loopback:
        yield Destination(port, address=str(getattr(address, "ipv4_mapped", None) or address))


def _of_name(host: str, port: int, namespace: str, *, public: bool) -> Iterator[Destination]:
    if host == "localhost":
        return
    if inside := _IN_CLUSTER.fullmatch(host):
        yield Destination(port, namespace=inside["namespace"])
    elif "." not in host:
        yield Destination(port, namespace=namespace)
    else:
        yield Destination(port)
        # Either: `karma.tools` is a Service of the namespace `tools`, or a domain of the internet.
        form = _OTHER_DOMAIN.fullmatch(host) or (None if public else _TWO_LABELS.fullmatch(host))
        if form:
            yield Destination(port, namespace=form["namespace"])


def _range(cidr: str, *excluded: str) -> Peer:
    # As Kubernetes takes it: a prefix's length, no netmask.
    canonical = str(ipaddress.ip_network(cidr))
    return {"ipBlock": {"cidr": canonical, "except": list(excluded)} if excluded else {"cidr": canonical}}


def _pods(namespace: str, labels: Mapping[str, str]) -> Peer:
    peer: Peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    if labels:
        peer["podSelector"] = {"matchLabels": dict(labels)}
    return peer


def _tcp(*ports: int) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def _both(port: int) -> list[dict[str, Any]]:
    return [{"protocol": protocol, "port": port} for protocol in ("UDP", "TCP")]
