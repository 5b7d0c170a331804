"""What the Alertmanager pods may reach: DNS, each other, and where the receivers are. Nothing needs the API server."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, final
from urllib.parse import urlsplit

from alertpath import alertmanager
from alertpath.compile import Compiled
from alertpath.manifests.common import Manifest, manifest
from alertpath.stack import Stack

_MESH: Final = 9094
_HTTPS: Final = 443
_SMTP: Final = 25
_SCHEMES: Final = {"http": 80, "https": _HTTPS, "socks5": 1080}
_SOMEWHERE: Final = "https://"
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
_IN_CLUSTER: Final = re.compile(r"[^.]+\.(?P<namespace>[^.]+)\.svc(\.cluster\.local)?\.?")

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
    """The egress policy of the Alertmanager pods, or None where it is disabled.

    Kubernetes compares ports after a Service's translation: the pods' port, not the Service's. A webhook in the cluster
    is opened at its URL's port; where its pods listen on another, `extra` names that one.
    """
    settings = stack.settings.network_policy
    if not settings.enabled:
        return None
    egress = _open() if settings.egress == "open" else _restricted(stack, compiled)
    spec = {"podSelector": {"matchLabels": dict(settings.pod_labels)}, "policyTypes": ["Egress"], "egress": egress}
    return manifest("networking.k8s.io/v1", "NetworkPolicy", stack.settings.namespace.name, settings.name, spec=spec)


def _open() -> list[Rule]:
    return [
        {"to": [{"namespaceSelector": {}}]},
        {"to": [_range(everything) for everything in _NOT_PUBLIC], "ports": _tcp(_HTTPS)},
    ]


def _restricted(stack: Stack, compiled: Compiled) -> list[Rule]:
    settings = stack.settings.network_policy
    dns: list[Peer] = [_pods(settings.dns.namespace, settings.dns.pod_labels), *map(_range, settings.dns.cidrs)]
    pods: list[Peer] = [{"podSelector": {"matchLabels": dict(settings.pod_labels)}}]
    rules: list[Rule] = [
        {"to": dns, "ports": _both(settings.dns.port)},
        {"to": pods, "ports": _both(_MESH)},
    ]
    if settings.proxy:
        rules.append({"to": [_range(settings.proxy.cidr)], "ports": _tcp(settings.proxy.port)})
    found = destinations(compiled.config, stack.settings.namespace.name, proxy_known=settings.proxy is not None)
    rules += _rules(found)
    for extra in settings.extra:
        peer = _range(extra.cidr) if extra.cidr else _pods(extra.namespace or "", extra.pod_labels)
        rules.append({"to": [peer], "ports": _tcp(*extra.ports)})
    return rules


def _rules(found: Iterable[Destination]) -> Iterator[Rule]:
    ports: dict[tuple[str, str], list[int]] = {}
    for destination in sorted(found, key=lambda each: (each.address, each.namespace, each.port)):
        ports.setdefault((destination.address, destination.namespace), []).append(destination.port)
    for (address, namespace), numbers in ports.items():
        if address:
            to = [_range(str(ipaddress.ip_network(address)))]
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
                whole = {"smarthost": smarthost, "http_config": http, **entry}
                found.update(
                    _mail(whole, namespace) if integration == "email_configs" else _http(whole, namespace, proxy_known)
                )
    return frozenset(found)


def _mail(config: Mapping[str, Any], namespace: str) -> Iterator[Destination]:
    host, _, port = cast("str", config["smarthost"]).rpartition(":")
    yield from _destination(host.strip("[]"), int(port) if port.isdigit() else _SMTP, namespace)


def _http(config: Mapping[str, Any], namespace: str, proxy_known: bool) -> Iterator[Destination]:
    http = cast("Mapping[str, Any]", config["http_config"])
    proxy = cast("str", http.get("proxy_url", ""))
    if proxy or http.get("proxy_from_environment"):
        if proxy and not proxy_known:
            yield from _of_url(proxy, namespace)
        if not http.get("no_proxy"):
            return
    yield from _of_url(_address(config), namespace)
    if token_url := cast("Mapping[str, str]", http.get("oauth2", {})).get("token_url"):
        yield from _of_url(token_url, namespace)


def _address(config: Mapping[str, Any]) -> str:
    # The fields in which Alertmanager's integrations take a URL that is no credential.
    for field in ("url", "api_url", "webhook_url", "app_url"):
        # What is a template is unknown until an alert fires.
        if isinstance(text := config.get(field), str) and "{{" not in text:
            return text
    return _SOMEWHERE


def _of_url(url: str, namespace: str) -> Iterator[Destination]:
    parts = urlsplit(url)
    yield from _destination(parts.hostname or "", parts.port or _SCHEMES.get(parts.scheme, _HTTPS), namespace)


def _destination(host: str, port: int, namespace: str) -> Iterator[Destination]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost":
            return
        if inside := _IN_CLUSTER.fullmatch(host):
            yield Destination(port, namespace=inside["namespace"])
        elif host and "." not in host:
            yield Destination(port, namespace=namespace)
        else:
            yield Destination(port)
        return
    # Policies do not apply to what stays inside the pod.
    if not address.is_loopback:
        yield Destination(port, address=str(address))


def _range(cidr: str, *excluded: str) -> Peer:
    return {"ipBlock": {"cidr": cidr, "except": list(excluded)} if excluded else {"cidr": cidr}}


def _pods(namespace: str, labels: Mapping[str, str]) -> Peer:
    peer: Peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    if labels:
        peer["podSelector"] = {"matchLabels": dict(labels)}
    return peer


def _tcp(*ports: int) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def _both(port: int) -> list[dict[str, Any]]:
    return [{"protocol": protocol, "port": port} for protocol in ("UDP", "TCP")]
