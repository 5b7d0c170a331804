"""Notifications in the open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

# Inside of the cluster, or of the network of the house.
_INSIDE: Final = re.compile(r"[^.]+|.*\.(?:svc|cluster\.local|local|lan|internal|home\.arpa)")


def _run(subject: Subject) -> Iterator[Hit]:
    for place, _, name, entry in subject.integrations():
        if name == "email_configs" and entry.get("require_tls") is False:
            yield Hit((*place, "require_tls"), "the mail goes out without TLS")
        for field in ("url", "api_url", "webhook_url"):
            url = entry.get(field)
            if isinstance(url, str) and url[:7].lower() == "http://" and not _is_inside(_host(url)):
                yield Hit((*place, field), f"http:// to {_host(url)}")
    if subject.config.global_.get("smtp_require_tls") is False:
        yield Hit(("global", "smtp_require_tls"), "mails go out without TLS")


def _is_inside(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return _INSIDE.fullmatch(host) is not None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


CHECK = check(
    _run,
    id="AP407",
    name="unencrypted",
    severity="warning",
    summary="A notification leaves without encryption: http:// to another host, or mail with require_tls: false.",
    why="Alerts name hosts, faults and links, and the credentials that go with them can be read on the way.",
    mend="use https:// or require_tls: true; inside of the cluster, a Service's name",
)
