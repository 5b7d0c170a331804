"""The kinds of values that settings and catalogs hold, each checked where it is read."""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePath
from typing import Annotated, Final
from urllib.parse import urlsplit

from alertpath.alertmanager import durations, matchers
from alertpath.alertmanager.time_intervals import is_location, nearest_location
from alertpath.inputs.models import After, Before, Fault, Within

EVERY_LABEL: Final = "..."
ANY: Final = "any"
"""The key for every other severity, or stack, that a mapping does not name."""
_DNS_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_KUBERNETES_NAME: Final = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})*")
_SECRET_KEY: Final = re.compile(r"(?!\.\.)(?!\.\Z)[-._a-zA-Z0-9]+")
_LABEL_NAME: Final = re.compile(r"[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?")
_PREFIX_LENGTH: Final = re.compile(r"[^/%]+(/(0|[1-9][0-9]{0,2}))?")
_HOST_PORT: Final = re.compile(r"[^\s:/@]+:([1-9][0-9]{0,4})")
_API_VERSION: Final = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})+/v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?")
_CHANNEL: Final = re.compile(r"#[^\s#@,A-Z]{1,80}|@[a-z0-9][a-z0-9._-]{0,79}|[CGD][A-Z0-9]{6,}")
_EVERYBODY: Final = re.compile(r"(?<![\w.<!@-])@(here|channel|everyone)\b(?![.@-]?\w)")
_PLAIN_MENTION: Final = re.compile(r"(?<![^\s(,])@[\w][\w.-]*")
_RECEIVER: Final = re.compile(r"[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4}))?")
# An evaluation of rules by Prometheus takes longer, and so does a request to most dead man's switches.
_SHORTEST_HEARTBEAT: Final = "10s"
# Only some installations of the time zone database have these.
_NOT_EVERYWHERE: Final = re.compile(r"(?i)(right|posix)/.*|localtime|posixrules|Factory|leap-?seconds.*")


def _kubernetes_name(text: str) -> str:
    if len(text) > 253 or not _KUBERNETES_NAME.fullmatch(text):
        raise Fault(
            "is not a name that Kubernetes takes",
            "at most 253 letters a-z, digits, - and ., a letter or digit at both ends",
        )
    return text


def _dns_label(text: str) -> str:
    if len(text) > 63 or not re.fullmatch(_DNS_LABEL, text):
        raise Fault(
            "is not a name that Kubernetes takes here",
            "at most 63 letters a-z, digits and -, a letter or digit at both ends",
        )
    return text


def _secret_key(text: str) -> str:
    if len(text) > 253 or not _SECRET_KEY.fullmatch(text):
        raise Fault(
            "is not a key that a Secret takes",
            "at most 253 letters a-z or A-Z, digits, -, _ and ., not .. at the start and not . alone",
        )
    return text


def _pod_label(text: str) -> str:
    prefix, slash, name = text.rpartition("/")
    valid = len(name) <= 63 and _LABEL_NAME.fullmatch(name) is not None
    if slash:
        valid = valid and len(prefix) <= 253 and _KUBERNETES_NAME.fullmatch(prefix) is not None
    if not valid:
        raise Fault(
            "is not the name of a label of pods",
            "NAME or DOMAIN/NAME, NAME of 1 to 63 letters a-z or A-Z, digits, -, _ and ., no sign at its ends",
        )
    return text


def _pod_label_value(text: str) -> str:
    if text and (len(text) > 63 or not _LABEL_NAME.fullmatch(text)):
        raise Fault(
            "is not the value of a label of pods",
            "at most 63 letters a-z or A-Z, digits, -, _ and ., a letter or digit at both ends",
        )
    return text


def _template_path(text: str) -> str:
    name = PurePath(text).name
    if not name.endswith(".tmpl") or len(name) > 253 or not _SECRET_KEY.fullmatch(name):
        raise Fault(
            "its name is not one that a template can have in the configuration's Secret",
            "NAME.tmpl, the name of letters a-z or A-Z, digits, -, _ and .",
            "rename the file",
        )
    return text


def _smarthost(text: str) -> str:
    found = _HOST_PORT.fullmatch(text)
    if found is None or int(found[1]) > 65535:
        raise Fault("is not a mail server", "HOST:PORT, the port from 1 to 65535, such as smtp.example.com:587")
    return text


def _api_version(text: str) -> str:
    if not _API_VERSION.fullmatch(text):
        raise Fault(
            "is not an API version", "GROUP/vN, GROUP/vNalphaM or GROUP/vNbetaM, such as external-secrets.io/v1"
        )
    return text


def _label(text: str) -> str:
    if not matchers.CLASSIC_LABEL.fullmatch(text):
        raise Fault(
            "is not a label name",
            "letters a-z or A-Z, digits and _, not a digit first",
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


def _mention(text: str) -> str:
    # In a message that a program sends, Slack shows a plain @name as text, and nobody is called.
    written = _EVERYBODY.sub(r"<!\1>", text)
    if found := _PLAIN_MENTION.search(written):
        raise Fault(
            f"Slack reads {found[0]} as plain text here, so nobody is called",
            "@here, @channel, @everyone, <@MEMBER-ID> or <!subteam^GROUP-ID>",
            "copy the id from the member's or the group's profile in Slack",
        )
    return written


def _receiver(text: str) -> str:
    if not _RECEIVER.fullmatch(text):
        raise Fault(
            "is not a name for a receiver, credential, team or window",
            "at most 63 letters a-z or A-Z, digits, -, _ and ., a letter or digit at both ends",
        )
    return text


def _credential(value: object) -> object:
    # Whatever stands here and is no name may be the credential itself.
    if not isinstance(value, str) or not _RECEIVER.fullmatch(value):
        raise Fault(
            "is not the name of a credential",
            "at most 63 letters a-z or A-Z, digits, -, _ and ., a letter or digit at both ends",
            "name a credential of the stack's settings; its value stands in no file",
            secret=True,
        )
    return value


def _location(text: str) -> str:
    if _NOT_EVERYWHERE.fullmatch(text) or not is_location(text):
        nearest = nearest_location(text)
        raise Fault(
            "unknown time zone",
            "a name of the IANA time zone database",
            f"did you mean {nearest}?" if nearest else "for example Asia/Seoul, Europe/Berlin or UTC",
            kind="unknown-time-zone",
        )
    return text


def _cidr(text: str) -> str:
    try:
        if not _PREFIX_LENGTH.fullmatch(text):
            raise ValueError
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
    found = _VERSION.fullmatch(text.removeprefix("v"))
    if found is None or found[3] is None:
        raise Fault("is not a version", "MAJOR.MINOR.PATCH, such as 0.34.2")
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


def _heartbeat(text: str) -> str:
    if durations.parse(_duration(text)) < durations.parse(_SHORTEST_HEARTBEAT):
        raise Fault(
            "is too short for a heartbeat",
            f"at least {_SHORTEST_HEARTBEAT}",
            "write how often the dead man's switch is to hear from Alertmanager, for example 1m",
        )
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


KubernetesName = Annotated[str, After(_kubernetes_name)]
DnsLabel = Annotated[str, After(_dns_label)]
SecretKey = Annotated[str, After(_secret_key)]
PodLabel = Annotated[str, After(_pod_label)]
PodLabelValue = Annotated[str, After(_pod_label_value)]
TemplatePath = Annotated[str, After(_template_path)]
MailServer = Annotated[str, After(_smarthost)]
ApiVersion = Annotated[str, After(_api_version)]


def _grouping(text: str) -> str:
    return text if text == EVERY_LABEL else _label(text)


LabelName = Annotated[str, After(_label)]
GroupingLabel = Annotated[str, After(_grouping)]
LabelValue = Annotated[str, Within(min_length=1)]
Mention = Annotated[str, After(_mention)]
Channel = Annotated[str, After(_channel)]
Identifier = Annotated[str, After(_receiver)]
CredentialName = Annotated[str, Before(_credential)]
Location = Annotated[str, After(_location)]
Cidr = Annotated[str, After(_cidr)]
Url = Annotated[str, After(_url)]
Version = Annotated[str, After(_version)]
Duration = Annotated[str, After(_duration)]
PositiveDuration = Annotated[str, After(_positive_duration)]
HeartbeatInterval = Annotated[str, After(_heartbeat)]
MatcherText = Annotated[str, After(_matcher)]
Port = Annotated[int, Within(ge=1, le=65535)]
