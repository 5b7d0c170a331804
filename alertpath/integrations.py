"""Receiver integrations, validated by the table in `integration_fields`.

`read` holds what Alertmanager itself refuses; `judge` what must not be deployed: credentials in plain text, fields that
the stack's Alertmanager or Prometheus Operator does not take, and values that the operator changes in silence.
Sources: Alertmanager 0.34.2, config/*.go and notify/*/config.go; Prometheus common, config/http_config.go;
prometheus-operator 0.85 to 0.94, pkg/alertmanager/amcfg.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, cast
from urllib.parse import urlsplit

from alertpath import durations
from alertpath.integration_fields import INTEGRATIONS, OBJECTS, Field, Object, Version
from alertpath.reading import Reader, plain_data
from alertpath.yamlfile import Place

__all__ = ["INTEGRATIONS", "Version", "check_inherited", "check_versions", "files", "judge", "ordered", "read"]

Data = Mapping[str, object]
_HIDDEN: Final = "(not shown: it may be a credential)"


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What Prometheus sets itself, in Go's canonical form; common, config/headers.go.
_RESERVED_HEADERS: Final = _words(
    "authorization host content-encoding content-length content-type user-agent connection keep-alive"
    " proxy-authenticate proxy-authorization www-authenticate accept-encoding x-prometheus-remote-write-version"
    " x-prometheus-remote-read-version x-prometheus-scrape-timeout-seconds x-amz-date x-amz-security-token"
    " x-amz-content-sha256"
)
_VICTOROPS_FIXED: Final = _words(
    "routing_key message_type state_message entity_display_name monitoring_tool entity_id entity_state"
)
_RESPONDERS: Final = ("team", "teams", "user", "escalation", "schedule")
# The one value of Slack's api_url that is no credential: the token comes separately.
_SLACK_API: Final = "https://slack.com/api/chat.postMessage"
_HOST_PORT: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]+")
_BAD_URL: Final = re.compile(r"[\x00-\x1f\x7f]|\A[^/]*//[^/?#]*[ {}<>\"]|\A[^?#]*%(?![0-9a-fA-F]{2})")
# What Alertmanager shows in place of a credential, and takes back.
_SHOWN_SECRET: Final = "<secret>"
# Hosts whose webhook URLs are credentials, and path segments that look like one.
_WEBHOOK_HOSTS: Final = re.compile(
    r"(?:.*\.)?(hooks\.slack\.com|discord(app)?\.com|webhook\.office\.com|logic\.azure\.com|hc-ping\.com"
    r"|nosnch\.in|api\.telegram\.org|events\.pagerduty\.com|chat\.googleapis\.com|uptime\.betterstack\.com|opsgenie\.com)"
)
_TOKEN_SEGMENT: Final = re.compile(r"(?=[^/]*[0-9])(?=[^/]*[a-zA-Z])[A-Za-z0-9_\-]{20,}")
_SECRET_HEADER: Final = re.compile(r"(?i)token|secret|key|auth|cookie|password|credential")


def read(reader: Reader, data: object, path: Place, name: str) -> dict[str, object]:
    """`data` at `path` as the object `name`: "slack_configs", "receiver", "global", ...; scalars by their field's type.

    What Alertmanager would refuse goes to `reader`.
    """
    what = OBJECTS[name]
    found = {
        key: _value(reader, value, (*path, key), what.fields[key])
        for key, value in reader.mapping(data, path, what.fields).items()
    }
    _dependencies(reader, found, path, what)
    if rule := _RULES.get(name):
        rule(reader, found, path)
    return found


def check_inherited(reader: Reader, receiver: Data, path: Place, globals_: Data) -> None:
    """Complains of each integration of `receiver` that lacks what neither it nor the `global` section gives."""
    for name in INTEGRATIONS:
        groups = OBJECTS[name].inherited
        for index, entry in enumerate(cast("Sequence[Data]", receiver.get(name, ())) if groups else ()):
            for own, shared in groups:
                if name == "slack_configs" and _authorized(entry):
                    shared = tuple(key for key in shared if "app_token" not in key)  # Not inherited then.
                if not any(map(entry.get, own)) and not any(map(globals_.get, shared)):
                    reader.complain(
                        (*path, name, index),
                        f"{' or '.join(own)} is missing, and `global` has none",
                        allowed=f"{', '.join(own)} here, or {', '.join(shared)} under `global`",
                    )


def judge(reader: Reader, data: Data, path: Place, name: str, alertmanager: Version, operator: Version) -> None:
    """Complains of what may not be deployed to these versions; `data` is what `read` returned."""
    what = OBJECTS[name]
    for key, value in data.items():
        field, place = what.fields.get(key), (*path, key)
        if field is None:
            continue  # `read` has complained.
        check_versions(reader, place, f"`{key}`", field.since, field.operator, alertmanager, operator)
        _check_credential(reader, place, key, value, field)
        if field.kind == "template_url" and "{{" in str(value):
            check_versions(reader, place, "a template in `url`", (0, 31), (0, 90), alertmanager, operator)
        if value == "" and key in what.defaults:
            reader.complain(
                place,
                "is empty: the Prometheus Operator drops it, and Alertmanager's default comes back",
                allowed="a text that is not empty, or no such field",
                mend="" if field.choices else """for an empty text write '{{ "" }}'""",
            )
        for below, part in _parts(value, place, field):
            if isinstance(part, Mapping):
                judge(reader, cast("Data", part), below, field.of, alertmanager, operator)
    if rule := _JUDGEMENTS.get(name):
        rule(reader, data, path)


def check_versions(
    reader: Reader,
    path: Place,
    what: str,
    since: Version,
    operator_since: Version | None,
    alertmanager: Version,
    operator: Version,
) -> None:
    """Complains where `what` needs a newer Alertmanager or Prometheus Operator than the stack's."""
    if alertmanager < since:
        _too_old(reader, path, what, "Alertmanager", alertmanager, since)
    if operator_since is None or operator < operator_since:
        _too_old(reader, path, what, "Prometheus Operator", operator, operator_since)


def files(data: Data, name: str, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """Each file path that the object `name` reads credentials or certificates from, and its place below `path`."""
    for key, value in data.items():
        field, place = OBJECTS[name].fields.get(key), (*path, key)
        if field is None:
            continue
        if field.path and isinstance(value, str) and value:
            yield place, value
        for below, part in _parts(value, place, field):
            if isinstance(part, Mapping):
                yield from files(cast("Data", part), field.of, below)
            elif field.path and isinstance(part, str):
                yield below, part


def ordered(data: Data, name: str) -> dict[str, object]:
    """`data` with the fields of the object `name` in the table's order, at every level."""
    found: dict[str, object] = {}
    for key, field in OBJECTS[name].fields.items():
        if key in data:
            found[key] = _ordered_value(data[key], field)
    return found


def _ordered_value(value: object, field: Field) -> object:
    if isinstance(value, list | tuple):
        return [_ordered_value(part, field) for part in cast("Sequence[object]", value)]
    if not field.of or not isinstance(value, Mapping):
        return value
    below = cast("Data", value)
    if field.kind == "object_map":
        return {key: ordered(cast("Data", part), field.of) for key, part in below.items()}
    return ordered(below, field.of)


def _too_old(reader: Reader, path: Place, what: str, product: str, has: Version, needs: Version | None) -> None:
    running = ".".join(map(str, has))
    if needs is None:
        message = f"no {product} so far takes {what}"
        mend = f"leave it out: {product} {running} would refuse the configuration, or drop this field in silence"
        reader.complain(path, message, mend=mend)
        return
    least = ".".join(map(str, needs))
    reader.complain(
        path,
        f"{what} needs {product} {least}; this stack runs {running}",
        allowed=f"{product} {least} or newer",
        mend="leave it out, or upgrade and raise the version in the stack's settings",
    )


def _parts(value: object, path: Place, field: Field) -> Iterator[tuple[Place, object]]:
    """The objects or texts that `value` consists of."""
    if isinstance(value, list | tuple):
        for index, part in enumerate(cast("Sequence[object]", value)):
            yield (*path, index), part
    elif field.kind == "object_map":
        for key, part in cast("Data", value).items():
            yield (*path, key), part
    elif field.of:
        yield path, value


def _value(reader: Reader, data: object, path: Place, field: Field) -> object:
    match field.kind:
        case "text":
            return _text(reader, data, path, field)
        case "boolean":
            return reader.boolean(data, path)
        case "integer":
            return reader.integer(data, path, field.least, field.most)
        case "url" | "template_url" | "host_port" | "duration" | "go_duration":
            return _checked_text(reader, data, path, field)
        case "texts":
            return list(reader.texts(data, path))
        case "text_map":
            return reader.text_map(data, path)
        case "header_map":
            return {k: list(reader.texts(v, (*path, k))) for k, v in reader.mapping(data, path).items()}
        case "any":
            return plain_data(data)
        case "any_map":
            return plain_data(reader.mapping(data, path))
        case "object":
            return read(reader, data, path, field.of)
        case "objects":
            return [read(reader, entry, (*path, i), field.of) for i, entry in enumerate(reader.items(data, path))]
        case "object_map":
            return {k: read(reader, v, (*path, k), field.of) for k, v in reader.mapping(data, path).items()}
        case "text_or_object":
            if isinstance(data, Mapping):
                return read(reader, cast("Data", data), path, field.of)
            return reader.text(data, path)


def _text(reader: Reader, data: object, path: Place, field: Field) -> str:
    if field.credential and not isinstance(data, str):
        reader.complain(path, "is not text", value=_HIDDEN, allowed="text")
        return ""
    text = reader.text(data, path)
    if field.choices and text not in field.choices and isinstance(data, str):
        allowed = ", ".join(choice or '""' for choice in field.choices)
        reader.complain(path, "is not one of the allowed values", value=text, allowed=allowed)
    return text


def _checked_text(reader: Reader, data: object, path: Place, field: Field) -> str:
    text = _text(reader, data, path, field)
    if not isinstance(data, str) or (not text and field.kind in ("host_port", "template_url")):
        return text
    if text == _SHOWN_SECRET and (field.credential or field.kind == "template_url"):
        return text
    try:
        _CHECKS[field.kind](text)
    except ValueError as error:
        message, _, allowed = str(error).partition("; allowed: ")
        # A URL may hold a token even where it is no credential by its kind.
        reader.complain(path, message, value=_HIDDEN if "url" in field.kind else text, allowed=allowed)
    return text


def _check_url(text: str) -> None:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.netloc) and not _BAD_URL.search(text)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("is not a URL; allowed: http://HOST... or https://HOST...")


def _check_template_url(text: str) -> None:
    if "{{" not in text:
        _check_url(text)
    elif text.count("{{") != text.count("}}"):
        raise ValueError("has a template that is not closed; allowed: a URL, or a template with {{ and }} in pairs")


def _check_host_port(text: str) -> None:
    if not _HOST_PORT.fullmatch(text):
        raise ValueError("is not an address; allowed: HOST:PORT")


_CHECKS: Final[Mapping[str, Callable[[str], object]]] = {
    "url": _check_url,
    "template_url": _check_template_url,
    "host_port": _check_host_port,
    "duration": durations.parse,
    "go_duration": durations.parse_go,
}


def _dependencies(reader: Reader, found: Data, path: Place, what: Object) -> None:
    for key in what.required:
        if not found.get(key):
            reader.complain(path, f"`{key}` is missing", allowed="a value", mend=f"add `{key}`")
    for group in what.one_of:
        if not any(map(found.get, group)):
            reader.complain(path, f"one of {', '.join(group)} is missing", mend="add one of them")
    for group in what.at_most_one:
        given = [key for key in group if found.get(key) not in (None, "", False)]
        if len(given) > 1:
            reader.complain((*path, given[1]), f"excludes {given[0]}", allowed=f"one of {', '.join(group)}")


def _http_config(reader: Reader, found: Data, path: Place) -> None:
    _proxy(reader, found, path)
    for header in cast("Data", found.get("http_headers", {})):
        if header.lower() in _RESERVED_HEADERS:
            reader.complain((*path, "http_headers", header), "this header may not be set")


def _proxy(reader: Reader, found: Data, path: Place) -> None:
    url, environment = found.get("proxy_url"), found.get("proxy_from_environment")
    if url and "://" not in str(url):
        reader.complain((*path, "proxy_url"), "is not a URL", value=_HIDDEN, allowed="http://HOST:PORT")
    if found.get("proxy_connect_header") and not url and not environment:
        reader.complain((*path, "proxy_connect_header"), "needs proxy_url or proxy_from_environment")
    for other in ("proxy_url", "no_proxy"):
        if environment and found.get(other):
            reader.complain((*path, other), "excludes proxy_from_environment")
    if found.get("no_proxy") and not url and not environment:
        reader.complain((*path, "no_proxy"), "needs proxy_url")


def _authorization(reader: Reader, found: Data, path: Place) -> None:
    if str(found.get("type", "")).strip().lower() == "basic":
        reader.complain((*path, "type"), "may not be basic", mend="use `basic_auth`")


def _tls_config(reader: Reader, found: Data, path: Place) -> None:
    given = [any(map(found.get, (key, f"{key}_file", f"{key}_ref"))) for key in ("cert", "key")]
    if given[0] != given[1]:
        present, missing = ("cert_file", "key_file") if given[0] else ("key_file", "cert_file")
        reader.complain(path, f"has {present} but not {missing}", allowed="both or neither")
    least, most = (str(found.get(f"{end}_version", "")) for end in ("min", "max"))
    if least and most and least > most:
        reader.complain((*path, "max_version"), "is below min_version", value=most)


def _email(reader: Reader, found: Data, path: Place) -> None:
    headers = list(cast("Data", found.get("headers", {})))
    seen = [header.lower() for header in headers]
    for index, header in enumerate(headers):
        if seen.index(header.lower()) < index:
            reader.complain((*path, "headers", header), "is written twice; case does not matter in header names")
    threading = cast("Data", found.get("threading", {}))
    if threading.get("enabled"):
        for header in ("references", "in-reply-to"):
            if header in seen:
                reader.complain((*path, "headers", headers[seen.index(header)]), "excludes threading.enabled")
    # Alertmanager asks for it only where threading is enabled, the operator always.
    if "threading" in found and "thread_by_date" not in threading:
        reader.complain((*path, "threading"), "`thread_by_date` is missing", allowed="none, daily")


def _authorized(found: Data) -> bool:
    """Whether the HTTP client of an integration has an authorization; a bearer token is the old way to give one."""
    return any(
        map(cast("Data", found.get("http_config", {})).get, ("authorization", "bearer_token", "bearer_token_file"))
    )


def _incidentio(reader: Reader, found: Data, path: Place) -> None:
    token = found.get("alert_source_token") or found.get("alert_source_token_file")
    if token and _authorized(found):
        reader.complain(path, "has both a token and http_config.authorization", allowed="one of the two")
    # Without any http_config Alertmanager lets it pass.
    if "http_config" in found:
        _judge_incidentio(reader, found, path)


def _judge_incidentio(reader: Reader, found: Data, path: Place) -> None:
    if not _authorized(found) and not found.get("alert_source_token") and not found.get("alert_source_token_file"):
        reader.complain(path, "a token is missing", allowed="alert_source_token_file, or http_config.authorization")


def _opsgenie_responder(reader: Reader, found: Data, path: Place) -> None:
    kind = str(found.get("type", ""))
    if "{{" not in kind and kind.lower() not in _RESPONDERS:
        reader.complain((*path, "type"), "is not a type of responder", value=kind, allowed=", ".join(_RESPONDERS))


def _slack(reader: Reader, found: Data, path: Place) -> None:
    if (found.get("app_token") or found.get("app_token_file")) and _authorized(found):
        reader.complain((*path, "http_config", "authorization"), "excludes app tokens")
    if found.get("update_message") and found.get("api_url") != _SLACK_API:
        reader.complain(
            (*path, "update_message"),
            "needs a bot token, given as http_config.authorization, and Slack's API as api_url",
            allowed=f"api_url: {_SLACK_API}",
        )


def _global(reader: Reader, found: Data, path: Place) -> None:
    token, webhook = (
        next((key for key in (f"slack_{way}", f"slack_{way}_file") if found.get(key)), None)
        for way in ("app_token", "api_url")
    )
    # A token beside Slack's own API as the URL was the way to use tokens before 0.30.
    if token and webhook and found.get("slack_api_url") != found.get("slack_app_url", _SLACK_API):
        reader.complain((*path, webhook), f"excludes {token}", allowed=f"one of {webhook} and {token}")


def _sns(reader: Reader, found: Data, path: Place) -> None:
    given = [key for key in ("topic_arn", "phone_number", "target_arn") if found.get(key)]
    # Alertmanager lets all three pass.
    if len(given) == 2:
        reader.complain((*path, given[1]), f"excludes {given[0]}", allowed="one of topic_arn, phone_number, target_arn")


def _sigv4(reader: Reader, found: Data, path: Place) -> None:
    if bool(found.get("access_key")) != bool(found.get("secret_key")):
        reader.complain(path, "has one of access_key and secret_key", allowed="both or neither")
    if found.get("external_id") and not found.get("role_arn"):
        reader.complain((*path, "external_id"), "needs role_arn")


def _tracing(reader: Reader, found: Data, path: Place) -> None:
    if not isinstance(found.get("sampling_fraction", 0), int | float):
        reader.complain((*path, "sampling_fraction"), "is not a number", allowed="a number from 0 to 1")


def _event_webhook(reader: Reader, found: Data, path: Place) -> None:
    for key in ("batch_max_events", "batch_max_bytes", "batch_flush_interval"):
        if found.get(key) and not found.get("batch"):
            reader.complain((*path, key), "needs batch: true")


def _victorops(reader: Reader, found: Data, path: Place) -> None:
    for key in cast("Data", found.get("custom_fields", {})):
        if key in _VICTOROPS_FIXED:
            reader.complain((*path, "custom_fields", key), "is a fixed field of VictorOps", mend="rename it")


def _webex(reader: Reader, found: Data, path: Place) -> None:
    if not _authorized(found):
        reader.complain(path, "`http_config.authorization` is missing", mend="give the bot's token there")


_RULES: Final[Mapping[str, Callable[[Reader, Data, Place], None]]] = {
    "authorization": _authorization,
    "email_configs": _email,
    "global": _global,
    "http_config": _http_config,
    "incidentio_configs": _incidentio,
    "oauth2": _proxy,
    "opsgenie_responder": _opsgenie_responder,
    "sigv4": _sigv4,
    "slack_configs": _slack,
    "sns_configs": _sns,
    "tls_config": _tls_config,
    "tracing": _tracing,
    "event_webhook": _event_webhook,
    "victorops_configs": _victorops,
    "webex_configs": _webex,
}
"""What the table cannot say, for Alertmanager."""


def _check_credential(reader: Reader, path: Place, key: str, value: object, field: Field) -> None:
    if not value:
        return
    exposed = field.credential and value != _SLACK_API
    if "url" in field.kind and not field.credential:
        exposed = value == _SHOWN_SECRET or _has_credential(cast("str", value), strict=key == "url")
    elif key == "proxy_url":
        exposed = _has_credential(cast("str", value), strict=False)
    if exposed:
        twin = field.twin or ("url_file" if key == "url" else "")
        reader.complain(
            path,
            "is a credential in plain text",
            value=_HIDDEN,
            allowed=f"`{twin}` with the path of a mounted file" if twin else "no credential here",
            mend="keep it in a Secret, and change it: it may have been seen by others",
        )


def _has_credential(url: str, *, strict: bool) -> bool:
    """Whether `url` carries a user's password or, where `strict`, anything that looks like a token."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        return True
    host = (parts.netloc.rpartition(":")[0] or parts.netloc).lower()
    return strict and bool(
        parts.query
        or (_WEBHOOK_HOSTS.fullmatch(host) and parts.path.strip("/") and not parts.path.startswith("/v2/enqueue"))
        or any(_TOKEN_SEGMENT.fullmatch(segment) for segment in parts.path.split("/"))
    )


def _judge_headers(reader: Reader, data: Data, path: Place) -> None:
    for header, given in cast("Mapping[str, Data]", data.get("http_headers", {})).items():
        if given.get("values") and _SECRET_HEADER.search(header):
            reader.complain(
                (*path, "http_headers", header, "values"),
                "is a credential in plain text",
                value=_HIDDEN,
                allowed="`files` with the path of a mounted file",
            )


def _judge_msteams(reader: Reader, _: Data, path: Place) -> None:
    reader.complain(
        path,
        "the Prometheus Operator takes no `webhook_url_file` here, and the URL is a credential",
        mend="use msteamsv2_configs: Microsoft has retired the connectors that msteams_configs needs",
    )


_JUDGEMENTS: Final[Mapping[str, Callable[[Reader, Data, Place], None]]] = {
    "http_config": _judge_headers,
    "incidentio_configs": _judge_incidentio,
    "msteams_configs": _judge_msteams,
}
