"""The kinds of values that settings and catalogs hold, each checked where it is read."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from alertpath import durations, matchers
from alertpath.models import Fault
from alertpath.time_intervals import is_location

EVERY_LABEL: Final = "..."
_DNS_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_KUBERNETES_NAME: Final = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})*")
_SECRET_KEY: Final = re.compile(r"[-._a-zA-Z0-9]+")
_API_VERSION: Final = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})+/v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_CHANNEL: Final = re.compile(r"#[^\s#@,A-Z]{1,80}|@[a-z0-9][a-z0-9._-]{0,79}|[CGD][A-Z0-9]{6,}")
_RECEIVER: Final = re.compile(r"[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_VERSION: Final = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?")


def _kubernetes_name(text: str) -> str:
    if len(text) > 253 or not _KUBERNETES_NAME.fullmatch(text):
        raise Fault(
            "is not a name that Kubernetes takes",
            "at most 253 lower-case letters, digits, - and ., a letter or digit at both ends",
        )
    return text


def _secret_key(text: str) -> str:
    if len(text) > 253 or not _SECRET_KEY.fullmatch(text):
        raise Fault("is not a key that a Secret takes", "at most 253 letters, digits, -, _ and .")
    return text


def _api_version(text: str) -> str:
    if not _API_VERSION.fullmatch(text):
        raise Fault(
            "is not an API version", "GROUP/vN, GROUP/vNalphaM or GROUP/vNbetaM, such as external-secrets.io/v1"
        )
    return text


def _label(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise Fault(
            "is not a label name",
            "letters, digits and _, not a digit first",
            "names outside this form are taken in `native` sections",
        )
    return text


def _channel(text: str) -> str:
    if not _CHANNEL.fullmatch(text):
        raise Fault(
            "is not a Slack channel",
            "#channel in lower case, @user, or a channel id such as C024BE91L",
            f'write "#{text}"' if re.fullmatch(r"[a-z0-9._-]+", text) else "",
        )
    return text


def _receiver(text: str) -> str:
    if not _RECEIVER.fullmatch(text):
        raise Fault(
            "is not a name for a receiver, credential, team or window",
            "at most 63 letters, digits, -, _ and ., a letter or digit at both ends",
        )
    return text


def _location(text: str) -> str:
    if not is_location(text):
        raise Fault(
            "unknown time zone",
            "a name of the IANA time zone database",
            "for example Asia/Seoul, Europe/Berlin or UTC",
        )
    return text


def _cidr(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        reason = "has bits set outside its prefix" if "host bits" in str(error) else "is not a range of addresses"
        raise Fault(f"{reason}", "a CIDR of IPv4 or IPv6, such as 10.0.0.0/8 or fd00::/8") from error
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
        _ = parts.port
    except ValueError:
        valid = False
        parts = None
    if not valid or parts is None:
        raise Fault("is not a URL", "http://HOST or https://HOST, with port and path where needed", secret=True)
    if parts.username or parts.password:
        raise Fault(
            "holds a user name or password", "a URL without credentials", "keep it as a credential", secret=True
        )
    return text


def version(text: str) -> tuple[int, ...]:
    """`0.34.2` as (0, 34, 2), to be compared; ValueError where it is no version."""
    if not _VERSION.fullmatch(text.removeprefix("v")):
        raise ValueError("not a version")
    return tuple(int(part) for part in text.removeprefix("v").split("."))


def _version(text: str) -> str:
    try:
        version(text)
    except ValueError:
        raise Fault("is not a version", "MAJOR.MINOR.PATCH, such as 0.34.2") from None
    return text


def _duration(text: str) -> str:
    try:
        durations.parse(text)
    except ValueError:
        raise Fault("is not a duration", "a number and a unit, largest unit first: 30s, 5m, 1h30m, 2d") from None
    return text


def _positive_duration(text: str) -> str:
    if durations.parse(_duration(text)) == 0:
        raise Fault("is zero", "a duration above zero", "Alertmanager refuses it; write 1s or more")
    return text


def _matcher(text: str) -> str:
    try:
        matchers.parse(text)
    except ValueError as error:
        raise Fault(
            f"is not a matcher: {error}",
            'LABEL="value", LABEL!="value", LABEL=~"regex" or LABEL!~"regex"; regexes in RE2 syntax',
        ) from error
    return text


KubernetesName = Annotated[str, AfterValidator(_kubernetes_name)]
SecretKey = Annotated[str, AfterValidator(_secret_key)]
ApiVersion = Annotated[str, AfterValidator(_api_version)]


def _grouping(text: str) -> str:
    return text if text == EVERY_LABEL else _label(text)


LabelName = Annotated[str, AfterValidator(_label)]
GroupingLabel = Annotated[str, AfterValidator(_grouping)]
LabelValue = Annotated[str, Field(min_length=1)]
Channel = Annotated[str, AfterValidator(_channel)]
Identifier = Annotated[str, AfterValidator(_receiver)]
Location = Annotated[str, AfterValidator(_location)]
Cidr = Annotated[str, AfterValidator(_cidr)]
Url = Annotated[str, AfterValidator(_url)]
Version = Annotated[str, AfterValidator(_version)]
Duration = Annotated[str, AfterValidator(_duration)]
PositiveDuration = Annotated[str, AfterValidator(_positive_duration)]
MatcherText = Annotated[str, AfterValidator(_matcher)]
Port = Annotated[int, Field(ge=1, le=65535)]
